#include <memory>
#include <nlohmann/json.hpp>

#include "cli/app_files.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/operate.h"
#include "cli/option_reader.h"

namespace reeve::cli {
namespace {

/// Where the app was read from, as the daemon says; nullopt: that was said on stderr already.
std::optional<std::string> find_source(const Context& context, const std::string& app,
                                       ExitCode& exit_code) {
    const Asked asked = ask(context, "/v1/status?format=json&target=" + api::escape_query(app));
    exit_code = asked.exit_code;
    if (!asked.answered) return std::nullopt;
    const auto status = nlohmann::json::parse(asked.response.body, nullptr, false);
    if (status.is_object() && status.contains("apps") && status["apps"].is_array()) {
        for (const auto& one : status["apps"]) {
            if (one.value("name", "") == app) return one.value("source", "");
        }
    }
    print_error(context, "reload " + app + ": no app of that name is loaded");
    exit_code = ExitCode::NoSuchTarget;
    return std::nullopt;
}

/// Shows what would happen. False: it was refused, and why was said.
bool show_plan(const Context& context, const spec::App& app, ExitCode& exit_code) {
    const std::string path = std::string("/v1/plan?format=") + (context.json ? "json" : "text");
    const auto answer =
        context.client().send({"POST", path, spec::to_json(app)}, api::ClientPatience{}, nullptr);
    if (!answer) {
        print_no_answer(context, answer.error());
        exit_code = cli::exit_code(answer.error());
        return false;
    }
    if (answer->status != 200) {
        exit_code = print_refusal(context, *answer);
        return false;
    }
    print(answer->body);
    return true;
}

/// The app that bears the name; one alone gets it, as it may have been loaded `--as` that.
spec::App* find_app(std::vector<spec::App>& apps, const std::string& name) {
    for (spec::App& app : apps) {
        if (app.name == name) return &app;
    }
    if (apps.size() != 1) return nullptr;
    apps.front().name = name;
    return &apps.front();
}

ExitCode reload_one(const Context& context, const std::string& name, bool dry_run) {
    ExitCode code = ExitCode::Done;
    const std::optional<std::string> source = find_source(context, name, code);
    if (!source) return code;
    auto reading = read_apps_at(context, *source, "");
    if (!reading) {
        print_error(context, "reload " + name + ": " + reading.error().message);
        return ExitCode::Failed;
    }
    print_diagnostics(context, reading->diagnostics);
    if (!reading->ok()) {
        print_error(context,
                    "reload " + name + ": nothing is touched, as " + *source + " has errors");
        return ExitCode::Failed;
    }
    spec::App* const app = find_app(reading->value, name);
    if (app == nullptr) {
        print_error(context, "reload " + name + ": " + *source +
                                 " has more than one app, and none "
                                 "of that name");
        return ExitCode::Failed;
    }
    if (!show_plan(context, *app, code)) return code;
    if (dry_run) return ExitCode::Done;
    return operate(context, api::Load{std::make_shared<const spec::App>(std::move(*app)), true});
}

}  // namespace

ExitCode reload(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    bool dry_run = false;
    OptionReader options(command, context);
    options.add_words("APP", words, 1, api::kTargetsMax);
    options.add_flag("-n,--dry-run", "only show what would happen", dry_run);
    if (const auto end = options.read(args)) return *end;
    ExitCode worst = ExitCode::Done;
    for (const std::string& app : words) {
        const ExitCode code = reload_one(context, app, dry_run);
        if (code != ExitCode::Done) worst = code;
    }
    return worst;
}

}  // namespace reeve::cli
