#include "drivers/log_pipes.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "os/foreign_pipes.h"
#include "os/users.h"

namespace reeve::drivers {
namespace {

constexpr const char* kStoredPipePrefix = "log/";

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

/// Whether it is not there, unlike one for which this process is short of something.
bool has_gone(const Error& error) {
    return error.code == ENOENT || error.code == ESRCH || error.code == EACCES ||
           error.code == EPERM || error.code == ENXIO;  // a socket has its number
}

/// Under what the keeper stores a pipe: its name, and how its log is kept where that is not usual.
/// What is restored goes on in the right file before anybody knows its spec.
std::string stored_name(const std::string& name, const spec::LogSpec& spec) {
    if (spec == spec::LogSpec{}) return kStoredPipePrefix + name;
    return kStoredPipePrefix + name + "\n" + (spec.timestamps ? "t" : "-") +
           (spec.rotate ? "r" : "-") + spec.path;
}

const spec::LogSpec& spec_or_usual(const Rare<spec::LogSpec>& spec) {
    static const spec::LogSpec kUsual;
    return spec ? *spec : kUsual;
}

struct StoredName {
    std::string name;
    spec::LogSpec spec;
};

StoredName read_stored_name(std::string_view stored) {
    stored.remove_prefix(std::string_view(kStoredPipePrefix).size());
    const std::size_t end = stored.find('\n');
    StoredName read{std::string(stored.substr(0, end)), {}};
    if (end == std::string_view::npos || stored.size() < end + 3) return read;
    read.spec.timestamps = stored[end + 1] == 't';
    read.spec.rotate = stored[end + 2] == 'r';
    read.spec.path = std::string(stored.substr(end + 3));
    return read;
}

}  // namespace

std::string own_log_path(const spec::InstanceName& instance, const spec::LogSpec& spec) {
    static constexpr std::string_view kInstance = "{instance}";
    std::string path = spec.path;
    const std::size_t at = path.find(kInstance);
    if (at == std::string::npos) return path;
    std::string which = instance.key.empty() ? std::to_string(instance.index) : instance.key;
    std::replace(which.begin(), which.end(), '/', '_');
    return path.replace(at, kInstance.size(), which);
}

std::string escaped_name(const spec::InstanceName& instance) {
    return escape_name(instance.app) + "/" + spec::path_component(instance);
}

LogPipes::LogPipes(const os::Paths& paths, KeeperClient& keeper, ScribeClient& scribe)
    : paths_(paths), keeper_(keeper), scribe_(scribe) {
    scribe_.serve_logs(*this);
}

void LogPipes::restore(std::map<std::string, os::UniqueFd>& stored,
                       const std::vector<link::HeldFd>& held) {
    for (auto& [name, fd] : stored) {
        if (!name.starts_with(kStoredPipePrefix)) continue;
        const Result<link::LogId> log = identity_of(fd.get());
        if (!log) continue;  // made anew at the next spawn
        Pipe pipe;
        pipe.log = *log;
        pipe.fd = std::move(fd);
        add_restored(name, std::move(pipe));
    }
    for (const link::HeldFd& one : held) {
        if (!one.name.starts_with(kStoredPipePrefix) || one.number < 0) continue;
        if (stored.contains(one.name)) {
            note_held(one);
            continue;
        }
        Pipe pipe;
        pipe.log = one.inode;
        pipe.held_as = one.number;
        add_restored(one.name, std::move(pipe));
    }
    scribe_.all_logs_named();
}

void LogPipes::add_restored(const std::string& stored, Pipe pipe) {
    const StoredName stored_as = read_stored_name(stored);
    pipe.age = link::PipeAge::Continued;
    pipe.is_told = true;
    scribe_.continue_log(add(stored_as.name, std::move(pipe), stored_as.spec).second.log);
}

void LogPipes::note_held(const link::HeldFd& held) {
    if (!keeper_.opens_held() || !held.name.starts_with(kStoredPipePrefix)) return;
    const auto found = pipes_.find(read_stored_name(held.name).name);
    if (found == pipes_.end() || found->second.log != held.inode) return;
    Pipe& pipe = found->second;
    // Its log is kept in another way since.
    if (stored_name(found->first, spec_or_usual(pipe.spec)) != held.name) return;
    pipe.held_as = held.number;
    if (pipe.is_told) pipe.fd.reset();
}

link::LogSettings LogPipes::settings_of(const std::string& name, const spec::LogSpec& spec) const {
    const std::size_t slash = name.find('/');
    link::LogSettings settings;
    settings.path = spec.path.empty()
                        ? os::log_path(paths_, name.substr(0, slash), name.substr(slash + 1))
                        : spec.path;
    settings.format = spec.timestamps ? link::LogFormat::Stamped : link::LogFormat::Plain;
    if (!spec.rotate) settings.rotate_bytes = 0;
    if (!paths_.user_mode && os::operators_group()) settings.owner_gid = *os::operators_group();
    return settings;
}

LogPipes::Named& LogPipes::add(const std::string& name, Pipe pipe, const spec::LogSpec& spec) {
    Named& named = *pipes_.try_emplace(name).first;
    if (named.second.log != 0) unlist(named);
    if (spec != spec::LogSpec{}) pipe.spec.emplace(spec);
    // A file of somebody else's choice is made by its first line.
    if (!spec.path.empty()) pipe.age = link::PipeAge::Continued;
    const link::LogId log = pipe.log;
    named.second = std::move(pipe);
    by_log_.insert(place_of(log), &named);
    return named;
}

Result<LogPipes::Named*> LogPipes::add_open(const std::string& name, os::UniqueFd fd,
                                            const spec::LogSpec& spec, link::PipeAge age) {
    Pipe pipe;
    pipe.log = TRY(identity_of(fd.get()));
    pipe.fd = std::move(fd);
    pipe.age = age;
    Named& added = add(name, std::move(pipe), spec);
    scribe_.open_log(added.second.log);
    return &added;
}

/// Where a log stands or would stand.
std::vector<LogPipes::Named*>::const_iterator LogPipes::place_of(link::LogId log) const {
    return std::lower_bound(
        by_log_.begin(), by_log_.end(), log,
        [](const Named* named, link::LogId wanted) { return named->second.log < wanted; });
}

/// Two instances may write to one pipe, where one has taken over the stdout of the other.
void LogPipes::unlist(const Named& named) {
    by_log_.erase(std::find(place_of(named.second.log), by_log_.cend(), &named));
}

LogPipes::Named* LogPipes::find(link::LogId log) const {
    const auto place = place_of(log);
    return place != by_log_.end() && (*place)->second.log == log ? *place : nullptr;
}

/// The instances that write to it, mostly one.
std::vector<LogPipes::Named*> LogPipes::sharers_of(link::LogId log) const {
    const auto begin = place_of(log);
    return {begin, std::find_if(begin, by_log_.end(),
                                [&](const Named* named) { return named->second.log != log; })};
}

OpenedLog LogPipes::opened(const Named& named) const {
    return OpenedLog{settings_of(named.first, spec_or_usual(named.second.spec)), named.second.age};
}

void LogPipes::visit_logs(const std::function<void(link::LogId)>& visit) const {
    for (const Named* named : by_log_)
        visit(named->second.log);
}

std::optional<OpenedLog> LogPipes::find_log(link::LogId log) const {
    const Named* named = find(log);
    if (named == nullptr) return std::nullopt;
    return opened(*named);
}

void LogPipes::note_told(link::LogId log) {
    for (Named* named : sharers_of(log)) {
        Pipe& pipe = named->second;
        pipe.age = link::PipeAge::Continued;
        pipe.is_told = true;
        if (pipe.held_as >= 0) pipe.fd.reset();
    }
}

Result<os::UniqueFd> LogPipes::open_pipe(link::LogId log) {
    Named* named = find(log);
    if (named == nullptr) return Error{"its pipe was given up", ENOENT};
    return open(named->second, For::Reeve);
}

/// Where the keeper has it no more, the scribe does: as that one ends, so does this.
Result<os::UniqueFd> LogPipes::open(Pipe& pipe, For whom) const {
    const int flags = whom == For::Child ? O_RDWR : O_RDWR | O_NONBLOCK;
    if (!pipe.fd && pipe.held_as >= 0) {
        Result<os::UniqueFd> opened = keeper_.open_held(pipe.held_as, pipe.log, flags);
        if (opened || !has_gone(opened.error())) return opened;
        pipe.held_as = -1;
        auto found =
            os::open_pipes_of(scribe_pid_, [&](std::uint64_t inode) { return inode == pipe.log; });
        if (!found.empty()) pipe.fd = std::move(found.begin()->second);
    }
    if (!pipe.fd) return Error{"the pipe of the log was lost", ENOENT};
    if (whom == For::Reeve) return os::duplicate(pipe.fd.get());
    return os::open_writing_end(pipe.fd.get());
}

Result<LogPipes::Named*> LogPipes::named(const spec::InstanceName& instance,
                                         const spec::LogSpec& wanted, int main_pid) {
    const std::string name = escaped_name(instance);
    spec::LogSpec spec = wanted;
    spec.path = own_log_path(instance, wanted);
    const auto found = pipes_.find(name);
    if (found != pipes_.end() && !found->second.is_lost()) {
        if (spec_or_usual(found->second.spec) == spec) return &*found;
        os::UniqueFd same = TRY(open(found->second, For::Reeve));
        keeper_.drop_fd(stored_name(name, spec_or_usual(found->second.spec)));
        keeper_.store_fd(stored_name(name, spec), same.get());
        return add_open(name, std::move(same), spec, link::PipeAge::Continued);
    }
    os::UniqueFd fd;
    if (main_pid != 0) fd = stdout_pipe_of(main_pid);
    const link::PipeAge age = fd ? link::PipeAge::Continued : link::PipeAge::Fresh;
    if (!fd) fd = TRY(os::make_log_pipe());
    keeper_.store_fd(stored_name(name, spec), fd.get());
    return add_open(name, std::move(fd), spec, age);
}

Result<void> LogPipes::keep(const spec::InstanceName& instance, const spec::LogSpec& spec,
                            int main_pid) {
    TRY(named(instance, spec, main_pid));
    return {};
}

/// One that was lost is made anew.
Result<os::UniqueFd> LogPipes::open_end(const spec::InstanceName& instance,
                                        const spec::LogSpec& spec, For whom) {
    const auto attempt = [&]() -> Result<os::UniqueFd> {
        return open(TRY(named(instance, spec, 0))->second, whom);
    };
    Result<os::UniqueFd> end = attempt();
    const auto found = pipes_.find(escaped_name(instance));
    if (end || found == pipes_.end() || !found->second.is_lost()) return end;
    return attempt();
}

Result<os::UniqueFd> LogPipes::open_for_child(const spec::InstanceName& instance,
                                              const spec::LogSpec& spec) {
    return open_end(instance, spec, For::Child);
}

Result<os::UniqueFd> LogPipes::open_for_reeved(const spec::InstanceName& instance,
                                               const spec::LogSpec& spec) {
    return open_end(instance, spec, For::Reeve);
}

void LogPipes::forget(const spec::InstanceName& instance) {
    const auto found = pipes_.find(escaped_name(instance));
    if (found == pipes_.end()) return;
    Result<os::UniqueFd> pipe = open(found->second, For::Reeve);
    scribe_.close_log(found->second.log, opened(*found).settings,
                      pipe ? std::move(*pipe) : os::UniqueFd(), {});
    keeper_.drop_fd(stored_name(found->first, spec_or_usual(found->second.spec)));
    unlist(*found);
    pipes_.erase(found);
}

void LogPipes::take_back() {
    const auto without_pipe = [this](link::LogId log) {
        std::vector<Named*> sharers = sharers_of(log);
        std::erase_if(sharers, [](const Named* named) { return bool(named->second.fd); });
        return sharers;
    };
    const auto is_missing = [&](std::uint64_t inode) { return !without_pipe(inode).empty(); };
    for (auto& [inode, fd] : os::open_pipes_of(scribe_pid_, is_missing)) {
        const std::vector<Named*> sharers = without_pipe(inode);
        for (Named* named : sharers) {
            if (named == sharers.back()) {
                named->second.fd = std::move(fd);
            } else if (Result<os::UniqueFd> copy = os::duplicate(fd.get())) {
                named->second.fd = std::move(*copy);
            } else {
                log::error("log=" + named->first + " reason=\"" + copy.error().message + "\"");
            }
        }
    }
}

void LogPipes::visit(const std::function<void(const std::string&, int)>& visit) const {
    for (const auto& [name, pipe] : pipes_)
        visit(stored_name(name, spec_or_usual(pipe.spec)), pipe.fd.get());
}

std::string LogPipes::path_of(const spec::InstanceName& instance) const {
    const auto found = pipes_.find(escaped_name(instance));
    if (found != pipes_.end() && found->second.spec && !found->second.spec->path.empty())
        return found->second.spec->path;
    return os::log_path(paths_, escape_name(instance.app), spec::path_component(instance));
}

std::string LogPipes::name_of(link::LogId log) const {
    const Named* named = find(log);
    return named == nullptr ? std::string() : named->first;
}

}  // namespace reeve::drivers
