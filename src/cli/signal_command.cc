#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/operate.h"
#include "cli/option_reader.h"
#include "status/exit.h"

namespace reeve::cli {

ExitCode signal(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("SIGNAL and TARGET", words, 2, api::kTargetsMax);
    if (const auto end = options.read(args)) return *end;
    const int number = status::signal_number(words[0]);
    if (number == 0) {
        print_error(context, "\"" + words[0] + "\" is no signal; write HUP, SIGUSR1 or 10");
        return ExitCode::Usage;
    }
    words.erase(words.begin());
    const auto targets = parse_targets(words);
    if (!targets) {
        print_error(context, targets.error().message);
        return ExitCode::Usage;
    }
    return operate(context, api::Signal{*targets, number});
}

}  // namespace reeve::cli
