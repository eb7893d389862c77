#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/record.h"
#include "core/run.h"

namespace reeve::drivers {

/// Which process each run has (os::identity_of), remembered for the next reeved: it tells a number
/// that was given anew without a look into /proc. Where it is not known, be it that the kernel has
/// none or that an older reeve wrote the journal, the time of the start tells (core::ProcessId).
class ProcessIdentities {
public:
    /// The run has the process behind `pidfd`, which must be known to be its own.
    void note(core::RunId run, pid_t pid, int pidfd);

    void forget(core::RunId run);

    /// Whether the process behind `pidfd`, which has the number `pid`, is the one that the reeved
    /// before this one has noted; nullopt: not known.
    std::optional<bool> is_same(core::RunId run, pid_t pid, int pidfd) const;

    /// What changed since the last call; the keys are of the runs alone. For the journal.
    std::vector<core::Record> take_changes();

    /// Every entry, in the same form.
    std::vector<core::Record> entries() const;

    /// Takes in one remembered entry; malformed ones are left out.
    void restore(const std::string& run, const std::string& identity);

    /// Every run was adopted: what is remembered beyond that is of runs that are over.
    void end_restoring();

private:
    struct Identity {
        pid_t pid = 0;
        std::uint64_t number = 0;
        friend bool operator==(const Identity&, const Identity&) = default;
    };
    static core::Record record_of(core::RunId run, const Identity& identity);

    std::map<core::RunId, Identity> identities_;
    std::map<core::RunId, Identity> remembered_;  // of the reeved before
    std::vector<core::Record> changes_;
};

}  // namespace reeve::drivers
