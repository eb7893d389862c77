#include <memory>

#include "cli/app_files.h"
#include "cli/commands.h"
#include "cli/operate.h"
#include "cli/option_reader.h"
#include "cli/pill_files.h"
#include "cli/release_task.h"
#include "cli/store_client.h"
#include "cli/upstart_load.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kPathsMax = 1000;

/// Whether an answer is to be had: else nothing may be done for a load that cannot follow.
bool answers(const Context& context) {
    api::ClientPatience patience;
    return context.client().send({"GET", "/v1/version", ""}, patience, nullptr).ok();
}

/// Runs the release command, then loads; a release that fails leaves everything as it was.
ExitCode release(const Context& context, const api::Load& one) {
    if (answers(context)) {
        const Result<void> released = run_release_task(*one.app);
        if (!released) {
            print_error(context, "load " + one.app->directory + ": " + released.error().message);
            return ExitCode::Failed;
        }
    }
    return operate(context, one);
}

}  // namespace

ExitCode load(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    std::string name;
    bool no_start = false;
    bool no_release = false;
    OptionReader options(command, context);
    options.add_words("FILE or DIR", words, 1, kPathsMax);
    options.add_text("--as", "NAME", "the app's name, instead of its own", name);
    options.add_flag("--no-start", "only load: everything stays down until a start", no_start);
    options.add_flag("--no-release", "do not run the app's release command first", no_release);
    if (const auto end = options.read(args)) return *end;
    if (!name.empty() && words.size() > 1) {
        print_error(context, "load: --as names one app, and more than one is given");
        return ExitCode::Usage;
    }
    std::vector<api::Load> loads;
    for (const std::string& path : words) {
        auto reading = read_apps_at(context, path, name);
        if (!reading) {
            print_error(context, "load " + path + ": " + reading.error().message);
            return ExitCode::Failed;
        }
        print_diagnostics(context, reading->diagnostics);
        if (!is_loadable(*reading)) {
            print_error(context, "load " + path + ": not loaded, as it has errors");
            return ExitCode::Failed;
        }
        for (const std::string& warning : warnings_about(path, reading->value))
            print_warning(context, warning);
        for (spec::App& app : reading->value) {
            const Result<void> harmless = check_replaces_no_jobs(context, app);
            if (!harmless) {
                print_error(context, "load " + harmless.error().message);
                return ExitCode::Failed;
            }
            loads.push_back({std::make_shared<const spec::App>(std::move(app)), !no_start});
        }
    }
    const Result<void> running = make_sure_reeve_runs(context);
    if (!running) {
        print_error(context, running.error().message);
        return ExitCode::Unreachable;
    }
    ExitCode worst = ExitCode::Done;
    for (api::Load& one : loads) {
        const ExitCode code = no_release ? operate(context, std::move(one)) : release(context, one);
        if (code != ExitCode::Done) worst = code;
    }
    return worst;
}

}  // namespace reeve::cli
