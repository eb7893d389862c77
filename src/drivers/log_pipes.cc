#include "drivers/log_pipes.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <utility>

#include "base/text.h"
#include "os/users.h"

namespace reeve::drivers {
namespace {

constexpr const char* kStoredPrefix = "log/";

/// A pipe's inode number: unique among living pipes, and the same in every process.
Result<link::LogId> identity_of(int pipe) {
    struct stat info {};
    if (::fstat(pipe, &info) != 0) return system_error("look at a log pipe");
    return static_cast<link::LogId>(info.st_ino);
}

/// The pipe that a living process has as its stdout; no descriptor when it is something else.
os::UniqueFd stdout_pipe_of(int pid) {
    const std::string path = "/proc/" + std::to_string(pid) + "/fd/1";
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0 || !S_ISFIFO(info.st_mode)) return {};
    Result<os::UniqueFd> pipe = os::open_file(path, O_RDWR | O_NONBLOCK);
    return pipe ? std::move(pipe).value() : os::UniqueFd();
}

}  // namespace

std::string escaped_name(const spec::InstanceName& instance) {
    return escape_name(instance.app) + "/" + spec::path_component(instance);
}

LogPipes::LogPipes(const os::Paths& paths, KeeperClient& keeper, ScribeClient& scribe)
    : paths_(paths), keeper_(keeper), scribe_(scribe) {
    const Result<gid_t> group = os::find_group(os::kOperatorsGroup);
    if (group && !paths.user_mode) group_ = *group;
}

void LogPipes::restore(std::map<std::string, os::UniqueFd>& stored) {
    for (auto& [name, fd] : stored) {
        if (!name.starts_with(kStoredPrefix)) continue;
        const std::string instance = name.substr(std::string(kStoredPrefix).size());
        (void)add(instance, std::move(fd),
                  link::PipeAge::Continued);  // made anew at the next spawn
    }
    scribe_.all_logs_named();
}

Result<int> LogPipes::add(const std::string& name, os::UniqueFd fd, link::PipeAge age) {
    const link::LogId log = TRY(identity_of(fd.get()));
    const std::size_t slash = name.find('/');
    link::LogSettings settings;
    settings.path = os::log_path(paths_, name.substr(0, slash), name.substr(slash + 1));
    settings.owner_gid = group_;
    Pipe& pipe = pipes_[name];
    pipe = Pipe{std::move(fd), log};
    scribe_.open_log(log, std::move(settings), age, pipe.fd.get());
    return pipe.fd.get();
}

Result<int> LogPipes::pipe_of(const spec::InstanceName& instance, int main_pid) {
    const std::string name = escaped_name(instance);
    const auto found = pipes_.find(name);
    if (found != pipes_.end()) return found->second.fd.get();
    os::UniqueFd fd;
    if (main_pid != 0) fd = stdout_pipe_of(main_pid);
    const link::PipeAge age = fd ? link::PipeAge::Continued : link::PipeAge::Fresh;
    if (!fd) fd = TRY(os::make_log_pipe());
    keeper_.store_fd(kStoredPrefix + name, fd.get());
    return add(name, std::move(fd), age);
}

Result<os::UniqueFd> LogPipes::open_for_child(const spec::InstanceName& instance) {
    return os::open_writing_end(TRY(pipe_of(instance, 0)));
}

void LogPipes::forget(const spec::InstanceName& instance) {
    const auto found = pipes_.find(escaped_name(instance));
    if (found == pipes_.end()) return;
    scribe_.close_log(found->second.log, {});
    keeper_.drop_fd(kStoredPrefix + found->first);
    pipes_.erase(found);
}

void LogPipes::visit(const std::function<void(const std::string&, int)>& visit) const {
    for (const auto& [name, pipe] : pipes_)
        visit(kStoredPrefix + name, pipe.fd.get());
}

std::string LogPipes::path_of(const spec::InstanceName& instance) const {
    return os::log_path(paths_, escape_name(instance.app), spec::path_component(instance));
}

std::string LogPipes::name_of(link::LogId log) const {
    for (const auto& [name, pipe] : pipes_) {
        if (pipe.log == log) return name;
    }
    return {};
}

}  // namespace reeve::drivers
