#include "base/text.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/operate.h"
#include "cli/option_reader.h"
#include "spec/service.h"

namespace reeve::cli {
namespace {

/// Reads `web=3`.
Result<api::Scale::Count> parse_count(const std::string& word) {
    const std::size_t equals = word.rfind('=');
    if (equals == std::string::npos || equals == 0) {
        return Error{"\"" + word + "\": write SERVICE=N, like web=3"};
    }
    const auto number = parse_integer(std::string_view(word).substr(equals + 1));
    if (!number || *number < 0 || *number > spec::kInstancesMax) {
        return Error{"\"" + word + "\": the number must be from 0 to " +
                     std::to_string(spec::kInstancesMax)};
    }
    return api::Scale::Count{word.substr(0, equals), static_cast<std::uint32_t>(*number)};
}

ExitCode show_formation(const Context& context, const std::string& app) {
    const spec::Target target{app, ""};
    std::string path = query_path(context, "/v1/status", {target});
    if (!context.json) path += "&view=formation";
    return ask_and_print(context, path);
}

}  // namespace

ExitCode scale(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("APP", words, 1, api::kTargetsMax);
    if (const auto end = options.read(args)) return *end;
    if (words.size() == 1) return show_formation(context, words[0]);
    api::Scale scale{words[0], {}};
    for (std::size_t i = 1; i < words.size(); ++i) {
        auto count = parse_count(words[i]);
        if (!count) {
            print_error(context, count.error().message);
            return ExitCode::Usage;
        }
        for (const api::Scale::Count& other : scale.counts) {
            if (other.service != count->service) continue;
            print_error(context, "\"" + other.service + "\" stands twice");
            return ExitCode::Usage;
        }
        scale.counts.push_back(std::move(count).value());
    }
    return operate(context, std::move(scale));
}

}  // namespace reeve::cli
