#include "cli/compat/dokku/deployed.h"

namespace reeve::cli::compat::dokku {
namespace {

constexpr std::string_view kConfig = "config/";

void add_config(const api::Records& records, spec::Environment& environment) {
    for (const auto& [key, value] : records) {
        if (key.starts_with(kConfig)) environment[key.substr(kConfig.size())] = value;
    }
}

}  // namespace

OneOff Deployed::one_off(const std::string& dyno) const {
    OneOff one_off;
    one_off.user = user;
    one_off.directory = release.directory;
    for (const char* kept : {"GIT_REV", "HOME"}) {
        const auto found = release.environment.find(kept);
        if (found != release.environment.end()) one_off.environment[kept] = found->second;
    }
    add_config(global, one_off.environment);
    add_config(records, one_off.environment);
    one_off.environment["REEVE_APP"] = release.name;
    one_off.dyno = dyno;
    return one_off;
}

Result<Deployed> fetch_deployed(const Session& session, const std::string& app) {
    Deployed deployed;
    deployed.records = TRY(fetch_records(session.context, app)).records;
    deployed.global = TRY(fetch_records(session.context, std::string(api::kGlobalApp))).records;
    const auto number = deployed.records.find("app/release");
    const auto release = number == deployed.records.end()
                             ? deployed.records.end()
                             : deployed.records.find("release/" + number->second);
    if (release == deployed.records.end()) {
        return Error{"App " + app + " has not been deployed"};
    }
    deployed.release = TRY(spec::app_from_json(release->second));
    const auto user = deployed.records.find("app/user");
    if (user != deployed.records.end()) deployed.user = user->second;
    return deployed;
}

}  // namespace reeve::cli::compat::dokku
