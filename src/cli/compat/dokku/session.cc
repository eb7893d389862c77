#include "cli/compat/dokku/session.h"

#include <stdio.h>

#include "cli/ask.h"

namespace reeve::cli::compat::dokku {
namespace {

void write(FILE* stream, std::string_view prefix, std::string_view text) {
    const std::string line = std::string(prefix) + std::string(text) + "\n";
    ::fwrite(line.data(), 1, line.size(), stream);
    ::fflush(stream);
}

}  // namespace

void say(std::string_view text) {
    write(stdout, "-----> ", text);
}

void say_unless_quiet(const Session& session, std::string_view text) {
    if (!session.quiet) say(text);
}

void say_heading(std::string_view text) {
    write(stdout, "=====> ", text);
}

void say_heading_unless_quiet(const Session& session, std::string_view text) {
    if (!session.quiet) say_heading(text);
}

void say_verbose(std::string_view text) {
    write(stdout, "       ", text);
}

void say_plain(std::string_view text) {
    write(stdout, "", text);
}

void warn(std::string_view text) {
    write(stderr, " !     ", text);
}

int fail(std::string_view text) {
    warn(text);
    return kFailed;
}

int fail(const Session& session, const Error& error) {
    if (!is_no_daemon(error)) return fail(error.message);
    print_no_answer(session.context, error);
    return static_cast<int>(exit_code(error));
}

std::optional<int> missing_app(const Session& session, const std::string& app) {
    const auto stored = fetch_records(session.context, app);
    if (!stored) return fail(session, stored.error());
    if (stored->exists && app != api::kGlobalApp) return std::nullopt;
    warn("App " + app + " does not exist");
    return kNoSuchApp;
}

std::optional<std::string> take_app(const Session& session, Words& words, int& code) {
    if (words.empty() || words.front().empty()) {
        code = fail("Please specify an app to run the command on");
        return std::nullopt;
    }
    std::string app = words.front();
    words.erase(words.begin());
    if (const auto missing = missing_app(session, app)) {
        code = *missing;
        return std::nullopt;
    }
    return app;
}

std::optional<std::string> take_app_or_global(const Session& session, Words& words, int& code) {
    if (words.empty() || words.front() != api::kGlobalApp) return take_app(session, words, code);
    words.erase(words.begin());
    return std::string(api::kGlobalApp);
}

Result<std::vector<std::string>> all_apps(const Session& session) {
    std::vector<std::string> names = TRY(fetch_app_names(session.context));
    if (names.empty()) warn("You haven't deployed any applications yet");
    return names;
}

}  // namespace reeve::cli::compat::dokku
