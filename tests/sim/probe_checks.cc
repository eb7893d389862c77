#include "sim/probe_checks.h"

#include <algorithm>

namespace reeve::sim {
namespace {

bool may_restart(const spec::Check& check) {
    if (check.warn_only) return false;
    if (check.role == spec::CheckRole::Liveness) return true;
    return std::any_of(check.steps.begin(), check.steps.end(), [](const spec::CheckStep& step) {
        return std::holds_alternative<spec::CheckRestart>(step.action) ||
               std::holds_alternative<spec::CheckStop>(step.action);
    });
}

/// Whether nothing is under way that would end its main process.
bool is_left_alone(const status::Instance& instance) {
    if (instance.state != status::State::Running || instance.goal != status::Goal::Up) return false;
    return std::none_of(instance.runs.begin(), instance.runs.end(), [](const status::Run& run) {
        return run.role != "main" && run.role != "helper" && run.role != "check" &&
               run.role != "check step";
    });
}

}  // namespace

std::string ProbeChecks::after_event(const core::Event& event, const core::Actions& actions,
                                     const std::map<spec::InstanceName, status::Instance>& seen,
                                     TimePoint now) {
    if (const auto* answer = std::get_if<core::Sampled>(&event)) note_answer(*answer);
    const std::string idle = check_liveness(seen);
    if (!idle.empty()) return idle;
    for (const core::Action& action : actions) {
        std::string breach;
        if (const auto* question = std::get_if<core::SampleCheck>(&action)) {
            breach = check_question(*question, now);
        } else if (const auto* record = std::get_if<core::RecordTransition>(&action)) {
            breach = check_transition(record->transition);
            std::erase_if(asked_, [&](const auto& asked) {
                return asked.second.instance == record->transition.instance;
            });
        }
        if (!breach.empty()) return breach;
    }
    return "";
}

std::string ProbeChecks::check_question(const core::SampleCheck& question, TimePoint now) {
    const spec::Check& check = question.service->checks.at(question.check);
    apps_[question.instance] = question.app;  // keeps `check` alive
    Asked& asked = asked_[{question.run, question.check}];
    const bool again = asked.check != nullptr && asked.number != question.number;
    if (again && now < asked.at + check.every) {
        return spec::to_text(question.instance) + ": " + check.name + " is asked too often";
    }
    asked.instance = question.instance;
    asked.check = &check;
    asked.number = question.number;
    asked.at = now;
    asked.answered = false;
    return "";
}

void ProbeChecks::note_answer(const core::Sampled& answer) {
    const auto found = asked_.find({answer.run, answer.check});
    if (found == asked_.end() || found->second.number != answer.number) return;
    if (std::exchange(found->second.answered, true)) return;
    found->second.failures = answer.passed ? 0 : found->second.failures + 1;
}

/// The reason of what a check brings about begins with `check NAME: `.
std::string ProbeChecks::check_transition(const status::Transition& transition) const {
    const bool ends =
        transition.from == status::State::Running && transition.to != status::State::Running;
    if (!ends || !transition.reason.starts_with("check ")) return "";
    if (transition.cause.kind != status::CauseKind::Check) {
        return spec::to_text(transition.instance) + ": a check is not named as the cause";
    }
    const std::string name = transition.reason.substr(6, transition.reason.find(':') - 6);
    for (const auto& [key, asked] : asked_) {
        const bool meant = asked.instance == transition.instance && asked.check->name == name;
        if (meant && !may_restart(*asked.check)) {
            return spec::to_text(transition.instance) + ": " + name + " must not restart it";
        }
    }
    return "";
}

std::string ProbeChecks::check_liveness(
    const std::map<spec::InstanceName, status::Instance>& seen) const {
    for (const auto& [key, asked] : asked_) {
        const spec::Check& check = *asked.check;
        const bool must_restart = check.role == spec::CheckRole::Liveness && !check.warn_only &&
                                  check.steps.empty() && asked.failures >= check.times.of;
        if (!must_restart) continue;
        // With more instances it may have to wait for its turn.
        const auto alone = std::count_if(seen.begin(), seen.end(), [&, &a = asked](const auto& s) {
            return s.first.app == a.instance.app && s.first.service == a.instance.service;
        });
        const auto instance = seen.find(asked.instance);
        if (alone == 1 && instance != seen.end() && is_left_alone(instance->second)) {
            return spec::to_text(asked.instance) + ": " + check.name + " fails and nothing follows";
        }
    }
    return "";
}

}  // namespace reeve::sim
