#include "spec/validate_process.h"

#include <initializer_list>
#include <string>

#include "base/text.h"

namespace reeve::spec {
namespace {

constexpr std::size_t kStopStepsMax = 32;
// PATH_MAX, with its final NUL.
constexpr std::size_t kPathBytesMax = 4095;

/// An empty path stands for none.
void check_absolute(const std::string& path, const std::string& what, Objections& objections) {
    objections.require(path.empty() || path.front() == '/',
                       what + " \"" + path + "\" is not absolute");
    objections.require(!has_nul(path), what + " contains a NUL byte");
    objections.require(path.size() <= kPathBytesMax, what + " is longer than 4,095 bytes");
}

void check_stdio(const StdioSpec& stdio, Objections& objections) {
    const auto check = [&objections](const PathFile* file, const std::string& what) {
        if (file == nullptr) return;
        objections.require(!file->path.empty(), what + " has an empty path");
        objections.require(!has_nul(file->path), what + " contains a NUL byte");
        objections.require(file->path.size() <= kPathBytesMax,
                           what + " has a path longer than 4,095 bytes");
    };
    check(std::get_if<PathFile>(&stdio.input), "the standard input");
    check(std::get_if<PathFile>(&stdio.output), "the standard output");
    check(std::get_if<PathFile>(&stdio.error), "the standard error");
}

void check_tracking(const TrackingSpec& tracking, Objections& objections) {
    if (const auto* forks = std::get_if<TrackForks>(&tracking)) {
        objections.require_wait(forks->foreground_after, "the patience with a fork");
        check_absolute(forks->pid_file, "the pid file", objections);
    } else if (const auto* file = std::get_if<TrackPidFile>(&tracking)) {
        objections.require(!file->path.empty(), "the pid file has no path");
        if (file->pid_command) check_command(*file->pid_command, "the pid command", objections);
        check_absolute(file->path, "the pid file", objections);
        objections.require_wait(file->start_grace, "the start grace time");
    }
}

}  // namespace

void check_command(const Command& command, std::string_view what, Objections& objections) {
    const std::string subject(what);
    if (const auto* shell = std::get_if<ShellCommand>(&command)) {
        objections.require(!trim(shell->text).empty(), subject + " is empty");
        objections.require(!has_nul(shell->text), subject + " contains a NUL byte");
        if (shell->shell == Shell::ShErrexitFile) {
            objections.require(shell->text.size() <= kScriptBytesMax,
                               subject + " is longer than 1 MiB");
            return;
        }
        objections.require(shell->text.size() <= kExecStringBytesMax,
                           subject + " is longer than 128 KiB");
        return;
    }
    const std::vector<std::string>& argv = std::get<DirectCommand>(command).argv;
    objections.require(!argv.empty() && !argv.front().empty(), subject + " is empty");
    for (const std::string& word : argv) {
        objections.require(!has_nul(word), subject + " contains a NUL byte");
        objections.require(word.size() <= kExecStringBytesMax,
                           subject + " has an argument longer than 128 KiB");
    }
}

std::size_t exec_bytes(const Command& command) {
    if (const auto* shell = std::get_if<ShellCommand>(&command)) {
        return shell->shell == Shell::ShErrexitFile ? 0 : shell->text.size();
    }
    std::size_t bytes = 0;
    for (const std::string& word : std::get<DirectCommand>(command).argv)
        bytes += word.size() + 1;
    return bytes;
}

void check_stop(const StopSpec& stop, Objections& objections) {
    objections.require(stop.steps.size() <= kStopStepsMax, "stop has more than 32 steps");
    for (const StopStep& step : stop.steps) {
        objections.require(is_sendable(step.signal),
                           "stop signal " + std::to_string(step.signal) + " does not exist");
        objections.require_wait(step.wait, "the wait after a stop signal");
    }
    if (stop.command) check_command(*stop.command, "the stop command", objections);
    objections.require_wait(stop.command_timeout, "the timeout of the stop command");
    objections.require_wait(stop.leftovers_wait, "the patience with leftover processes");
}

void check_process_settings(const Service& service, Objections& objections) {
    objections.require(service.working_dir.empty() || service.working_dir.front() == '/',
                       "the working directory \"" + service.working_dir + "\" is not absolute");
    objections.require(!has_nul(service.working_dir), "the working directory contains a NUL byte");
    const Credentials& who = service.credentials;
    objections.require(!has_control(who.user), "the user contains a control character");
    objections.require(!has_control(who.group), "the group contains a control character");
    for (const std::string& group : who.supplementary_groups) {
        objections.require(!group.empty() && !has_control(group),
                           "a supplementary group is empty or contains a control character");
    }
    objections.require(!service.umask || *service.umask <= 0777, "the umask is above 0777");
    objections.require(!service.nice || (*service.nice >= -20 && *service.nice <= 19),
                       "nice must be between -20 and 19");
    objections.require(!service.oom_score_adjust || (*service.oom_score_adjust >= -1000 &&
                                                     *service.oom_score_adjust <= 1000),
                       "the OOM score adjustment must be between -1000 and 1000");
    for (const ResourceLimit& limit : service.limits) {
        objections.require(limit.resource >= 0 && limit.resource <= 15,
                           "resource limit " + std::to_string(limit.resource) + " does not exist");
        objections.require(limit.soft <= limit.hard, "a soft resource limit is above the hard one");
    }
    check_absolute(service.chroot, "the root directory", objections);
    check_stdio(service.stdio, objections);
    check_absolute(service.log.path, "the path of the log", objections);
    check_tracking(service.tracking, objections);
    if (service.monitor_children) check_stop(service.monitor_children->stop, objections);
    if (service.restart_command) {
        check_command(service.restart_command->command, "the restart command", objections);
        objections.require_wait(service.restart_command->timeout,
                                "the timeout of the restart command");
    }
    objections.require(
        service.reload_signal == 0 || is_sendable(service.reload_signal),
        "reload signal " + std::to_string(service.reload_signal) + " does not exist");
}

}  // namespace reeve::spec
