#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cli/compat/dokku/deploy.h"
#include "cli/compat/dokku/flags.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/properties.h"
#include "cli/compat/dokku/proxied.h"
#include "cli/git_hook.h"
#include "cli/release_list.h"

// git:from-archive, git:sync and the rest of the group. Source: dokku plugins/git.
namespace reeve::cli::compat::dokku {
namespace git_group {

bool is_url(const std::string& text) {
    return text.find("://") != std::string::npos ||
           (text.find('@') != std::string::npos && text.find(':') != std::string::npos);
}

/// A path of this machine made absolute; a URL as it is.
Result<std::string> source_of(const std::string& text) {
    if (is_url(text)) return text;
    char resolved[PATH_MAX];
    if (::realpath(text.c_str(), resolved) == nullptr) return system_error("find " + text);
    return std::string(resolved);
}

int from_archive(Session& session, const Words& words) {
    const auto parsed = parse_flags({{}, {"--archive-type"}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    Words rest = parsed->words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    if (rest.empty()) return fail("Please specify an archive url");
    const auto source = source_of(rest.front());
    if (!source) return fail(source.error().message);
    api::DeployRequest request;
    request.app = *app;
    request.kind = api::DeployKind::Archive;
    request.source = *source;
    return carry_out_deploy(session, std::move(request));
}

int sync(Session& session, const Words& words) {
    const auto parsed =
        parse_flags({{"--build", "--build-if-changes", "--skip-deploy-branch"}, {}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    Words rest = parsed->words;
    int code = kOk;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    if (rest.empty()) return fail("Please specify a repository");
    const auto source = source_of(rest.front());
    if (!source) return fail(source.error().message);
    api::DeployRequest request;
    request.app = *app;
    request.kind = api::DeployKind::Git;
    request.source = *source;
    if (rest.size() > 1) request.reference = rest[1];
    request.fetch_only = !parsed->has("--build") && !parsed->has("--build-if-changes");
    request.if_changed = !parsed->has("--build") && parsed->has("--build-if-changes");
    return carry_out_deploy(session, std::move(request));
}

int no_images(const std::string& what) {
    return fail(what +
                " is not possible: reeve runs plain processes, not images. Deploy the code "
                "itself: git:sync, git:from-archive, `git push`, or `reeve deploy APP DIR`");
}

int from_image(Session&, const Words&) {
    return no_images("git:from-image");
}

int load_image(Session&, const Words&) {
    return no_images("git:load-image");
}

int initialize(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    if (rest.empty()) return fail("Please specify the path of the bare repository to make");
    const auto made = make_push_repository(session.context, *app, rest.front());
    if (!made) return fail(made.error().message);
    say("Repository for pushes to " + *app + ": " + *made);
    say_verbose("git remote add reeve ssh://HOST" + *made);
    return kOk;
}

constexpr Property kDeployBranch{"deploy-branch", "git/deploy-branch", true, nullptr};

/// Whether what is pushed to a branch is deployed; `wanted` empty: nobody has said which one is.
bool is_deployed(std::string_view branch, std::string_view wanted) {
    if (wanted.empty()) return branch == "main" || branch == "master";
    return branch == wanted;
}

int set(Session& session, const Words& words) {
    return set_property(session, words, {&kDeployBranch, 1});
}

/// The branches that are deployed, and which commit the present release is made of.
Result<std::vector<ReportLine>> report_lines(const Session& session, const std::string& app) {
    std::vector<ReportLine> lines =
        TRY(property_lines(session, app, "git", kDeployBranch, "main master"));
    if (app == api::kGlobalApp) return lines;
    std::string revision;
    std::string seconds;
    for (const ReleaseEntry& release :
         releases_of(TRY(fetch_records(session.context, app)).records)) {
        if (!release.is_current) continue;
        revision = release.revision;
        seconds = std::to_string(release.made.nanoseconds / 1'000'000'000);
    }
    lines.push_back({"--git-sha", revision});
    lines.push_back({"--git-last-updated-at", seconds});
    return lines;
}

int report(Session& session, const Words& words) {
    return report_apps(session, words, "git", report_lines);
}

/// The hook's own command: what was pushed comes on stdin as a tar file.
int receive(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const std::string revision = rest.empty() ? "" : rest.front();
    if (rest.size() > 1) {
        const auto wanted = fetch_effective(session, *app, std::string(kDeployBranch.key), "");
        if (!wanted) return fail(wanted.error().message);
        if (!is_deployed(rest[1], *wanted)) {
            say_verbose(rest[1] + " is kept, and not deployed: push to " +
                        (wanted->empty() ? "main or master" : *wanted));
            return kOk;
        }
    }
    const auto spooled = spool_stdin();
    if (!spooled) return fail(spooled.error().message);
    api::DeployRequest request;
    request.app = *app;
    request.kind = api::DeployKind::Archive;
    request.source = spooled->path();
    request.metadata = "git push";
    request.revision = revision;
    return carry_out_deploy(session, std::move(request));
}

constexpr DokkuCommand kCommands[] = {
    {"git:from-archive", "[--archive-type <type>] <app> <archive>",
     "Updates an app's source with a tar or zip file, or its URL, and deploys it", from_archive},
    {"git:from-image", "<app> <image>", "Not possible: reeve runs no images", from_image, true},
    {"git:initialize", "<app> <path>", "Makes a bare repository that deploys what is pushed to it",
     initialize},
    {"git:load-image", "<app> <image>", "Not possible: reeve runs no images", load_image, true},
    {"git:receive", "<app> [<revision> [<branch>]]", "Deploys the tar file on stdin", receive,
     true},
    {"git:report", "[<app>|--global] [<flag>]", "Displays a git report for one or more apps",
     report},
    {"git:set", "<app>|--global <key> [<value>]", "Set or clear a git property for an app", set},
    {"git:sync", "[--build|--build-if-changes] <app> <repository> [<git-ref>]",
     "Clones or fetches an app's source from a repository", sync},
};

}  // namespace git_group

const Group kGit{"git", "Manage app deploys via git", git_group::kCommands, false};

}  // namespace reeve::cli::compat::dokku
