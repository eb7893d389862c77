#include <unistd.h>

#include "api/client.h"
#include "base/text.h"
#include "cli/ask.h"
#include "cli/compat/dokku/config_format.h"
#include "cli/compat/dokku/deployed.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/groups.h"
#include "cli/one_off.h"

// run and enter. Source: dokku plugins/run, plugins/enter.
namespace reeve::cli::compat::dokku {
namespace {

constexpr std::int64_t kTtlMax = std::int64_t{366} * 24 * 3600;

int finish(const Error& error) {
    return fail(error.message);
}

/// `-e K=V`, as often as it was given: the values are taken as they are.
Result<void> add_variables(const ParsedFlags& flags, OneOff& one_off) {
    for (const char* flag : {"-e", "--env"}) {
        const auto given = flags.given.find(flag);
        if (given == flags.given.end()) continue;
        for (const std::string& pair : given->second) {
            const auto parsed = TRY(parse_config_pair(pair, false));
            one_off.environment[parsed.first] = parsed.second;
        }
    }
    return {};
}

/// A process type of the Procfile stands for its command; what follows is appended as it is.
void expand_type(const Deployed& app, OneOff& one_off) {
    const spec::Service* service = spec::find_service(app.release, one_off.arguments.front());
    if (service == nullptr) return;
    say_verbose("Found '" + service->name + "' in Procfile, running that command");
    std::vector<std::string> rest(one_off.arguments.begin() + 1, one_off.arguments.end());
    if (const auto* direct = std::get_if<spec::DirectCommand>(&service->command)) {
        one_off.arguments = direct->argv;
    } else {
        const auto& shell = std::get<spec::ShellCommand>(service->command);
        one_off.arguments = {"bash", "-c", shell.text + (rest.empty() ? "" : " \"$@\""), "bash"};
    }
    one_off.arguments.insert(one_off.arguments.end(), rest.begin(), rest.end());
}

int run(Session& session, const Words& words) {
    const auto parsed =
        parse_flags({{"--no-tty", "--force-tty"}, {"-e", "--env", "--ttl-seconds"}, false}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    Words rest = parsed->words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    if (rest.empty()) return fail("No command specified");
    const auto deployed = fetch_deployed(session, *app);
    if (!deployed) return fail(session, deployed.error());
    OneOff one_off = deployed->one_off("run." + std::to_string(::getpid()));
    one_off.arguments = rest;
    const Result<void> added = add_variables(*parsed, one_off);
    if (!added) return fail(added.error().message);
    if (const auto ttl = parsed->text("--ttl-seconds")) {
        const auto seconds = parse_integer(*ttl);
        if (!seconds || *seconds < 1 || *seconds > kTtlMax) {
            return fail("--ttl-seconds must be a positive integer");
        }
        one_off.ttl_seconds = static_cast<unsigned>(*seconds);
    }
    expand_type(*deployed, one_off);
    return finish(become_one_off(one_off));
}

/// Whether the instance runs: else Dokku's message.
Result<void> must_run(const Session& session, const std::string& app, const std::string& which) {
    const std::string path = "/v1/status?view=count&target=" + api::escape_query(app + "/" + which);
    const auto answer = TRY(session.context.client().send({"GET", path, ""}, {}, nullptr));
    if (answer.status != 200) return Error{"No containers found for type '" + which + "'"};
    if (api::header(answer, "reeve-running") == "0") return Error{"Container is not running"};
    return {};
}

int enter(Session& session, const Words& words) {
    Words rest = words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const auto deployed = fetch_deployed(session, *app);
    if (!deployed) return fail(session, deployed.error());
    if (rest.empty()) {
        std::string types;
        for (const spec::Service& service : deployed->release.services)
            types += (types.empty() ? "" : ", ") + service.name;
        warn("No container type specified.");
        return fail("Available types for app (" + *app + "): " + types);
    }
    const Result<void> runs = must_run(session, *app, rest.front());
    if (!runs) return fail(runs.error().message);
    const bool numbered = rest.front().find('.') != std::string::npos;
    OneOff one_off = deployed->one_off(rest.front() + (numbered ? "" : ".1"));
    one_off.arguments.assign(rest.begin() + 1, rest.end());
    if (one_off.arguments.empty()) one_off.arguments = {"/bin/bash"};
    return finish(become_one_off(one_off));
}

constexpr DokkuCommand kRunCommands[] = {
    {"run", "[-e KEY=VALUE] [--ttl-seconds N] <app> <cmd>",
     "Run a command in the environment of an app", run},
};
constexpr DokkuCommand kEnterCommands[] = {
    {"enter", "<app> [<type>|<type>.<n>] [<cmd>]", "Run a shell beside a process of an app", enter},
};

}  // namespace

const Group kRun{"run", "Run a one-off process in the environment of an app", kRunCommands, false};
const Group kEnter{"enter", "Run a shell beside a process of an app", kEnterCommands, false};

}  // namespace reeve::cli::compat::dokku
