#include "api/bluepill_words.h"

#include <utility>

namespace reeve::api::bluepill {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

bool is_flapping(const Change& change) {
    // What is told of a crash loop besides (its last lines) is no change of its own.
    return change.from != change.to && (change.to == "crash-looping" || change.to == "failed");
}

/// The seconds of `…; flapping, retrying in 7s; …`, as Bluepill says them.
std::string retry_text(std::string_view reason) {
    constexpr std::string_view kMark = "flapping, retrying in ";
    const std::size_t at = reason.rfind(kMark);
    if (at == std::string_view::npos) return "0 seconds";
    std::string_view pause = reason.substr(at + kMark.size());
    const std::size_t end = pause.find_first_of(";,");
    pause = pause.substr(0, end);
    const bool plain_seconds =
        pause.ends_with('s') &&
        pause.substr(0, pause.size() - 1).find_first_not_of("0123456789") == std::string_view::npos;
    if (!plain_seconds) return std::string(pause);
    return std::string(pause.substr(0, pause.size() - 1)) + " seconds";
}

/// `mem_usage: [71MB*, 71MB*]` for what the engine says, `web.1 mem_usage: 71MB*, 71MB*`.
std::string check_text(const std::string& cause) {
    const std::size_t end = cause.find(": ");
    const std::size_t blank = cause.rfind(' ', end - 1);
    if (end == std::string::npos || end == 0 || blank == std::string::npos) return cause;
    return cause.substr(blank + 1, end - blank - 1) + ": [" + cause.substr(end + 2) + "]";
}

/// The word for one end of a transition, which knows no goal.
std::string word_of(std::string_view state, const Change& change, bool is_target) {
    const bool by_operator = change.cause_kind == "operator";
    if (!is_target) return state_word(state, "up", "");
    if (state == "stopped") return by_operator ? "unmonitored" : "down";
    if (state == "stopping" && by_operator && !contains(change.reason, "restart")) {
        return "unmonitored";
    }
    return state_word(state, "up", change.reason);
}

std::string level_name(char level) {
    switch (level) {
        case 'D':
            return "DEBUG";
        case 'W':
            return " WARN";
        case 'E':
            return "ERROR";
        default:
            return " INFO";
    }
}

}  // namespace

std::string state_word(std::string_view state, std::string_view goal, std::string_view reason) {
    if (goal != "up") return "unmonitored";
    if (state == "running") return "up";
    if (state == "starting") return "starting";
    if (state == "stopping") return contains(reason, "restart") ? "restarting" : "stopping";
    // A flapping process is left alone until its next try, or for good.
    if (state == "crash-looping" || state == "failed") return "unmonitored";
    return "down";
}

std::vector<LogLine> log_lines(const Change& change, std::string_view start_command) {
    std::vector<LogLine> lines;
    if (is_flapping(change)) {
        lines.push_back({'I', "Flapping detected: retrying in " + retry_text(change.reason)});
    }
    if (change.cause_kind == "check" && change.to == "stopping") {
        const std::string samples = check_text(change.cause_text);
        lines.push_back({'I', samples});
        const std::string check = samples.substr(0, samples.find(':'));
        lines.push_back({'I', check + " dispatched: restart"});
    }
    if (change.to == "starting" && !start_command.empty()) {
        lines.push_back({'W', "Executing start command: " + std::string(start_command)});
    }
    if (change.from == change.to && change.to == "crash-looping") {
        lines.push_back({'D', change.reason.substr(0, change.reason.find('\n'))});
        return lines;
    }
    const std::string from = word_of(change.from, change, false);
    const std::string to = word_of(change.to, change, true);
    if (from != to) lines.push_back({'I', "Going from " + from + " => " + to});
    // What Bluepill cannot know: why.
    if (!change.reason.empty()) lines.push_back({'D', change.reason});
    return lines;
}

HistoryEvent history_event(const Change& change) {
    const bool by_operator = change.cause_kind == "operator";
    const bool by_check = change.cause_kind == "check";
    if (!by_operator && !by_check) {
        if (is_flapping(change)) return {"unmonitor", "Flapping"};
        return {};
    }
    const std::string reason = by_operator ? "user initiated" : check_text(change.cause_text);
    if (contains(change.reason, "no longer monitored")) return {"unmonitor", reason};
    if (contains(change.reason, "monitored again")) return {"start", reason};
    if (change.to == "stopping") {
        return {contains(change.reason, "restart") || by_check ? "restart" : "stop", reason};
    }
    const bool begins = change.to == "starting" && change.from != "stopping";
    if (begins) return {"start", reason};
    return {};
}

std::string format_message(const LogLine& line, const std::vector<std::string>& names) {
    std::string text = "[";
    for (const std::string& name : names) {
        if (name.empty()) continue;
        if (text.size() > 1) text += ':';
        text += name;
    }
    return text + "] " + line.text;
}

std::string format_line(const LogLine& line, std::string_view local_time, int daemon_pid,
                        const std::vector<std::string>& names) {
    return std::string(1, line.level) + ", [" + std::string(local_time) + " #" +
           std::to_string(daemon_pid) + "] " + level_name(line.level) +
           " -- : " + format_message(line, names) + "\n";
}

}  // namespace reeve::api::bluepill
