#include "drivers/process_identities.h"

#include <limits>
#include <utility>

#include "base/bytes.h"
#include "base/text.h"
#include "os/pidfd_identity.h"

namespace reeve::drivers {

void ProcessIdentities::note(core::RunId run, pid_t pid, int pidfd, core::RunId group) {
    const std::optional<std::uint64_t> number = os::identity_of(pidfd);
    if (!number) return;
    const Identity identity{pid, *number, group};
    Identity& known = identities_[run];
    if (known == identity) return;
    known = identity;
    const auto before = remembered_.find(run);
    if (before != remembered_.end() && before->second == identity) return;
    changes_.push_back(record_of(run, identity));
}

void ProcessIdentities::forget(core::RunId run) {
    if (identities_.erase(run) > 0) changes_.push_back({to_hex(run), "", true});
}

std::optional<ProcessIdentities::Adopted> ProcessIdentities::adopt(core::RunId run, pid_t pid,
                                                                   int pidfd) {
    const auto known = remembered_.find(run);
    // With another number the note is older than the process that the run has followed since.
    if (known == remembered_.end() || known->second.pid != pid) return std::nullopt;
    const std::optional<std::uint64_t> number = os::identity_of(pidfd);
    if (!number) return std::nullopt;
    const bool is_same = *number == known->second.number;
    if (is_same) identities_[run] = known->second;
    return Adopted{is_same, known->second.group};
}

std::vector<core::Record> ProcessIdentities::take_changes() {
    return std::exchange(changes_, {});
}

std::vector<core::Record> ProcessIdentities::entries() const {
    std::vector<core::Record> records;
    records.reserve(identities_.size());
    for (const auto& [run, identity] : identities_)
        records.push_back(record_of(run, identity));
    return records;
}

core::Record ProcessIdentities::record_of(core::RunId run, const Identity& identity) {
    ByteWriter writer;
    writer.number(static_cast<std::uint64_t>(identity.pid));
    writer.number(identity.number);
    writer.number(identity.group);
    return {to_hex(run), writer.take(), false};
}

void ProcessIdentities::restore(const std::string& run, const std::string& identity) {
    const Result<std::uint64_t> id = parse_hex(run);
    ByteReader reader(identity);
    const std::uint64_t pid = reader.number();
    const std::uint64_t number = reader.number();
    const core::RunId group = reader.number();
    const bool is_pid = pid > 0 && pid <= std::numeric_limits<pid_t>::max();
    if (!id || !reader.finished() || !is_pid) return;
    remembered_[*id] = {static_cast<pid_t>(pid), number, group};
}

void ProcessIdentities::end_restoring() {
    for (const auto& [run, identity] : std::exchange(remembered_, {})) {
        if (!identities_.contains(run)) changes_.push_back({to_hex(run), "", true});
    }
}

}  // namespace reeve::drivers
