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

/// Which process each run has (os::identity_of), and which group, remembered for the next reeved:
/// it tells a number that was given anew without a look into /proc, and the group without a look at
/// all of them. Where it is not known, be it that the kernel has no identities or that another
/// version of reeve wrote the journal, the time of the start (core::ProcessId) and the groups
/// themselves tell.
class ProcessIdentities {
public:
    /// The run has the process behind `pidfd`, which must be known to be its own, in a group that
    /// was made for the run `group`; 0: for itself.
    void note(core::RunId run, pid_t pid, int pidfd, core::RunId group);

    void forget(core::RunId run);

    struct Adopted {
        bool is_same = false;
        core::RunId group = 0;
    };
    /// Whether the process behind `pidfd`, which has the number `pid`, is the one that the reeved
    /// before this one has noted, and its group then; nullopt: not known. What is the same need not
    /// be noted again.
    std::optional<Adopted> adopt(core::RunId run, pid_t pid, int pidfd);

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
        core::RunId group = 0;
        friend bool operator==(const Identity&, const Identity&) = default;
    };
    static core::Record record_of(core::RunId run, const Identity& identity);

    std::map<core::RunId, Identity> identities_;
    std::map<core::RunId, Identity> remembered_;  // of the reeved before
    std::vector<core::Record> changes_;
};

}  // namespace reeve::drivers
