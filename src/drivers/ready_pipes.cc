#include "drivers/ready_pipes.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>
#include <utility>

#include "base/text.h"
#include "os/paths.h"

namespace reeve::drivers {
namespace {

constexpr const char* kStoredReadyPrefix = "ready/";

std::string key_of(const std::string& instance, int slot) {
    return instance + " " + std::to_string(slot);
}

}  // namespace

ReadyPipes::ReadyPipes(event_base* loop, std::string directory, KeeperClient& keeper,
                       EventSink sink)
    : loop_(loop), directory_(std::move(directory)), keeper_(keeper), sink_(std::move(sink)) {}

std::string ReadyPipes::path_of(const std::string& key) const {
    return directory_ + "/" + to_hex(std::hash<std::string>{}(key)) + ".ready";
}

void ReadyPipes::restore(std::map<std::string, os::UniqueFd>& stored) {
    for (auto& [name, fd] : stored) {
        if (!name.starts_with(kStoredReadyPrefix) || !fd) continue;
        const std::string key = name.substr(std::string_view(kStoredReadyPrefix).size());
        Pipe& pipe = pipes_[key];
        pipe.fd = std::move(fd);
        pipe.path = path_of(key);
    }
}

Result<std::string> ReadyPipes::open(const std::string& instance, int slot, uid_t uid,
                                     core::RunId run) {
    const std::string key = key_of(instance, slot);
    // What is left of the run before may still write into the old one.
    drop(key);
    TRY(os::make_directories(directory_, 0711));
    const std::string path = path_of(key);
    ::unlink(path.c_str());
    if (::mkfifo(path.c_str(), 0600) != 0) return system_error("make " + path);
    // For both directions: without a writer it must not look as if it had come to its end.
    os::UniqueFd fd = TRY(os::open_file(path, O_RDWR | O_NONBLOCK | O_NOFOLLOW));
    if (uid != ::geteuid() && ::fchown(fd.get(), uid, static_cast<gid_t>(-1)) != 0) {
        return system_error("give " + path + " to its user");
    }
    Pipe& pipe = pipes_[key];
    pipe.fd = std::move(fd);
    pipe.path = path;
    pipe.run = run;
    keeper_.store_fd(kStoredReadyPrefix + key, pipe.fd.get());
    return path;
}

void ReadyPipes::attach(const std::string& instance, int slot, core::RunId run) {
    const auto found = pipes_.find(key_of(instance, slot));
    if (found != pipes_.end()) found->second.run = run;
}

void ReadyPipes::watch_ready(core::RunId run) {
    for (auto& [key, pipe] : pipes_) {
        if (pipe.run != run) continue;
        pipe.readable =
            Watch(loop_, pipe.fd.get(), Watch::For::Reading, [this, name = key] { read(name); });
    }
}

/// Everything up to the line's end may be anything, and what follows is not looked at.
void ReadyPipes::read(const std::string& key) {
    const auto found = pipes_.find(key);
    if (found == pipes_.end()) return;
    char bytes[4096];
    const ssize_t size = ::read(found->second.fd.get(), bytes, sizeof bytes);
    if (size <= 0) return;
    const std::string_view text(bytes, static_cast<std::size_t>(size));
    if (text.find('\n') == std::string_view::npos) return;
    sink_(core::Ready{found->second.run, "it wrote a line to its notification descriptor"});
    found->second.readable = Watch();
}

void ReadyPipes::drop(const std::string& key) {
    const auto found = pipes_.find(key);
    if (found == pipes_.end()) return;
    ::unlink(found->second.path.c_str());
    keeper_.drop_fd(kStoredReadyPrefix + key);
    pipes_.erase(found);
}

void ReadyPipes::forget_run(core::RunId run) {
    for (auto& [key, pipe] : pipes_) {
        if (pipe.run != run) continue;
        pipe.readable = Watch();
        pipe.run = 0;
    }
}

void ReadyPipes::visit(const std::function<void(const std::string&, int)>& visit) const {
    for (const auto& [key, pipe] : pipes_)
        visit(kStoredReadyPrefix + key, pipe.fd.get());
}

void ReadyPipes::remove_files() const {
    for (const auto& [key, pipe] : pipes_)
        ::unlink(pipe.path.c_str());
}

void ReadyPipes::forget_instance(const std::string& instance) {
    for (const int slot : {0, 1})
        drop(key_of(instance, slot));
}

}  // namespace reeve::drivers
