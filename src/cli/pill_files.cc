#include "cli/pill_files.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/pill_evaluator.h"
#include "os/fd.h"
#include "os/users.h"

namespace reeve::cli {
namespace {

constexpr int kConfigErrorCode = 6;
/// Bluepill's is 0777; with the sticky bit nobody takes away the files of others.
constexpr mode_t kPidDirectoryMode = 01777;
constexpr mode_t kBaseDirectoryMode = 0755;

/// Who processes without a `uid` run as: the one who loads.
std::string loader(const Context& context) {
    if (context.paths.user_mode) return "";
    const uid_t uid = ::geteuid();
    return uid == 0 ? "root" : os::current_user().name;
}

/// Where recorder.rb and host.rb are, without links: the daemon remembers it.
std::string ruby_directory(const Context& context) {
    char resolved[PATH_MAX];
    const std::string directory = context.program_directory + "/../lib/reeve/ruby";
    return ::realpath(directory.c_str(), resolved) == nullptr ? directory : resolved;
}

Result<void> make_pid_directory(const spec::App& app) {
    const auto base = app.environment.find("BLUEPILL_BASE_DIR");
    if (base == app.environment.end()) return {};
    const std::string parent = base->second + "/pids";
    const std::string directory = parent + "/" + app.name;
    TRY(os::make_directories(parent, kBaseDirectoryMode));
    if (::mkdir(directory.c_str(), kPidDirectoryMode) == 0) {
        // The umask does not hold here, as it does not with Bluepill.
        if (::chmod(directory.c_str(), kPidDirectoryMode) == 0) return {};
        return system_error("open " + directory + " to everybody");
    }
    if (errno == EEXIST) return {};
    return system_error("make the directory " + directory);
}

}  // namespace

Result<formats::Reading<std::vector<formats::pill::PillApp>>> read_pill_at(
    const Context& context, const std::string& path) {
    char resolved[PATH_MAX];
    if (::realpath(path.c_str(), resolved) == nullptr) return system_error("find " + path);
    formats::pill::PillText text;
    text.path = resolved;
    text.loader = loader(context);
    text.ruby_directory = ruby_directory(context);
    text.socket = context.paths.socket;
    text.json = TRY(os::read_file(text.path, formats::kConfigBytesMax + 1));
    if (!formats::pill::is_evaluated_pill(text.json)) {
        const EvaluatedPill evaluated = TRY(evaluate_pill(context, text.path, {}));
        if (evaluated.exit_code != 0 && evaluated.exit_code != kConfigErrorCode) {
            return Error{text.path + ": ruby ended with exit code " +
                         std::to_string(evaluated.exit_code)};
        }
        if (evaluated.json.empty()) {
            return Error{text.path + ": the pill ended ruby before it had described anything"};
        }
        text.json = evaluated.json;
    }
    return formats::pill::read_pill(text);
}

bool may_others_write(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) return false;
    const bool foreign = found.st_uid != 0 && found.st_uid != ::geteuid();
    return foreign || (found.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

std::vector<std::string> warnings_about(const std::string& path,
                                        const std::vector<spec::App>& apps) {
    std::vector<std::string> warnings;
    bool is_pill = false;
    for (const spec::App& app : apps) {
        if (app.format != spec::Format::Bluepill) continue;
        is_pill = true;
        const Result<void> made = make_pid_directory(app);
        if (!made) warnings.push_back(made.error().message);
    }
    if (is_pill && may_others_write(path)) {
        warnings.push_back(path + ": others may write to this file, and " +
                           os::current_user().name + " executes it");
    }
    return warnings;
}

}  // namespace reeve::cli
