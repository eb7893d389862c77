#include "drivers/nginx_server.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <optional>
#include <vector>

#include "base/text.h"
#include "os/fd.h"
#include "os/process.h"

namespace reeve::drivers {
namespace {

constexpr std::size_t kSmallFileMax = 64 * 1024;

/// `nginx: worker process is shutting down`: nginx writes what it does over its command line.
std::string title_of(pid_t pid) {
    const Result<std::string> title =
        os::read_file("/proc/" + std::to_string(pid) + "/cmdline", kSmallFileMax);
    return title ? *title : std::string();
}

/// As the kernel lists them, where it does; else by looking at every process.
std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> children;
    const std::string number = std::to_string(parent);
    const Result<std::string> listed =
        os::read_file("/proc/" + number + "/task/" + number + "/children", kSmallFileMax);
    if (!listed) {
        os::for_each_process([&](pid_t pid) {
            const std::optional<os::ProcessStat> stat = os::read_process_stat(pid);
            if (stat && stat->parent == parent) children.push_back(pid);
        });
        return children;
    }
    for (const std::string_view word : words(*listed)) {
        const Result<std::int64_t> pid = parse_integer(word);
        if (pid) children.push_back(static_cast<pid_t>(*pid));
    }
    return children;
}

}  // namespace

std::string find_nginx_program() {
    for (const char* path : {"/usr/sbin/nginx", "/usr/local/sbin/nginx",
                             "/usr/local/nginx/sbin/nginx", "/usr/bin/nginx"}) {
        if (::access(path, X_OK) == 0) return path;
    }
    return "";
}

pid_t NginxServer::master() const {
    const Result<std::string> text = os::read_file(pid_file_, kSmallFileMax);
    if (!text) return 0;
    const Result<std::int64_t> pid = parse_integer(trim(*text));
    if (!pid || *pid <= 1) return 0;
    // The file may be older than its process.
    const bool is_nginx = title_of(static_cast<pid_t>(*pid)).starts_with("nginx: master process");
    return is_nginx ? static_cast<pid_t>(*pid) : 0;
}

std::set<pid_t> NginxServer::workers(bool leaving) const {
    std::set<pid_t> found;
    const pid_t parent = master();
    if (parent == 0) return found;
    for (const pid_t pid : children_of(parent)) {
        const std::string title = title_of(pid);
        if (!title.starts_with("nginx: worker process")) continue;
        const bool leaves = title.find("shutting down") != std::string::npos;
        if (leaving || !leaves) found.insert(pid);
    }
    return found;
}

Result<void> NginxServer::reload() const {
    const pid_t pid = master();
    if (pid == 0) return Error{"reload nginx: it does not run", ESRCH};
    const os::UniqueFd pidfd = TRY(os::open_pidfd(pid));
    if (master() != pid) return Error{"reload nginx: it does not run", ESRCH};
    return os::send_signal(pidfd.get(), SIGHUP);
}

}  // namespace reeve::drivers
