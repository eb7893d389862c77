#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <utility>

#include "cli/compat/dokku/deploy.h"
#include "cli/compat/dokku/detached.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/properties.h"
#include "cli/compat/dokku/report.h"
#include "cli/operate.h"
#include "spec/app.h"

// apps:create, apps:list and the rest of the group. Source: dokku plugins/apps.
namespace reeve::cli::compat::dokku {
namespace apps_group {

bool is_app_name(const std::string& name) {
    const auto lower_or_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    };
    return !name.empty() && name.size() <= 100 && lower_or_digit(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [&](char c) { return lower_or_digit(c) || c == '.' || c == '-'; });
}

/// The name of a new app among the words, or what to end with.
std::optional<std::string> take_new_name(const Words& words, std::size_t at, int& code) {
    if (words.size() <= at || words[at].empty()) {
        code = fail("Please specify an app to run the command on");
        return std::nullopt;
    }
    if (is_app_name(words[at])) return words[at];
    code = fail(
        "App name must begin with lowercase alphanumeric character, and may only contain "
        "lowercase alphanumerics, dots, and hyphens");
    return std::nullopt;
}

int create(Session& session, const Words& words) {
    int code = kOk;
    const auto name = take_new_name(words, 0, code);
    if (!name) return code;
    api::StoreChange change;
    change.app = *name;
    change.act = api::StoreAct::Create;
    change.entries = {{"scale/web", "1"}, {"proxy/enabled", "auto"}};
    const Result<void> created = change_store(session.context, change);
    if (!created) return fail(session, created.error());
    say_unless_quiet(session, "Creating " + *name + "...");
    return kOk;
}

int list(Session& session, const Words&) {
    const auto names = all_apps(session);
    if (!names) return fail(session, names.error());
    if (names->empty()) return kOk;
    say_heading_unless_quiet(session, "My Apps");
    for (const std::string& name : *names)
        say_plain(name);
    return kOk;
}

int exists(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    if (!take_app(session, rest, code)) return code == kNoSuchApp ? kFailed : code;
    return kOk;
}

/// Dokku's question before what cannot be undone.
bool is_confirmed(const Session& session, const std::string& app) {
    if (session.force) return true;
    warn("WARNING: Potentially Destructive Action");
    warn("This command will destroy " + app + " (including all add-ons).");
    warn("To proceed, type \"" + app + "\"");
    ::fputs("\n> ", stderr);
    std::string answer;
    std::getline(std::cin, answer);
    if (answer == app) return true;
    warn("Confirmation did not match " + app + ". Aborted.");
    return false;
}

/// Stops what runs of it, with its stop-timeout, and forgets it.
Result<void> unload(const Session& session, const std::string& app) {
    const auto outcome = send_operation(session.context, api::Unload{app}, {});
    if (!outcome) return outcome.error();
    const auto reply = api::operation_reply_from_json(outcome->body);
    if (!reply) return reply.error();
    const bool gone = reply->code == api::Code::Done || reply->code == api::Code::NoSuchTarget;
    return gone ? Result<void>() : Error{reply->message};
}

Result<void> destroy_records(const Session& session, const std::string& app) {
    api::StoreChange change;
    change.app = app;
    change.act = api::StoreAct::Destroy;
    return change_store(session.context, change);
}

int destroy(Session& session, const Words& words) {
    const auto parsed = parse_flags({{"--force", "-f"}, {}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    Words rest = parsed->words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    session.force = session.force || parsed->has("--force") || parsed->has("-f");
    if (!is_confirmed(session, *app)) return kFailed;
    say("Destroying " + *app + " (including all add-ons)");
    const Result<void> stopped = stop_all_detached(session, *app);
    if (!stopped) return fail(session, stopped.error());
    const Result<void> unloaded = unload(session, *app);
    if (!unloaded) return fail(session, unloaded.error());
    const Result<void> destroyed = destroy_records(session, *app);
    return destroyed ? kOk : fail(session, destroyed.error());
}

int set_lock(Session& session, const std::string& app, bool locked) {
    api::StoreChange change;
    change.app = app;
    change.entries.push_back({"app/locked", std::nullopt});
    if (locked) change.entries.back().value = "true";
    const Result<void> changed = change_store(session.context, change);
    if (!changed) return fail(session, changed.error());
    say(locked ? "Deploy lock created" : "Deploy lock removed.");
    return kOk;
}

int lock(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    return app ? set_lock(session, *app, true) : code;
}

int unlock(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    warn("A deploy may be in progress.");
    warn("Removing the app lock will not stop in progress deploys.");
    return set_lock(session, *app, false);
}

int locked(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const auto stored = fetch_records(session.context, *app);
    if (!stored) return fail(session, stored.error());
    if (!stored->records.contains("app/locked")) return fail("Deploy lock does not exist");
    say_plain("Deploy lock exists");
    return kOk;
}

/// The old and the new name among the words; the new one is free as far as its letters go.
struct TwoNames {
    std::string old_name;
    std::string new_name;
    api::Records records;  // of the old one
};

std::optional<TwoNames> take_two_names(const Session& session, const Words& words, int& code) {
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return std::nullopt;
    const auto name = take_new_name(rest, 0, code);
    if (!name) return std::nullopt;
    const auto stored = fetch_records(session.context, *app);
    if (!stored) {
        code = fail(session, stored.error());
        return std::nullopt;
    }
    return TwoNames{*app, *name, stored->records};
}

/// What belongs to the code and its processes, and comes with a deploy.
bool is_of_a_release(const std::string& key) {
    for (const char* area : {"app/", "release/", "release-", "deploy/", "cron/"}) {
        if (key.starts_with(area)) return true;
    }
    return false;
}

/// Config vars, scale and every property of an app, under another name.
Result<void> copy_records(const Session& session, const TwoNames& names) {
    api::StoreChange change;
    change.app = names.new_name;
    change.act = api::StoreAct::Create;
    for (const auto& [key, value] : names.records) {
        if (!is_of_a_release(key)) change.entries.push_back({key, value});
    }
    return change_store(session.context, change);
}

/// The source that the latest release was built from; empty: the app was never deployed.
std::string source_of(const api::Records& records) {
    const auto number = records.find("app/release");
    if (number == records.end()) return "";
    const auto release = records.find("release/" + number->second);
    if (release == records.end()) return "";
    const auto spec = spec::app_from_json(release->second);
    if (!spec) return "";
    const std::size_t releases = spec->directory.rfind("/releases/");
    return releases == std::string::npos ? "" : spec->directory.substr(0, releases) + "/source";
}

/// Deploys the code of the one as the other; with `only_fetch`, it is brought in and kept.
int deploy_copy(const Session& session, const TwoNames& names, bool only_fetch) {
    const std::string source = source_of(names.records);
    if (source.empty()) return kOk;
    api::DeployRequest request;
    request.app = names.new_name;
    request.kind = api::DeployKind::Directory;
    request.source = source;
    request.metadata = "the source of " + names.old_name;
    request.fetch_only = only_fetch;
    return carry_out_deploy(session, std::move(request));
}

/// The app under its new name is deployed beside the old one, which then goes. What cannot be
/// deployed keeps its old name.
int rename(Session& session, const Words& words) {
    const auto parsed = parse_flags({{"--skip-deploy"}, {}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    int code = kOk;
    const auto names = take_two_names(session, parsed->words, code);
    if (!names) return code;
    if (names->records.contains("app/locked")) {
        return fail(names->old_name + " currently has a deploy lock in place. Exiting...");
    }
    const Result<void> copied = copy_records(session, *names);
    if (!copied) return fail(session, copied.error());
    say("Renaming " + names->old_name + " to " + names->new_name);
    const int deployed = deploy_copy(session, *names, parsed->has("--skip-deploy"));
    const std::string& over = deployed == kOk ? names->old_name : names->new_name;
    const Result<void> unloaded = unload(session, over);
    if (!unloaded) return fail(session, unloaded.error());
    const Result<void> destroyed = destroy_records(session, over);
    if (!destroyed) return fail(session, destroyed.error());
    if (deployed == kOk) return kOk;
    return fail(names->old_name + " keeps its name: it could not be deployed as " +
                names->new_name);
}

/// As Dokku does: the clone has the config and the properties, and is deployed from the same
/// source.
int clone(Session& session, const Words& words) {
    const auto parsed = parse_flags({{"--skip-deploy", "--ignore-existing"}, {}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    int code = kOk;
    const auto names = take_two_names(session, parsed->words, code);
    if (!names) return code;
    const Result<void> cloned = copy_records(session, *names);
    if (!cloned && parsed->has("--ignore-existing")) return kOk;
    if (!cloned) return fail(session, cloned.error());
    say("Cloning " + names->old_name + " to " + names->new_name);
    return deploy_copy(session, *names, parsed->has("--skip-deploy"));
}

constexpr std::array kProperties = std::to_array<Property>({
    {"deploy-source", "app/deploy-source", false, nullptr},
    {"deploy-source-metadata", "app/deploy-source-metadata", false, nullptr},
});

int set(Session& session, const Words& words) {
    return set_property(session, words, kProperties);
}

std::string value_of(const api::Records& records, const std::string& key) {
    const auto found = records.find(key);
    return found == records.end() ? "" : found->second;
}

int report_one(const Session& session, const ReportQuery& query, const std::string& app) {
    const auto stored = fetch_records(session.context, app);
    if (!stored) return fail(session, stored.error());
    const api::Records& records = stored->records;
    return print_report(
        session, query, app, "app",
        {{"--app-created-at", value_of(records, "app/created")},
         {"--app-deploy-source", value_of(records, "app/deploy-source")},
         {"--app-deploy-source-metadata", value_of(records, "app/deploy-source-metadata")},
         {"--app-dir", value_of(records, "app/dir")},
         {"--app-locked", records.contains("app/locked") ? "true" : "false"}});
}

int report(Session& session, const Words& words) {
    const auto query = parse_report_query(words);
    if (!query) return fail(query.error().message);
    if (!query->app.empty()) {
        if (const auto missing = missing_app(session, query->app)) return *missing;
        return report_one(session, *query, query->app);
    }
    const auto names = all_apps(session);
    if (!names) return fail(session, names.error());
    int worst = kOk;
    for (const std::string& name : *names)
        worst = std::max(worst, report_one(session, *query, name));
    return worst;
}

constexpr DokkuCommand kCommands[] = {
    {"apps:clone", "[--skip-deploy] [--ignore-existing] <old-app> <new-app>",
     "Make an app with the config, properties and source of another", clone},
    {"apps:create", "<app>", "Create a new app", create},
    {"apps:destroy", "[--force] <app>", "Permanently destroy an app", destroy},
    {"apps:exists", "<app>", "Checks if an app exists", exists},
    {"apps:list", "", "List your apps", list},
    {"apps:lock", "<app>", "Locks an app for deployment", lock},
    {"apps:locked", "<app>", "Checks if an app is locked for deployment", locked},
    {"apps:rename", "[--skip-deploy] <old-app> <new-app>", "Rename an app", rename},
    {"apps:report", "[<app>] [<flag>]", "Display report about an app", report},
    {"apps:set", "<app> <key> [<value>]", "Set or clear an apps property for an app", set},
    {"apps:unlock", "<app>", "Unlocks an app for deployment", unlock},
};

}  // namespace apps_group

const Group kApps{"apps", "Manage apps", apps_group::kCommands, true};

}  // namespace reeve::cli::compat::dokku
