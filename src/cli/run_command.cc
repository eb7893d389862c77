#include <memory>

#include "cli/app_files.h"
#include "cli/commands.h"
#include "cli/option_reader.h"
#include "cli/run_session.h"

namespace reeve::cli {

ExitCode run_app(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("DIR", words, 0, 1);
    if (const auto end = options.read(args)) return *end;
    const std::string path = words.empty() ? "." : words[0];
    auto reading = read_app_at(context, path, "");
    if (!reading) {
        print_error(context, "run " + path + ": " + reading.error().message);
        return ExitCode::Failed;
    }
    print_diagnostics(context, reading->diagnostics);
    if (!reading->ok()) {
        print_error(context, "run " + path + ": not started, as it has errors");
        return ExitCode::Failed;
    }
    RunSession session(context);
    const Result<void> begun = session.begin();
    if (!begun) {
        print_error(context, begun.error().message);
        return ExitCode::Failed;
    }
    return session.run(std::make_shared<const spec::App>(std::move(reading->value)));
}

}  // namespace reeve::cli
