#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/context.h"
#include "cli/store_client.h"

// What every Dokku command is given, and how Dokku talks.
namespace reeve::cli::compat::dokku {

/// What a Dokku command ends with. Source: dokku's exit codes.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;
inline constexpr int kNoSuchApp = 20;

/// The words behind a command's name.
using Words = std::vector<std::string>;

/// One call of Dokku: where reeve is, and the flags that stood before the command.
struct Session {
    Context context;
    std::string command;  // as typed: `apps:create`
    bool quiet = false;   // --quiet: no headings
    bool force = false;   // --force: no questions
    bool trace = false;
};

/// `-----> text` on stdout; `quiet`ly left out where the second one is used.
void say(std::string_view text);
void say_unless_quiet(const Session& session, std::string_view text);
/// `=====> text` on stdout.
void say_heading(std::string_view text);
void say_heading_unless_quiet(const Session& session, std::string_view text);
/// Seven blanks, then the text.
void say_verbose(std::string_view text);
/// The text as it is, with an end of line.
void say_plain(std::string_view text);
/// ` !     text` on stderr.
void warn(std::string_view text);
/// The same, and the exit code of a failure.
int fail(std::string_view text);
int fail(const Session& session, const Error& error);

/// Whether the app is there: else Dokku's message was said, and the code is what to end with.
/// Source: dokku plugins/common verify_app_name.
std::optional<int> missing_app(const Session& session, const std::string& app);

/// The first of the words as an app that is there. Nullopt: `code` is what to end with.
std::optional<std::string> take_app(const Session& session, Words& words, int& code);

/// As `take_app`, or `--global` as api::kGlobalApp.
std::optional<std::string> take_app_or_global(const Session& session, Words& words, int& code);

/// Every app; says Dokku's sentence where there is none.
Result<std::vector<std::string>> all_apps(const Session& session);

}  // namespace reeve::cli::compat::dokku
