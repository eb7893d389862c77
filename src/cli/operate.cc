#include "cli/operate.h"

#include <sys/random.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/ask.h"

namespace reeve::cli {
namespace {

/// The daemon itself answers when the time is over; this much later its silence is taken as one.
constexpr Duration kDaemonsOwnPatience = 3s;
constexpr Duration kProgressAfter = 1s;
constexpr Duration kProgressQuestionPatience = 300ms;

/// What of the app an operation is about, for the line of progress.
std::string progress_query(const api::Verb& verb) {
    std::vector<spec::Target> targets;
    if (const auto* start = std::get_if<api::Start>(&verb)) targets = start->targets;
    if (const auto* stop = std::get_if<api::Stop>(&verb)) targets = stop->targets;
    if (const auto* restart = std::get_if<api::Restart>(&verb)) targets = restart->targets;
    if (const auto* load = std::get_if<api::Load>(&verb)) targets = {{load->app->name, ""}};
    if (const auto* scale = std::get_if<api::Scale>(&verb)) targets = {{scale->app, ""}};
    if (const auto* unload = std::get_if<api::Unload>(&verb)) targets = {{unload->app, ""}};
    std::string path = "/v1/status?view=count";
    for (const spec::Target& target : targets)
        path += "&target=" + api::escape_query(spec::to_text(target));
    return path;
}

class Progress {
public:
    Progress(const Context& context, const api::Verb& verb)
        : context_(context), word_(api::name(verb)), path_(progress_query(verb)) {}

    void show(Duration waited) const {
        if (waited < kProgressAfter || !context_.progress) return;
        api::ClientPatience patience;
        patience.reconnect = 0s;
        patience.answer = kProgressQuestionPatience;
        const auto status = context_.client().send({"GET", path_, ""}, patience, nullptr);
        std::string text = "reeve: " + word_;
        if (status && status->status == 200) {
            text += ": " + api::header(*status, "reeve-running") + " of " +
                    api::header(*status, "reeve-instances") + " running";
        } else if (!status) {
            text += ": waiting for reeve itself";
        }
        print_progress(context_, text + " (" + to_text(waited) + ")");
    }

private:
    const Context& context_;
    std::string word_;
    std::string path_;
};

}  // namespace

std::uint64_t random_operation_id() {
    std::uint64_t id = 0;
    while (::getrandom(&id, sizeof id, 0) != sizeof id || id == 0)
        continue;
    return id;
}

Result<api::ClientResponse> send_operation(const Context& context, api::Verb verb,
                                           const api::ClientPatience& patience) {
    const Progress progress(context, verb);
    const bool large = std::holds_alternative<api::Load>(verb);
    api::OperationRequest request;
    request.id = random_operation_id();
    request.verb = std::move(verb);
    request.answer_when = context.wait ? api::AnswerWhen::Done : api::AnswerWhen::Accepted;
    request.timeout = context.timeout;
    request.command_line = context.command_line;
    api::ClientPatience patient = patience;
    if (context.timeout > Duration::zero()) patient.answer = context.timeout + kDaemonsOwnPatience;
    auto outcome = context.client().send(
        {"POST", large ? "/v1/operations/load" : "/v1/operations", api::to_json(request)}, patient,
        [&](Duration waited) { progress.show(waited); });
    print_progress(context, "");
    return outcome;
}

ExitCode print_outcome(const Context& context, const Result<api::ClientResponse>& outcome) {
    if (!outcome) {
        print_no_answer(context, outcome.error());
        return exit_code(outcome.error());
    }
    if (outcome->status != 200) return print_refusal(context, *outcome);
    const auto reply = api::operation_reply_from_json(outcome->body);
    if (!reply) return print_refusal(context, *outcome);
    if (context.json) {
        print(outcome->body);
        return exit_code(reply->code);
    }
    const ExitCode code = exit_code(reply->code);
    if (!reply->warning.empty()) print_warning(context, reply->warning);
    if (!reply->durable && reply->warning.empty()) {
        print_warning(context, "this is not on disk yet and may be forgotten by a reboot");
    }
    for (const std::string& problem : reply->problems)
        print_error(context, problem);
    if (!reply->message.empty()) {
        code == ExitCode::Done ? (void)print(reply->message + "\n")  // a reader that left is fine
                               : print_error(context, reply->message);
    }
    return code;
}

ExitCode operate(const Context& context, api::Verb verb) {
    return print_outcome(context, send_operation(context, std::move(verb), {}));
}

}  // namespace reeve::cli
