#include "cli/compat/bluepill/controller.h"

#include <stdio.h>

#include <utility>

#include "api/reply.h"
#include "api/request.h"
#include "cli/ask.h"
#include "cli/compat/bluepill/bluepill.h"
#include "cli/compat/bluepill/history.h"
#include "cli/operate.h"
#include "cli/spec_client.h"
#include "os/process.h"

namespace reeve::cli::compat::bluepill {
namespace {

constexpr std::size_t kHistoryChanges = 60;
/// How long `start` waits for news that it went wrong: a program that is missing shows at once.
constexpr Duration kStartPatience = 1500ms;

/// The one instance that a process is. Names are taken as they are: no patterns.
spec::Target target_of(const AppView& app, const ProcessView& process) {
    return {app.name, process.instance};
}

Result<std::string> get(const Context& context, const std::string& path) {
    api::ClientPatience patience;
    const auto response = TRY(context.client().send({"GET", path, ""}, patience, nullptr));
    if (response.status == 200) return response.body;
    const auto reply = api::operation_reply_from_json(response.body);
    return Error{reply ? reply->message : response.body};
}

std::string history_of(const Context& context, const AppView& app, const ProcessView& process) {
    const std::string target = spec::to_text(target_of(app, process));
    const auto text = get(context, "/v1/why?n=" + std::to_string(kHistoryChanges) +
                                       "&target=" + api::escape_query(target));
    if (!text) return "";
    const auto changes = read_history(*text);
    return changes ? render_history(*changes) : "";
}

Parents all_parents() {
    Parents parents;
    os::for_each_process([&](pid_t pid) {
        if (const auto stat = os::read_process_stat(pid)) parents[pid] = stat->parent;
    });
    return parents;
}

api::Verb verb_of(const Call& call, std::vector<spec::Target> targets) {
    if (call.command == "start") return api::Start{std::move(targets)};
    if (call.command == "stop") return api::Stop{std::move(targets)};
    if (call.command == "restart") return api::Restart{std::move(targets)};
    return api::Unmonitor{std::move(targets)};
}

/// Says on stderr what went wrong; the exit code of a command that reached its end.
int report(const Result<api::ClientResponse>& outcome) {
    if (!outcome) {
        ::fprintf(stderr, "Connection Refused: %s\n", outcome.error().message.c_str());
        return kFailed;
    }
    const auto reply = api::operation_reply_from_json(outcome->body);
    if (!reply) {
        ::fprintf(stderr, "Received error from server:\n%s\n", outcome->body.c_str());
        return kFailed;
    }
    const bool refused = outcome->status != 200;
    if (refused) ::fprintf(stderr, "bluepill: %s\n", reply->message.c_str());
    for (const std::string& problem : reply->problems)
        ::fprintf(stderr, "bluepill: %s\n", problem.c_str());
    return refused ? kFailed : kDone;
}

/// A command to one process has nobody to wait for.
std::vector<Turn> turns_of(const Call& call, const std::vector<const ProcessView*>& processes) {
    spec::App app;
    if (processes.size() > 1) {
        auto known = fetch_spec(call.context, call.app->name);
        if (known && *known) app = std::move(**known);
    }
    return in_turns(processes, app, call.command);
}

}  // namespace

Result<World> ask_for_world(const Context& context) {
    const auto text = get(context, "/v1/status");
    if (text) {
        World world = TRY(read_world(*text));
        find_children(world, all_parents());
        return world;
    }
    if (is_no_daemon(text.error())) return World{};
    return text.error();
}

int show_status(const Call& call) {
    const auto history = [&call](const AppView& app) {
        return [&call, &app](const ProcessView& process) {
            return history_of(call.context, app, process);
        };
    };
    if (call.app != nullptr) {
        print(render_tree(*call.app, call.target, "", history(*call.app)));
        return kDone;
    }
    for (const AppView& app : call.world.apps)
        print(app.name + ":\n" + render_tree(app, "", "  ", history(app)));
    return kDone;
}

int operate_on(const Call& call) {
    const std::vector<const ProcessView*> processes = select(*call.app, call.target);
    int code = kDone;
    for (const Turn& turn : turns_of(call, processes)) {
        std::vector<spec::Target> targets;
        for (const ProcessView* process : turn.processes)
            targets.push_back(target_of(*call.app, *process));
        Context context = call.context;
        context.wait = turn.must_end;
        const bool is_last = turn.processes.back() == processes.back();
        if (call.command == "start" && is_last) context.timeout = kStartPatience;
        const int outcome = report(send_operation(context, verb_of(call, std::move(targets)), {}));
        if (outcome != kDone) code = outcome;
    }
    if (code == kDone) print(render_sent(call.command, processes));
    return code;
}

int quit(const Call& call) {
    const int code = report(send_operation(call.context, api::Unload{call.app->name}, {}));
    if (code == kDone) {
        print("Killing bluepilld[" + std::to_string(call.world.daemon_pid) + "]\n");
    }
    return code;
}

}  // namespace reeve::cli::compat::bluepill
