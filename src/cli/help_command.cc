#include <algorithm>

#include "cli/commands.h"
#include "cli/option_reader.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kSummaryColumn = 13;

std::string overview() {
    std::string text = "reeve keeps applications running.\n\nUsage: reeve COMMAND [OPTIONS]\n\n";
    for (const Command& command : all_commands()) {
        std::string line = "  " + std::string(command.name);
        line.resize(std::max(kSummaryColumn, line.size() + 2), ' ');
        text += line + std::string(command.summary) + "\n";
    }
    return text +
           "\n`reeve help COMMAND` explains a command. All take --json, --wait, --no-wait and\n"
           "--timeout TIME.\n\n"
           "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not running (status), 4 nothing of "
           "that\n"
           "name, 69 reeve is not reachable, 77 not permitted, 124 not done in time.\n";
}

}  // namespace

ExitCode help(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("COMMAND", words, 0, 1);
    if (const auto end = options.read(args)) return *end;
    if (words.empty()) {
        print(overview());
        return ExitCode::Done;
    }
    const Command* other = find_command(words[0]);
    if (other != nullptr) return other->run(*other, std::move(context), {"--help"});
    print_error(context, "there is no command \"" + words[0] + "\". See: reeve help");
    return ExitCode::Usage;
}

}  // namespace reeve::cli
