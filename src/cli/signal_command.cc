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
    // As kill(1) has it, the signal first; but who writes it last means the same.
    const bool is_last =
        status::signal_number(words.front()) == 0 && status::signal_number(words.back()) != 0;
    const auto word = is_last ? words.end() - 1 : words.begin();
    const int number = status::signal_number(*word);
    if (number == 0) {
        print_error(context, "\"" + *word + "\" is no signal; write HUP, SIGUSR1 or 10");
        return ExitCode::Usage;
    }
    words.erase(word);
    const auto targets = parse_targets(words);
    if (!targets) {
        print_error(context, targets.error().message);
        return ExitCode::Usage;
    }
    return operate(context, api::Signal{*targets, number});
}

}  // namespace reeve::cli
