#include "core/stop_escalation.h"

#include <signal.h>

#include <algorithm>
#include <utility>

namespace reeve::core {

StopEscalation StopEscalation::ladder(const spec::StopSpec& spec) {
    return StopEscalation(spec);
}

StopEscalation StopEscalation::retirement(const spec::StopSpec& spec, Duration patience) {
    StopEscalation escalation(spec);
    if (!spec.steps.empty()) escalation.before_ = patience;
    return escalation;
}

StopEscalation StopEscalation::ladder_until(const spec::StopSpec& spec, TimePoint end) {
    StopEscalation escalation(spec);
    escalation.end_ = end;
    return escalation;
}

StopEscalation StopEscalation::kill(const spec::StopSpec& spec) {
    StopEscalation escalation(spec);
    escalation.next_ = spec.steps.size();
    return escalation;
}

int StopEscalation::next_signal(TimePoint now) {
    if (before_ > Duration{}) {
        deadline_ = now + std::exchange(before_, Duration{});
        return spec_->steps.front().signal;
    }
    if (end_ && now >= *end_) next_ = spec_->steps.size();
    if (next_ < spec_->steps.size()) {
        const spec::StopStep& step = spec_->steps[next_++];
        deadline_ = earliest(now + step.wait, end_);
        return step.signal;
    }
    const std::uint32_t doublings = std::min<std::uint32_t>(kills_, 4);
    deadline_ = now + std::min(kKillPatience * (1 << doublings), kKillPatienceMax);
    ++kills_;
    return SIGKILL;
}

void StopEscalation::write(ByteWriter& writer) const {
    writer.number(next_);
    writer.number(kills_);
    writer.deadline(end_);
    writer.deadline(deadline_);
}

StopEscalation StopEscalation::read(ByteReader& reader, const spec::StopSpec& spec) {
    StopEscalation escalation(spec);
    escalation.next_ = static_cast<std::size_t>(reader.number());
    escalation.kills_ = static_cast<std::uint32_t>(reader.number());
    escalation.end_ = reader.deadline();
    escalation.deadline_ = reader.deadline();
    return escalation;
}

}  // namespace reeve::core
