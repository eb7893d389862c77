#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/run.h"
#include "spec/instance_name.h"

namespace reeve::drivers {

/// Which instance has which ports: two pairs (core::kPortSlots), so that an old and a new run can
/// overlap, below the kernel's ephemeral range, the same over restarts and reboots, checked by
/// binding before a run gets one.
class PortBook {
public:
    /// `seed` spreads several reeves of one machine over the range.
    explicit PortBook(std::uint64_t seed);

    /// The port for a run that is about to start. Takes another one if something foreign listens on
    /// the one this instance had. Fails when none is free.
    Result<int> port_for_start(const spec::InstanceName& instance, int slot);

    /// Both ports of the pair that a slot belongs to, which get their numbers now if they have
    /// none. They stay the same until one of them is taken by somebody else at a start.
    Result<std::pair<int, int>> pair_of(const spec::InstanceName& instance, int slot);

    /// The port of an instance's slot; 0: none yet.
    int port_of(const spec::InstanceName& instance, int slot) const;

    void forget(const spec::InstanceName& instance);

    /// One line for each entry that changed since the last call: `INSTANCE` -> `A B C D`; an empty
    /// value was forgotten. For the journal and for intent.
    std::map<std::string, std::string> take_changes();

    /// Every entry, in the same form.
    std::map<std::string, std::string> entries() const;

    /// Takes in one remembered entry; malformed ones are left out.
    void restore(const std::string& instance, const std::string& ports);

private:
    using Ports = std::array<int, core::kPortSlots>;  // 0: none yet
    Result<int> give(const std::string& instance, int slot, int instead_of);
    Result<int> find_free(const std::string& instance, int slot);
    static std::string text_of(const Ports& ports);

    std::uint64_t seed_;
    int first_ = 0;
    int count_ = 0;
    std::map<std::string, Ports> ports_;
    std::set<int> taken_;
    std::set<std::string> changed_;
};

}  // namespace reeve::drivers
