#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/time.h"
#include "spec/stop_spec.h"

namespace reeve::core {

/// Patience after SIGKILL before it is sent again; doubles each time up to the maximum.
inline constexpr Duration kKillPatience = 5s;
inline constexpr Duration kKillPatienceMax = 60s;

/// Decides which signal an ending process tree gets next, and when. Knows no clock and no kernel.
///
/// Call `next_signal(now)` when the end begins and each time `deadline()` passes; send what it
/// returns. SIGKILL follows the last step and is repeated with growing pauses, so every stop ends
/// as soon as the kernel lets it. Discard the object when the process tree is gone.
class StopEscalation {
public:
    /// The whole ladder. `spec` must outlive the object.
    /// Source: bluepill `stop_signals`, upstart `kill signal` and `kill timeout`.
    static StopEscalation ladder(const spec::StopSpec& spec);

    /// The ladder, and before it its first signal alone, with `patience` until the rest follows.
    static StopEscalation retirement(const spec::StopSpec& spec, Duration patience);

    /// The ladder, cut short by SIGKILL at `end`: for what a main process left behind.
    static StopEscalation ladder_until(const spec::StopSpec& spec, TimePoint end);

    /// SIGKILL at once.
    static StopEscalation kill(const spec::StopSpec& spec);

    /// Moves to the next step and returns its signal.
    int next_signal(TimePoint now);

    /// When patience with the present step ends.
    Deadline deadline() const { return deadline_; }

    /// Whether only the signal before the ladder was given.
    bool is_retiring() const { return next_ == 0 && kills_ == 0 && deadline_.has_value(); }

    /// The ladder itself begins now. `is_retiring()` must hold.
    void hasten(TimePoint now) { deadline_ = now; }

    /// Whether SIGKILL was given.
    bool killing() const { return kills_ > 0; }

    /// Whether something outlived SIGKILL and all patience with it.
    bool is_stuck() const { return kills_ > 1; }

    /// For the journal; `read` continues exactly where `write` was.
    void write(ByteWriter& writer) const;
    static StopEscalation read(ByteReader& reader, const spec::StopSpec& spec);

private:
    explicit StopEscalation(const spec::StopSpec& spec) : spec_(&spec) {}

    const spec::StopSpec* spec_;
    std::size_t next_ = 0;  // index into spec_->steps; size() means SIGKILL
    std::uint32_t kills_ = 0;
    Duration before_{};  // until the ladder itself begins; only until the first signal
    Deadline end_;       // of the patience with all steps together
    Deadline deadline_;
};

}  // namespace reeve::core
