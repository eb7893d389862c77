#include "api/http.h"
#include "api/request.h"
#include "api/utf8.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/log_tail.h"
#include "cli/option_reader.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kPageLines = 10;

/// The end of the log below the page of one instance. The daemon never touches a disk that can
/// block: it names the file, and the client reads it.
void print_last_lines(const std::string& path) {
    const auto tail = read_tail(path, kPageLines);
    if (!tail || tail->lines.empty()) return;
    std::string text = "\n";
    for (const std::string& line : tail->lines) {
        const LogLine parsed = parse_log_line(line);
        text += "  ";
        if (!parsed.time.empty()) text += std::string(parsed.time.substr(0, 19)) + "Z ";
        text += api::printable(parsed.text) + "\n";
    }
    print(text);
}

}  // namespace

ExitCode status(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("TARGET", words, 0, api::kTargetsMax);
    if (const auto end = options.read(args)) return *end;
    const auto targets = parse_targets(words);
    if (!targets) {
        print_error(context, targets.error().message);
        return ExitCode::Usage;
    }
    const Asked asked = ask(context, query_path(context, "/v1/status", *targets));
    if (!asked.answered) return asked.exit_code;
    print(asked.response.body);
    const auto log = api::unescape_query(api::header(asked.response, "reeve-log"));
    if (log && !log->empty()) print_last_lines(*log);
    return asked.exit_code;
}

}  // namespace reeve::cli
