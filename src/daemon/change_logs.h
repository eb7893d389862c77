#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "os/fd.h"
#include "spec/app.h"
#include "status/transition.h"

namespace reeve::drivers {
class LogPipes;
}

namespace reeve::daemon {

/// The lines of Bluepill's log that tell of a transition, each with its newline, as its Logger
/// writes them in the local time zone; none where the service is reeve's own or not known.
std::string change_log_lines(const status::Transition& transition, const spec::App& app);

/// The same for syslog: `<182>Nov 20 09:43:13 bluepilld[28657]: [demo:web] text`, one to a
/// datagram.
std::vector<std::string> change_log_datagrams(const status::Transition& transition,
                                              const spec::App& app);

/// Where syslog listens, if it does.
class SyslogSocket {
public:
    explicit SyslogSocket(std::string path) : path_(std::move(path)) {}

    /// Sends a datagram without waiting. Where nobody listens it is lost, as are Bluepill's own.
    void send(const std::string& datagram);

private:
    std::string path_;
    os::UniqueFd socket_;
};

/// Tells the changes of those apps that want it (spec::ChangeLog) in a file of their own, which the
/// scribe writes, or to syslog. Nothing here blocks: what a full pipe or a full socket does not
/// take is left out, since the ledger has it.
class ChangeLogs {
public:
    /// `logs` must outlive this.
    ChangeLogs(drivers::LogPipes& logs, std::string syslog_path);

    void tell(const status::Transition& transition, const spec::App& app);
    /// The app is known with another definition from now on, or (nullptr) no longer.
    void note_app(const std::string& app, const spec::App* definition);

private:
    void write_file(const std::string& app, const std::string& path, const std::string& lines);

    drivers::LogPipes& logs_;
    SyslogSocket syslog_;
    std::set<std::string> unwritable_;  // apps of which it was said that lines are left out
};

}  // namespace reeve::daemon
