#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/option_reader.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kTransitionsMax = 10'000;

}  // namespace

ExitCode why(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    std::size_t count = 30;
    OptionReader options(command, context);
    options.add_words("TARGET", words, 1, 1);
    options.add_number("-n,--lines", "N", "how many changes at most (30)", count, kTransitionsMax);
    if (const auto end = options.read(args)) return *end;
    const auto targets = parse_targets(words);
    if (!targets) {
        print_error(context, targets.error().message);
        return ExitCode::Usage;
    }
    return ask_and_print(context,
                         query_path(context, "/v1/why", *targets) + "&n=" + std::to_string(count));
}

}  // namespace reeve::cli
