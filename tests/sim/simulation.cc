#include "sim/simulation.h"

#include <signal.h>
#include <stdio.h>

#include <algorithm>

#include "sim/random_jobs.h"
#include "sim/random_world.h"
#include "sim/trace.h"

namespace reeve::sim {
namespace {

constexpr int kChaosSteps = 350;
constexpr int kCalmSteps = 100;  // nobody gives a command: crash loops show their rhythm
constexpr int kQuietStepsMax = 20'000;
constexpr Duration kQuietMax = 2h;  // every ladder, hook and unkillable process is over by then

/// The first key that only one of them has, or has otherwise; empty: there is none.
std::string first_difference(const std::map<std::string, std::string>& a,
                             const std::map<std::string, std::string>& b) {
    for (const auto& [key, value] : a) {
        const auto other = b.find(key);
        if (other == b.end()) return key + " is missing";
        if (other->second != value) return key + " differs";
    }
    for (const auto& [key, value] : b) {
        if (!a.contains(key)) return key + " is too many";
    }
    return "";
}

}  // namespace

Simulation::Simulation(std::uint64_t seed, bool trace)
    : trace_(trace),
      // Mixed: streams of neighbouring numbers would be the same, one step apart.
      random_(Random(seed).next()),
      world_([this](const core::SpawnRun& run) { return random_behaviour(random_, run); }),
      checks_(4) {
    settings_.epoch = 1 + static_cast<std::uint32_t>(random_.below(3));
    settings_.seed = seed;
    settings_.spawning_max = 4;
    now_ = TimePoint(1000s);
    ends_by_shutdown_ = one_in(random_, 3);
}

void Simulation::say(const std::string& line) const {
    if (trace_)
        ::printf("%10.3f %s\n", static_cast<double>((now_ - TimePoint()).count()) / 1e9,
                 line.c_str());
}

std::string Simulation::run() {
    manager_.emplace(settings_);
    for (int i = 0; i < kChaosSteps && checks_.failure().empty(); ++i)
        chaos_step();
    calm_ = true;
    for (int i = 0; i < kCalmSteps && checks_.failure().empty(); ++i)
        quiet_step();
    chaos_ = false;
    while (checks_.failure().empty() && has_unsent())
        resend_one();
    if (!checks_.failure().empty()) return checks_.failure();
    say("---- all is sent down");
    if (ends_by_shutdown_) {
        ask(core::Shutdown{spec::NamedEvent{"halt", {}}});
    } else {
        for (const status::App& app : manager_->apps())
            ask(core::UnloadApp{app.name});
    }
    const TimePoint give_up = now_ + kQuietMax;
    int steps = 0;
    while (checks_.failure().empty()) {
        const bool quiet =
            !world_.has_facts() && !manager_->deadline() && !world_.next_occurrence();
        if (quiet && !has_unsent()) break;
        if (++steps > kQuietStepsMax || now_ > give_up) {
            checks_.fail("it does not become quiet");
            break;
        }
        quiet_step();
    }
    if (checks_.failure().empty()) check_end();
    return checks_.failure();
}

bool Simulation::has_unsent() const {
    return std::any_of(clients_.begin(), clients_.end(),
                       [](const auto& client) { return client.second.to_send; });
}

void Simulation::chaos_step() {
    if (one_in(random_, 12)) return ask(random_command());
    if (one_in(random_, 15)) return ask(random_job_command());
    if (one_in(random_, 60)) return deliver(core::Happened{random_event(random_), "simulated"});
    if (one_in(random_, 200)) {
        return deliver(core::EventSequence{{random_event(random_), random_event(random_)}, "boot"});
    }
    if (one_in(random_, 30)) return stale_news();
    if (one_in(random_, 10)) return let_go();
    if (one_in(random_, 40)) return replace_daemon();
    if (one_in(random_, 80)) {
        now_ += random_duration(random_, 2h);
        say("the clock jumps");
        world_.advance(now_);
        return deliver(core::TimePassed{});
    }
    quiet_step();
}

void Simulation::quiet_step() {
    if (one_in(random_, 4)) return resend_one();
    if (world_.has_facts()) {
        if (one_in(random_, 3)) world_.shuffle_facts(random_.next());
        return deliver(*world_.take_fact());
    }
    go_on_in_time();
}

void Simulation::go_on_in_time() {
    const Deadline next = earliest(world_.next_occurrence(), manager_->deadline());
    if (!next) {
        if (chaos_ && !calm_) ask(random_command());
        resend_one();
        return;
    }
    now_ = std::max(now_, *next);
    world_.advance(now_);
    if (manager_->deadline() && *manager_->deadline() <= now_) deliver(core::TimePassed{});
}

// ---- The daemon.

void Simulation::deliver(const core::Event& event) {
    if (trace_) say(describe(event));
    core::Actions actions;
    manager_->handle(event, now_, actions);
    for (const core::Action& action : actions)
        say("    " + describe(action));
    checks_.after_event(*manager_, event, actions, world_, now_);
    if (!checks_.failure().empty()) say("    breach: " + checks_.failure());
    const bool dies = one_in(random_, chaos_ ? 25 : 200);
    if (dies && one_in(random_, 4)) {
        say("the daemon dies before it has written its journal");
        checks_.forget_transitions();
        return replace_daemon();
    }
    journal_waits_ = !journal_waits_ && core::Manager::only_asked({event}, actions);
    if (!journal_waits_) {
        write_journal();
        if (one_in(random_, 25)) check_journal();
    }
    const std::size_t count = dies ? random_.below(actions.size() + 1) : actions.size();
    perform(actions, count);
    if (!dies && !journal_waits_) write_performed();
    if (!dies) return;
    say("the daemon dies after " + std::to_string(count) + " of these");
    replace_daemon();
}

void Simulation::tell(const core::Actions& actions) const {
    if (!trace_) return;
    for (const core::Action& action : actions)
        say("    " + describe(action));
}

void Simulation::perform(const core::Actions& actions, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        world_.perform(actions[i], now_);
        hear(actions[i]);
    }
    if (!world_.complaint().empty()) checks_.fail(world_.complaint());
}

void Simulation::write_journal() {
    std::vector<core::Record> records;
    manager_->take_changes(records);
    keep(std::move(records));
}

/// A daemon need not say so at once, or at all.
void Simulation::write_performed() {
    std::vector<core::Record> records;
    if (!one_in(random_, 5)) manager_->performed(records);
    keep(std::move(records));
}

void Simulation::keep(std::vector<core::Record> records) {
    for (core::Record& record : records) {
        if (record.erased) {
            journal_.erase(record.key);
        } else {
            journal_[record.key] = std::move(record.value);
        }
    }
}

void Simulation::replace_daemon() {
    journal_waits_ = false;
    say("a new daemon takes over");
    world_.kill_daemon();
    if (one_in(random_, 3)) {
        now_ += random_duration(random_, 30s);
        world_.advance(now_);
    }
    for (auto& [id, client] : clients_) {
        client.answers_due = 1;  // from the outbox
        client.to_send = client.waiting;
    }
    std::vector<core::Record> records;
    for (const auto& [key, value] : journal_)
        records.push_back(core::Record{key, value, false});
    core::Actions actions;
    Result<core::Manager> restored = core::Manager::restore(settings_, records, now_, actions);
    if (!restored.ok()) return checks_.fail("restore: " + restored.error().message);
    manager_.emplace(std::move(restored).value());
    for (const core::Action& action : actions)
        say("    " + describe(action));
    checks_.daemon_replaced();
    if (one_in(random_, 2)) write_journal();
    const bool dies = one_in(random_, 5);
    perform(actions, dies ? random_.below(actions.size() + 1) : actions.size());
    if (dies) return replace_daemon();
    if (one_in(random_, 2)) {
        write_journal();
        write_performed();
    }
    checks_.after_event(*manager_, core::RunLost{}, {}, world_, now_);
}

/// The journal, piece by piece, is the whole state; and what is read back writes the same again.
void Simulation::check_journal() {
    const auto without_outbox = [](const std::vector<core::Record>& records) {
        std::map<std::string, std::string> map;
        for (const core::Record& record : records) {
            if (record.key != "x") map[record.key] = record.value;
        }
        return map;
    };
    std::vector<core::Record> all;
    manager_->all_records(all);
    std::vector<core::Record> kept;
    for (const auto& [key, value] : journal_)
        kept.push_back(core::Record{key, value, false});
    const std::string difference = first_difference(without_outbox(all), without_outbox(kept));
    if (!difference.empty()) checks_.fail("the journal's pieces are not the whole: " + difference);
    core::Actions ignored;
    const Result<core::Manager> copy = core::Manager::restore(settings_, all, now_, ignored);
    if (!copy.ok()) return checks_.fail("restore: " + copy.error().message);
    std::vector<core::Record> again;
    copy->all_records(again);
    const std::string change = first_difference(without_outbox(again), without_outbox(all));
    if (!change.empty()) checks_.fail("a restore changes the state: " + change);
    if (copy->deadline() != manager_->deadline()) checks_.fail("a restore changes the deadline");
}

// ---- Operators.

void Simulation::hear(const core::Action& action) {
    core::OperationId id = 0;
    std::string answer;
    if (const auto* refused = std::get_if<core::Refused>(&action)) {
        id = refused->operation;
        answer = "refused: " + refused->message;
    } else if (const auto* done = std::get_if<core::OperationDone>(&action)) {
        id = done->operation;
        answer = done->message;
    } else {
        return;
    }
    const auto found = clients_.find(id);
    if (found == clients_.end()) return checks_.fail("an answer without a question");
    Client& client = found->second;
    if (client.answers_due-- <= 0) checks_.fail("an operation is answered twice");
    if (!client.answer.empty() && client.answer != answer) {
        checks_.fail("an operation has two answers: " + client.answer + " / " + answer);
    }
    client.answer = answer;
    client.waiting = false;
    client.to_send = false;
}

void Simulation::send(core::OperationId id) {
    Client& client = clients_.at(id);
    client.waiting = true;
    client.to_send = false;
    ++client.answers_due;
    checks_.command_given(now_);
    deliver(client.command);
}

void Simulation::ask(core::CommandKind kind) {
    const core::OperationId id = ++last_operation_;
    const status::Cause cause{status::CauseKind::Operator, 0, "uid 0: simulated"};
    clients_[id].command = core::Command{id, cause, std::move(kind)};
    send(id);
}

void Simulation::resend_one() {
    for (auto& [id, client] : clients_) {
        if (client.to_send) return send(id);
    }
}

std::vector<spec::Target> Simulation::random_targets() {
    static const char* const kInstances[] = {"", "", "web", "worker", "clock", "web.1", "web.2"};
    return {spec::Target{one_in(random_, 4) ? "*" : (one_in(random_, 2) ? "shop" : "blog"),
                         kInstances[random_.below(7)]}};
}

core::CommandKind Simulation::random_load(const std::string& name) {
    const auto loaded = manager_->find_app(name);
    const bool fresh = loaded == nullptr || one_in(random_, 8);
    spec::App app = fresh ? random_app(random_, name) : changed_app(random_, *loaded);
    return core::LoadApp{std::make_shared<const spec::App>(std::move(app)), !one_in(random_, 6),
                         one_in(random_, 4)};
}

core::CommandKind Simulation::random_job_command() {
    if (!one_in(random_, 3)) return core::Emit{random_event(random_), !one_in(random_, 4)};
    static const char* const kServices[] = {"clock", "web", "worker"};
    core::JobCommand command;
    command.verb = static_cast<core::JobCommand::Verb>(random_.below(4));
    command.app = one_in(random_, 2) ? "shop" : "blog";
    command.job = kServices[random_.below(3)];
    command.variables = random_event(random_).variables;
    if (one_in(random_, 6)) return core::SetVariables{.app = command.app, .set = command.variables};
    return command;
}

core::CommandKind Simulation::random_command() {
    const std::string app = one_in(random_, 2) ? "shop" : "blog";
    if (manager_->find_app(app) == nullptr && !one_in(random_, 4)) return random_load(app);
    switch (random_.below(10)) {
        case 0:
        case 1:
            return random_load(app);
        case 2:
            if (one_in(random_, 2)) return core::UnloadApp{app};
            return core::Start{random_targets()};
        case 3:
            return core::Start{random_targets()};
        case 4:
            return core::Stop{random_targets()};
        case 5:
        case 6:
            return core::Restart{random_targets()};
        case 7:
            return core::Scale{app,
                               {{one_in(random_, 2) ? "web" : "worker",
                                 static_cast<std::uint32_t>(random_.below(5))}}};
        case 8:
            if (one_in(random_, 2)) return core::Reload{random_targets()};
            return core::Signal{random_targets(), SIGUSR1};
        default:
            return core::Unmonitor{random_targets()};
    }
}

// ---- The proxy.

/// It has taken out what the core waits for; now and then it says so of an app that waits for
/// nothing.
void Simulation::let_go() {
    const std::vector<std::string> apps = manager_->draining_apps();
    if (!apps.empty()) return deliver(core::TrafficGone{apps[random_.below(apps.size())]});
    if (one_in(random_, 20))
        return deliver(core::TrafficGone{one_in(random_, 2) ? "shop" : "blog"});
    quiet_step();
}

// ---- News that are late, doubled, or of nobody.

void Simulation::stale_news() {
    const auto& processes = world_.processes();
    core::RunId run = random_.next();
    if (!processes.empty() && !one_in(random_, 4)) {
        run = std::next(processes.begin(),
                        static_cast<std::ptrdiff_t>(random_.below(processes.size())))
                  ->first;
    }
    const Process* process = world_.find(run);
    if (process != nullptr && process->executed && one_in(random_, 2)) {
        return deliver(core::Executed{run});
    }
    if (process != nullptr && !process->main_alive) {
        return deliver(core::Exited{run, process->exit, process->others_alive});
    }
    if (process == nullptr || process->reaped) deliver(core::RunEmptied{run});
}

void Simulation::check_end() {
    manager_->visit_instances({}, [&](const status::Instance& instance) {
        if (instance.state != status::State::Stopped) {
            checks_.fail(spec::to_text(instance.name) + " is left " + to_text(instance.state));
        }
    });
    if (ends_by_shutdown_ && !manager_->shut_down()) checks_.fail("it is not shut down");
    if (!ends_by_shutdown_ && !manager_->apps().empty()) checks_.fail("an app is left");
    for (const auto& [key, value] : journal_) {
        if (key.starts_with("e/")) checks_.fail("event " + key + " is held for ever");
    }
    for (const auto& [run, process] : world_.processes()) {
        if (process.is_alive()) checks_.fail(spec::to_text(process.instance) + " left a process");
        if (!process.reaped) checks_.fail(spec::to_text(process.instance) + " was not reaped");
    }
    for (const auto& [id, client] : clients_) {
        if (client.waiting) checks_.fail("operation " + std::to_string(id) + " was not answered");
    }
    check_journal();
}

}  // namespace reeve::sim
