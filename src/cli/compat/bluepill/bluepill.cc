#include "cli/compat/bluepill/bluepill.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "cli/compat/bluepill/controller.h"

namespace reeve::cli::compat::bluepill {
namespace {

/// The version that scripts expect; reeve's own is in `reeve version`.
constexpr std::string_view kVersion = "0.1.3";

/// Where Cloud 66 keeps the pills that are loaded at boot.
constexpr const char* kAutoloadDirectory = "/etc/bluepill/autoload";

struct Row {
    std::string_view name;
    int (*run)(const Call&);
};

constexpr auto kCommands = std::to_array<Row>({{"status", show_status},
                                               {"start", operate_on},
                                               {"stop", operate_on},
                                               {"restart", operate_on},
                                               {"unmonitor", operate_on},
                                               {"quit", quit},
                                               {"log", show_log}});

const Row* find_command(std::string_view name) {
    const auto found = std::find_if(kCommands.begin(), kCommands.end(),
                                    [&](const Row& row) { return row.name == name; });
    return found == kCommands.end() ? nullptr : &*found;
}

void complain(const std::string& text) {
    ::fprintf(stderr, "%s\n", text.c_str());
}

int list_applications(const World& world) {
    std::string text =
        "You must specify an application name to run that command. Here's the list of running "
        "applications:\n";
    int number = 0;
    for (const AppView& app : world.apps)
        text += "  " + std::to_string(++number) + ". " + app.name + "\n";
    complain(text + "Usage: bluepill [app] cmd [options]");
    return kFailed;
}

int nothing_runs() {
    complain(
        "Error: There are no running bluepill daemons.\n"
        "To start a bluepill daemon, use: bluepill load <config file>");
    return kNothingRuns;
}

/// `PATH/demo status` where `demo` is a running application; else `bluepill demo status`.
void take_application(std::string_view program, Call& call, std::vector<std::string>& words) {
    call.app = call.world.find(program);
    if (call.app != nullptr || words.empty()) return;
    call.app = call.world.find(words.front());
    if (call.app != nullptr) words.erase(words.begin());
}

/// Of several applications, none of which was named, what only shows something finds the one that
/// it is about: `bluepill log user_worker_1`. False: it is not clear which.
bool find_own_application(Call& call) {
    const bool is_status = call.command == "status";
    if (is_status && call.target.empty()) return true;  // it shows them all
    if (!is_status && call.command != "log") return false;
    std::vector<const AppView*> meant;
    for (const AppView& app : call.world.apps) {
        const bool has_target = app.name == call.target || !select(app, call.target).empty();
        if (has_target) meant.push_back(&app);
    }
    if (meant.size() != 1) return false;
    call.app = meant.front();
    if (select(*call.app, call.target).empty()) call.target.clear();
    return true;
}

int dispatch(std::string_view program, Call call) {
    std::vector<std::string> words = call.invocation.words;
    take_application(program, call, words);
    if (words.empty()) {
        complain("bluepill: no command was given for the application " + call.app->name);
        return kFailed;
    }
    call.command = words.front();
    if (words.size() > 1) call.target = words[1];
    if (call.command == "load") {
        if (call.target.empty()) {
            complain("bluepill: load: no config file was given");
            return kFailed;
        }
        return load_pill(call.context, call.world, call.target);
    }
    if (call.command == "autoload") {
        const std::string directory = call.target.empty() ? kAutoloadDirectory : call.target;
        return autoload(call.context, call.world, directory);
    }
    const Row* command = find_command(call.command);
    if (command == nullptr) {
        complain("Unknown command `" + call.command + "` (or application `" + call.command +
                 "` has not been loaded yet)");
        return kFailed;
    }
    if (call.app == nullptr) {
        if (call.world.apps.empty()) return nothing_runs();
        if (call.world.apps.size() == 1) {
            call.app = &call.world.apps.front();
        } else if (!find_own_application(call)) {
            return list_applications(call.world);
        }
    }
    return command->run(call);
}

}  // namespace

int run(std::string_view program, const std::vector<std::string>& args) {
    const Invocation invocation = read_invocation(args);
    if (!invocation.wrong_option.empty()) {
        complain("bluepill: " + invocation.wrong_option + "\n\n" + usage());
        return kFailed;
    }
    if (invocation.version) {
        ::printf("bluepill, version %s\n", std::string(kVersion).c_str());
        return kDone;
    }
    if (invocation.help || args.empty()) {
        ::fputs(usage().c_str(), stdout);
        return kDone;
    }
    if (invocation.privileged && ::geteuid() != 0) {
        complain("You must run bluepill as root or use --no-privileged option.");
        return kNotRoot;
    }
    if (invocation.words.empty()) {
        ::fputs(usage().c_str(), stdout);
        return kDone;
    }
    if (invocation.base_dir) ::setenv("BLUEPILL_BASE_DIR", invocation.base_dir->c_str(), 1);
    Call call;
    call.context = make_context(args);
    call.context.command_line = "bluepill";
    for (const std::string& arg : args)
        call.context.command_line += " " + arg;
    call.invocation = invocation;
    Result<World> world = ask_for_world(call.context);
    if (!world) {
        complain("bluepill: " + world.error().message);
        return kFailed;
    }
    call.world = std::move(world).value();
    return dispatch(program, std::move(call));
}

}  // namespace reeve::cli::compat::bluepill
