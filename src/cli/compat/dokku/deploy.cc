#include "cli/compat/dokku/deploy.h"

#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/ps.h"
#include "cli/compat/dokku/several.h"
#include "cli/deploy_client.h"

namespace reeve::cli::compat::dokku {
namespace {

constexpr const char* kReleaseKey = "app/release";

int rebuild_one(const Session& session, const std::string& app) {
    const auto stored = fetch_records(session.context, app);
    if (!stored) return fail(session, stored.error());
    // Without a source there is nothing to build, which is no failure. Source: dokku ps:rebuild.
    const bool has_source =
        stored->records.contains("app/release") || stored->records.contains("app/source");
    if (!has_source) return kOk;
    api::DeployRequest request;
    request.app = app;
    request.kind = api::DeployKind::Rebuild;
    return carry_out_deploy(session, std::move(request));
}

}  // namespace

int carry_out_deploy(const Session& session, api::DeployRequest request) {
    const std::string app = request.app;
    const auto reply =
        run_deploy(session.context, std::move(request), [](std::string_view text) { print(text); });
    if (!reply) return fail(session, reply.error());
    if (reply->code == api::Code::Done) return kOk;
    warn_of_problems(session, *reply);
    warn(reply->message);
    const auto stored = fetch_records(session.context, app);
    if (stored && stored->records.contains("app/locked")) {
        warn("Run 'apps:unlock' to release the existing deploy lock");
    }
    return reply->code == api::Code::NoSuchTarget ? kNoSuchApp : kFailed;
}

int restart_with_config(const Session& session, const std::string& app) {
    const auto stored = fetch_records(session.context, app);
    if (!stored) return fail(session, stored.error());
    const auto restore = stored->records.find("ps/restore");
    const bool stopped = restore != stored->records.end() && restore->second == "false";
    if (!stored->records.contains("app/release") || stopped) return kOk;
    say("Restarting app " + app);
    api::DeployRequest request;
    request.app = app;
    request.kind = api::DeployKind::Config;
    return carry_out_deploy(session, std::move(request));
}

Result<bool> deploy_changes(const Session& session, const std::string& app) {
    const std::string before = TRY(fetch_value(session, app, kReleaseKey));
    if (before.empty()) return false;
    api::DeployRequest request;
    request.app = app;
    request.kind = api::DeployKind::Config;
    request.if_changed = true;
    if (carry_out_deploy(session, std::move(request)) != kOk) {
        return Error{app + " was not started with what has changed of it"};
    }
    return TRY(fetch_value(session, app, kReleaseKey)) != before;
}

int ps_rebuild(Session& session, const Words& words) {
    return for_each_app(session, words, "rebuild",
                        [](Session& one, const std::string& app) -> Result<void> {
                            if (rebuild_one(one, app) == kOk) return {};
                            return Error{"the rebuild of " + app + " failed"};
                        });
}

}  // namespace reeve::cli::compat::dokku
