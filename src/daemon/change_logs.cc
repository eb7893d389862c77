#include "daemon/change_logs.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "api/bluepill_words.h"
#include "base/log.h"
#include "drivers/log_pipes.h"
#include "formats/pill/pill_reader.h"

namespace reeve::daemon {
namespace {

namespace words = api::bluepill;

constexpr int kLocal6 = 22 << 3;  // the facility that Bluepill logs to
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;
/// A longer line is cut: syslogd takes no more by default.
constexpr std::size_t kDatagramMax = 2000;

std::string local_time(WallTime wall, const char* format) {
    const auto seconds = static_cast<time_t>(wall.nanoseconds / kNanosecondsPerSecond);
    tm parts{};
    ::localtime_r(&seconds, &parts);
    char text[64];
    return std::string(text, ::strftime(text, sizeof text, format, &parts));
}

/// `2026-11-20T09:43:13.916670`.
std::string time_with_micros(WallTime wall) {
    const std::string micros =
        std::to_string(wall.nanoseconds % kNanosecondsPerSecond / 1000 + 1'000'000);
    return local_time(wall, "%Y-%m-%dT%H:%M:%S.") + micros.substr(1);
}

int severity_of(char level) {
    constexpr int kError = 3;
    constexpr int kWarning = 4;
    constexpr int kInfo = 6;
    constexpr int kDebug = 7;
    switch (level) {
        case 'E':
            return kError;
        case 'W':
            return kWarning;
        case 'D':
            return kDebug;
        default:
            return kInfo;
    }
}

/// Calls `visit(line, names)` for what Bluepill would have logged.
template <typename Visit>
void for_each_line(const status::Transition& transition, const spec::App& app, Visit visit) {
    const spec::Service* service = spec::find_service(app, transition.instance.service);
    if (service == nullptr || service->name == formats::pill::kHostService) return;
    const std::string& group = service->listing.group;
    std::string name = service->name;
    if (!group.empty() && name.starts_with(group + ":")) name.erase(0, group.size() + 1);
    const words::Change change{to_text(transition.from), to_text(transition.to),
                               transition.reason,        to_text(transition.cause.kind),
                               transition.cause.text,    transition.pid};
    for (const words::LogLine& line : words::log_lines(change, service))
        visit(line, std::vector<std::string>{app.name, group, name});
}

/// The log of an app's changes among the logs of its instances, which are counted from 1.
spec::InstanceName log_name(const std::string& app) {
    return {app, "changes", 0, ""};
}

}  // namespace

std::string change_log_lines(const status::Transition& transition, const spec::App& app) {
    std::string lines;
    for_each_line(transition, app, [&](const auto& line, const auto& names) {
        lines += words::format_line(line, time_with_micros(transition.wall), ::getpid(), names);
    });
    return lines;
}

std::vector<std::string> change_log_datagrams(const status::Transition& transition,
                                              const spec::App& app) {
    std::vector<std::string> datagrams;
    for_each_line(transition, app, [&](const auto& line, const auto& names) {
        std::string text = "<" + std::to_string(kLocal6 + severity_of(line.level)) + ">" +
                           local_time(transition.wall, "%b %e %H:%M:%S") + " bluepilld[" +
                           std::to_string(::getpid()) + "]: " + words::format_message(line, names);
        datagrams.push_back(text.substr(0, kDatagramMax));
    });
    return datagrams;
}

void SyslogSocket::send(const std::string& datagram) {
    if (!socket_) socket_.reset(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (!socket_ || path_.size() >= sizeof address.sun_path) return;
    ::memcpy(address.sun_path, path_.c_str(), path_.size() + 1);
    (void)::sendto(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL,
                   reinterpret_cast<const sockaddr*>(&address),
                   sizeof address);  // see its declaration
}

ChangeLogs::ChangeLogs(drivers::LogPipes& logs, std::string syslog_path)
    : logs_(logs), syslog_(std::move(syslog_path)) {}

void ChangeLogs::tell(const status::Transition& transition, const spec::App& app) {
    if (!app.change_log) return;
    if (!app.change_log->path.empty()) {
        const std::string lines = change_log_lines(transition, app);
        if (!lines.empty()) write_file(app.name, app.change_log->path, lines);
        return;
    }
    for (const std::string& datagram : change_log_datagrams(transition, app))
        syslog_.send(datagram);
}

void ChangeLogs::note_app(const std::string& app, const spec::App* definition) {
    const bool has_file =
        definition != nullptr && definition->change_log && !definition->change_log->path.empty();
    if (!has_file) logs_.forget(log_name(app));
}

void ChangeLogs::write_file(const std::string& app, const std::string& path,
                            const std::string& lines) {
    spec::LogSpec spec;
    spec.path = path;
    spec.timestamps = false;
    spec.rotate = false;  // it is the operator's file, as it was Bluepill's
    const Result<os::UniqueFd> pipe = logs_.open_for_reeved(log_name(app), spec);
    const ssize_t size = pipe ? ::write(pipe->get(), lines.data(), lines.size()) : -1;
    if (size == static_cast<ssize_t>(lines.size())) {
        unwritable_.erase(app);
    } else if (unwritable_.insert(app).second) {
        log::warning("app=" + app + " reason=\"lines are missing in " + path + ": " +
                     (pipe ? "the scribe does not keep up" : pipe.error().message) + "\"");
    }
}

}  // namespace reeve::daemon
