#pragma once

#include <sys/types.h>

#include <cstdint>

namespace reeve::os {

/// Tells when a child was started, in the kernel's ticks (ProcessStat::start_ticks), mostly without
/// a look into /proc: what was cloned between two readings of one tick was started in that tick.
class StartClock {
public:
    /// To be read before the clone.
    std::uint64_t now() const;

    /// Of the child `pid`, cloned after `before` was read. 0: it has gone.
    std::uint64_t start_of(pid_t pid, std::uint64_t before);

private:
    enum class Trust { Untried, Proven, Refuted };
    Trust trust_ = Trust::Untried;  // whether this kernel counts as it is thought to
};

}  // namespace reeve::os
