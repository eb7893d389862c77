#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "core/action.h"
#include "core/event.h"
#include "status/instance.h"

namespace reeve::sim {

/// What checks may do, and what they must: samples are not asked for more often than said, only
/// what may restart restarts, and a liveness check that fails long enough does.
class ProbeChecks {
public:
    /// `seen` is the state after the event. Returns the first breach, or nothing.
    std::string after_event(const core::Event& event, const core::Actions& actions,
                            const std::map<spec::InstanceName, status::Instance>& seen,
                            TimePoint now);

    /// Counts may begin anew: a command was given, or another daemon took over.
    void forget() { asked_.clear(); }

private:
    struct Asked {
        spec::InstanceName instance;
        const spec::Check* check = nullptr;
        std::uint64_t number = 0;
        TimePoint at;
        bool answered = false;
        std::uint32_t failures = 0;  // in a row
    };
    std::string check_question(const core::SampleCheck& question, TimePoint now);
    void note_answer(const core::Sampled& answer);
    std::string check_transition(const status::Transition& transition) const;
    std::string check_liveness(const std::map<spec::InstanceName, status::Instance>& seen) const;

    std::map<std::pair<core::RunId, std::uint32_t>, Asked> asked_;
    std::map<spec::InstanceName, std::shared_ptr<const spec::App>> apps_;
};

}  // namespace reeve::sim
