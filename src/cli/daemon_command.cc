#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/launcher.h"
#include "cli/option_reader.h"

namespace reeve::cli {

ExitCode daemon(const Command& command, Context context, const std::vector<std::string>& args) {
    bool detach = false;
    OptionReader options(command, context);
    options.add_flag("--detach", "go to the background once reeve answers", detach);
    if (const auto end = options.read(args)) return *end;
    api::ClientPatience patience;
    patience.reconnect = 0s;
    const auto version = context.client().send({"GET", "/v1/version", ""}, patience, nullptr);
    if (version) {
        print_error(context, "reeve is running already, at " + context.paths.socket);
        return ExitCode::Failed;
    }
    if (!is_no_daemon(version.error())) {
        print_no_answer(context, version.error());
        return exit_code(version.error());
    }
    if (!detach) {
        print_error(context, become_keeper(context).message);
        return ExitCode::Failed;
    }
    const Result<void> launched = launch_detached(context);
    if (!launched) {
        print_error(context, launched.error().message);
        return ExitCode::Failed;
    }
    return ExitCode::Done;
}

}  // namespace reeve::cli
