#include <algorithm>

#include "base/text.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/compat/dokku/report.h"

// buildpacks:add and the rest of the group: they take the place of the app's `.buildpacks`. Source:
// dokku plugins/buildpacks.
namespace reeve::cli::compat::dokku {
namespace buildpacks_group {

constexpr const char* kKey = "buildpacks/list";

Words lines_of(const std::string& text) {
    Words lines;
    for (const std::string_view line : split(text, '\n')) {
        if (!trim(line).empty()) lines.emplace_back(trim(line));
    }
    return lines;
}

int store(const Session& session, const std::string& app, const Words& packs) {
    std::string text;
    for (const std::string& pack : packs)
        text += pack + "\n";
    const Result<void> stored =
        store_value(session, app, kKey, packs.empty() ? std::nullopt : std::optional(text));
    return stored ? kOk : fail(session, stored.error());
}

/// The app, what it has, and the buildpack that was typed with its place (from 1).
struct Call {
    std::string app;
    Words packs;
    std::string pack;
    std::optional<std::size_t> index;
};

std::optional<Call> read(Session& session, const Words& words, int& code) {
    const auto parsed = parse_flags({{}, {"--index", "-i"}, true}, words);
    if (!parsed) {
        warn(parsed.error().message);
        code = kUsage;
        return std::nullopt;
    }
    Call call;
    Words rest = parsed->words;
    const auto app = take_app(session, rest, code);
    if (!app) return std::nullopt;
    call.app = *app;
    const auto stored = fetch_value(session, *app, kKey);
    if (!stored) {
        code = fail(session, stored.error());
        return std::nullopt;
    }
    call.packs = lines_of(*stored);
    if (!rest.empty()) call.pack = rest.front();
    const auto typed = parsed->has("-i") ? parsed->text("-i") : parsed->text("--index");
    if (!typed) return call;
    const auto index = parse_integer(*typed);
    if (!index || *index < 1) {
        code = fail("Invalid index specified: " + *typed);
        return std::nullopt;
    }
    call.index = static_cast<std::size_t>(*index);
    return call;
}

/// What a buildpack may be: a directory of this machine, or a git URL.
std::string objection_to(const std::string& pack) {
    if (pack.empty()) return "Must specify a buildpack to add";
    if (pack.starts_with("/") || pack.find("://") != std::string::npos) return "";
    return "Invalid buildpack specified, must be a directory or the URL of a git repository";
}

int add(Session& session, const Words& words) {
    int code = kOk;
    auto call = read(session, words, code);
    if (!call) return code;
    if (const std::string objection = objection_to(call->pack); !objection.empty()) {
        return fail(objection);
    }
    if (std::find(call->packs.begin(), call->packs.end(), call->pack) != call->packs.end()) {
        return fail("Buildpack already installed");
    }
    const std::size_t place =
        std::min(call->index.value_or(call->packs.size() + 1) - 1, call->packs.size());
    call->packs.insert(call->packs.begin() + static_cast<std::ptrdiff_t>(place), call->pack);
    return store(session, call->app, call->packs);
}

int set(Session& session, const Words& words) {
    int code = kOk;
    auto call = read(session, words, code);
    if (!call) return code;
    if (const std::string objection = objection_to(call->pack); !objection.empty()) {
        return fail(objection);
    }
    const std::size_t place = call->index.value_or(1) - 1;
    if (place < call->packs.size()) {
        call->packs[place] = call->pack;
    } else {
        call->packs.push_back(call->pack);
    }
    return store(session, call->app, call->packs);
}

int remove(Session& session, const Words& words) {
    int code = kOk;
    auto call = read(session, words, code);
    if (!call) return code;
    if (call->index) {
        if (*call->index > call->packs.size()) return fail("Invalid index specified");
        call->packs.erase(call->packs.begin() + static_cast<std::ptrdiff_t>(*call->index - 1));
    } else if (std::erase(call->packs, call->pack) == 0) {
        return fail("Unable to find buildpack to remove");
    }
    return store(session, call->app, call->packs);
}

int clear(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read(session, words, code);
    return call ? store(session, call->app, {}) : code;
}

int list(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read(session, words, code);
    if (!call) return code;
    say_heading_unless_quiet(session, call->app + " buildpack urls");
    for (const std::string& pack : call->packs)
        say_verbose(pack);
    return kOk;
}

int report(Session& session, const Words& words) {
    return report_apps(
        session, words, "buildpacks",
        [](const Session& asking, const std::string& app) -> Result<std::vector<ReportLine>> {
            std::string all;
            const std::string stored = TRY(fetch_value(asking, app, kKey));
            for (const std::string& pack : lines_of(stored))
                all += (all.empty() ? "" : ",") + pack;
            return std::vector<ReportLine>{{"--buildpacks-list", all}};
        });
}

constexpr DokkuCommand kCommands[] = {
    {"buildpacks:add", "[--index 1] <app> <buildpack>", "Add a buildpack to an app", add},
    {"buildpacks:clear", "<app>", "Clear all buildpacks of an app", clear},
    {"buildpacks:list", "<app>", "List all buildpacks for an app", list},
    {"buildpacks:remove", "[--index 1] <app> [<buildpack>]", "Remove a buildpack of an app",
     remove},
    {"buildpacks:report", "[<app>] [<flag>]", "Displays a buildpack report for one or more apps",
     report},
    {"buildpacks:set", "[--index 1] <app> <buildpack>", "Set a buildpack of an app", set},
};

}  // namespace buildpacks_group

const Group kBuildpacks{"buildpacks", "Manage the buildpacks of an app",
                        buildpacks_group::kCommands, true};

}  // namespace reeve::cli::compat::dokku
