#include <fcntl.h>
#include <stdlib.h>

#include <filesystem>
#include <system_error>

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/launcher.h"
#include "cli/option_reader.h"
#include "os/fd.h"

namespace reeve::cli {
namespace {

/// Has the daemon record what it is told (daemon/recorder). That the file can be written is seen
/// here, where somebody reads the answer.
Result<void> ask_for_recording(const std::string& file) {
    std::error_code failure;
    const std::string path = std::filesystem::absolute(file, failure);
    if (failure) return Error{"find " + file + ": " + failure.message()};
    TRY(os::open_file(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600));
    if (::setenv("REEVE_RECORD", path.c_str(), 1) != 0) return system_error("set REEVE_RECORD");
    return {};
}

}  // namespace

ExitCode daemon(const Command& command, Context context, const std::vector<std::string>& args) {
    bool detach = false;
    std::string record;
    OptionReader options(command, context);
    options.add_flag("--detach", "go to the background once reeve answers", detach);
    options.add_text("--record", "FILE",
                     "write all that the daemon is told to FILE,\n"
                     "environments included, for `sim_runner --replay FILE`",
                     record);
    if (const auto end = options.read(args)) return *end;
    context.paths = os::Paths::from_environment();  // one's own is asked for
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
    if (!record.empty()) {
        const Result<void> recorded = ask_for_recording(record);
        if (!recorded) {
            print_error(context, "nothing can be recorded: " + recorded.error().message);
            return ExitCode::Failed;
        }
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
