#include "api/client.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/option_reader.h"

namespace reeve::cli {

/// `JOB` means the job of every app, `init/JOB` that of one. What waits for no event is explained
/// by its status: what it needs, and what it is about.
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
    const ExitCode code = ask_and_print(context, path);
    if (code == ExitCode::NoSuchTarget && !context.json) {
        print_error(context, "what is no job waits for no event; see: reeve status " +
                                 words.front() + ", reeve why " + words.front());
    }
    return code;
}

}  // namespace reeve::cli
