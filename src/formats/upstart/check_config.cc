#include "formats/upstart/check_config.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "formats/upstart/events_of.h"

namespace reeve::formats::upstart {
namespace {

constexpr auto kBuiltInEvents = std::to_array<std::string_view>(
    {"startup", "control-alt-delete", "keyboard-request", "power-status-changed"});

class Checker {
public:
    Checker(const std::vector<const JobClass*>& all, const CheckConfig& settings)
        : all_(all), settings_(settings) {}

    /// The unknown events and jobs that make the expression impossible, one to an entry.
    std::vector<std::string> unknown_in(const spec::EventExpr& events) const {
        std::vector<std::vector<std::string>> operands;
        for (const spec::EventNode& node : events.nodes) {
            if (const auto* match = std::get_if<spec::EventMatch>(&node)) {
                operands.push_back(unknown_in(*match));
                continue;
            }
            const std::vector<std::string> right = std::move(operands.back());
            operands.pop_back();
            std::vector<std::string>& left = operands.back();
            const bool one_is_enough =
                std::holds_alternative<spec::EventOr>(node) && !settings_.both_sides_of_or;
            if (one_is_enough && (left.empty() || right.empty()))
                left.clear();
            else
                left.insert(left.end(), right.begin(), right.end());
        }
        return operands.empty() ? std::vector<std::string>{} : operands.front();
    }

private:
    std::vector<std::string> unknown_in(const spec::EventMatch& match) const {
        if (!is_known_event(match.name)) return {"unknown event " + match.name};
        const std::optional<std::size_t> argument = job_argument(match);
        if (!argument) return {};
        const std::string& job = match.arguments[*argument].pattern;
        if (is_known_job(job)) return {};
        return {"unknown job " + job};
    }

    bool is_known_event(const std::string& name) const {
        if (is_job_event(name) || settings_.ignored_events.contains(name)) return true;
        if (settings_.user_mode && name == "session-end") return true;
        if (std::find(kBuiltInEvents.begin(), kBuiltInEvents.end(), name) != kBuiltInEvents.end())
            return true;
        return std::any_of(all_.begin(), all_.end(), [&name](const JobClass* job) {
            return std::any_of(
                job->emits.begin(), job->emits.end(),
                [&name](const std::string& pattern) { return glob_matches(pattern, name); });
        });
    }

    // A name with a variable in it is known only when a job runs.
    bool is_known_job(const std::string& pattern) const {
        if (pattern.find('$') != std::string::npos) return true;
        return std::any_of(all_.begin(), all_.end(), [&pattern](const JobClass* job) {
            return glob_matches(pattern, job->name);
        });
    }

    const std::vector<const JobClass*>& all_;
    const CheckConfig& settings_;
};

}  // namespace

std::string check_config(const JobClass& job, const std::vector<const JobClass*>& all,
                         const CheckConfig& settings) {
    const Checker checker(all, settings);
    std::string text;
    const auto add = [&](std::string_view stanza, const std::optional<spec::EventExpr>& events) {
        if (!events) return;
        for (const std::string& unknown : checker.unknown_in(*events))
            text += "  " + std::string(stanza) + ": " + unknown + '\n';
    };
    add("start on", job.start_on);
    add("stop on", job.stop_on);
    return text.empty() ? text : job.name + '\n' + text;
}

}  // namespace reeve::formats::upstart
