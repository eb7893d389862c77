#include "cli/compat/dokku/live.h"

#include <memory>
#include <utility>

#include "cli/compat/dokku/ps.h"
#include "cli/spec_client.h"

namespace reeve::cli::compat::dokku {

Result<void> change_running(const Session& session, const std::string& app,
                            const ServiceChange& change) {
    std::optional<spec::App> spec = TRY(fetch_spec(session.context, app));
    if (!spec) return {};
    const spec::App before = *spec;
    for (spec::Service& service : spec->services)
        change(service);
    if (*spec == before) return {};
    return run_operation(session,
                         api::Load{std::make_shared<const spec::App>(std::move(*spec)), true});
}

Result<std::vector<std::string>> apps_meant(const Session& session, const std::string& app) {
    if (app == api::kGlobalApp) return fetch_app_names(session.context);
    return std::vector<std::string>{app};
}

}  // namespace reeve::cli::compat::dokku
