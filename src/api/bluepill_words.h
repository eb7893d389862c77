#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/service.h"

// What happens here in the words of Bluepill, for its command line and its logs. Texts of the API
// go in (`running`, `stop asked for`), so that a client of it can use this, too. Source: bluepill
// lib/bluepill/process.rb, group.rb, util/rotational_array.rb; its output.
namespace reeve::api::bluepill {

/// `up`, `down`, `starting`, `stopping`, `restarting` or `unmonitored`, from the state and the goal
/// of an instance and the reason of its state.
std::string state_word(std::string_view state, std::string_view goal, std::string_view reason);

/// A transition as the API tells it.
struct Change {
    std::string from;  // states: `running`
    std::string to;
    std::string reason;
    std::string cause_kind;  // `operator`
    std::string cause_text;
    int pid = 0;
};

/// A line of a log, without time and names.
struct LogLine {
    char level = 'I';  // of Ruby's Logger: D, I, W, E
    std::string text;
};

/// What Bluepill would have logged at this change of a process, whose commands are those of
/// `service`; nullptr: not known, and not told.
std::vector<LogLine> log_lines(const Change& change, const spec::Service* service);

/// `start - user initiated`, `restart - mem_usage: [71MB*, 71MB*]`: the event behind a change, for
/// the history of a process; empty where Bluepill remembers none.
struct HistoryEvent {
    std::string event;
    std::string reason;
};
HistoryEvent history_event(const Change& change);

/// `[demo:workers:web] text`, as it stands in syslog. An empty name is left out.
std::string format_message(const LogLine& line, const std::vector<std::string>& names);

/// `I, [2026-11-20T09:43:13.916670 #28657]  INFO -- : [demo:workers:web] text`, with a newline.
/// `local_time` has microseconds; an empty group is left out.
std::string format_line(const LogLine& line, std::string_view local_time, int daemon_pid,
                        const std::vector<std::string>& names);

}  // namespace reeve::api::bluepill
