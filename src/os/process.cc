#include "os/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <string_view>

#include "base/text.h"

namespace reeve::os {
namespace {

/// The argument of PIDFD_GET_INFO as of Linux 6.15; Debian 12's headers do not have it.
struct PidfdInfo {
    std::uint64_t mask;
    std::uint64_t cgroup_id;
    std::uint32_t ids[11];
    std::int32_t exit_code;
};
static_assert(sizeof(PidfdInfo) == 64);
constexpr std::uint64_t kPidfdInfoExit = 1U << 3;
constexpr unsigned long kPidfdGetInfo = _IOC(_IOC_READ | _IOC_WRITE, 0xFF, 11, sizeof(PidfdInfo));

template <typename Number>
Number number_of(std::string_view text) {
    Number number{};
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

constexpr std::size_t kEnvironmentBytesMax = 4 * 1024 * 1024;

/// Those of /proc/PID/stat behind the name, up to the exit status.
constexpr std::size_t kStatFields = 50;

/// The first fields of a line; false: there are not so many. Nothing is allocated: this is done for
/// every process that is looked at.
bool split_fields(std::string_view line, std::array<std::string_view, kStatFields>& fields) {
    std::size_t at = 0;
    for (std::string_view& field : fields) {
        while (at < line.size() && line[at] == ' ')
            ++at;
        const std::size_t begin = at;
        while (at < line.size() && line[at] != ' ' && line[at] != '\n')
            ++at;
        if (at == begin) return false;
        field = line.substr(begin, at - begin);
    }
    return true;
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(const std::string& text) {
    // The name in parentheses may hold anything; what follows the last one is regular.
    const std::size_t name_begin = text.find('(') + 1;
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos || name_begin > name_end) return std::nullopt;
    std::array<std::string_view, kStatFields> fields;
    if (!split_fields(std::string_view(text).substr(name_end + 1), fields)) return std::nullopt;
    ProcessStat stat;
    stat.name = text.substr(name_begin, name_end - name_begin);
    stat.state = fields[0].front();
    stat.parent = number_of<pid_t>(fields[1]);
    stat.group = number_of<pid_t>(fields[2]);
    stat.session = number_of<pid_t>(fields[3]);
    stat.start_ticks = number_of<std::uint64_t>(fields[19]);
    stat.cpu_ticks = number_of<std::int64_t>(fields[11]) + number_of<std::int64_t>(fields[12]);
    stat.resident_pages = number_of<std::uint64_t>(fields[21]);
    stat.exit_status = number_of<int>(fields[49]);
    return stat;
}

std::optional<ProcessStat> read_process_stat(pid_t pid) {
    static const UniqueFd processes(::open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
    const Result<std::string> text =
        read_kernel_record(processes.get(), std::to_string(pid) + "/stat");
    if (!text) return std::nullopt;
    return parse_process_stat(*text);
}

Result<UniqueFd> open_pidfd(pid_t pid) {
    const long fd = ::syscall(SYS_pidfd_open, pid, 0);
    if (fd < 0) return system_error("open a pidfd of process " + std::to_string(pid));
    return UniqueFd(static_cast<int>(fd));
}

Result<void> send_signal(int pidfd, int signal) {
    if (::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) != 0) {
        return system_error("send signal " + std::to_string(signal));
    }
    return {};
}

std::optional<int> exit_status_after_reaping(int pidfd) {
    PidfdInfo info{};
    info.mask = kPidfdInfoExit;
    if (::ioctl(pidfd, kPidfdGetInfo, &info) != 0) return std::nullopt;
    if ((info.mask & kPidfdInfoExit) == 0) return std::nullopt;
    return info.exit_code;
}

bool may_read_exit_statuses() {
    constexpr std::uint64_t kCapSysPtrace = 1U << 19;
    const Result<std::string> status = read_file("/proc/self/status", 64 * 1024);
    if (!status) return false;
    const std::size_t at = status->find("CapEff:");
    if (at == std::string::npos) return false;
    const auto line = std::string_view(*status).substr(at + 7);
    const Result<std::uint64_t> capabilities = parse_hex(trim(line.substr(0, line.find('\n'))));
    return capabilities && (*capabilities & kCapSysPtrace) != 0;
}

void for_each_process(const std::function<void(pid_t)>& visit) {
    const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir("/proc"), ::closedir);
    if (!directory) return;
    while (const dirent* entry = ::readdir(directory.get())) {
        const pid_t pid = number_of<pid_t>(entry->d_name);
        if (pid > 0) visit(pid);
    }
}

std::vector<pid_t> with_descendants(pid_t pid) {
    std::multimap<pid_t, pid_t> children;  // by parent
    for_each_process([&](pid_t other) {
        const std::optional<ProcessStat> stat = read_process_stat(other);
        if (stat && stat->state != 'Z') children.emplace(stat->parent, other);
    });
    std::vector<pid_t> found = {pid};
    for (std::size_t i = 0; i < found.size(); ++i) {
        const auto [first, last] = children.equal_range(found[i]);
        for (auto child = first; child != last; ++child) {
            // A number may have been given anew during the pass.
            const bool known = std::find(found.begin(), found.end(), child->second) != found.end();
            if (!known) found.push_back(child->second);
        }
    }
    return found;
}

std::optional<std::string> environment_of(pid_t pid, const std::string& name) {
    const Result<std::string> all =
        read_file("/proc/" + std::to_string(pid) + "/environ", kEnvironmentBytesMax);
    if (!all || all->empty()) return std::nullopt;
    for (const std::string_view entry : split(*all, '\0')) {
        if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) {
            return std::string(entry.substr(name.size() + 1));
        }
    }
    return std::string();
}

std::string boot_id() {
    const Result<std::string> id = read_file("/proc/sys/kernel/random/boot_id", 64);
    return id ? std::string(trim(*id)) : std::string();
}

}  // namespace reeve::os
