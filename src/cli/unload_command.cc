#include "cli/commands.h"
#include "cli/operate.h"
#include "cli/option_reader.h"

namespace reeve::cli {

ExitCode unload(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("APP", words, 1, 1);
    if (const auto end = options.read(args)) return *end;
    return operate(context, api::Unload{words[0]});
}

}  // namespace reeve::cli
