#include "api/clock.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/departure.h"
#include "cli/operate.h"
#include "cli/option_reader.h"

namespace reeve::cli {

ExitCode shutdown(const Command& command, Context context, const std::vector<std::string>& args) {
    OptionReader options(command, context);
    if (const auto end = options.read(args)) return *end;
    const TimePoint begun = api::client_now();
    api::ClientPatience patience;
    const bool was_there =
        context.client().send({"GET", "/v1/version", ""}, patience, nullptr).ok();
    const auto outcome = send_operation(context, api::Shutdown{}, patience);
    // A daemon that was there and has gone before its last word was read has done its part.
    if (!outcome && was_there && is_no_daemon(outcome.error())) return ExitCode::Done;
    const ExitCode code = print_outcome(context, outcome);
    if (code != ExitCode::Done || !context.wait) return code;
    const Deadline until =
        context.timeout > Duration::zero() ? Deadline(begun + context.timeout) : std::nullopt;
    if (wait_until_gone(context.client(), until)) return ExitCode::Done;
    print_error(context, "everything is stopped, but reeve itself has not ended yet");
    return ExitCode::TimedOut;
}

}  // namespace reeve::cli
