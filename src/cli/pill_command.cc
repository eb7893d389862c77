#include "cli/pill_command.h"

#include <stdio.h>

#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/pill_evaluator.h"

namespace reeve::cli {

int print_evaluated_pill(std::string_view program, const std::vector<std::string>& args) {
    const Context context = make_context(args);
    if (args.size() != 1 || args.front().starts_with('-')) {
        ::fprintf(stderr, "Usage: %s FILE.pill > FILE.pill.json\n", std::string(program).c_str());
        return static_cast<int>(ExitCode::Usage);
    }
    const auto evaluated = evaluate_pill(context, args.front(), {});
    if (!evaluated) {
        print_error(context, evaluated.error().message);
        return static_cast<int>(ExitCode::Failed);
    }
    print(evaluated->json + (evaluated->json.empty() ? "" : "\n"));
    return evaluated->exit_code;
}

}  // namespace reeve::cli
