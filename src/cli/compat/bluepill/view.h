#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/app.h"

namespace reeve::cli::compat::bluepill {

struct ChildView {
    int pid = 0;
    std::string state;
};

/// One process as Bluepill knows it.
struct ProcessView {
    std::string group;  // empty: none
    std::string name;
    std::string service;  // reeve's name for it
    std::string instance;
    int pid = 0;        // 0: none
    std::string state;  // `up`: one of Bluepill's words
    bool monitors_children = false;
    std::vector<ChildView> children;  // see `find_children`
};

/// One application: its groups in the order of the pill, and in them the processes.
struct AppView {
    std::string name;
    std::string source;                  // the pill
    std::vector<ProcessView> processes;  // those of one group follow one another
};

/// What runs: every application that came from a pill, in the order of their names.
struct World {
    std::vector<AppView> apps;
    int daemon_pid = 0;

    const AppView* find(std::string_view app) const;
};

/// The parents of processes, by pid.
using Parents = std::map<int, int>;

/// Fills in the descendants of every process that monitors its children, in the order of their
/// pids.
void find_children(World& world, const Parents& parents);

/// Reads the answer of `GET /v1/status`.
Result<World> read_world(std::string_view status_json);

/// The processes that a word of the command line means: a group, else a process of any group, or
/// `group:process`; all of them for an empty word.
std::vector<const ProcessView*> select(const AppView& app, std::string_view target);

/// Processes that hear of a command together.
struct Turn {
    std::vector<const ProcessView*> processes;
    bool must_end = false;  // before the next turn begins
};

/// How a command goes through processes, in their order: those that have the others wait for them
/// (spec::GroupTurns) each in a turn of its own.
/// Source: bluepill lib/bluepill/group.rb.
std::vector<Turn> in_turns(const std::vector<const ProcessView*>& processes, const spec::App& app,
                           const std::string& command);

/// The event history of one process as text, whole lines.
using HistoryOf = std::function<std::string(const ProcessView&)>;

/// The tree of `bluepill status` for these processes, each line with `indent` in front; where one
/// process was asked for, with its history.
/// Source: bluepill lib/bluepill/group.rb, application.rb.
std::string render_tree(const AppView& app, std::string_view target, std::string_view indent,
                        const HistoryOf& history_of);

/// `  group:name` for each, below `Sent stop to:`; or that there are none.
std::string render_sent(std::string_view command, const std::vector<const ProcessView*>& processes);

/// `name(pid:12): up`.
std::string status_line(const ProcessView& process);

}  // namespace reeve::cli::compat::bluepill
