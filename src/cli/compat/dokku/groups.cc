#include "cli/compat/dokku/groups.h"

#include <algorithm>
#include <utility>

#include "cli/commands.h"

namespace reeve::cli::compat::dokku {
namespace {

constexpr const Group* kGroups[] = {
    &kAppJson,       //
    &kApps,          //
    &kBuilder,       //
    &kBuildpacks,    //
    &kChecks,        //
    &kConfig,        //
    &kCron,          //
    &kDomains,       //
    &kEnter,         //
    &kEvents,        //
    &kGit,           //
    &kLinks,         //
    &kLogs,          //
    &kNginx,         //
    &kPorts,         //
    &kProxy,         //
    &kPs,            //
    &kReleases,      //
    &kResource,      //
    &kRun,           //
    &kSchedulerK3s,  //
};

/// Commands of Dokku's that are not here, by their group or whole, and what there is instead.
struct Absent {
    std::string_view name;
    std::string_view instead;
};

constexpr std::string_view kNoContainers = "There are no containers: processes run on the host.";
constexpr std::string_view kNoTls =
    "TLS ends in front of reeve, in your own nginx or wherever the certificates are.";
constexpr std::string_view kOneLog =
    "Logs are kept over deploys and rotated by reeve: see `logs APP` and `reeve logs`.";

constexpr Absent kAbsent[] = {
    {"builder-dockerfile", kNoContainers},
    {"builder-herokuish", "Buildpacks run as they are: see `buildpacks:help`."},
    {"builder-pack", kNoContainers},
    {"builds", "A build is a release: see `reeve releases APP` and `reeve rollback APP`."},
    {"certs", kNoTls},
    {"cleanup", "There is nothing to clean up: see `releases:set APP keep N`."},
    {"docker-options", kNoContainers},
    {"git:auth", "Git runs as the user of the app, with that user's ~/.netrc and keys."},
    {"git:public-key", "Git runs as the user of the app, with that user's keys."},
    {"git:status", "See `git:report APP`, `apps:report APP` and `reeve releases APP`."},
    {"git:unlock", "A lock that was set by hand is taken away by `apps:unlock APP`."},
    {"image", kNoContainers},
    {"letsencrypt", kNoTls},
    {"logs:failed", "A deploy that fails shows the last lines itself: see also `reeve why APP`."},
    {"logs:set", kOneLog},
    {"logs:vector-logs", kOneLog},
    {"logs:vector-start", kOneLog},
    {"logs:vector-stop", kOneLog},
    {"maintenance", "Stop the app with `ps:stop APP`: nginx answers with 502 then."},
    {"network", "Each web process listens on a port of loopback: see `ports:report APP`."},
    {"plugin", "reeve has no plugins."},
    {"registry", kNoContainers},
    {"repo", "Source comes by `git push`, `git:sync`, `git:from-archive` or `reeve deploy`."},
    {"scheduler", "reeve itself runs every app."},
    {"scheduler-docker-local", "reeve itself runs every app."},
    {"scheduler-nomad", "reeve itself runs every app."},
    {"ssh-keys", "Pushes go over your own ssh: see `git:initialize`."},
    {"storage", "Processes see the files of the host."},
    {"url", "See `domains:report APP` and `ports:report APP`."},
    {"urls", "See `domains:report APP` and `ports:report APP`."},
};

/// Empty: nothing is known of it.
std::string_view instead_of(std::string_view command) {
    const std::string_view group = command.substr(0, command.find(':'));
    for (const Absent& absent : kAbsent) {
        if (absent.name == command || absent.name == group) return absent.instead;
    }
    return "";
}

const Group* find_group(std::string_view name) {
    for (const Group* group : kGroups) {
        if (group->name == name) return group;
    }
    return nullptr;
}

void print_help(const Group& group) {
    const std::string name(group.name);
    std::string text = "Usage: dokku " + name + "[:COMMAND]\n\n" + std::string(group.about) +
                       "\n\nAdditional commands:\n";
    std::size_t width = 0;
    for (const DokkuCommand& command : group.commands)
        width = std::max(width, command.name.size() + command.arguments.size() + 1);
    for (const DokkuCommand& command : group.commands) {
        if (command.hidden) continue;
        std::string usage = std::string(command.name) + " " + std::string(command.arguments);
        usage.resize(width, ' ');
        text += "    " + usage + "  " + std::string(command.summary) + "\n";
    }
    print(text);
}

void print_all_help() {
    std::string text =
        "Usage: dokku [--quiet|--trace|--force|--app <app>] COMMAND <app> "
        "[command-specific-options]\n\nPrimary help options, type \"dokku COMMAND:help\" for more "
        "details:\n\n";
    for (const Group* group : kGroups) {
        std::string name(group->name);
        name.resize(std::max<std::size_t>(name.size(), 14), ' ');
        text += "    " + name + "  " + std::string(group->about) + "\n";
    }
    print(text);
}

/// Takes the flags before the command away. An app that is named there becomes the first word.
Result<std::string> take_global_flags(Session& session, Words& words) {
    std::string app;
    while (!words.empty() && words.front().starts_with("-")) {
        const std::string flag = words.front();
        words.erase(words.begin());
        if (flag == "--quiet") {
            session.quiet = true;
        } else if (flag == "--force") {
            session.force = true;
        } else if (flag == "--trace" || flag == "--verbose") {
            session.trace = true;
        } else if (flag == "--app" && !words.empty()) {
            app = words.front();
            words.erase(words.begin());
        } else {
            return Error{"unknown flag: " + flag};
        }
    }
    return app;
}

}  // namespace

std::span<const Group* const> all_groups() {
    return kGroups;
}

const DokkuCommand* find_dokku_command(std::string_view name) {
    for (const Group* group : kGroups) {
        for (const DokkuCommand& command : group->commands) {
            if (command.name == name) return &command;
        }
    }
    return nullptr;
}

bool is_dokku_word(std::string_view word) {
    const std::size_t colon = word.find(':');
    const Group* group = find_group(word.substr(0, colon));
    if (group == nullptr) return false;
    return colon != std::string_view::npos || (group->bare_word && find_command(word) == nullptr);
}

int run_dokku(Context context, const std::vector<std::string>& args) {
    Session session;
    session.context = std::move(context);
    Words words = args;
    const Result<std::string> app = take_global_flags(session, words);
    if (!app) {
        warn(app.error().message);
        return kUsage;
    }
    if (words.empty() || words.front() == "help") {
        print_all_help();
        return kOk;
    }
    session.command = words.front();
    words.erase(words.begin());
    if (!app->empty()) words.insert(words.begin(), *app);
    const DokkuCommand* command = find_dokku_command(session.command);
    if (command != nullptr) {
        const Result<void> running = make_sure_reeve_runs(session.context);
        if (!running) return fail(session, running.error());
        return command->run(session, words);
    }
    std::string_view group_name = session.command;
    if (group_name.ends_with(":help")) group_name.remove_suffix(5);
    if (const Group* group = find_group(group_name)) {
        print_help(*group);
        return kOk;
    }
    warn("`" + session.command + "` is not a dokku command.");
    const std::string_view instead = instead_of(session.command);
    if (!instead.empty()) warn(instead);
    warn("See `dokku help` for a list of available commands.");
    return kFailed;
}

int run_personality(std::string_view name, const std::vector<std::string>& args) {
    Context context = make_context(args);
    context.command_line.replace(0, std::string_view("reeve").size(), name);
    return run_dokku(std::move(context), args);
}

}  // namespace reeve::cli::compat::dokku
