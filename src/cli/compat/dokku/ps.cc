#include "cli/compat/dokku/ps.h"

#include "api/reply.h"
#include "base/text.h"
#include "cli/compat/dokku/deploy.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/deploy_client.h"
#include "cli/operate.h"

namespace reeve::cli::compat::dokku {
namespace ps_group {

constexpr DokkuCommand kCommands[] = {
    {"ps:inspect", "<app>", "Displays a sanitized version of docker inspect for an app",
     ps_inspect},
    {"ps:rebuild", "[--parallel count] [--all|<app>]", "Rebuilds an app from source", ps_rebuild},
    {"ps:report", "[<app>|--global] [<flag>]", "Displays a process report for one or more apps",
     ps_report},
    {"ps:restart", "[--parallel count] [--all|<app>] [<process-name>]", "Restart an app",
     ps_restart},
    {"ps:restore", "[--parallel count] [--all|<app>]",
     "Start previously running apps e.g. after reboot", ps_restore},
    {"ps:retire", "[<app>]", "Ends what is left of earlier deploys", ps_retire, true},
    {"ps:scale", "[--skip-deploy] <app> <proc>=<count> [<proc>=<count>...]",
     "Get/Set how many instances of a given process to run", ps_scale},
    {"ps:set", "<app>|--global <key> <value>", "Set or clear a ps property for an app", ps_set},
    {"ps:start", "[--parallel count] [--all|<app>]", "Start an app", ps_start},
    {"ps:stop", "[--parallel count] [--all|<app>]", "Stop an app", ps_stop},
};

/// The brief sets `stop-timeout` through this group. Its other properties are of Kubernetes.
constexpr DokkuCommand kSchedulerCommands[] = {
    {"scheduler-k3s:set", "<app>|--global <key> <value>", "An alias of ps:set, for stop-timeout",
     ps_set},
};

}  // namespace ps_group

const Group kPs{"ps", "Manage app processes", ps_group::kCommands, true};
const Group kSchedulerK3s{"scheduler-k3s", "Manage the k3s scheduler", ps_group::kSchedulerCommands,
                          true};

Result<void> run_operation(const Session& session, api::Verb verb) {
    const api::ClientResponse answer = TRY(send_operation(session.context, std::move(verb), {}));
    const api::OperationReply reply = TRY(api::operation_reply_from_json(answer.body));
    if (!reply.warning.empty()) warn(reply.warning);
    if (reply.code == api::Code::Done || reply.code == api::Code::Accepted) return {};
    warn_of_problems(session, reply);
    return Error{reply.message};
}

void warn_of_problems(const Session& session, const api::OperationReply& reply) {
    constexpr std::size_t kLastLines = 20;
    for (const std::string& problem : reply.problems)
        warn(problem);
    const std::string said = last_words(session.context, reply, kLastLines);
    for (const std::string_view line : split(said, '\n')) {
        if (!line.empty()) warn(line);
    }
}

Result<void> store_restore(const Session& session, const std::string& app, bool restore) {
    return store_value(session, app, kRestoreKey,
                       restore ? std::nullopt : std::optional<std::string>("false"));
}

}  // namespace reeve::cli::compat::dokku
