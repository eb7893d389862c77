#include "api/client.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/option_reader.h"

namespace reeve::cli {

/// `JOB` means the job of every app, `APP/JOB` that of one.
ExitCode explain(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("JOB", words, 0, 1);
    if (const auto end = options.read(args)) return *end;
    std::string path = context.json ? "/v1/jobs?" : "/v1/explain?";
    if (!words.empty()) {
        // `init/net/apache` is the job `net/apache` of the app `init`.
        const std::string& word = words.front();
        const bool has_app = word.starts_with("init/");
        if (has_app) path += "app=init&";
        path += "job=" + api::escape_query(has_app ? word.substr(5) : word);
    }
    return ask_and_print(context, path);
}

}  // namespace reeve::cli
