#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "api/client.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "cli/log_follower.h"
#include "cli/log_list.h"
#include "cli/log_printer.h"
#include "os/fd.h"
#include "spec/app.h"

namespace reeve::cli {

/// One `reeve run`: a private reeve under a temporary root, which runs one app and ends with it.
/// The root is removed at the end, whatever happened.
class RunSession {
public:
    /// `context` is the user's; it must outlive the session.
    explicit RunSession(const Context& context) : user_context_(context), context_(context) {}
    ~RunSession();
    RunSession(const RunSession&) = delete;
    RunSession& operator=(const RunSession&) = delete;

    /// Starts the private reeve.
    Result<void> begin();

    /// Loads the app and shows what it writes until everything has ended.
    ExitCode run(std::shared_ptr<const spec::App> app);

private:
    Result<void> load(std::shared_ptr<const spec::App> app);
    Result<void> follow_events();
    void add_logs();
    void loop();
    void on_signals();
    void on_event(std::string_view line);
    void on_log_line(std::size_t source, std::string_view line);
    void read_events();
    void announce();
    void stop_all();
    void kill_all();
    void note(const std::string& text);
    void note_at(std::string_view time, const std::string& text);

    const Context& user_context_;
    Context context_;  // of the private reeve
    std::string root_;
    pid_t keeper_ = 0;  // 0: not started, or reaped
    os::UniqueFd signals_;
    std::optional<api::LineStream> events_;
    std::optional<LogFollower> follower_;
    std::optional<LogPrinter> printer_;
    std::set<std::string> logs_known_;           // instances whose log is followed
    std::map<std::string, std::string> states_;  // by instance
    bool announced_ = false;
    bool stopping_ = false;
    TimePoint stop_asked_;  // when the user did
    bool killing_ = false;
    bool failed_ = false;
};

}  // namespace reeve::cli
