#include "cli/commands.h"
#include "cli/operate.h"
#include "cli/option_reader.h"
#include "spec/named_event.h"

namespace reeve::cli {

ExitCode emit(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("EVENT and KEY=VALUE", words, 1, spec::kEventVariablesMax + 1);
    if (const auto end = options.read(args)) return *end;
    spec::NamedEvent event{words.front(), {}};
    for (std::size_t i = 1; i < words.size(); ++i) {
        const auto variable = spec::parse_variable(words[i]);
        if (!variable) {
            print_error(context, "\"" + words[i] + "\" is not KEY=VALUE");
            return ExitCode::Usage;
        }
        event.variables.push_back(*variable);
    }
    const auto valid = spec::validate(event);
    if (!valid) {
        print_error(context, valid.error().message);
        return ExitCode::Usage;
    }
    return operate(context, api::Emit{std::move(event)});
}

}  // namespace reeve::cli
