// emit, reload-configuration, and the small ones.

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "cli/app_files.h"
#include "cli/compat/initctl/session.h"
#include "cli/upstart_files.h"
#include "spec/named_event.h"

namespace reeve::cli::initctl {
namespace {

constexpr std::string_view kVersion = "init (upstart 1.13.2)\n";
constexpr auto kPriorities =
    std::to_array<std::string_view>({"debug", "info", "message", "warn", "error", "fatal"});

}  // namespace

int emit_command(Session& session) {
    const std::vector<std::string>& words = session.arguments.words;
    if (words.empty()) return fail_usage(session, "missing event name");
    if (words.front().empty()) return fail(session, "Name may not be empty string");
    const auto variables = read_variables(words, 1);
    if (!variables) return fail(session, variables.error().message);
    const bool waits = !session.arguments.has("no-wait");
    const Result<void> done = operate(session, api::Emit{{words.front(), *variables}},
                                      waits ? api::AnswerWhen::Done : api::AnswerWhen::Accepted);
    return done ? kDone : fail(session, done.error().message);
}

int reload_configuration_command(Session& session) {
    const auto directories = job_directories(session);
    if (!directories) return fail(session, directories.error().message);
    const auto texts = read_upstart_texts(session.context, *directories);
    if (!texts) return fail(session, texts.error().message);
    auto reading = formats::upstart::read_app(*texts);
    print_diagnostics(session.context, reading.diagnostics);
    const Result<void> done = operate(
        session, api::Load{std::make_shared<const spec::App>(std::move(reading.value)), true},
        api::AnswerWhen::Accepted);
    return done ? kDone : fail(session, done.error().message);
}

// Scripts ask this to find out whether Upstart is there: without a daemon it is not.
int version_command(Session& session) {
    const auto answer = get(session, "/v1/version");
    if (!answer) return fail(session, answer.error().message);
    say(session, kVersion);
    return kDone;
}

int log_priority_command(Session& session) {
    const std::vector<std::string>& words = session.arguments.words;
    if (words.empty()) {
        say(session, "message\n");
        return kDone;
    }
    const bool is_known =
        std::find(kPriorities.begin(), kPriorities.end(), words.front()) != kPriorities.end();
    // reeve's log has everything at all times: there is nothing to change.
    return is_known ? kDone : fail(session, "The log priority given was not recognised");
}

int list_sessions_command(Session& session) {
    if (!session.context.paths.user_mode) return kDone;
    if (!get(session, "/v1/version")) return kDone;
    say(session, "reeve unix:path=" + session.context.paths.socket + "\n");
    return kDone;
}

// For a bus, a control group manager or a disk that reeve does not need to be told of.
int notify_command(Session& session) {
    const bool wants_address = session.command != "notify-disk-writeable";
    if (wants_address && session.arguments.words.empty())
        return fail_usage(session, "missing address");
    return kDone;
}

}  // namespace reeve::cli::initctl
