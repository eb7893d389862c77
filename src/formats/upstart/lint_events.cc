#include "formats/upstart/lint_events.h"

#include <algorithm>
#include <string>
#include <utility>

#include "formats/upstart/events_of.h"

namespace reeve::formats::upstart {
namespace {

class EventLinter {
public:
    std::vector<Remark> lint(const JobClass& job) {
        look_at("start on", job.start_on);
        look_at("stop on", job.stop_on);
        return std::move(remarks_);
    }

private:
    void warn(std::string message, std::string hint) {
        remarks_.push_back({Severity::Warning, stanza_, std::move(message), std::move(hint)});
    }

    void look_at(const std::string& stanza, const std::optional<spec::EventExpr>& events) {
        stanza_ = stanza;
        if (!events) return;
        for (const spec::EventNode& node : events->nodes) {
            if (const auto* match = std::get_if<spec::EventMatch>(&node)) look_at(*match);
        }
    }

    void look_at(const spec::EventMatch& match) {
        if (match.name == "shutdown") {
            warn("there is no event `shutdown`", "write `runlevel [016]`");
        }
        if (const std::size_t bracket = match.name.find('[');
            bracket != std::string::npos && bracket > 0) {
            warn("`" + match.name + "` is the name of an event that nobody emits",
                 "a space is missing: `" + match.name.substr(0, bracket) + " " +
                     match.name.substr(bracket) + "`");
        }
        for (const spec::EventArgument& argument : match.arguments)
            look_at(match, argument);
    }

    void look_at(const spec::EventMatch& match, const spec::EventArgument& argument) {
        const std::string& pattern = argument.pattern;
        if (stanza_ == "start on" && pattern.find('$') != std::string::npos) {
            warn("`" + spec::to_text(argument) + "` never matches: `start on` knows no variables",
                 "write the value, or a pattern");
        }
        const bool is_class = pattern.size() > 2 && pattern.front() == '[' && pattern.back() == ']';
        if (!is_class) return;
        if (match.name == "runlevel" && pattern.find(',') != std::string::npos) {
            warn("the commas in `" + pattern + "` stand for themselves",
                 "write the levels one after the other: [2345]");
        }
        const std::size_t letters = static_cast<std::size_t>(std::count_if(
            pattern.begin(), pattern.end(), [](char c) { return c >= 'a' && c <= 'z'; }));
        if (is_job_event(match.name) && letters >= 3) {
            warn("`" + pattern + "` matches one single letter, and no job is called so",
                 "write the name without brackets");
        }
    }

    std::string stanza_;
    std::vector<Remark> remarks_;
};

}  // namespace

std::vector<Remark> lint_events(const JobClass& job) {
    return EventLinter().lint(job);
}

}  // namespace reeve::formats::upstart
