// The commands that take nothing but targets: start, stop, restart, unmonitor.

#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/operate.h"
#include "cli/option_reader.h"

namespace reeve::cli {
namespace {

/// Reads targets and carries out the operation of type `Verb` on them.
template <typename Verb>
ExitCode operate_on_targets(const Command& command, Context context,
                            const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("TARGET", words, 1, api::kTargetsMax);
    if (const auto end = options.read(args)) return *end;
    const auto targets = parse_targets(words);
    if (!targets) {
        print_error(context, targets.error().message);
        return ExitCode::Usage;
    }
    return operate(context, Verb{*targets});
}

}  // namespace

ExitCode start(const Command& command, Context context, const std::vector<std::string>& args) {
    return operate_on_targets<api::Start>(command, std::move(context), args);
}

ExitCode stop(const Command& command, Context context, const std::vector<std::string>& args) {
    return operate_on_targets<api::Stop>(command, std::move(context), args);
}

ExitCode restart(const Command& command, Context context, const std::vector<std::string>& args) {
    return operate_on_targets<api::Restart>(command, std::move(context), args);
}

ExitCode unmonitor(const Command& command, Context context, const std::vector<std::string>& args) {
    return operate_on_targets<api::Unmonitor>(command, std::move(context), args);
}

}  // namespace reeve::cli
