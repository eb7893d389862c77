#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "core/action.h"
#include "core/event.h"

namespace reeve::core {

/// Commands in flight at one time; more are refused.
inline constexpr std::size_t kOperationsMax = 1024;
/// Answers kept for clients that ask again: this many, this long.
inline constexpr std::size_t kAnswersMax = 256;
inline constexpr Duration kAnswersKept = 10min;
/// Lines in a failed operation's answer; the rest is counted.
inline constexpr std::size_t kProblemsMax = 100;

/// What an operation waits for of one instance.
enum class Expect {
    Up,
    Down,
    Gone,
    Replaced,
    Switched,
    SwitchedIn,
    // Of jobs, which tell themselves when they are there (JobFinished).
    JobStarted,
    JobStopped,
    JobRestarted
};

/// One instance's part of an operation, kept with the instance.
struct Wait {
    OperationId operation = 0;
    Expect expect = Expect::Up;
};

/// A command on its way from Accepted to OperationDone, or its answer afterwards.
struct Operation {
    OperationId id = 0;
    std::string done_verb;  // `restarted`
    std::string subject;    // `runlevel RUNLEVEL=2`; empty: it is about instances
    TimePoint begun;
    std::optional<TimePoint> ended;  // from then on it is an answer only
    std::optional<Refused> refused;
    std::uint32_t instance_count = 0;
    std::string instances;  // their names as in the journal: an answer is kept for a while
    std::vector<std::string> problems;
    std::uint32_t problems_left_out = 0;
    std::string message;
    std::uint32_t waits = 0;  // instances still waited for; not journalled: they know themselves
};

/// Every command in flight, and the answers of the latest ones. A command that comes again joins
/// the first, or gets its answer again.
class OperationTable {
public:
    const Operation* find(OperationId id) const;
    bool is_full() const;

    /// Appends the answers given so far to a known operation.
    void answer_again(OperationId id, Actions& out) const;

    /// `refused.operation` is answered so, now and when it comes again.
    void refuse(const Refused& refused, TimePoint now, Actions& out);

    /// A new operation. Say which instances it is about, and call `wait_for` once for each
    /// `settle` that is to come; `close` it when there are no more, which answers Accepted.
    void accept(OperationId id, const std::string& done_verb, TimePoint now);
    /// What it is about, where that is no instances.
    void name_subject(OperationId id, const std::string& subject);
    void add_instance(OperationId id, const spec::InstanceName& name);
    void wait_for(OperationId id);  // also after a restore, for the waits that instances kept
    void close(OperationId id, TimePoint now, Actions& out);

    /// One instance is where it should be (no problem) or will not get there.
    void settle(OperationId id, const std::optional<std::string>& problem, TimePoint now,
                Actions& out);

    /// A problem beside those of `settle`.
    void note_problem(OperationId id, const std::string& problem);

    /// Operations that changed, or are no longer kept, since the last call.
    std::vector<OperationId> take_changed();

    void write(OperationId id, ByteWriter& writer) const;
    /// Takes in what `write` wrote; false if it cannot be read.
    bool read(ByteReader& reader);
    /// All known ones, for a compacted journal.
    std::vector<OperationId> ids() const;

private:
    void finish(Operation& operation, TimePoint now, Actions& out);
    void drop_old(TimePoint now);

    std::map<OperationId, Operation> operations_;
    std::vector<OperationId> changed_;
    std::size_t in_flight_ = 0;
};

}  // namespace reeve::core
