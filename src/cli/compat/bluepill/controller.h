#pragma once

#include <string>
#include <vector>

#include "cli/compat/bluepill/invocation.h"
#include "cli/compat/bluepill/view.h"
#include "cli/context.h"

namespace reeve::cli::compat::bluepill {

/// What a command of Bluepill is given.
struct Call {
    Context context;
    Invocation invocation;
    World world;
    const AppView* app = nullptr;  // nullptr: all of them (status only)
    std::string command;
    std::string target;  // a group or a process; empty: everything
};

// One function per command; each ends with the exit code.
int show_status(const Call& call);
int operate_on(const Call& call);  // start, stop, restart, unmonitor
int quit(const Call& call);
int show_log(const Call& call);
int load_pill(const Context& context, const World& world, const std::string& file);

/// `autoload [DIR]`, a command of reeve's own: loads every pill in the directory that reeve does
/// not know yet. Files that others may write to are refused: nobody has asked for them.
int autoload(const Context& context, const World& world, const std::string& directory);

/// `:foreground => true`: shows the log of these applications until a SIGTERM or SIGINT, and lets
/// go of their processes then.
int stay_in_foreground(const Context& context, const std::vector<std::string>& apps);

/// What runs at the moment; nothing where no reeve does.
Result<World> ask_for_world(const Context& context);

}  // namespace reeve::cli::compat::bluepill
