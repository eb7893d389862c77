#include "api/bluepill_words.h"

#include <signal.h>

#include <utility>

#include "spec/command_pid.h"
#include "status/exit.h"

namespace reeve::api::bluepill {
namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

/// What is told besides: the last lines of a crash loop, a signal that was sent.
bool is_note(const Change& change) {
    return change.from == change.to &&
           (change.to == "crash-looping" || change.reason.ends_with(" sent"));
}

bool is_flapping(const Change& change) {
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

/// A check that has fired has something done; when it is told of again it passes.
bool is_by_check(const Change& change) {
    return change.cause_kind == "check" && !change.reason.starts_with("check passes again");
}

/// A restart begins: with a stop, or with the command of a process that replaces itself.
bool begins_restart(const Change& change, bool has_command) {
    if (change.to == "stopping") return is_by_check(change) || contains(change.reason, "restart");
    const bool stays = change.from == "running" && change.to == "running";
    return has_command && stays && (is_by_check(change) || change.reason == "restart asked for");
}

/// The word for one end of a transition, which knows no goal.
std::string word_of(std::string_view state, const Change& change, bool is_target) {
    const bool by_operator = change.cause_kind == "operator";
    if (!is_target) {
        // A stop has gone to `unmonitored` at once, and a start begins there.
        const bool was_stopped = state == "stopping" && change.to == "stopped";
        const bool is_started = state == "stopped" && change.reason == "start asked for";
        return by_operator && (was_stopped || is_started) ? "unmonitored"
                                                          : state_word(state, "up", "");
    }
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

/// The command as it is run: with the process's number in it.
std::string filled(const spec::Command& command, int pid) {
    return spec::to_text(spec::with_pid(command, pid));
}

void say_stop(const spec::StopSpec& stop, int pid, std::vector<LogLine>& lines) {
    const std::string whom = pid > 0 ? std::to_string(pid) : "";
    if (stop.command) {
        lines.push_back({'W', "Executing stop command: " + filled(*stop.command, pid)});
    } else if (stop.steps.size() == 1 && stop.steps.front().signal == SIGTERM) {
        lines.push_back({'W', "Executing default stop command. Sending TERM signal to " + whom});
    } else {
        lines.push_back({'W', "Sending stop signals to " + whom});
    }
}

/// The commands and signals that a change brings with it.
void say_commands(const Change& change, const spec::Service& service, std::vector<LogLine>& lines) {
    const bool restarts = begins_restart(change, service.restart_command.has_value());
    if (change.to == "starting") {
        lines.push_back({'W', "Executing start command: " + spec::to_text(service.command)});
    } else if (restarts && change.to == "running") {
        const std::string command = filled(service.restart_command->command, change.pid);
        lines.push_back({'W', "Executing restart command: " + command});
    } else if (change.from == "running" && change.to == "stopping") {
        if (restarts && !service.restart_command) {
            lines.push_back({'W', "No restart_command specified. Must stop and start to restart"});
        }
        say_stop(service.stop, change.pid, lines);
    }
    if (contains(change.reason, "its start command did not end within")) {
        lines.push_back({'E', "Execution is taking longer than expected."});
        lines.push_back({'E', "Did you forget to tell bluepill to daemonize this process?"});
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

std::vector<LogLine> log_lines(const Change& change, const spec::Service* service) {
    if (is_note(change)) return {{'D', change.reason.substr(0, change.reason.find('\n'))}};
    std::vector<LogLine> lines;
    if (is_flapping(change)) {
        lines.push_back({'I', "Flapping detected: retrying in " + retry_text(change.reason)});
    }
    const bool has_command = service != nullptr && service->restart_command.has_value();
    if (change.cause_kind == "check" && begins_restart(change, has_command)) {
        const std::string samples = check_text(change.cause_text);
        lines.push_back({'I', samples});
        const std::string check = samples.substr(0, samples.find(':'));
        lines.push_back({'I', check + " dispatched: restart"});
    }
    if (service != nullptr) say_commands(change, *service, lines);
    const std::string from = word_of(change.from, change, false);
    const std::string to = word_of(change.to, change, true);
    if (from != to) lines.push_back({'I', "Going from " + from + " => " + to});
    // What Bluepill cannot know: why.
    if (!change.reason.empty()) lines.push_back({'D', change.reason});
    return lines;
}

HistoryEvent history_event(const Change& change) {
    if (is_note(change)) return {};
    const bool by_operator = change.cause_kind == "operator";
    const bool by_check = is_by_check(change);
    if (!by_operator && !by_check) {
        if (is_flapping(change)) return {"unmonitor", "Flapping"};
        return {};
    }
    const std::string reason = by_operator ? "user initiated" : check_text(change.cause_text);
    if (contains(change.reason, "no longer monitored")) return {"unmonitor", reason};
    if (contains(change.reason, "monitored again")) return {"start", reason};
    if (begins_restart(change, true)) return {"restart", reason};
    if (change.to == "stopping") return {"stop", reason};
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
