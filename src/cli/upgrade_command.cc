#include <limits.h>
#include <poll.h>
#include <stdlib.h>

#include <nlohmann/json.hpp>

#include "api/clock.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/option_reader.h"

namespace reeve::cli {
namespace {

constexpr Duration kPatience = 90s;
constexpr Duration kAnswerPatience = 2s;
constexpr int kLookAgainMs = 50;

/// What the daemon says of itself.
struct Seen {
    int pid = 0;
    std::string version;
    std::string note;
};

std::optional<Seen> look(const Context& context) {
    api::ClientPatience patience;
    patience.reconnect = 0s;
    patience.answer = kAnswerPatience;
    const auto answer = context.client().send({"GET", "/v1/version", ""}, patience, nullptr);
    if (!answer || answer->status != 200) return std::nullopt;
    const auto json = nlohmann::json::parse(answer->body, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    return Seen{json.value("pid", 0), json.value("version", ""), json.value("upgrade_note", "")};
}

/// Whether the scribe answers, be it that its ledger cannot be read: without one nothing is
/// written.
bool scribe_answers(const Context& context) {
    api::ClientPatience patience;
    patience.reconnect = 0s;
    patience.answer = kAnswerPatience;
    return context.client().send({"GET", "/v1/why?n=1", ""}, patience, nullptr).ok();
}

ExitCode wait_for_the_new_one(const Context& context, const Seen& before) {
    const Duration limit = context.timeout > Duration::zero() ? context.timeout : kPatience;
    const TimePoint until = api::client_now() + limit;
    while (api::client_now() < until) {
        const std::optional<Seen> now = look(context);
        if (now && !now->note.empty()) {  // asking has cleared what was noted before
            print_error(context, "upgrade: " + now->note);
            return ExitCode::Failed;
        }
        if (now && now->pid != before.pid && scribe_answers(context)) {
            print("upgraded reeve: " + before.version + " (pid " + std::to_string(before.pid) +
                  ") -> " + now->version + " (pid " + std::to_string(now->pid) + ")\n");
            return ExitCode::Done;
        }
        ::poll(nullptr, 0, kLookAgainMs);
    }
    print_error(context,
                "upgrade: the new reeve or its scribe did not answer in time; see the "
                "keeper's output");
    return ExitCode::TimedOut;
}

}  // namespace

ExitCode upgrade(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("DIR", words, 0, 1);
    if (const auto end = options.read(args)) return *end;
    std::string directory;
    if (!words.empty()) {
        char resolved[PATH_MAX];
        if (::realpath(words[0].c_str(), resolved) == nullptr) {
            print_error(context, system_error("upgrade: find " + words[0]).message);
            return ExitCode::Failed;
        }
        directory = resolved;
    }
    const Asked asked = ask(context, "/v1/version");
    if (!asked.answered) return asked.exit_code;
    const std::optional<Seen> before = look(context);
    if (!before) return ExitCode::Unreachable;
    api::ClientPatience patience;
    patience.reconnect = 0s;  // asked once: what comes after it is looked at
    const auto answer = context.client().send(
        {"POST", "/v1/upgrade?directory=" + api::escape_query(directory), ""}, patience, nullptr);
    if (answer && answer->status != 200) return print_refusal(context, *answer);
    return wait_for_the_new_one(context, *before);
}

}  // namespace reeve::cli
