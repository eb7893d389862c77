#include "base/text.h"
#include "cli/compat/dokku/deploy.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/ps.h"
#include "spec/link.h"

// What an app needs: it is started after that. An own group, in the place of the `link` commands of
// Dokku's service plugins, which restart the app as well.
namespace reeve::cli::compat::dokku {
namespace links_group {

constexpr const char* kNeeds = "links/needs";

std::string needs_of(const api::Records& records) {
    const auto found = records.find(kNeeds);
    return found == records.end() ? "" : found->second;
}

int change(Session& session, const Words& words, bool add) {
    const auto flags = parse_flags({{"--no-restart"}, {}, true}, words);
    if (!flags) return warn(flags.error().message), kUsage;
    Words rest = flags->words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    if (rest.size() != 1) {
        return fail(
            "Please specify what the app needs: APP, APP/SERVICE, systemd:UNIT or tcp:HOST:PORT");
    }
    const std::string& link = rest.front();
    const Result<spec::Link> parsed = spec::parse_link(link);
    if (!parsed) return fail(parsed.error().message);
    if (parsed->kind == spec::LinkKind::App && parsed->name == *app) {
        return fail("Invalid link: " + link + " (an app does not need itself)");
    }
    const auto stored = fetch_records(session.context, *app);
    if (!stored) return fail(session, stored.error());
    std::string kept;
    const std::string before = needs_of(stored->records);
    bool there = false;
    for (const std::string_view need : reeve::words(before)) {
        there = there || need == link;
        if (need != link || add) kept += (kept.empty() ? "" : " ") + std::string(need);
    }
    if (add && there) return fail(*app + " is linked to " + link + " already");
    if (!add && !there) return fail(*app + " is not linked to " + link);
    if (add) kept += (kept.empty() ? "" : " ") + link;
    api::StoreChange store;
    store.app = *app;
    store.entries.push_back({kNeeds, std::nullopt});
    if (!kept.empty()) store.entries.back().value = kept;
    const Result<void> changed = change_store(session.context, store);
    if (!changed) return fail(session, changed.error());
    say(add ? "Linked " + *app + " to " + link : "Unlinked " + *app + " from " + link);
    return flags->has("--no-restart") ? kOk : restart_with_config(session, *app);
}

int add(Session& session, const Words& words) {
    return change(session, words, true);
}

int remove(Session& session, const Words& words) {
    return change(session, words, false);
}

int list(Session& session, const Words& words) {
    Words rest = words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const auto stored = fetch_records(session.context, *app);
    if (!stored) return fail(session, stored.error());
    const std::string needs = needs_of(stored->records);
    for (const std::string_view need : reeve::words(needs))
        say_plain(need);
    return kOk;
}

constexpr DokkuCommand kCommands[] = {
    {"links:add", "[--no-restart] <app> <app|app/service|systemd:unit|tcp:host:port>",
     "Start an app after what it needs", add},
    {"links:list", "<app>", "List what an app needs", list},
    {"links:remove", "[--no-restart] <app> <link>", "An app no longer needs something", remove},
};

}  // namespace links_group

Result<void> start_links(const Session& session, const std::string& app) {
    const std::string links = TRY(fetch_value(session, app, links_group::kNeeds));
    for (const std::string_view word : reeve::words(links)) {
        const Result<spec::Link> link = spec::parse_link(word);
        if (!link || link->kind != spec::LinkKind::App) continue;
        const Result<void> started =
            run_operation(session, api::Start{{spec::Target{link->name, link->service}}});
        if (started) continue;
        return Error{"Failure in pre-start hook: " + app + " needs " + std::string(word) + ": " +
                     started.error().message};
    }
    return {};
}

const Group kLinks{"links", "Manage what an app needs before it is started", links_group::kCommands,
                   false};

}  // namespace reeve::cli::compat::dokku
