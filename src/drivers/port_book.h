#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "spec/instance_name.h"

namespace reeve::drivers {

/// Which instance has which ports: two each (slots A and B, so that an old and a new run can
/// overlap), below the kernel's ephemeral range, the same over restarts and reboots, checked by
/// binding before a run gets one.
class PortBook {
public:
    /// `seed` spreads several reeves of one machine over the range.
    explicit PortBook(std::uint64_t seed);

    /// The port for a run that is about to start. Takes another one if something foreign listens on
    /// the one this instance had. Fails when none is free.
    Result<int> port_for_start(const spec::InstanceName& instance, int slot);

    /// Both ports of an instance, which get their numbers now if they have none. They stay the same
    /// until one of them is taken by somebody else at a start.
    Result<std::pair<int, int>> both_ports(const spec::InstanceName& instance);

    /// The port of an instance's slot; 0: none yet.
    int port_of(const spec::InstanceName& instance, int slot) const;

    void forget(const spec::InstanceName& instance);

    /// One line for each entry that changed since the last call: `INSTANCE` -> `A B`; an empty
    /// value was forgotten. For the journal and for intent.
    std::map<std::string, std::string> take_changes();

    /// Every entry, in the same form.
    std::map<std::string, std::string> entries() const;

    /// Takes in one remembered entry; malformed ones are left out.
    void restore(const std::string& instance, const std::string& ports);

private:
    struct Pair {
        int ports[2] = {0, 0};
    };
    Result<int> give(const std::string& instance, int slot, int instead_of);
    Result<int> find_free(const std::string& instance, int slot);
    static std::string text_of(const Pair& pair);

    std::uint64_t seed_;
    int first_ = 0;
    int count_ = 0;
    std::map<std::string, Pair> pairs_;
    std::set<int> taken_;
    std::set<std::string> changed_;
};

}  // namespace reeve::drivers
