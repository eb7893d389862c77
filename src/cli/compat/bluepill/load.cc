#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "api/request.h"
#include "cli/app_files.h"
#include "cli/compat/bluepill/bluepill.h"
#include "cli/compat/bluepill/controller.h"
#include "cli/operate.h"
#include "cli/pill_files.h"
#include "cli/store_client.h"

namespace reeve::cli::compat::bluepill {
namespace {

/// Errors in the words of Bluepill, the rest as `reeve load` says it.
int explain_refusal(const Context& context, const std::vector<formats::Diagnostic>& diagnostics) {
    std::vector<formats::Diagnostic> others;
    for (const formats::Diagnostic& diagnostic : diagnostics) {
        if (diagnostic.severity != formats::Severity::Error) {
            others.push_back(diagnostic);
            continue;
        }
        ::fprintf(stderr, "Config Error: %s\n", diagnostic.message.c_str());
    }
    print_diagnostics(context, others);
    return kConfigError;
}

int load_one(const Context& context, const formats::pill::PillApp& pill, const World& world) {
    if (world.find(pill.app.name) != nullptr) {
        print("Killing previous bluepilld[" + std::to_string(world.daemon_pid) + "]\n");
    }
    api::Load load{std::make_shared<const spec::App>(pill.app), true};
    Context patient = context;
    patient.wait = false;  // processes take their grace time; `status` shows how they do
    const auto outcome = send_operation(patient, std::move(load), {});
    if (!outcome) {
        ::fprintf(stderr, "bluepill: %s\n", outcome.error().message.c_str());
        return kFailed;
    }
    if (outcome->status == 200) return kDone;
    const auto reply = api::operation_reply_from_json(outcome->body);
    ::fprintf(stderr, "bluepill: %s\n", reply ? reply->message.c_str() : outcome->body.c_str());
    return kFailed;
}

}  // namespace

int load_pill(const Context& context, const World& world, const std::string& file) {
    if (::access(file.c_str(), F_OK) != 0) {
        ::fprintf(stderr, "Can't find file: %s\n", file.c_str());
        return kFailed;
    }
    auto reading = read_pill_at(context, file);
    if (!reading) {
        ::fprintf(stderr, "bluepill: %s\n", reading.error().message.c_str());
        return kFailed;
    }
    if (!reading->ok()) return explain_refusal(context, reading->diagnostics);
    print_diagnostics(context, reading->diagnostics);
    std::vector<spec::App> apps;
    for (const formats::pill::PillApp& pill : reading->value)
        apps.push_back(pill.app);
    for (const std::string& warning : warnings_about(file, apps))
        print_warning(context, warning);
    const Result<void> running = make_sure_reeve_runs(context);
    if (!running) {
        ::fprintf(stderr, "bluepill: %s\n", running.error().message.c_str());
        return kFailed;
    }
    int worst = kDone;
    std::vector<std::string> in_foreground;
    for (const formats::pill::PillApp& pill : reading->value) {
        const int code = load_one(context, pill, world);
        if (code != kDone) worst = code;
        if (code == kDone && pill.foreground) in_foreground.push_back(pill.app.name);
    }
    return in_foreground.empty() ? worst : stay_in_foreground(context, in_foreground);
}

int autoload(const Context& context, const World& world, const std::string& directory) {
    std::error_code failure;
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory, failure)) {
        if (entry.path().extension() == ".pill") files.push_back(entry.path().string());
    }
    if (failure) {
        const bool nothing = failure == std::errc::no_such_file_or_directory;
        if (!nothing)
            print_error(context, system_error("read " + directory, failure.value()).message);
        return nothing ? kDone : kFailed;
    }
    std::sort(files.begin(), files.end());
    int worst = kDone;
    for (const std::string& file : files) {
        const bool known = std::any_of(world.apps.begin(), world.apps.end(),
                                       [&](const AppView& app) { return app.source == file; });
        if (known) continue;
        if (may_others_write(file)) {
            print_error(context, file + ": not loaded, as others may write to it");
            worst = kFailed;
            continue;
        }
        const int code = load_pill(context, world, file);
        if (code != kDone) worst = code;
    }
    return worst;
}

}  // namespace reeve::cli::compat::bluepill
