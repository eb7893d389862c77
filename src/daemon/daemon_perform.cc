#include <utility>

#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/keys.h"
#include "drivers/child_plan.h"
#include "spec/instance_name.h"
#include "spec/one_off.h"

// How a daemon carries out what the core has decided, and what it remembers of it.
namespace reeve::daemon {
namespace {

/// What stands between wall time and steady time just now. Both clocks are read at one time as
/// nearly as can be: whoever is held up in between would tell of a cause after its effect.
std::int64_t wall_offset() {
    constexpr int kTries = 8;
    constexpr Duration kNearEnough = 50us;
    Duration nearest = Duration::max();
    std::int64_t offset = 0;
    for (int i = 0; i < kTries && nearest > kNearEnough; ++i) {
        const TimePoint before = drivers::steady_now();
        const std::int64_t wall = drivers::wall_now().nanoseconds;
        const Duration took = drivers::steady_now() - before;
        if (took >= nearest) continue;
        nearest = took;
        offset = wall - before.time_since_epoch().count();
    }
    return offset;
}

/// Whether it is to run, and does not for want of a program, or of a good one.
bool lacks_program(const status::Instance& one) {
    constexpr int kCannotBeExecuted = 126;  // sh(1), EXIT STATUS
    constexpr int kNotFound = 127;
    if (one.goal != status::Goal::Up) return false;
    if (one.state == status::State::Failed) return true;
    const auto* code = one.last_exit ? std::get_if<status::ExitCode>(&*one.last_exit) : nullptr;
    const bool pauses =
        one.state == status::State::Backoff || one.state == status::State::CrashLooping;
    return pauses && code != nullptr &&
           (code->code == kCannotBeExecuted || code->code == kNotFound);
}

}  // namespace

/// What must be quick comes first: a run that ended is reaped, and told of, after its replacement
/// was cloned.
void Daemon::perform(core::Actions& actions) {
    const auto can_wait = [](const core::Action& action) {
        return std::holds_alternative<core::ReapRun>(action) ||
               std::holds_alternative<core::RecordTransition>(action);
    };
    const std::int64_t offset = wall_offset();
    for (core::Action& action : actions) {
        if (auto* record = std::get_if<core::RecordTransition>(&action)) {
            status::Transition& told = record->transition;
            told.wall = {told.time.time_since_epoch().count() + offset};
        }
        if (!can_wait(action)) perform_one(action);
    }
    persist_ports(ports_.take_changes());
    for (core::Action& action : actions) {
        if (can_wait(action)) perform_one(action);
    }
    if (transitions_.empty()) return;
    scribe_->append_transitions(transitions_);
    transitions_.clear();
}

void Daemon::perform_one(core::Action& action) {
    struct Performer {
        Daemon& daemon;
        void operator()(core::SpawnRun& a) { daemon.processes_->perform(a); }
        void operator()(core::InspectSpawn& a) { daemon.processes_->perform(a); }
        void operator()(core::ProbeReadiness& a) { daemon.processes_->perform(a); }
        void operator()(core::SampleCheck& a) { daemon.checks_->perform(a); }
        void operator()(core::SignalRun& a) { daemon.processes_->perform(a); }
        void operator()(core::KillRun& a) { daemon.processes_->perform(a); }
        void operator()(core::WatchEmpty& a) { daemon.processes_->perform(a); }
        void operator()(core::ReapRun& a) {
            daemon.checks_->forget(a.run);
            daemon.processes_->perform(a);
        }
        void operator()(core::ReleaseRun& a) { daemon.processes_->perform(a); }
        void operator()(core::AdoptRun& a) { daemon.processes_->perform(a); }
        void operator()(core::FollowProcess& a) { daemon.processes_->perform(a); }
        void operator()(core::AwaitMain& a) { daemon.processes_->perform(a); }
        void operator()(core::LookForRunning& a) { daemon.processes_->perform(a); }
        void operator()(core::ForgetInstance& a) {
            daemon.programs_->forget(a.instance);
            daemon.logs_->forget(a.instance);
            daemon.ports_.forget(a.instance);
            daemon.notify_->forget_instance(drivers::escaped_name(a.instance));
            daemon.ready_->forget_instance(drivers::escaped_name(a.instance));
            daemon.proxy_->note_change();
            daemon.processes_->forget_instance(a.instance);
        }
        void operator()(core::RecordTransition& a) {
            daemon.server_->publish(a.transition);
            log::info("app=" + a.transition.instance.app +
                      " instance=" + spec::instance_text(a.transition.instance) + " state=" +
                      status::to_text(a.transition.to) + " reason=\"" + a.transition.reason + "\"");
            daemon.tell_change(a.transition);
            daemon.note_given_up(a.transition);
            daemon.note_program(a.transition);
            daemon.crash_notices_->note(a.transition);
            daemon.proxy_->note_move(a.transition.instance.app);
            daemon.transitions_.push_back(std::move(a.transition));
        }
        void operator()(core::PersistApp& a) {
            daemon.proxy_->note_change_of(a.app);
            daemon.change_logs_->note_app(a.app, a.spec.get());
            daemon.note_bluepill_pid(a.app, a.spec.get());
            const std::string text = a.spec ? spec::to_json(*a.spec) : std::string();
            daemon.persist(kAppPrefix + a.app, text, a.spec == nullptr);
            if (a.spec == nullptr) daemon.persist(kFormationPrefix + a.app, "", true);
        }
        void operator()(core::PersistFormation& a) {
            daemon.proxy_->note_change_of(a.app);
            daemon.persist(kFormationPrefix + a.app, a.formation, false);
        }
        void operator()(core::LogTrouble& a) { log::warning("reason=\"" + a.text + "\""); }
        void operator()(core::Refused& a) { daemon.operations_.refused(a); }
        void operator()(core::Accepted& a) { daemon.operations_.accepted(a); }
        void operator()(core::OperationDone& a) { daemon.operations_.done(a); }
    };
    std::visit(Performer{*this}, action);
}

/// Where reeve's own rule has given up what is to run, or pauses since a shell has not found it,
/// another program may be a better one.
void Daemon::await_program(const status::Instance& one) {
    const std::shared_ptr<const spec::App> app = manager_->find_app(one.name.app);
    const spec::Service* service =
        app == nullptr ? nullptr : spec::find_service(*app, one.name.service);
    const bool waits = service != nullptr && lacks_program(one) && !service->job &&
                       std::holds_alternative<spec::AutoRestart>(service->restart);
    if (waits) programs_->await(one.name, drivers::programs_of(*app, *service));
}

void Daemon::note_program(const status::Transition& transition) {
    programs_->forget(transition.instance);
    const bool may_wait = transition.to == status::State::Failed ||
                          transition.to == status::State::Backoff ||
                          transition.to == status::State::CrashLooping;
    if (!may_wait || manager_ == std::nullopt) return;
    const std::string instance = spec::instance_text(transition.instance);
    manager_->visit_instances({spec::Target{transition.instance.app, instance}},
                              [this](const status::Instance& one) { await_program(one); });
}

void Daemon::try_program(const spec::InstanceName& name, const std::string& path) {
    const spec::Target target{name.app, spec::instance_text(name)};
    bool waits = false;
    manager_->visit_instances({target},
                              [&](const status::Instance& one) { waits = lacks_program(one); });
    if (waits) command(core::Start{{target}}, path + " has changed");
}

void Daemon::note_bluepill_pid(const std::string& name, const spec::App* app) {
    bluepill_pids_.note_app(name, app, roles_.configuration().bluepill_pid_files);
}

/// In the words of the app's own program, where it wants that.
void Daemon::tell_change(const status::Transition& transition) {
    if (manager_ == std::nullopt) return;
    const std::shared_ptr<const spec::App> app = manager_->find_app(transition.instance.app);
    if (app == nullptr) return;
    change_logs_->tell(transition, *app);
    const bool ended =
        transition.to == status::State::Stopped || transition.to == status::State::Failed;
    if (ended && spec::is_one_off(*app)) {
        command(core::UnloadApp{app->name}, "its command has ended");
    }
}

/// To the followers of events, the ledger, the daemon's own log, and jobs that wait for it.
void Daemon::tell_crash_loop(status::Transition notice) {
    log::warning("app=" + notice.instance.app + " instance=" +
                 spec::instance_text(notice.instance) + " state=" + status::to_text(notice.to) +
                 " reason=\"" + notice.cause.text + "; it ends again and again\"");
    notice.wall = drivers::wall_now();
    notice.time = drivers::steady_now();
    events_.push_back(core::Happened{event_of(notice), "crash loops"});
    server_->publish(notice);
    scribe_->append_transitions({notice});
}

/// For what the jobs of all apps wait for.
void Daemon::await_files(drivers::FileEvents::Present present) {
    event_sources_->await_files(awaited_files(loaded_apps()), present);
}

void Daemon::await_sockets() {
    sockets_->listen(awaited_sockets(loaded_apps()));
}

std::vector<std::shared_ptr<const spec::App>> Daemon::loaded_apps() const {
    std::vector<std::shared_ptr<const spec::App>> apps;
    for (const status::App& app : manager_->apps())
        apps.push_back(manager_->find_app(app.name));
    return apps;
}

void Daemon::persist(const std::string& key, const std::string& value, bool erase) {
    const core::OperationId operation = current_operation_;
    if (operation != 0) operations_.remembering(operation);
    auto durable = [this, operation](bool is_durable, const std::string& why_not) {
        if (operation != 0) operations_.remembered(operation, is_durable, why_not);
    };
    if (erase) {
        scribe_->erase_intent(key, std::move(durable));
    } else {
        scribe_->put_intent(key, value, std::move(durable));
    }
}

/// Answers when all of it is durable, or known not to be so for now.
void Daemon::persist_store(api::OperationAnswer answer) {
    struct Progress {
        std::size_t waiting = 1;  // for itself, until all is under way
        api::OperationReply reply;
        api::OperationAnswer answer;
    };
    // Shared by the answers of the scribe, the last of which replies.
    const auto progress = std::make_shared<Progress>();
    progress->answer = std::move(answer);
    const auto one_less = [progress] {
        if (--progress->waiting == 0 && progress->answer) progress->answer(progress->reply);
    };
    proxy_->note_change();
    cron_->follow_store();
    std::vector<core::Record> records;
    for (const auto& [name, value] : store_.take_changes()) {
        records.push_back({kStorePrefix + name, value.value_or(""), !value});
        ++progress->waiting;
        const auto durable = [progress, one_less](bool is_durable, const std::string& why_not) {
            if (!is_durable) {
                progress->reply.durable = false;
                progress->reply.warning = "not on disk yet: " + why_not;
            }
            one_less();
        };
        if (value) {
            scribe_->put_intent(kStorePrefix + name, *value, durable);
        } else {
            scribe_->erase_intent(kStorePrefix + name, durable);
        }
    }
    append_to_journal(records);
    if (journal_->wants_compaction()) compact_journal();
    one_less();
}

void Daemon::persist_ports(const std::map<std::string, std::string>& changes) {
    if (changes.empty()) return;
    if (!journal_) return;
    proxy_->note_change();
    std::vector<core::Record> records;
    for (const auto& [instance, ports] : changes) {
        records.push_back({kPortPrefix + instance, ports, ports.empty()});
        if (ports.empty()) {
            scribe_->erase_intent(kPortPrefix + instance, {});
        } else {
            scribe_->put_intent(kPortPrefix + instance, ports, {});
        }
    }
    append_to_journal(records);
}

void Daemon::warn(const std::string& subject, std::string text, std::string advice) {
    log::warning("reason=\"" + text + "\"");
    warnings_[subject] = {std::move(text), std::move(advice)};
}

void Daemon::hear_trouble(const link::Trouble& trouble) {
    const std::string instance = logs_ ? logs_->name_of(trouble.log) : std::string();
    std::string subject;
    switch (trouble.kind) {
        case link::TroubleKind::Log:
            subject = "log " + instance;
            break;
        case link::TroubleKind::Intent:
            subject = "intent on disk";
            break;
        case link::TroubleKind::Ledger:
            subject = "ledger on disk";
            break;
    }
    if (trouble.stage == link::TroubleStage::Over) {
        warnings_.erase(subject);
        return;
    }
    warn(subject, subject + ": " + trouble.message, "");
}

}  // namespace reeve::daemon
