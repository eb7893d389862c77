#include "formats/upstart/lint_events.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "formats/upstart/events_of.h"

namespace reeve::formats::upstart {
namespace {

class EventLinter {
public:
    std::vector<Remark> lint(const JobClass& job) {
        look_at("start on", job.start_on);
        look_at("stop on", job.stop_on);
        check_power(job);
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

    // `runlevel RUNLEVEL=0` is told when reeve is stopped, and not only when the machine is.
    void check_power(const JobClass& job) {
        if (!job.start_on || !job.main || !turns_off(job.main->text)) return;
        for (const spec::EventNode& node : job.start_on->nodes) {
            const auto* match = std::get_if<spec::EventMatch>(&node);
            if (match == nullptr || !fits_the_end(*match)) continue;
            stanza_ = "start on";
            return warn(
                "the job may turn the machine off when reeve is stopped: runlevel 0 is told "
                "then",
                "leave it to the machine's own init");
        }
    }

    static bool turns_off(std::string_view text) {
        constexpr auto kPrograms = std::to_array<std::string_view>(
            {"halt", "poweroff", "reboot", "shutdown", "telinit", "init", "rc", "kexec"});
        const std::vector<std::string_view> parts = words(text);
        return std::any_of(parts.begin(), parts.end(), [&](std::string_view word) {
            const std::string_view name = word.substr(word.rfind('/') + 1);
            return std::find(kPrograms.begin(), kPrograms.end(), name) != kPrograms.end();
        });
    }

    static bool fits_the_end(const spec::EventMatch& match) {
        if (match.name != "runlevel" && match.name != "stopped") return false;
        const bool is_about_rc = match.name == "runlevel" || is_job(match, "rc");
        return is_about_rc &&
               std::all_of(match.arguments.begin(), match.arguments.end(),
                           [&match](const spec::EventArgument& argument) {
                               const bool is_level = argument.key == "RUNLEVEL" ||
                                                     (!argument.key && match.name == "runlevel");
                               return !is_level ||
                                      glob_matches(argument.pattern, "0") != argument.negated;
                           });
    }

    static bool is_job(const spec::EventMatch& match, std::string_view name) {
        return !match.arguments.empty() && match.arguments.front().pattern == name;
    }

    /// Events of the kernel and of bridges that an ordinary daemon does not have.
    static bool is_not_told(std::string_view event) {
        constexpr auto kNames = std::to_array<std::string_view>(
            {"control-alt-delete", "keyboard-request", "power-status-changed", "dbus"});
        constexpr auto kEnds = std::to_array<std::string_view>(
            {"-device-added", "-device-changed", "-device-removed"});
        if (event.starts_with("net-device-")) return false;
        return std::find(kNames.begin(), kNames.end(), event) != kNames.end() ||
               std::any_of(kEnds.begin(), kEnds.end(),
                           [event](std::string_view end) { return event.ends_with(end); });
    }

    void look_at(const spec::EventMatch& match) {
        if (match.name == "shutdown") {
            warn("there is no event `shutdown`", "write `runlevel [016]`");
        }
        if (is_not_told(match.name)) {
            warn("`" + match.name + "` is not told by reeve",
                 "whoever sees it may call `initctl emit " + match.name + "`");
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
