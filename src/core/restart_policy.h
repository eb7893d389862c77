#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.h"
#include "base/random.h"
#include "base/time.h"
#include "core/restart_rules.h"
#include "spec/restart_spec.h"

namespace reeve::core {

/// A process that was ready for so long is no longer in the crash loop that it was in.
inline constexpr Duration kCrashLoopOver = 60s;

/// Decides after each end whether and when to start again. Holds only what it remembers of earlier
/// ends; the rule is handed in each time, so that it can be changed live. A rule of another kind
/// begins with an empty memory.
class RestartPolicy {
public:
    Decision after_end(const spec::RestartSpec& rule, const End& end, TimePoint now,
                       Random& random);

    /// When to start again what a check ends: where the rule counts such ends (`auto`, and
    /// Bluepill's flapping) as it says, else at once.
    RestartAt after_check(const spec::RestartSpec& rule, const End& end, TimePoint now,
                          Random& random);

    /// Forgets every earlier end: an operator's start, a changed configuration.
    void forget() {
        memory_ = RestartMemory{};
        crash_loop_told_ = false;
    }

    /// Whether nobody has been told yet of the crash loop that it is in; from now on everybody has.
    /// A loop is over once the process was ready for kCrashLoopOver, or all was forgotten.
    bool tell_crash_loop() { return !std::exchange(crash_loop_told_, true); }

    /// Ends in a row, as they count for the next pause.
    std::uint32_t ends() const { return memory_.ends; }

    /// For the journal.
    void write(ByteWriter& writer) const;
    static RestartPolicy read(ByteReader& reader);

private:
    std::size_t kind_ = 0;  // of the rule that the memory belongs to: its place in RestartSpec
    RestartMemory memory_;
    bool crash_loop_told_ = false;
};

}  // namespace reeve::core
