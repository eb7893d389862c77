#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/option_reader.h"

namespace reeve::cli {

ExitCode doctor(const Command& command, Context context, const std::vector<std::string>& args) {
    OptionReader options(command, context);
    if (const auto end = options.read(args)) return *end;
    return ask_and_print(context, query_path(context, "/v1/doctor", {}));
}

}  // namespace reeve::cli
