#include <utility>

#include "cli/compat/dokku/config_call.h"
#include "cli/compat/dokku/deploy.h"
#include "cli/compat/dokku/groups.h"

// config:set, config:get and the rest of the group. Values are secrets: they are said to the one
// who asks, and neither logged nor kept in the ledger. Source: dokku plugins/config.
namespace reeve::cli::compat::dokku {
namespace config_group {

constexpr std::string_view kArea = "config/";

ConfigVars vars_of(const api::Records& records) {
    ConfigVars vars;
    for (const auto& [key, value] : records) {
        if (key.starts_with(kArea)) vars[key.substr(kArea.size())] = value;
    }
    return vars;
}

std::optional<Call> read_call(Session& session, const Words& words, const FlagSet& set, int& code) {
    auto parsed = parse_flags(set, words);
    if (!parsed) {
        warn(parsed.error().message);
        code = kUsage;
        return std::nullopt;
    }
    Call call;
    call.flags = std::move(parsed).value();
    call.words = call.flags.words;
    const auto app = take_app_or_global(session, call.words, code);
    if (!app) return std::nullopt;
    call.app = *app;
    session.context.command_line = "dokku " + session.command + " " + call.app;
    const auto stored = fetch_records(session.context, call.app);
    if (!stored) {
        code = fail(session, stored.error());
        return std::nullopt;
    }
    call.vars = vars_of(stored->records);
    return call;
}

int store(const Session& session, const Call& call, std::vector<api::StoreChange::Entry> entries) {
    api::StoreChange change;
    change.app = call.app;
    change.entries = std::move(entries);
    const Result<void> changed = change_store(session.context, change);
    return changed ? kOk : fail(session, changed.error());
}

/// What runs gets the new variables at once, unless that was not wanted.
int restart_unless_told(const Session& session, const Call& call) {
    if (call.app == api::kGlobalApp || call.flags.has("--no-restart")) return kOk;
    return restart_with_config(session, call.app);
}

int change_vars(const Session& session, const Call& call,
                const std::map<std::string, std::optional<std::string>>& changes) {
    std::vector<api::StoreChange::Entry> entries;
    ConfigVars changed;
    for (const auto& [key, value] : changes) {
        entries.push_back({std::string(kArea) + key, value});
        if (value) changed[key] = *value;
    }
    const int code = store(session, call, std::move(entries));
    if (code != kOk) return code;
    say_unless_quiet(session, "Setting config vars");
    print(config_table(changed, "       "));
    for (const auto& [key, value] : changed) {
        const std::string_view command = command_for_variable(key);
        if (!command.empty()) warn(key + " has no effect of its own: use " + std::string(command));
    }
    return restart_unless_told(session, call);
}

int set(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read_call(session, words, {{"--encoded", "--no-restart"}, {}, true}, code);
    if (!call) return code;
    if (call->words.empty()) return fail("At least one env pair must be given");
    std::map<std::string, std::optional<std::string>> changes;
    for (const std::string& word : call->words) {
        auto pair = parse_config_pair(word, call->flags.has("--encoded"));
        if (!pair) return fail(pair.error().message);
        changes[pair->first] = pair->second;
    }
    return change_vars(session, *call, changes);
}

int unset(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read_call(session, words, {{"--no-restart"}, {}, true}, code);
    if (!call) return code;
    if (call->words.empty()) return fail("At least one key must be given");
    std::vector<api::StoreChange::Entry> entries;
    for (const std::string& key : call->words) {
        if (!is_config_key(key)) return fail("Invalid key name: '" + key + "'");
        entries.push_back({std::string(kArea) + key, std::nullopt});
    }
    code = store(session, *call, entries);
    if (code != kOk) return code;
    for (const std::string& key : call->words) {
        if (call->vars.contains(key)) {
            say("Unsetting " + key);
        } else {
            say("Skipping " + key + ", it is not set in the environment");
        }
    }
    return restart_unless_told(session, *call);
}

int clear(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read_call(session, words, {{"--no-restart"}, {}, true}, code);
    if (!call) return code;
    std::vector<api::StoreChange::Entry> entries;
    for (const auto& [key, value] : call->vars)
        entries.push_back({std::string(kArea) + key, std::nullopt});
    if (entries.empty()) return kOk;
    code = store(session, *call, entries);
    if (code != kOk) return code;
    for (const auto& [key, value] : call->vars)
        say("Unsetting " + key);
    return restart_unless_told(session, *call);
}

int get(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read_call(session, words, {{"--quoted"}, {}, true}, code);
    if (!call) return code;
    if (call->words.empty()) return fail("Expected: key");
    const auto found = call->vars.find(call->words.front());
    if (found == call->vars.end()) return kFailed;
    if (call->flags.has("--quoted")) {
        const std::string pair = *format_config({*found}, "shell");
        say_plain(pair.substr(found->first.size() + 1, pair.size() - found->first.size() - 2));
    } else {
        say_plain(found->second);
    }
    return kOk;
}

Result<ConfigVars> shown_vars(const Session& session, const Call& call) {
    if (!call.flags.has("--merged") || call.app == api::kGlobalApp) return call.vars;
    const api::StoredRecords global =
        TRY(fetch_records(session.context, std::string(api::kGlobalApp)));
    ConfigVars merged = call.vars;
    merged.merge(vars_of(global.records));
    return merged;
}

int show(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read_call(session, words, {{"--merged"}, {}, true}, code);
    if (!call) return code;
    const auto vars = shown_vars(session, *call);
    if (!vars) return fail(session, vars.error());
    const std::string name = call->app == api::kGlobalApp ? "global" : call->app;
    say_heading_unless_quiet(session, name + " env vars");
    print(config_table(*vars, ""));
    return kOk;
}

int export_vars(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read_call(session, words, {{"--merged"}, {"--format"}, true}, code);
    if (!call) return code;
    const auto vars = shown_vars(session, *call);
    if (!vars) return fail(session, vars.error());
    const std::string format = call->flags.text("--format").value_or("exports");
    const auto text = format_config(*vars, format);
    if (!text) return fail("Unknown export format: " + format);
    print(*text);
    return kOk;
}

int keys(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read_call(session, words, {{"--merged"}, {}, true}, code);
    if (!call) return code;
    const auto vars = shown_vars(session, *call);
    if (!vars) return fail(session, vars.error());
    for (const auto& [key, value] : *vars)
        say_plain(key);
    return kOk;
}

constexpr DokkuCommand kCommands[] = {
    {"config", "[--merged] <app>|--global", "Pretty-print an app or global environment", show},
    {"config:bundle", "[--merged] <app>|--global", "Bundle environment into tarfile", bundle},
    {"config:clear", "[--no-restart] <app>|--global", "Clears environment variables", clear},
    {"config:export", "[--merged] [--format <format>] <app>|--global",
     "Export a global or app environment", export_vars},
    {"config:get", "[--quoted] <app>|--global <key>",
     "Display a global or app-specific config value", get},
    {"config:import", "[--format envfile|json] [--replace] [--no-restart] <app>|--global <file>|-",
     "Set config vars from a file", import_vars},
    {"config:keys", "[--merged] <app>|--global", "Show keys set in environment", keys},
    {"config:set", "[--encoded] [--no-restart] <app>|--global <key>=<value> [<key>=<value> ...]",
     "Set one or more config vars", set},
    {"config:show", "[--merged] <app>|--global", "Show keys set in environment", show},
    {"config:unset", "[--no-restart] <app>|--global <key> [<key> ...]",
     "Unset one or more config vars", unset},
};

}  // namespace config_group

const Group kConfig{"config", "Manage global and app-specific config vars", config_group::kCommands,
                    true};

}  // namespace reeve::cli::compat::dokku
