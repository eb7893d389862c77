#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "core/manager.h"
#include "sim/checks.h"
#include "sim/world.h"

namespace reeve::sim {

/// One random story: apps, lives, commands, stale news, and a daemon that may die between any two
/// steps, after which the next one restores itself from the journal. Then everything is sent down,
/// left alone, and must become quiet. The same seed tells the same story.
class Simulation {
public:
    Simulation(std::uint64_t seed, bool trace);

    /// Why the seed fails; empty: it holds.
    std::string run();

private:
    struct Client {
        core::Command command;
        bool waiting = false;  // for the end of its operation
        bool to_send = false;  // the daemon that it spoke to has died
        std::string answer;    // the final one
        int answers_due = 0;   // how often this daemon may answer it
    };

    void chaos_step();
    void quiet_step();
    void go_on_in_time();
    void deliver(const core::Event& event);
    void perform(const core::Actions& actions, std::size_t count);
    void hear(const core::Action& action);
    void write_journal();
    void write_performed();
    void keep(std::vector<core::Record> records);
    void replace_daemon();
    void ask(core::CommandKind kind);
    void send(core::OperationId id);
    void resend_one();
    bool has_unsent() const;
    void stale_news();
    void let_go();
    void check_journal();
    void check_end();
    core::CommandKind random_command();
    core::CommandKind random_job_command();
    core::CommandKind random_load(const std::string& app);
    std::vector<spec::Target> random_targets();
    void say(const std::string& line) const;
    void tell(const core::Actions& actions) const;

    bool trace_;
    Random random_;
    core::ManagerSettings settings_;
    World world_;
    Checks checks_;
    std::optional<core::Manager> manager_;
    std::map<std::string, std::string> journal_;
    bool journal_waits_ = false;  // the latest step is in none of its records
    TimePoint now_{};
    bool chaos_ = true;
    bool calm_ = false;
    bool ends_by_shutdown_ = false;
    std::map<core::OperationId, Client> clients_;
    core::OperationId last_operation_ = 0;
};

}  // namespace reeve::sim
