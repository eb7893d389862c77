#include "scenarios/scenario.h"

#include <stdio.h>

#include <limits>

#include "base/text.h"
#include "scenarios/jobs.h"
#include "scenarios/settings.h"
#include "sim/trace.h"

namespace reeve::scenarios {
namespace {

constexpr TimePoint kBegin{1000s};
constexpr std::size_t kLives = std::numeric_limits<std::size_t>::max();

spec::Target target_of(std::string_view text) {
    Result<spec::Target> target = spec::parse_target(text);
    return target.ok() ? *target : spec::Target{std::string(text), "?"};
}

}  // namespace

Scenario::Scenario()
    : world_([this](const core::SpawnRun& run) { return behaviour_of(run); }),
      manager_(settings_),
      now_(kBegin),
      dies_after_(kLives) {}

sim::Behaviour Scenario::behaviour_of(const core::SpawnRun& run) const {
    const auto life = lives_.find(run.instance.service);
    if (life == lives_.end()) return Life{default_main(), default_hook()}.main;
    return run.role == core::RunRole::Main ? life->second.main : life->second.hook;
}

Result<std::string> Scenario::play(std::string_view line) {
    out_.clear();
    TRY(do_command(line));
    take_facts();
    if (!world_.complaint().empty()) return Error{world_.complaint()};
    return out_;
}

// ---- Commands.

Result<void> Scenario::do_command(std::string_view line) {
    std::vector<std::string_view> parts = words(line);
    if (parts[0] == "dies-after") {
        if (parts.size() < 3) return Error{"dies-after N COMMAND"};
        dies_after_ = static_cast<std::size_t>(TRY(parse_integer(parts[1])));
        parts.erase(parts.begin(), parts.begin() + 2);
    }
    const std::string_view verb = parts[0];
    if (verb == "unseen") {
        world_.kill_daemon();
        TRY(do_exit({parts.begin() + 1, parts.end()}));
        replace_daemon();
        return {};
    }
    if (verb == "service") return do_service(parts);
    if (verb == "life") return do_life(parts);
    if (verb == "job" || verb == "start-on" || verb == "stop-on") return do_job(parts);
    if (TRY(do_event(parts))) return {};
    if (verb == "exit") return do_exit(parts);
    if (verb == "hand-over") return do_hand_over(parts);
    if (verb == "replace") {
        replace_daemon();
        return {};
    }
    if (verb == "status") {
        print_status();
        return {};
    }
    if (verb == "list") {
        list_jobs();
        return {};
    }
    if (parts.size() == 2 && verb == "drop") {
        services_.erase(std::string(parts[1]));
        return {};
    }
    if (parts.size() == 2 && verb == "wait") {
        return wait(std::chrono::milliseconds(TRY(parse_integer(parts[1]))));
    }
    if (parts.size() == 2 && verb == "brake") {
        settings_.spawning_max = static_cast<std::uint32_t>(TRY(parse_integer(parts[1])));
        manager_ = core::Manager(settings_);
        return {};
    }
    return do_operation(parts);
}

Result<void> Scenario::do_operation(const std::vector<std::string_view>& parts) {
    const std::string_view verb = parts[0];
    if (verb == "load") {
        spec::App app{.name = "shop", .source = "/srv/shop/Procfile", .directory = "/srv/shop"};
        for (const auto& [name, service] : services_)
            app.services.push_back(service);
        operate(core::LoadApp{std::make_shared<const spec::App>(app), parts.size() == 1});
    } else if (verb == "unload") {
        operate(core::UnloadApp{"shop"});
    } else if (verb == "shutdown") {
        operate(core::Shutdown{});
    } else if (verb == "scale") {
        core::Scale scale{"shop", {}};
        for (std::size_t i = 1; i < parts.size(); ++i) {
            const std::vector<std::string_view> sides = split(parts[i], '=');
            if (sides.size() != 2) return Error{"scale NAME=N"};
            const std::int64_t count = TRY(parse_integer(sides[1]));
            scale.counts.push_back({std::string(sides[0]), static_cast<std::uint32_t>(count)});
        }
        operate(scale);
    } else if (verb == "signal" && parts.size() == 3) {
        const int signal = status::signal_number(std::string(parts[1]));
        operate(core::Signal{{target_of(parts[2])}, signal});
    } else if (parts.size() != 2) {
        return Error{"no such command: " + std::string(verb)};
    } else if (verb == "start") {
        operate(core::Start{{target_of(parts[1])}});
    } else if (verb == "stop") {
        operate(core::Stop{{target_of(parts[1])}});
    } else if (verb == "restart") {
        operate(core::Restart{{target_of(parts[1])}});
    } else if (verb == "reload") {
        operate(core::Reload{{target_of(parts[1])}});
    } else if (verb == "unmonitor") {
        operate(core::Unmonitor{{target_of(parts[1])}});
    } else {
        return Error{"no such command: " + std::string(verb)};
    }
    return {};
}

Result<void> Scenario::do_service(const std::vector<std::string_view>& parts) {
    if (parts.size() < 2) return Error{"service NAME key=value"};
    const std::string name(parts[1]);
    spec::Service& service = services_.try_emplace(name, default_service(name)).first->second;
    lives_.try_emplace(name, Life{default_main(), default_hook()});
    for (std::size_t i = 2; i < parts.size(); ++i)
        TRY(set_service(service, parts[i]));
    return {};
}

Result<void> Scenario::do_life(const std::vector<std::string_view>& parts) {
    if (parts.size() < 2) return Error{"life NAME key=value"};
    Life& life = lives_.try_emplace(std::string(parts[1]), Life{default_main(), default_hook()})
                     .first->second;
    for (std::size_t i = 2; i < parts.size(); ++i) {
        const bool of_hook = parts[i].starts_with("hook-");
        const std::string_view setting = of_hook ? parts[i].substr(5) : parts[i];
        TRY(set_life(of_hook ? life.hook : life.main, setting));
    }
    return {};
}

Result<void> Scenario::do_job(const std::vector<std::string_view>& parts) {
    if (parts.size() < 2) return Error{"job NAME setting"};
    const std::string name(parts[1]);
    spec::Service& service = services_.try_emplace(name, default_service(name)).first->second;
    lives_.try_emplace(name, Life{default_main(), default_hook()});
    if (parts[0] == "job") {
        if (!service.job) TRY(set_job(service, "instance="));
        for (std::size_t i = 2; i < parts.size(); ++i)
            TRY(set_job(service, parts[i]));
        return {};
    }
    if (!service.job) return Error{name + " is no job"};
    std::optional<spec::EventExpr>& expr =
        parts[0] == "start-on" ? service.job->start_on : service.job->stop_on;
    expr.reset();
    if (parts.size() > 2) expr = TRY(expression_of({parts.begin() + 2, parts.end()}));
    return {};
}

/// Whether it was a command about events and jobs.
Result<bool> Scenario::do_event(const std::vector<std::string_view>& parts) {
    using Verb = core::JobCommand::Verb;
    const std::string_view verb = parts[0];
    if (verb == "emit") {
        operate(core::Emit{TRY(event_of(parts)), true});
    } else if (verb == "happen") {
        deliver(core::Happened{TRY(event_of(parts)), "scenario"});
    } else if (verb == "sequence") {
        core::EventSequence sequence{{}, "scenario"};
        for (std::size_t i = 1; i < parts.size(); ++i)
            sequence.events.push_back({std::string(parts[i]), {}});
        deliver(sequence);
    } else if (verb == "farewell") {
        operate(core::Shutdown{TRY(event_of(parts))});
    } else if (verb.starts_with("job-")) {
        const spec::NamedEvent job = TRY(event_of(parts));
        const Verb what = verb == "job-start"  ? Verb::Start
                          : verb == "job-stop" ? Verb::Stop
                                               : Verb::Restart;
        operate(core::JobCommand{what, "shop", job.name, job.variables, std::nullopt});
    } else {
        return false;
    }
    return true;
}

void Scenario::list_jobs() {
    manager_.visit_instances({}, [&](const status::Instance& instance) {
        std::string text = spec::instance_text(instance.name) + " " + to_text(instance.direction) +
                           "/" + to_text(instance.phase);
        for (const status::Run& run : instance.runs)
            text += ", " + run.role;
        line_out(text);
    });
}

/// A job's name may end in its hook's: `web:post-start`.
Result<core::RunId> Scenario::main_run_of(std::string_view instance) const {
    const std::size_t colon = instance.find(':');
    const std::string role(colon == std::string_view::npos ? "main" : instance.substr(colon + 1));
    const spec::Target target{"shop", std::string(instance.substr(0, colon))};
    core::RunId main = 0;
    manager_.visit_instances({target}, [&](const status::Instance& seen) {
        for (const status::Run& run : seen.runs) {
            if (run.role == role) main = run.id;
        }
    });
    if (main == 0) return Error{"no process: " + std::string(instance)};
    return main;
}

Result<void> Scenario::do_exit(const std::vector<std::string_view>& parts) {
    if (parts.size() < 3) return Error{"exit INSTANCE HOW [leaving]"};
    world_.end_main(TRY(main_run_of(parts[1])), exit_of(parts[2]), parts.size() > 3, now_);
    return {};
}

Result<void> Scenario::do_hand_over(const std::vector<std::string_view>& parts) {
    if (parts.size() != 2) return Error{"hand-over INSTANCE"};
    world_.hand_over(TRY(main_run_of(parts[1])), now_);
    return {};
}

Result<void> Scenario::wait(Duration length) {
    const TimePoint end = now_ + length;
    for (;;) {
        take_facts();
        const Deadline next = earliest(world_.next_occurrence(), manager_.deadline());
        if (!next || *next > end) break;
        now_ = std::max(now_, *next);
        world_.advance(now_);
        if (manager_.deadline() && *manager_.deadline() <= now_) deliver(core::TimePassed{});
    }
    now_ = end;
    return {};
}

// ---- The daemon.

void Scenario::operate(core::CommandKind kind) {
    const status::Cause cause{status::CauseKind::Operator, 0, "uid 0: scenario"};
    deliver(core::Command{++last_operation_, cause, std::move(kind)});
}

void Scenario::deliver(const core::Event& event) {
    core::Actions actions;
    manager_.handle(event, now_, actions);
    write_journal();
    const std::size_t count = std::min(dies_after_, actions.size());
    perform(actions, count);
    if (count == actions.size()) write_performed();
    dies_after_ -= dies_after_ == kLives ? 0 : count;
    if (dies_after_ != 0 && count == actions.size()) return;
    dies_after_ = kLives;
    replace_daemon();
}

void Scenario::perform(const core::Actions& actions, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        print(actions[i]);
        world_.perform(actions[i], now_);
    }
}

void Scenario::take_facts() {
    world_.advance(now_);
    while (const std::optional<core::Event> fact = world_.take_fact())
        deliver(*fact);
}

void Scenario::write_journal() {
    std::vector<core::Record> records;
    manager_.take_changes(records);
    keep(records);
}

void Scenario::write_performed() {
    std::vector<core::Record> records;
    manager_.performed(records);
    keep(records);
}

void Scenario::keep(const std::vector<core::Record>& records) {
    for (const core::Record& record : records) {
        journal_.erase(record.key);
        if (!record.erased) journal_.emplace(record.key, record.value);
    }
}

void Scenario::replace_daemon() {
    line_out("the daemon is replaced");
    world_.kill_daemon();
    std::vector<core::Record> records;
    for (const auto& [key, value] : journal_)
        records.push_back(core::Record{key, value, false});
    core::Actions actions;
    Result<core::Manager> restored = core::Manager::restore(settings_, records, now_, actions);
    CHECK(restored.ok());
    manager_ = std::move(restored).value();
    write_journal();
    perform(actions, actions.size());
    write_performed();
}

// ---- What is shown.

void Scenario::line_out(const std::string& text) {
    char time[32];
    const double seconds = std::chrono::duration<double>(now_ - kBegin).count();
    ::snprintf(time, sizeof time, "%7.2fs ", seconds);
    out_ += time + text + "\n";
}

void Scenario::print(const core::Action& action) {
    const bool of_the_daemon = std::holds_alternative<core::PersistApp>(action) ||
                               std::holds_alternative<core::PersistFormation>(action) ||
                               std::holds_alternative<core::Accepted>(action);
    if (of_the_daemon) return;
    std::string text = sim::describe(action);
    if (std::holds_alternative<core::RecordTransition>(action)) {
        text = text.substr(text.find('/') + 1);
    } else if (!std::holds_alternative<core::OperationDone>(action) &&
               !std::holds_alternative<core::Refused>(action)) {
        text = "  " + text;
    }
    line_out(text);
}

void Scenario::print_status() {
    manager_.visit_instances({}, [&](const status::Instance& instance) {
        std::string text = spec::instance_text(instance.name) + " " + to_text(instance.state) +
                           ", goal " + to_text(instance.goal) + ", " +
                           std::to_string(instance.restarts) + " restarts";
        for (const status::Run& run : instance.runs) {
            text += ", run " + std::to_string(run.id & 0xFFFFFFFF) + " " + run.role;
        }
        line_out(text + " (" + instance.reason + ")");
    });
}

}  // namespace reeve::scenarios
