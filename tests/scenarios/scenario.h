#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/manager.h"
#include "sim/world.h"
#include "spec/app.h"

namespace reeve::scenarios {

/// Plays one scenario: a manager and a small world whose processes do as the scenario says. Each
/// line is a command; `play` returns what came of it, as the scenario file shows it.
///
///   brake N                       at most N runs between clone and exec
///   service NAME key=value…       configures a service of the app `shop` for the next load
///   drop NAME                     takes it out again
///   life NAME key=value…          how its processes behave from now on
///   load [down] | unload | start T | stop T | restart T | unmonitor T |
///   signal SIG T | reload T
///   scale NAME=N… | shutdown
///   job NAME setting…             makes the service a job (scenarios/jobs.h)
///   start-on NAME EXPR | stop-on NAME EXPR   parentheses as words of their own
///   emit EVENT K=V… | happen EVENT K=V… | sequence EVENT EVENT…
///   job-start NAME K=V… | job-stop … | job-restart …
///   list                          as `initctl list` shows jobs
///   exit INSTANCE HOW [leaving]   its main process ends, by code or signal
///   hand-over INSTANCE            the same, and another process takes over from it
///   unseen exit …                 the same, while no daemon lives
///   wait MILLISECONDS | status
///   replace                       the daemon dies and a new one takes over
///   dies-after N COMMAND…         the same, after the first N actions that the command leads to
class Scenario {
public:
    Scenario();

    Result<std::string> play(std::string_view line);

private:
    Result<void> do_command(std::string_view line);
    Result<void> do_operation(const std::vector<std::string_view>& parts);
    Result<void> do_service(const std::vector<std::string_view>& parts);
    Result<void> do_life(const std::vector<std::string_view>& parts);
    Result<void> do_job(const std::vector<std::string_view>& parts);
    Result<bool> do_event(const std::vector<std::string_view>& parts);
    void list_jobs();
    Result<void> do_exit(const std::vector<std::string_view>& parts);
    Result<void> do_hand_over(const std::vector<std::string_view>& parts);
    Result<core::RunId> main_run_of(std::string_view instance) const;
    Result<void> wait(Duration length);
    void operate(core::CommandKind kind);
    void deliver(const core::Event& event);
    void perform(const core::Actions& actions, std::size_t count);
    void take_facts();
    void write_journal();
    void write_performed();
    void keep(const std::vector<core::Record>& records);
    void replace_daemon();
    void print_status();
    void print(const core::Action& action);
    void line_out(const std::string& text);
    sim::Behaviour behaviour_of(const core::SpawnRun& run) const;

    struct Life {
        sim::Behaviour main;
        sim::Behaviour hook;
    };

    core::ManagerSettings settings_;
    std::map<std::string, Life> lives_;
    std::map<std::string, spec::Service> services_;
    sim::World world_;
    core::Manager manager_;
    std::map<std::string, std::string> journal_;
    TimePoint now_;
    core::OperationId last_operation_ = 0;
    std::size_t dies_after_;
    std::string out_;
};

}  // namespace reeve::scenarios
