#include "base/check.h"
#include "core/instance.h"
#include "spec/expansion.h"

// What is special about the lives of jobs: they are announced, their hooks are waited for, and
// whoever started or stopped them hears how it went.
// Source: upstart init/job.c, job_next_state and job_change_state; init/job_process.c.
namespace reeve::core {

void Instance::announce(Turn& turn, const char* moment, bool is_waited_for) const {
    turn.news.emplace_back(id_, Announced{life_event(moment, *service_, *app_, name_.key, job_),
                                          cause_, is_waited_for});
}

void Instance::finish_job(Turn& turn, bool failed) const {
    turn.news.emplace_back(id_, JobFinished{failed});
}

void Instance::fail_job(Turn& turn, const std::string& process,
                        const std::optional<status::Exit>& exit) {
    if (job_.failure) return;
    job_.failure = LifeFailure{process, exit};
    finish_job(turn, true);
}

/// What a policy decided about an end of the main process says whether the job failed.
void Instance::judge_job(Turn& turn, const Decision& decision, const End& end) {
    const GiveUp* given_up = std::get_if<GiveUp>(&decision);
    if (given_up == nullptr) return;
    if (given_up->too_often) return fail_job(turn, "respawn", std::nullopt);
    const status::Exit* exit = std::get_if<status::Exit>(&end.how);
    fail_job(turn, "main", exit == nullptr ? std::optional<status::Exit>() : *exit);
}

bool Instance::has_main_process() const {
    return !is_job() || service_->job->has_main;
}

bool Instance::has_life() const {
    return !std::holds_alternative<Stopped>(state_) && !std::holds_alternative<Failed>(state_);
}

bool Instance::is_start_wanted() const {
    if (goal_ == status::Goal::Down || !has_life()) return false;
    const Stopping* stopping = std::get_if<Stopping>(&state_);
    const AfterEnd* after = stopping != nullptr ? &stopping->after : nullptr;
    if (after == nullptr && job_.after_hook) after = &*job_.after_hook;
    return after == nullptr || std::holds_alternative<RestartAt>(after->decision);
}

/// Whether a stop may not wait for anybody without end.
bool Instance::must_end(const Turn& turn) const {
    return turn.shutting_down || removing_;
}

bool Instance::is_end_announced() const {
    const Stopping* stopping = std::get_if<Stopping>(&state_);
    return stopping != nullptr && !std::holds_alternative<PreStopping>(stopping->stage);
}

/// Whether a start is at a step that is not cut short: what is wanted is looked at when it is over.
bool Instance::waits_for_hook(const Turn& turn) const {
    if (!is_job() || must_end(turn) || !std::holds_alternative<Starting>(state_)) return false;
    if (std::holds_alternative<Announcing>(*launch())) return true;
    const LiveRun* hook = find(RunPart::Hook);
    return hook != nullptr && !hook->is_queued();
}

/// From now on the end must come, whatever was waited for before.
void Instance::limit_patience(const Turn& turn) {
    AnnouncingEnd* announced = std::get_if<AnnouncingEnd>(&std::get<Stopping>(state_).stage);
    if (announced != nullptr && !announced->until) {
        announced->until = turn.now + kAnnouncementPatience;
    }
    LiveRun* hook = find(RunPart::Hook);
    if (hook != nullptr && !hook->is_queued() && !hook->patience_ends &&
        hook->role != RunRole::StopCommand) {
        hook->patience_ends = turn.now + kStopHookPatience;
    }
}

/// What waits at the start brake is not spawned any more.
void Instance::forget_queued(Turn& turn) {
    for (std::size_t i = 0; i < runs_.size();) {
        if (runs_[i].is_queued()) {
            forget_run(turn, runs_[i].id);
        } else {
            ++i;
        }
    }
}

Instance::MaybeChange Instance::announce_start(Turn& turn, std::string reason) {
    launched_ = true;  // its post-stop hook runs, whatever it comes to
    if (job_.next_variables) job_.variables = std::move(*job_.next_variables);
    job_ = JobLife{.variables = std::move(job_.variables)};
    announce(turn, "starting", true);
    return Change{Starting{Announcing{}}, std::move(reason)};
}

Instance::MaybeChange Instance::announce_end(Turn& turn, AfterEnd after,
                                             const std::string& reason) {
    job_.after_hook.reset();
    forget_queued(turn);
    announce(turn, "stopping", true);
    const Deadline until = must_end(turn) ? Deadline{turn.now + kAnnouncementPatience} : Deadline{};
    return Change{Stopping{AnnouncingEnd{until}, std::move(after)}, reason};
}

void Instance::proceed(Turn& turn) {
    if (const Stopping* stopping = std::get_if<Stopping>(&state_)) {
        if (!std::holds_alternative<AnnouncingEnd>(stopping->stage)) return;
        return apply(turn, command_or_ladder(turn, stopping->after, ""));
    }
    const Starting* starting = std::get_if<Starting>(&state_);
    if (starting == nullptr || !std::holds_alternative<Announcing>(starting->launch)) return;
    if (MaybeChange back = turned_back(turn)) return apply(turn, std::move(back));
    if (!service_->hooks.pre_start) return apply(turn, launch_main(turn));
    spawn(turn, RunRole::PreStart, RunPart::Hook, port_slot_);
    apply(turn, with_launch(PreStarting{}, ""));
}

/// What was decided while a step that is not cut short went on.
Instance::MaybeChange Instance::turned_back(Turn& turn) {
    if (job_.after_hook) {
        const AfterEnd after = *job_.after_hook;
        return wind_down(turn, after, after.reason);
    }
    if (wanted(turn) == status::Goal::Up) return std::nullopt;
    const std::string reason = "stopped while it started";
    return wind_down(turn, AfterEnd{RestartAt{turn.now}, reason, true}, reason);
}

Instance::MaybeChange Instance::main_ended_under_hook(Turn& turn, const End& end,
                                                      const std::string& reason) {
    if (wanted(turn) != status::Goal::Up) {
        job_.after_hook = AfterEnd{RestartAt{turn.now}, reason, true};
        return std::nullopt;
    }
    const Decision decision = policy_.after_end(service_->restart, end, turn.now, turn.random);
    judge_job(turn, decision, end);
    job_.after_hook = AfterEnd{decision, reason, false};
    return std::nullopt;
}

/// A start that came while the pre-stop hook ran calls the stop off.
Instance::MaybeChange Instance::pre_stop_ended(Turn& turn) {
    const Stopping& stopping = std::get<Stopping>(state_);
    const bool called_off =
        wanted(turn) == status::Goal::Up && !job_.restart_asked && find(RunPart::Main) != nullptr;
    if (!called_off) return announce_end(turn, stopping.after, "");
    job_.stop_variables.clear();
    job_.next_variables.reset();
    if (!service_->job->task) finish_job(turn, false);
    return Change{Running{std::get<PreStopping>(stopping.stage).ready_since, NoReplacement{}},
                  "the stop was called off"};
}

/// Nothing of it is there, but its life was not over: given up, or between two attempts.
Instance::MaybeChange Instance::leave_rest(Turn& turn, const std::string& reason) {
    if (std::holds_alternative<Failed>(state_)) return Change{Stopped{}, reason};
    return come_to_rest(turn, Stopped{}, reason);
}

Instance::MaybeChange Instance::come_to_rest(Turn& turn, LifeState rest, std::string reason) {
    if (is_job()) {
        announce(turn, "stopped", false);
        finish_job(turn, false);
        if (std::holds_alternative<Stopped>(rest)) goal_ = status::Goal::Down;
        adopt_pending_spec();
    }
    return Change{std::move(rest), std::move(reason)};
}

void Instance::restart_job(Turn& turn, const SharedCause& cause, const std::string& reason) {
    goal_ = status::Goal::Up;
    removing_ = false;
    cause_ = cause;
    policy_.forget();
    restarts_ = 0;
    job_.restart_asked = true;
    const AfterEnd after{RestartAt{turn.now}, reason, true};
    if (std::holds_alternative<Running>(state_)) {
        apply(turn, end_running(turn, after, reason));
    } else if (awaits_needs()) {
        return;  // it starts as soon as it can
    } else if (waits_for_hook(turn)) {
        job_.after_hook = after;
    } else if (std::holds_alternative<Starting>(state_)) {
        apply(turn, wind_down(turn, after, reason));
    } else {
        apply(turn, pursue_up(turn, reason));
    }
}

// ---- The spec of the next life.

void Instance::adopt_spec_later(std::shared_ptr<const spec::App> app,
                                const spec::Service* service) {
    pending_app_ = std::move(app);
    pending_service_ = service;
    if (!has_life()) adopt_pending_spec();
}

void Instance::adopt_pending_spec() {
    if (pending_app_ == nullptr) return;
    app_ = std::exchange(pending_app_, nullptr);
    service_ = std::exchange(pending_service_, nullptr);
}

/// A job whose new configuration names instances in another way has this one no longer: it goes on
/// with what it was started with, as all commands know it by that.
void Instance::adopt_spec_for_restart() {
    if (pending_app_ == nullptr) return;
    if (is_job() && pending_service_->job) {
        JobLife next;
        next.variables = job_.next_variables ? *job_.next_variables : job_.variables;
        const auto value_of = [&](const std::string& name) {
            return find_job_variable(*pending_service_, *pending_app_, next, name);
        };
        const Result<std::string> key = spec::expand(pending_service_->job->instance, value_of);
        if (!key.ok() || *key != name_.key) return;
    }
    adopt_pending_spec();
}

void Instance::change_variables(const spec::Variables& set, const std::vector<std::string>& unset,
                                bool keep_existing) {
    for (const spec::Variable& variable : set) {
        const bool is_set = find_job_variable(*service_, *app_, job_, variable.name) != nullptr;
        if (!is_set || !keep_existing) spec::set_variable(job_.variables, variable);
    }
    for (const std::string& name : unset) {
        std::erase_if(job_.variables, [&](const spec::Variable& v) { return v.name == name; });
    }
}

// ---- What is seen.

status::Phase Instance::phase() const {
    using status::Phase;
    static_assert(std::variant_size_v<Launch> == 8 && std::variant_size_v<StopStage> == 5);
    if (std::holds_alternative<Running>(state_)) return Phase::Running;
    if (const Starting* starting = std::get_if<Starting>(&state_)) {
        static constexpr Phase kOfLaunch[] = {Phase::PreStart,  Phase::Spawned, Phase::Spawned,
                                              Phase::PostStart, Phase::Spawned, Phase::Spawned,
                                              Phase::Waiting,   Phase::Starting};
        return kOfLaunch[starting->launch.index()];
    }
    if (const Stopping* stopping = std::get_if<Stopping>(&state_)) {
        static constexpr Phase kOfStage[] = {Phase::PreStop, Phase::Killed, Phase::Killed,
                                             Phase::PostStop, Phase::Stopping};
        return kOfStage[stopping->stage.index()];
    }
    return Phase::Waiting;
}

status::Direction Instance::direction() const {
    if (!is_start_wanted()) return status::Direction::Stop;
    return job_.after_hook ? status::Direction::Respawn : status::Direction::Start;
}

}  // namespace reeve::core
