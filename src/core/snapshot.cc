#include "core/snapshot.h"

#include "base/check.h"
#include "core/codec.h"

namespace reeve::core {

// ---- SpecTable

void SpecTable::add(const Spec& spec) {
    const std::uint64_t id = ++last_id_;
    restore(id, spec);
    added_.push_back(id);
    may_drop_ = true;
}

void SpecTable::restore(std::uint64_t id, const Spec& spec) {
    specs_.emplace(id, spec);
    ids_.emplace(spec.get(), id);
}

std::uint64_t SpecTable::id_of(const Spec& spec) const {
    return ids_.at(spec.get());
}

SpecTable::Spec SpecTable::find(std::uint64_t id) const {
    const auto found = specs_.find(id);
    return found == specs_.end() ? nullptr : found->second;
}

void SpecTable::drop_unused(std::vector<std::uint64_t>& dropped) {
    if (!std::exchange(may_drop_, false)) return;
    for (auto it = specs_.begin(); it != specs_.end();) {
        if (it->second.use_count() > 1) {
            ++it;
            continue;
        }
        dropped.push_back(it->first);
        ids_.erase(it->second.get());
        it = specs_.erase(it);
    }
}

// ---- States

namespace {

constexpr std::uint64_t kRunsMax = 1000;  // of one record

template <typename... Handlers>
struct Overloaded : Handlers... {
    using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

void write_launch(ByteWriter& writer, const Launch& launch) {
    writer.number(launch.index());
    if (const auto* readying = std::get_if<Readying>(&launch)) {
        writer.deadline(readying->until);
        writer.flag(readying->met);
        writer.text(readying->how);
    }
    if (const auto* post = std::get_if<PostStarting>(&launch)) writer.time(post->ready_since);
    if (const auto* settling = std::get_if<Settling>(&launch)) writer.deadline(settling->until);
    if (const auto* needs = std::get_if<AwaitingNeeds>(&launch)) writer.text(needs->text);
}

Launch read_launch(ByteReader& reader) {
    const std::uint64_t kind = reader.number();
    if (kind == 0) return PreStarting{};
    if (kind == 1) return Spawning{};
    if (kind == 2) {
        const Deadline until = reader.deadline();
        const bool met = reader.flag();
        return Readying{until, met, reader.text()};
    }
    if (kind == 3) return PostStarting{reader.time()};
    if (kind == 4) return Looking{};
    if (kind == 5) return Settling{reader.deadline()};
    if (kind == 7) return Announcing{};
    return AwaitingNeeds{reader.text()};
}

void write_after(ByteWriter& writer, const AfterEnd& after) {
    writer.number(after.decision.index());
    if (const auto* restart = std::get_if<RestartAt>(&after.decision)) {
        writer.time(restart->at);
        writer.flag(restart->crash_looping);
    }
    writer.text(after.reason);
    writer.flag(after.asked_for);
}

AfterEnd read_after(ByteReader& reader) {
    AfterEnd after;
    const std::uint64_t kind = reader.number();
    if (kind == 0) {
        const TimePoint at = reader.time();
        after.decision = RestartAt{at, reader.flag()};
    } else if (kind == 1) {
        after.decision = StayDown{};
    } else {
        after.decision = GiveUp{};
    }
    after.reason = reader.text();
    after.asked_for = reader.flag();
    return after;
}

void write_state(ByteWriter& writer, const LifeState& state) {
    writer.number(state.index());
    const auto nothing = [](const auto&) {};
    std::visit(Overloaded{nothing,
                          [&](const Starting& starting) { write_launch(writer, starting.launch); },
                          [&](const Running& running) {
                              writer.time(running.ready_since);
                              writer.number(running.replacement.index());
                              const Launch* launch = std::get_if<Launch>(&running.replacement);
                              if (launch != nullptr) write_launch(writer, *launch);
                              const auto* held = std::get_if<ReplacementHeld>(&running.replacement);
                              if (held != nullptr) writer.time(held->ready_since);
                              const auto* commanding =
                                  std::get_if<RestartCommanding>(&running.replacement);
                              if (commanding != nullptr) writer.time(commanding->until);
                          },
                          [&](const Stopping& stopping) {
                              writer.number(stopping.stage.index());
                              const auto* commanding = std::get_if<Commanding>(&stopping.stage);
                              if (commanding != nullptr) writer.time(commanding->until);
                              const auto* pre_stop = std::get_if<PreStopping>(&stopping.stage);
                              if (pre_stop != nullptr) writer.time(pre_stop->ready_since);
                              const auto* end = std::get_if<AnnouncingEnd>(&stopping.stage);
                              if (end != nullptr) writer.deadline(end->until);
                              write_after(writer, stopping.after);
                          },
                          [&](const Backoff& backoff) {
                              writer.time(backoff.until);
                              writer.flag(backoff.crash_looping);
                          }},
               state);
}

Running read_running(ByteReader& reader) {
    Running running{reader.time(), NoReplacement{}};
    const std::uint64_t kind = reader.number();
    if (kind == 1) running.replacement = ReplacementWaits{};
    if (kind == 2) running.replacement = read_launch(reader);
    if (kind == 3) running.replacement = ReplacementHeld{reader.time()};
    if (kind == 4) running.replacement = RestartCommanding{reader.time()};
    return running;
}

Stopping read_stopping(ByteReader& reader) {
    Stopping stopping{Emptying{}, {}};
    const std::uint64_t kind = reader.number();
    if (kind == 0) stopping.stage = PreStopping{reader.time()};
    if (kind == 1) stopping.stage = Commanding{reader.time()};
    if (kind == 3) stopping.stage = PostStopping{};
    if (kind == 4) stopping.stage = AnnouncingEnd{reader.deadline()};
    stopping.after = read_after(reader);
    return stopping;
}

LifeState read_state(ByteReader& reader) {
    const std::uint64_t kind = reader.number();
    if (kind == 0) return Stopped{};
    if (kind == 1) return Starting{read_launch(reader)};
    if (kind == 2) return read_running(reader);
    if (kind == 3) return read_stopping(reader);
    if (kind == 5) return Failed{};
    Backoff backoff{reader.time(), false};
    backoff.crash_looping = reader.flag();
    return backoff;
}

void write_run_state(ByteWriter& writer, const RunState& state) {
    writer.number(state.index());
    const auto nothing = [](const auto&) {};
    std::visit(Overloaded{nothing, [&](const RunSpawning& run) { writer.time(run.overdue_at); },
                          [&](const RunHanging& run) { writer.text(run.stage); },
                          [&](const RunAlive& run) { writer.time(run.since); },
                          [&](const RunEnded& run) { write_exit(writer, run.exit); },
                          [&](const RunForked& run) { write_exit(writer, run.exit); }},
               state);
}

RunState read_run_state(ByteReader& reader) {
    const std::uint64_t kind = reader.number();
    if (kind == 0) return RunQueued{};
    if (kind == 1) return RunSpawning{reader.time()};
    if (kind == 2) return RunHanging{reader.text()};
    if (kind == 3) return RunAlive{reader.time()};
    if (kind == 5) return RunLooking{};
    if (kind == 6) return RunForked{read_exit(reader)};
    return RunEnded{read_exit(reader)};
}

}  // namespace

// ---- Jobs

void InstanceCodec::write_job(ByteWriter& writer, const Instance& instance,
                              const SpecTable& specs) {
    const JobLife& job = instance.job_;
    write_variables(writer, job.variables);
    writer.flag(job.next_variables.has_value());
    if (job.next_variables) write_variables(writer, *job.next_variables);
    write_variables(writer, job.stop_variables);
    writer.flag(job.failure.has_value());
    if (job.failure) {
        writer.text(job.failure->process);
        writer.flag(job.failure->exit.has_value());
        if (job.failure->exit) write_exit(writer, *job.failure->exit);
    }
    writer.flag(job.after_hook.has_value());
    if (job.after_hook) write_after(writer, *job.after_hook);
    writer.flag(job.restart_asked);
    const bool pending = instance.pending_app_ != nullptr;
    writer.number(pending ? specs.id_of(instance.pending_app_) : 0);
}

bool InstanceCodec::read_job(ByteReader& reader, Instance& instance, const SpecTable& specs) {
    JobLife& job = instance.job_;
    job.variables = read_variables(reader);
    if (reader.flag()) job.next_variables = read_variables(reader);
    job.stop_variables = read_variables(reader);
    if (reader.flag()) {
        job.failure = LifeFailure{reader.text(), std::nullopt};
        if (reader.flag()) job.failure->exit = read_exit(reader);
    }
    if (reader.flag()) job.after_hook = read_after(reader);
    job.restart_asked = reader.flag();
    const std::uint64_t pending = reader.number();
    if (pending == 0) return true;
    instance.pending_app_ = specs.find(pending);
    if (instance.pending_app_ == nullptr) return false;
    instance.pending_service_ = spec::find_service(*instance.pending_app_, instance.name_.service);
    return instance.pending_service_ != nullptr;
}

// ---- Instances

namespace {

/// Whether the spec has the command that a check's run was started for.
bool is_known(const CheckCommand& command, const spec::Service& service) {
    if (command.check >= service.checks.size()) return false;
    const spec::Check& check = service.checks[command.check];
    if (command.number != 0) return std::holds_alternative<spec::ExecProbe>(check.probe);
    return command.step < check.steps.size() &&
           std::holds_alternative<spec::CheckExec>(check.steps[command.step].action);
}

bool is_hook(RunRole role) {
    return role != RunRole::Main && role != RunRole::Check && role != RunRole::CheckStep;
}

/// A hook's end is waited for in its own way; otherwise only a probe and what was replaced have a
/// deadline without being told to end.
bool fits_its_part(const LiveRun& run) {
    if (run.part == RunPart::Hook) return is_hook(run.role);
    const bool may_wait =
        run.part == RunPart::Probe || run.part == RunPart::Retiring || run.is_draining();
    return may_wait || run.ending || !run.patience_ends;
}

int read_slot(ByteReader& reader) {
    const std::int64_t slot = reader.signed_number();
    return slot >= 0 && slot < kPortSlots ? static_cast<int>(slot) : 0;
}

}  // namespace

void InstanceCodec::write_run(ByteWriter& writer, const Instance& instance, const LiveRun& run,
                              const SpecTable& specs) {
    writer.number(run.id);
    write_enum(writer, run.role);
    write_enum(writer, run.part);
    writer.signed_number(run.port_slot);
    writer.signed_number(run.process.pid);
    writer.number(run.process.start_ticks);
    writer.signed_number(run.session);
    writer.time(run.since);
    const bool own_spec = run.app == instance.app_ && run.service == instance.service_;
    writer.number(own_spec ? 0 : specs.id_of(run.app));
    write_run_state(writer, run.state);
    writer.deadline(run.patience_ends);
    writer.flag(run.awaits_proxy);
    writer.deadline(run.forks_until);
    writer.flag(run.ending.has_value());
    if (run.ending) run.ending->write(writer);
    run.checks.write(writer);
    writer.text(run.said ? *run.said : std::string());
    writer.flag(run.command.has_value());
    if (!run.command) return;
    writer.number(run.command->of);
    writer.number(run.command->check);
    writer.number(run.command->step);
    writer.number(run.command->number);
}

bool InstanceCodec::read_run(ByteReader& reader, const Instance& instance, const SpecTable& specs,
                             LiveRun& run) {
    run.id = reader.number();
    run.role = read_enum(reader, RunRole::CheckStep);
    run.part = read_enum(reader, RunPart::Probe);
    run.port_slot = read_slot(reader);
    run.process.pid = static_cast<int>(reader.signed_number());
    run.process.start_ticks = reader.number();
    run.session = static_cast<int>(reader.signed_number());
    run.since = reader.time();
    const std::uint64_t spec_id = reader.number();
    run.app = spec_id == 0 ? instance.app_ : specs.find(spec_id);
    if (run.app == nullptr) return false;
    run.service = spec::find_service(*run.app, instance.name_.service);
    if (run.service == nullptr) return false;
    run.state = read_run_state(reader);
    run.patience_ends = reader.deadline();
    run.awaits_proxy = reader.flag();
    run.forks_until = reader.deadline();
    if (reader.flag()) run.ending = StopEscalation::read(reader, run.service->stop);
    run.checks = RunChecks::read(reader, *run.service);
    if (std::string said = reader.text(); !said.empty()) run.said.emplace(std::move(said));
    if (reader.flag()) {
        CheckCommand command{reader.number()};
        command.check = static_cast<std::uint32_t>(reader.number());
        command.step = static_cast<std::uint32_t>(reader.number());
        command.number = reader.number();
        run.command = command;
        if (!is_known(command, *run.service)) return false;
    }
    return reader.ok() && fits_its_part(run);
}

void InstanceCodec::write(ByteWriter& writer, const Instance& instance, const SpecTable& specs) {
    write_name(writer, instance.name_);
    writer.number(specs.id_of(instance.app_));
    write_enum(writer, instance.goal_);
    writer.flag(instance.removing_);
    writer.flag(instance.holding_);
    writer.flag(instance.launched_);
    writer.signed_number(instance.port_slot_);
    writer.signed_number(instance.last_pid_);
    writer.number(instance.restarts_);
    write_state(writer, instance.state_);
    instance.policy_.write(writer);
    writer.flag(instance.last_exit_.has_value());
    if (instance.last_exit_) write_exit(writer, *instance.last_exit_);
    writer.text(instance.replacement_error());
    write_enum(writer, instance.shown_);
    writer.time(instance.since_);
    writer.text(instance.reason_);
    writer.flag(instance.cause_ != nullptr);
    if (instance.cause_) write_cause(writer, *instance.cause_);
    write_job(writer, instance, specs);
    writer.number(instance.runs_.size());
    for (const LiveRun& run : instance.runs_)
        write_run(writer, instance, run, specs);
}

std::optional<Instance> InstanceCodec::read(ByteReader& reader, InstanceId id,
                                            const SpecTable& specs) {
    const spec::InstanceName name = read_name(reader);
    const SpecTable::Spec app = specs.find(reader.number());
    const spec::Service* service =
        app == nullptr ? nullptr : spec::find_service(*app, name.service);
    if (service == nullptr) return std::nullopt;
    const status::Goal goal = read_enum(reader, status::Goal::Unmonitored);
    Instance instance(id, name, app, service, goal, TimePoint{});
    instance.removing_ = reader.flag();
    instance.holding_ = reader.flag();
    instance.launched_ = reader.flag();
    instance.port_slot_ = read_slot(reader);
    instance.last_pid_ = static_cast<int>(reader.signed_number());
    instance.restarts_ = static_cast<std::uint32_t>(reader.number());
    instance.state_ = read_state(reader);
    instance.policy_ = RestartPolicy::read(reader);
    if (reader.flag()) instance.last_exit_ = read_exit(reader);
    if (std::string error = reader.text(); !error.empty())
        instance.replacement_error_.emplace(std::move(error));
    instance.shown_ = read_enum(reader, status::State::Stuck);
    instance.since_ = reader.time();
    instance.reason_ = reader.text();
    if (reader.flag()) instance.cause_ = std::make_shared<status::Cause>(read_cause(reader));
    if (!read_job(reader, instance, specs)) return std::nullopt;
    const std::uint64_t runs = reader.number();
    if (runs > kRunsMax) return std::nullopt;
    for (std::uint64_t i = 0; i < runs; ++i) {
        LiveRun run;
        if (!read_run(reader, instance, specs, run)) return std::nullopt;
        instance.runs_.push_back(std::move(run));
    }
    if (!reader.ok() || !is_consistent(instance)) return std::nullopt;
    return instance;
}

}  // namespace reeve::core
