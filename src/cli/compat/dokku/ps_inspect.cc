#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/compat/dokku/ps.h"
#include "cli/spec_client.h"

// ps:inspect: what runs of an app, to be shown to others: values of its environment are masked.
namespace reeve::cli::compat::dokku {
namespace {

using Json = nlohmann::json;

/// Source: dokku plugins/ps inspect.
bool is_harmless(const std::string& entry) {
    constexpr auto kPrefixes = std::to_array<std::string_view>(
        {"CACHE_PATH=", "DOCKER_", "DOKKU_", "DYNO=", "PATH=", "PORT=", "USER="});
    return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                       [&](std::string_view prefix) { return entry.starts_with(prefix); });
}

Json masked(const spec::Environment& environment) {
    Json all = Json::array();
    for (const auto& [name, value] : environment) {
        const std::string entry = name + "=" + value;
        all.push_back(is_harmless(entry) ? entry : name + "=XXXXXX");
    }
    return all;
}

Json arguments_of(const spec::Command& command) {
    if (const auto* direct = std::get_if<spec::DirectCommand>(&command)) return direct->argv;
    return Json::array({"bash", "-c", std::get<spec::ShellCommand>(command).text});
}

Json inspect(const spec::App& app, const InstanceState& instance) {
    const spec::Service* service = spec::find_service(app, instance.service);
    spec::Environment environment = app.environment;
    Json one;
    one["Id"] = instance.run;
    one["Name"] = app.name + "." + instance.name;
    one["State"] = {{"Status", docker_word(instance)},
                    {"Running", docker_word(instance) == "running"},
                    {"Pid", instance.pid},
                    {"Reason", instance.reason},
                    {"Since", instance.since}};
    one["RestartCount"] = instance.restarts;
    one["LogPath"] = instance.log;
    one["Config"] = {{"Labels",
                      {{"com.dokku.app-name", app.name},
                       {"com.dokku.process-type", instance.service},
                       {"com.dokku.dyno", instance.name}}}};
    if (service == nullptr) return one;
    for (const auto& [name, value] : service->environment)
        environment[name] = value;
    environment["DYNO"] = instance.name;
    if (instance.port != 0) environment["PORT"] = std::to_string(instance.port);
    one["Config"]["Env"] = masked(environment);
    one["Config"]["Cmd"] = arguments_of(service->command);
    one["Config"]["WorkingDir"] = service->working_dir;
    one["Config"]["User"] = service->credentials.user;
    one["HostConfig"] = {{"RestartPolicy", spec::to_text(service->restart)}};
    Json limits = Json::array();
    for (const spec::ResourceLimit& limit : service->limits)
        limits.push_back(
            {{"Resource", limit.resource}, {"Soft", limit.soft}, {"Hard", limit.hard}});
    one["HostConfig"]["Ulimits"] = std::move(limits);
    return one;
}

}  // namespace

int ps_inspect(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const auto state = fetch_app_state(session, *app);
    if (!state) return fail(session, state.error());
    const auto spec = fetch_spec(session.context, *app);
    if (!spec) return fail(session, spec.error());
    Json all = Json::array();
    if (*spec) {
        for (const InstanceState& instance : state->instances)
            all.push_back(inspect(**spec, instance));
    }
    constexpr int kIndent = 4;
    say_plain(all.dump(kIndent, ' ', false, Json::error_handler_t::replace));
    return kOk;
}

}  // namespace reeve::cli::compat::dokku
