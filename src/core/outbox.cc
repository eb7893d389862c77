#include "base/check.h"
#include "core/codec.h"
#include "core/snapshot.h"

namespace reeve::core {
namespace {

enum class Kind {
    Signal,
    Kill,
    Reap,
    Forget,
    Transition,
    PersistApp,
    PersistFormation,
    Answer,
    Release
};

void write_kind(ByteWriter& writer, Kind kind) {
    write_enum(writer, kind);
}

void write_transition(ByteWriter& writer, const status::Transition& transition) {
    writer.time(transition.time);
    write_name(writer, transition.instance);
    write_enum(writer, transition.from);
    write_enum(writer, transition.to);
    writer.text(transition.reason);
    write_cause(writer, transition.cause);
    writer.signed_number(transition.pid);
    writer.flag(transition.begins_crash_loop);
}

status::Transition read_transition(ByteReader& reader) {
    status::Transition transition;
    transition.time = reader.time();
    transition.instance = read_name(reader);
    transition.from = read_enum(reader, status::State::Stuck);
    transition.to = read_enum(reader, status::State::Stuck);
    transition.reason = reader.text();
    transition.cause = read_cause(reader);
    transition.pid = static_cast<int>(reader.signed_number());
    transition.begins_crash_loop = reader.flag();
    return transition;
}

void write_answer(ByteWriter& writer, OperationId operation) {
    write_kind(writer, Kind::Answer);
    writer.number(operation);
}

struct ActionWriter {
    ByteWriter& writer;

    void operator()(const SignalRun& action) const {
        write_kind(writer, Kind::Signal);
        writer.number(action.run);
        writer.signed_number(action.signal);
        write_enum(writer, action.scope);
    }
    void operator()(const KillRun& action) const {
        write_kind(writer, Kind::Kill);
        writer.number(action.run);
    }
    void operator()(const ReapRun& action) const {
        write_kind(writer, Kind::Reap);
        writer.number(action.run);
    }
    void operator()(const ReleaseRun& action) const {
        write_kind(writer, Kind::Release);
        writer.number(action.run);
    }
    void operator()(const ForgetInstance& action) const {
        write_kind(writer, Kind::Forget);
        write_name(writer, action.instance);
    }
    void operator()(const RecordTransition& action) const {
        write_kind(writer, Kind::Transition);
        write_transition(writer, action.transition);
    }
    void operator()(const PersistApp& action) const {
        write_kind(writer, Kind::PersistApp);
        writer.text(action.app);
    }
    void operator()(const PersistFormation& action) const {
        write_kind(writer, Kind::PersistFormation);
        writer.text(action.app);
    }
    void operator()(const Refused& action) const { write_answer(writer, action.operation); }
    void operator()(const Accepted& action) const { write_answer(writer, action.operation); }
    void operator()(const OperationDone&) const {}  // its Accepted brings both back
    // These are found in the state.
    void operator()(const SpawnRun&) const {}
    void operator()(const InspectSpawn&) const {}
    void operator()(const ProbeReadiness&) const {}
    void operator()(const SampleCheck&) const {}
    void operator()(const WatchEmpty&) const {}
    void operator()(const AdoptRun&) const {}
    void operator()(const FollowProcess&) const {}
    void operator()(const AwaitMain&) const {}
    void operator()(const LookForRunning&) const {}
    void operator()(const LogTrouble&) const {}  // not worth it
};

Action read_action(ByteReader& reader) {
    switch (read_enum(reader, Kind::Release)) {
        case Kind::Signal: {
            const RunId run = reader.number();
            const int signal = static_cast<int>(reader.signed_number());
            return SignalRun{run, signal, read_enum(reader, spec::SignalScope::Group)};
        }
        case Kind::Kill:
            return KillRun{reader.number()};
        case Kind::Reap:
            return ReapRun{reader.number()};
        case Kind::Forget:
            return ForgetInstance{read_name(reader)};
        case Kind::Transition:
            return RecordTransition{read_transition(reader)};
        case Kind::PersistApp:
            return PersistApp{reader.text(), nullptr};
        case Kind::PersistFormation:
            return PersistFormation{reader.text(), ""};
        case Kind::Answer:
            return Accepted{reader.number(), {}};
        case Kind::Release:
            return ReleaseRun{reader.number()};
    }
    CHECK(false);
}

}  // namespace

bool belongs_in_outbox(const Action& action) {
    return !std::holds_alternative<SpawnRun>(action) &&
           !std::holds_alternative<InspectSpawn>(action) &&
           !std::holds_alternative<ProbeReadiness>(action) &&
           !std::holds_alternative<SampleCheck>(action) &&
           !std::holds_alternative<WatchEmpty>(action) &&
           !std::holds_alternative<AdoptRun>(action) &&
           !std::holds_alternative<LogTrouble>(action) &&
           !std::holds_alternative<FollowProcess>(action) &&
           !std::holds_alternative<AwaitMain>(action) &&
           !std::holds_alternative<LookForRunning>(action);
}

void write_outbox(ByteWriter& writer, const Actions& actions) {
    for (const Action& action : actions)
        std::visit(ActionWriter{writer}, action);
}

bool read_outbox(ByteReader& reader, Actions& actions) {
    while (reader.ok() && !reader.finished())
        actions.push_back(read_action(reader));
    return reader.ok();
}

}  // namespace reeve::core
