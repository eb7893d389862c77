#include "sim/trace.h"

namespace reeve::sim {
namespace {

std::string run_text(core::RunId run) {
    return "run " + std::to_string(run & 0xFFFFFFFF);
}

std::string targets_text(const std::vector<spec::Target>& targets) {
    std::string text;
    for (const spec::Target& target : targets)
        text += " " + spec::to_text(target);
    return text;
}

std::string variables_text(const spec::Variables& variables) {
    std::string text;
    for (const spec::Variable& variable : variables)
        text += " " + variable.name + "=" + variable.value;
    return text;
}

struct CommandText {
    std::string operator()(const core::LoadApp& command) const {
        return "load " + command.app->name + (command.together ? " all or nothing" : "") +
               (command.start ? "" : " without a start");
    }
    std::string operator()(const core::UnloadApp& command) const { return "unload " + command.app; }
    std::string operator()(const core::Start& c) const { return "start" + targets_text(c.targets); }
    std::string operator()(const core::Stop& c) const { return "stop" + targets_text(c.targets); }
    std::string operator()(const core::Restart& command) const {
        return "restart" + targets_text(command.targets);
    }
    std::string operator()(const core::Signal& command) const {
        return status::signal_name(command.signal) + targets_text(command.targets);
    }
    std::string operator()(const core::Reload& c) const {
        return "reload" + targets_text(c.targets);
    }
    std::string operator()(const core::Scale& command) const {
        std::string text = "scale " + command.app;
        for (const auto& count : command.counts) {
            text += " " + count.service + "=" + std::to_string(count.instances);
        }
        return text;
    }
    std::string operator()(const core::Unmonitor& command) const {
        return "unmonitor" + targets_text(command.targets);
    }
    std::string operator()(const core::Shutdown&) const { return "shutdown"; }
    std::string operator()(const core::Emit& c) const { return "emit " + spec::to_text(c.event); }
    std::string operator()(const core::JobCommand& command) const {
        static const char* const kVerbs[] = {"start", "stop", "restart", "reload"};
        return kVerbs[static_cast<int>(command.verb)] + (" job " + command.job) +
               variables_text(command.variables);
    }
    std::string operator()(const core::SetVariables& command) const {
        return "set variables of " + command.job + variables_text(command.set);
    }
};

struct EventText {
    std::string operator()(const core::TimePassed&) const { return "time passed"; }
    std::string operator()(const core::Spawned& event) const {
        return run_text(event.run) + " spawned: pid " + std::to_string(event.process.pid);
    }
    std::string operator()(const core::Executed& e) const { return run_text(e.run) + " executed"; }
    std::string operator()(const core::SpawnFailed& event) const {
        return run_text(event.run) +
               " not spawned: " + system_error(event.stage, event.error).message;
    }
    std::string operator()(const core::SpawnOverdue& event) const {
        return run_text(event.run) + " hangs: " + event.stage;
    }
    std::string operator()(const core::Exited& event) const {
        return run_text(event.run) + " ended: " + status::to_text(event.exit) +
               (event.others_left ? ", others are left" : "") +
               (event.heirs.empty() ? "" : ", with an heir");
    }
    std::string operator()(const core::MainFound& event) const {
        return run_text(event.run) + " has its main process: " + std::to_string(event.process.pid);
    }
    std::string operator()(const core::FoundRunning& event) const {
        return run_text(event.run) + " runs already: pid " + std::to_string(event.process.pid);
    }
    std::string operator()(const core::NothingRuns& event) const {
        return run_text(event.run) + " does not run already";
    }
    std::string operator()(const core::RunEmptied& e) const {
        return run_text(e.run) + " is empty";
    }
    std::string operator()(const core::Ready& event) const {
        return run_text(event.run) + " ready";
    }
    std::string operator()(const core::Sampled& event) const {
        return run_text(event.run) + " check " + std::to_string(event.check) +
               (event.passed ? " passes: " : " fails: ") + event.text;
    }
    std::string operator()(const core::NotifySaid& event) const {
        return run_text(event.run) + (event.watchdog ? " WATCHDOG=1" : "") +
               (event.status ? " STATUS=" + *event.status : "");
    }
    std::string operator()(const core::RunLost& event) const {
        return run_text(event.run) + " was never spawned";
    }
    std::string operator()(const core::Command& event) const {
        return "operation " + std::to_string(event.operation) + ": " +
               std::visit(CommandText{}, event.kind);
    }
    std::string operator()(const core::RestoreApp& event) const {
        return "restore " + event.app->name;
    }
    std::string operator()(const core::TrafficGone& event) const {
        return "the proxy has let go of " + event.app;
    }
    std::string operator()(const core::Happened& event) const {
        return "happened: " + spec::to_text(event.event);
    }
    std::string operator()(const core::EventSequence& sequence) const {
        std::string text = "one after the other:";
        for (const spec::NamedEvent& event : sequence.events)
            text += " " + spec::to_text(event) + ";";
        return text;
    }
};

struct ActionText {
    std::string operator()(const core::SpawnRun& action) const {
        std::string text = "spawn " + run_text(action.run) + ": " + core::to_text(action.role) +
                           " of " + spec::to_text(action.instance);
        if (action.port_slot != 0) text += std::string(" on port ") + "ABCD"[action.port_slot];
        return text + variables_text(action.variables);
    }
    std::string operator()(const core::InspectSpawn& a) const {
        return "inspect " + run_text(a.run);
    }
    std::string operator()(const core::ProbeReadiness& a) const {
        return "probe " + run_text(a.run);
    }
    std::string operator()(const core::SampleCheck& action) const {
        return "sample " + action.service->checks.at(action.check).name + " of " +
               run_text(action.run);
    }
    std::string operator()(const core::SignalRun& action) const {
        static const char* const kScopes[] = {"all", "main", "group"};
        return status::signal_name(action.signal) + " to " + run_text(action.run) + " (" +
               kScopes[static_cast<int>(action.scope)] + ")";
    }
    std::string operator()(const core::KillRun& a) const { return "SIGKILL to " + run_text(a.run); }
    std::string operator()(const core::WatchEmpty& a) const { return "watch " + run_text(a.run); }
    std::string operator()(const core::ReapRun& action) const {
        return "reap " + run_text(action.run);
    }
    std::string operator()(const core::ReleaseRun& action) const {
        return "release " + run_text(action.run);
    }
    std::string operator()(const core::AdoptRun& action) const {
        return "adopt " + run_text(action.run);
    }
    std::string operator()(const core::FollowProcess& action) const {
        return "follow " + run_text(action.run);
    }
    std::string operator()(const core::AwaitMain& action) const {
        return "await the main process of " + run_text(action.run);
    }
    std::string operator()(const core::LookForRunning& action) const {
        return "look whether " + spec::to_text(action.instance) + " runs as " +
               run_text(action.run);
    }
    std::string operator()(const core::ForgetInstance& action) const {
        return "forget " + spec::to_text(action.instance);
    }
    std::string operator()(const core::RecordTransition& action) const {
        const status::Transition& transition = action.transition;
        return spec::to_text(transition.instance) + " " + status::to_text(transition.from) +
               " -> " + status::to_text(transition.to) + ": " + transition.reason;
    }
    std::string operator()(const core::PersistApp& action) const {
        return (action.spec == nullptr ? "persist no " : "persist ") + action.app;
    }
    std::string operator()(const core::PersistFormation& action) const {
        return "persist the formation of " + action.app;
    }
    std::string operator()(const core::LogTrouble& action) const { return action.text; }
    std::string operator()(const core::Refused& action) const {
        return "operation " + std::to_string(action.operation) + " refused: " + action.message;
    }
    std::string operator()(const core::Accepted& action) const {
        return "operation " + std::to_string(action.operation) + " accepted for " +
               std::to_string(action.instances.size());
    }
    std::string operator()(const core::OperationDone& action) const {
        std::string text = "operation " + std::to_string(action.operation) +
                           (action.ok ? " done: " : " failed: ") + action.message;
        for (const std::string& problem : action.problems)
            text += "; " + problem;
        return text;
    }
};

}  // namespace

std::string describe(const core::Event& event) {
    return std::visit(EventText{}, event);
}

std::string describe(const core::Action& action) {
    return std::visit(ActionText{}, action);
}

}  // namespace reeve::sim
