#include "cli/compat/dokku/proxied.h"

#include <algorithm>

#include "cli/proxy_client.h"

namespace reeve::cli::compat::dokku {
namespace {

std::string value_in(const api::Records& records, const std::string& key) {
    const auto found = records.find(key);
    return found == records.end() ? "" : found->second;
}

}  // namespace

Result<std::string> fetch_value(const Session& session, const std::string& app,
                                const std::string& key) {
    return value_in(TRY(fetch_records(session.context, app)).records, key);
}

Result<std::string> fetch_effective(const Session& session, const std::string& app,
                                    const std::string& key, std::string_view otherwise) {
    const std::string own = TRY(fetch_value(session, app, key));
    if (!own.empty()) return own;
    const std::string global = TRY(fetch_value(session, std::string(api::kGlobalApp), key));
    return global.empty() ? std::string(otherwise) : global;
}

Result<void> store_value(const Session& session, const std::string& app, const std::string& key,
                         std::optional<std::string> value) {
    api::StoreChange change;
    change.app = app;
    change.entries.push_back({key, std::move(value)});
    return change_store(session.context, change);
}

int follow_change(const Session& session, const std::string& app) {
    std::vector<std::string> names = {app};
    if (app == api::kGlobalApp) {
        const auto all = fetch_app_names(session.context);
        if (!all) return fail(session, all.error());
        names = *all;
    }
    int worst = kOk;
    for (const std::string& name : names) {
        const Result<void> followed = change_proxy(session.context, name, api::ProxyAct::Build);
        if (!followed) worst = fail(name + ": nginx: " + followed.error().message);
    }
    return worst;
}

int report_apps(Session& session, const Words& words, const std::string& kind,
                const ReportLines& lines) {
    const auto query = parse_report_query(words);
    if (!query) return fail(query.error().message);
    std::vector<std::string> names = {query->app};
    if (query->app.empty()) {
        const auto all = all_apps(session);
        if (!all) return fail(session, all.error());
        names = *all;
    } else if (query->app != api::kGlobalApp) {
        if (const auto missing = missing_app(session, query->app)) return *missing;
    }
    int worst = kOk;
    for (const std::string& name : names) {
        const auto found = lines(session, name);
        if (!found) return fail(session, found.error());
        worst = std::max(worst, print_report(session, *query, name, kind, *found));
    }
    return worst;
}

}  // namespace reeve::cli::compat::dokku
