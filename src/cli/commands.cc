#include "cli/commands.h"

#include <algorithm>

#include "base/text.h"
#include "cli/compat/dokku/groups.h"

namespace reeve::cli {
namespace {

constexpr std::string_view kTargets =
    "A target is an app, `app/service`, or `app/service.N`; each part may be a pattern like\n"
    "`shop/w*`.\n";

constexpr Command kCommands[] = {
    {"run", "[DIR]", "Run the app in DIR in the foreground; Ctrl-C stops it",
     "The app runs under a reeve of its own, which ends with it. Its output is shown with the\n"
     "name of each instance in front. A second Ctrl-C kills what does not stop.\n",
     "  reeve run            # the app in this directory\n"
     "  reeve run ~/shop\n",
     run_app},
    {"load", "FILE|DIR…", "Hand an app to reeve, or its new configuration",
     "Reads the configuration as you and hands it to the daemon, which is started if it does\n"
     "not run. What did not change is not touched.\n",
     "  reeve load /srv/shop\n"
     "  reeve load . --as shop-staging --no-start\n",
     load},
    {"unload", "APP", "Stop an app and forget it", "", "  reeve unload shop\n", unload},
    {"check", "FILE|DIR…", "Say what is wrong with a configuration, and where", "",
     "  reeve check /srv/shop/Procfile\n", check},
    {"convert", "FILE|DIR", "Write a configuration in another format",
     "What the other format cannot express is said on stderr. The formats: native (reeve.toml),\n"
     "systemd (units and a target), procfile (Procfile, .env and app.json).\n",
     "  reeve convert . --to native > reeve.toml\n"
     "  reeve convert /srv/shop --to systemd --out units\n",
     convert},
    {"reload", "APP…", "Read an app's files again, and touch only what changed",
     "Shows for each service what becomes of it: keep (nothing changed), live (new values count\n"
     "from now on, no process is touched), roll or restart (its instances are replaced), start,\n"
     "stop. With --dry-run nothing else is done.\n",
     "  reeve reload shop --dry-run\n"
     "  reeve reload shop\n",
     reload},
    {"status", "[TARGET…]", "Show what runs; for one instance all there is to know",
     "Ends with 3 when something that was named does not run.\n",
     "  reeve status\n"
     "  reeve status shop/web.1\n",
     status},
    {"start", "TARGET…", "Start what is stopped, and what has been given up", kTargets,
     "  reeve start shop/worker\n", start},
    {"stop", "TARGET…", "Stop; it stays stopped until it is started, also over reboots", kTargets,
     "  reeve stop shop\n", stop},
    {"restart", "TARGET…", "Replace the running instances, one after the other", kTargets,
     "  reeve restart shop/web --timeout 2m\n", restart},
    {"unmonitor", "TARGET…", "Leave processes alone, whatever becomes of them",
     "`reeve start` takes them under control again.\n", "  reeve unmonitor shop/worker.2\n",
     unmonitor},
    {"signal", "SIGNAL TARGET…", "Send a signal to running processes", kTargets,
     "  reeve signal HUP shop/web\n", signal},
    {"scale", "APP [SERVICE=N…]", "Set how many instances there are, or show it",
     "Only what is added or retired is touched.\n",
     "  reeve scale shop web=3 worker=2\n"
     "  reeve scale shop\n",
     scale},
    {"logs", "[TARGET…]", "Show what the instances have written",
     "The files are read as they are: `reeve status TARGET` shows where they are.\n",
     "  reeve logs shop -f\n"
     "  reeve logs shop/web.1 -n 200\n",
     logs},
    {"why", "TARGET", "Tell what happened to something, and what caused it", "",
     "  reeve why shop/web.1\n", why},
    {"events", "[TARGET…]", "Show every change of state", "", "  reeve events -f\n", events},
    {"emit", "EVENT [KEY=VALUE…]", "Tell all jobs that something has happened",
     "Comes back when what the event started is up and what it stopped is down; with --no-wait\n"
     "at once.\n",
     "  reeve emit runlevel RUNLEVEL=2 PREVLEVEL=N\n", emit},
    {"explain", "[JOB]", "Say what a job waits for, and what has come of it already", "",
     "  reeve explain init/web\n", explain},
    {"daemon", "", "Run reeve itself, in the foreground or detached", "",
     "  reeve daemon --detach\n", daemon},
    {"shutdown", "", "Stop everything, and reeve itself",
     "What was up comes up again at the next start of reeve.\n", "  reeve shutdown --timeout 1m\n",
     shutdown},
    {"upgrade", "[DIR]", "Replace reeve's own programs under what runs",
     "DIR holds the new reeved, reeve-scribe and reeve-keeper (default: where they came from).\n"
     "Every process keeps its pid, and no line of a log is lost. A new reeved that does not come\n"
     "up is taken back by itself.\n",
     "  reeve upgrade\n"
     "  reeve upgrade /opt/reeve-next/bin\n",
     upgrade},
    {"personality", "enable|disable NAME", "Put bluepill, dokku or initctl in the place of the old",
     "Makes a link NAME to reeve in the directory of --at (default: /usr/local/bin). Refused for\n"
     "a name that something else has, and for Upstart's names where systemd is PID 1, unless\n"
     "--force is given.\n",
     "  reeve personality enable bluepill\n"
     "  reeve personality disable initctl --at /sbin\n",
     personality},
    {"completion", "bash|zsh|fish", "Write the completion for a shell", "",
     "  reeve completion bash > /etc/bash_completion.d/reeve\n", completion},
    {"doctor", "", "Say what reeve can do on this machine, and what it lacks", "",
     "  reeve doctor\n", doctor},
    {"version", "", "Show the versions of this program and of the daemon", "", "  reeve version\n",
     version},
    {"deploy", "APP [DIR]", "Build a new release of an app, and switch to it",
     "Takes the source in DIR (here: .), builds it as its owner, runs the release command, starts\n"
     "everything new beside the old, checks it, and switches all of it at once. Whatever fails\n"
     "before leaves what runs as it was. The app is made if there is none.\n",
     "  reeve deploy shop /srv/shop\n", deploy},
    {"releases", "APP", "List the releases of an app that are kept", "", "  reeve releases shop\n",
     releases},
    {"rollback", "APP [N]", "Run an earlier release again: its code, config and formation",
     "Without N the one before the present one. It becomes a new release.\n",
     "  reeve rollback shop\n"
     "  reeve rollback shop 12\n",
     rollback},
    {"dokku", "COMMAND…", "Dokku's commands; those with a colon work without this word, too",
     "See `reeve dokku help`, and docs/compatibility/dokku.md for what is the same.\n",
     "  reeve dokku apps:create shop\n"
     "  reeve ps:report shop\n",
     dokku},
    {"bluepill", "[APP] COMMAND [TARGET]", "Bluepill's command line",
     "See docs/compatibility/bluepill.md for what is the same.\n",
     "  reeve bluepill load production.pill\n"
     "  reeve bluepill status\n",
     bluepill},
    {"help", "[COMMAND]", "Explain a command", "", "  reeve help scale\n", help},
};

/// Options that stand before the command are moved behind it.
struct Words {
    std::string command;
    std::vector<std::string> args;
};

Words sort_words(const std::vector<std::string>& args) {
    Words words;
    std::size_t at = 0;
    for (; at < args.size() && args[at].starts_with("-"); ++at) {
        words.args.push_back(args[at]);
        if (args[at] == "--timeout" && at + 1 < args.size()) words.args.push_back(args[++at]);
    }
    if (at < args.size()) words.command = args[at++];
    words.args.insert(words.args.end(), args.begin() + static_cast<std::ptrdiff_t>(at), args.end());
    return words;
}

}  // namespace

std::span<const Command> all_commands() {
    return kCommands;
}

const Command* find_command(std::string_view name) {
    const auto found = std::find_if(std::begin(kCommands), std::end(kCommands),
                                    [&](const Command& command) { return command.name == name; });
    return found == std::end(kCommands) ? nullptr : &*found;
}

const Command* similar_command(std::string_view name) {
    for (const Command& command : kCommands) {
        if (name.size() > 1 && command.name.starts_with(name)) return &command;
    }
    const Command* best = nullptr;
    std::size_t best_distance = std::min<std::size_t>(3, name.size());
    for (const Command& command : kCommands) {
        const std::size_t distance = edit_distance(name, command.name);
        if (distance < best_distance) {
            best = &command;
            best_distance = distance;
        }
    }
    return best;
}

ExitCode run_program(const std::vector<std::string>& args) {
    Context context = make_context(args);
    Words words = sort_words(args);
    if (words.command.empty()) {
        const std::string first = words.args.empty() ? "" : words.args.front();
        if (first == "--version" || first == "-V") words = {"version", {}};
        const bool asked = first == "--help" || first == "-h";
        if (words.command.empty() && !asked) {
            print_error(context, words.args.empty() ? "no command was given; see: reeve help"
                                                    : first + " needs a command; see: reeve help");
            return ExitCode::Usage;
        }
        if (words.command.empty()) words = {"help", {}};
    }
    const Command* command = find_command(words.command);
    if (command != nullptr) return command->run(*command, std::move(context), words.args);
    if (compat::dokku::is_dokku_word(words.command)) {
        return static_cast<ExitCode>(compat::dokku::run_dokku(std::move(context), args));
    }
    std::string message = "there is no command \"" + words.command + "\"";
    if (const Command* similar = similar_command(words.command); similar != nullptr) {
        message += "; did you mean \"" + std::string(similar->name) + "\"?";
    }
    print_error(context, message + " See: reeve help");
    return ExitCode::Usage;
}

}  // namespace reeve::cli
