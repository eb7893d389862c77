#include <unistd.h>

#include "api/client.h"
#include "api/json_writer.h"
#include "api/table.h"
#include "base/text.h"
#include "cli/ask.h"
#include "cli/compat/dokku/config_format.h"
#include "cli/compat/dokku/deployed.h"
#include "cli/compat/dokku/detached.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/logs.h"
#include "cli/one_off.h"

// run, run:detached and what is about it, and enter. Source: dokku plugins/run, plugins/enter.
namespace reeve::cli::compat::dokku {
namespace run_group {

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

struct Call {
    std::string app;
    OneOff one_off;
};

/// The command of `run` and `run:detached`; nullopt: `code` is what to end with.
std::optional<Call> read_call(Session& session, const Words& words, int& code) {
    const auto parsed =
        parse_flags({{"--no-tty", "--force-tty"}, {"-e", "--env", "--ttl-seconds"}, false}, words);
    if (!parsed) {
        warn(parsed.error().message);
        code = kUsage;
        return std::nullopt;
    }
    const auto failed = [&](std::string_view message) {
        code = fail(message);
        return std::nullopt;
    };
    Words rest = parsed->words;
    const auto app = take_app(session, rest, code);
    if (!app) return std::nullopt;
    if (rest.empty()) return failed("No command specified");
    const auto deployed = fetch_deployed(session, *app);
    if (!deployed) return failed(deployed.error().message);
    OneOff one_off = deployed->one_off("run." + std::to_string(::getpid()));
    one_off.arguments = rest;
    const Result<void> added = add_variables(*parsed, one_off);
    if (!added) return failed(added.error().message);
    if (const auto ttl = parsed->text("--ttl-seconds")) {
        const auto seconds = parse_integer(*ttl);
        if (!seconds || *seconds < 1 || *seconds > kTtlMax) {
            return failed("--ttl-seconds must be a positive integer");
        }
        one_off.ttl_seconds = static_cast<unsigned>(*seconds);
    }
    expand_type(*deployed, one_off);
    return Call{*app, std::move(one_off)};
}

int run(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read_call(session, words, code);
    return call ? finish(become_one_off(call->one_off)) : code;
}

int detached(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read_call(session, words, code);
    if (!call) return code;
    const auto name = start_detached(session, call->app, DetachedKind::Run, call->one_off);
    if (!name) return fail(session, name.error());
    say_plain(*name);
    return kOk;
}

std::string list_json(const std::vector<Detached>& all) {
    api::JsonWriter json;
    json.begin_list();
    for (const Detached& one : all) {
        json.begin_object();
        json.member("name", one.name);
        json.member("state", docker_word(one.state));
        json.member("command", one.command);
        json.member("created_at", one.state.since);
        json.end_object();
    }
    json.end_list();
    return json.take() + "\n";
}

int list(Session& session, const Words& words) {
    const auto parsed = parse_flags({{}, {"--format"}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    Words rest = parsed->words;
    std::string app;
    if (!rest.empty()) {
        int code = kOk;
        const auto taken = take_app(session, rest, code);
        if (!taken) return code;
        app = *taken;
    }
    const auto all = fetch_detached(session, app, DetachedKind::Run);
    if (!all) return fail(session, all.error());
    if (parsed->text("--format") == "json") {
        print(list_json(*all));
        return kOk;
    }
    say_heading_unless_quiet(session, (app.empty() ? "" : app + " ") + "run containers");
    api::Table table;
    for (const char* heading : {"NAMES", "COMMAND", "CREATED"})
        table.add_column(heading, api::Table::Align::Left);
    for (const Detached& one : *all) {
        table.add_row();
        for (const std::string& cell : {one.name, one.command, one.state.since})
            table.add_cell(cell, api::Color::Plain);
    }
    print(table.render(session.context.out));
    return kOk;
}

/// Those that `APP` or `--container NAME` means; nullopt: it was said why there are none, and
/// `code` is the exit code.
std::optional<std::vector<Detached>> take_detached(Session& session, const ParsedFlags& flags,
                                                   int& code) {
    Result<std::vector<Detached>> all = std::vector<Detached>();
    if (const auto name = flags.text("--container")) {
        auto found = find_detached(session, *name);
        if (found) return std::vector<Detached>{std::move(*found)};
        all = found.error();
    } else {
        Words rest = flags.words;
        const auto app = take_app(session, rest, code);
        if (!app) return std::nullopt;
        all = fetch_detached(session, *app, DetachedKind::Run);
    }
    if (all) return std::move(*all);
    code = fail(session, all.error());
    return std::nullopt;
}

int logs_of(Session& session, const Words& words) {
    const auto parsed = parse_flags(log_flags({"--container"}), words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    int code = kOk;
    const auto all = take_detached(session, *parsed, code);
    if (!all) return code;
    std::vector<InstanceState> instances;
    for (const Detached& one : *all) {
        instances.push_back(one.state);
        // `run.4711`: the name that Dokku's lines have.
        const std::size_t number = one.name.rfind('.');
        instances.back().name = one.name.substr(one.name.rfind('.', number - 1) + 1);
    }
    return show_logs(session, *parsed, std::move(instances));
}

int stop(Session& session, const Words& words) {
    const auto parsed = parse_flags({{}, {"--container"}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    int code = kOk;
    const auto all = take_detached(session, *parsed, code);
    if (!all) return code;
    for (const Detached& one : *all) {
        say("Stopping " + one.name);
        const Result<void> stopped = stop_detached(session, one);
        if (!stopped) code = fail(session, stopped.error());
    }
    return code;
}

/// What has ended is gone already, and a TTL ends its command itself.
int retire(Session&, const Words&) {
    say("Retiring expired run and cron containers");
    return kOk;
}

/// Whether the instance runs: else Dokku's message.
/// The port on which an instance listens; 0: none.
Result<int> port_of(const Session& session, const std::string& app, const std::string& instance) {
    const AppState state = TRY(fetch_app_state(session, app));
    for (const InstanceState& one : state.instances) {
        if (one.name == instance) return one.port;
    }
    return 0;
}

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
    const std::string instance = rest.front() + (numbered ? "" : ".1");
    const Result<int> port = port_of(session, *app, instance);
    if (!port) return fail(session, port.error());
    OneOff one_off = deployed->one_off(instance);
    if (*port != 0) one_off.environment["PORT"] = std::to_string(*port);
    one_off.arguments.assign(rest.begin() + 1, rest.end());
    if (one_off.arguments.empty()) one_off.arguments = {"/bin/bash"};
    return finish(become_one_off(one_off));
}

constexpr DokkuCommand kRunCommands[] = {
    {"run", "[-e KEY=VALUE] [--ttl-seconds N] <app> <cmd>",
     "Run a command in the environment of an app", run},
    {"run:detached", "[-e KEY=VALUE] [--ttl-seconds N] <app> <cmd>",
     "Run a command in the environment of an app, without waiting for it", detached},
    {"run:list", "[--format json|stdout] [<app>]", "List what run:detached has begun", list},
    {"run:logs", "[-t] [-n num] [-q] <app>|--container <name>",
     "Display log output of what run:detached has begun", logs_of},
    {"run:retire", "", "Ends what is beyond its TTL", retire, true},
    {"run:stop", "<app>|--container <name>", "Stop what run:detached has begun", stop},
};
constexpr DokkuCommand kEnterCommands[] = {
    {"enter", "<app> [<type>|<type>.<n>] [<cmd>]", "Run a shell beside a process of an app", enter},
};

}  // namespace run_group

const Group kRun{"run", "Run a one-off process in the environment of an app",
                 run_group::kRunCommands, false};
const Group kEnter{"enter", "Run a shell beside a process of an app", run_group::kEnterCommands,
                   false};

}  // namespace reeve::cli::compat::dokku
