#include "core/event_codec.h"

#include <utility>

#include "core/codec.h"
#include "core/command_codec.h"

namespace reeve::core {
namespace {

void write_process(ByteWriter& writer, const ProcessId& process) {
    writer.signed_number(process.pid);
    writer.number(process.start_ticks);
}

ProcessId read_process(ByteReader& reader) {
    const int pid = static_cast<int>(reader.signed_number());
    return ProcessId{pid, reader.number()};
}

struct EventWriter {
    ByteWriter& writer;

    void operator()(const TimePassed&) const {}
    void operator()(const Spawned& event) const {
        writer.number(event.run);
        write_process(writer, event.process);
    }
    void operator()(const Executed& event) const { writer.number(event.run); }
    void operator()(const SpawnFailed& event) const {
        writer.number(event.run);
        writer.text(event.stage);
        writer.signed_number(event.error);
    }
    void operator()(const SpawnOverdue& event) const {
        writer.number(event.run);
        writer.text(event.stage);
    }
    void operator()(const Exited& event) const {
        writer.number(event.run);
        write_exit(writer, event.exit);
        writer.flag(event.others_left);
        writer.number(event.heirs.size());
        for (const Heir& heir : event.heirs) {
            write_process(writer, heir.process);
            writer.flag(heir.in_pid_file);
            writer.flag(heir.leads_session);
            writer.flag(heir.left_session);
        }
        writer.text(event.last_output);
    }
    void operator()(const RunEmptied& event) const { writer.number(event.run); }
    void operator()(const Ready& event) const {
        writer.number(event.run);
        writer.text(event.how);
    }
    void operator()(const Sampled& event) const {
        writer.number(event.run);
        writer.number(event.check);
        writer.number(event.number);
        writer.flag(event.passed);
        writer.text(event.text);
    }
    void operator()(const NotifySaid& event) const {
        writer.number(event.run);
        writer.flag(event.watchdog);
        write_optional_text(writer, event.status);
    }
    void operator()(const RunLost& event) const { writer.number(event.run); }
    void operator()(const Command& event) const {
        writer.number(event.operation);
        write_cause(writer, event.cause);
        write_command_kind(writer, event.kind);
    }
    void operator()(const RestoreApp& event) const {
        write_app(writer, event.app);
        writer.text(event.formation);
        write_cause(writer, event.cause);
        writer.flag(event.start);
    }
    void operator()(const MainFound& event) const {
        writer.number(event.run);
        write_process(writer, event.process);
    }
    void operator()(const FoundRunning& event) const {
        writer.number(event.run);
        write_process(writer, event.process);
    }
    void operator()(const NothingRuns& event) const { writer.number(event.run); }
    void operator()(const Happened& event) const {
        write_named_event(writer, event.event);
        writer.text(event.source);
    }
    void operator()(const EventSequence& event) const {
        writer.number(event.events.size());
        for (const spec::NamedEvent& one : event.events)
            write_named_event(writer, one);
        writer.text(event.source);
    }
    void operator()(const TrafficGone& event) const { writer.text(event.app); }
};

Exited read_exited(ByteReader& reader) {
    Exited exited;
    exited.run = reader.number();
    exited.exit = read_exit(reader);
    exited.others_left = reader.flag();
    const std::uint64_t heirs = reader.number();
    for (std::uint64_t i = 0; i < heirs && i < kEntriesMax && reader.ok(); ++i) {
        Heir heir;
        heir.process = read_process(reader);
        heir.in_pid_file = reader.flag();
        heir.leads_session = reader.flag();
        heir.left_session = reader.flag();
        exited.heirs.push_back(heir);
    }
    exited.last_output = reader.text();
    return exited;
}

Sampled read_sampled(ByteReader& reader) {
    Sampled sampled;
    sampled.run = reader.number();
    sampled.check = static_cast<std::uint32_t>(reader.number());
    sampled.number = reader.number();
    sampled.passed = reader.flag();
    sampled.text = reader.text();
    return sampled;
}

std::optional<Event> read_command(ByteReader& reader) {
    Command command;
    command.operation = reader.number();
    command.cause = read_cause(reader);
    std::optional<CommandKind> kind = read_command_kind(reader);
    if (!kind) return std::nullopt;
    command.kind = std::move(*kind);
    return command;
}

RestoreApp read_restore(ByteReader& reader) {
    RestoreApp restore;
    restore.app = read_app(reader);
    restore.formation = reader.text();
    restore.cause = read_cause(reader);
    restore.start = reader.flag();
    return restore;
}

EventSequence read_sequence(ByteReader& reader) {
    EventSequence sequence;
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && i < kEntriesMax && reader.ok(); ++i)
        sequence.events.push_back(read_named_event(reader));
    sequence.source = reader.text();
    return sequence;
}

std::optional<Event> read_other(std::uint64_t kind, ByteReader& reader) {
    if (kind == 0) return TimePassed{};
    if (kind == 11) return read_command(reader);
    if (kind == 12) return read_restore(reader);
    if (kind == 16) {
        spec::NamedEvent event = read_named_event(reader);
        return Happened{std::move(event), reader.text()};
    }
    if (kind == 17) return read_sequence(reader);
    if (kind == 18) return TrafficGone{reader.text()};
    return std::nullopt;
}

std::optional<Event> read_fact(std::uint64_t kind, RunId run, ByteReader& reader) {
    switch (kind) {
        case 1:
            return Spawned{run, read_process(reader)};
        case 2:
            return Executed{run};
        case 3: {
            std::string stage = reader.text();
            return SpawnFailed{run, std::move(stage), static_cast<int>(reader.signed_number())};
        }
        case 4:
            return SpawnOverdue{run, reader.text()};
        case 6:
            return RunEmptied{run};
        case 7:
            return Ready{run, reader.text()};
        case 9: {
            const bool watchdog = reader.flag();
            return NotifySaid{run, watchdog, read_optional_text(reader)};
        }
        case 10:
            return RunLost{run};
        case 13:
            return MainFound{run, read_process(reader)};
        case 14:
            return FoundRunning{run, read_process(reader)};
        case 15:
            return NothingRuns{run};
        default:
            return std::nullopt;
    }
}

}  // namespace

void write_event(ByteWriter& writer, const Event& event) {
    writer.number(event.index());
    std::visit(EventWriter{writer}, event);
}

std::optional<Event> read_event(ByteReader& reader) {
    static_assert(std::variant_size_v<Event> == 19);
    const std::uint64_t kind = reader.number();
    std::optional<Event> event;
    if (kind == 5) {
        event = read_exited(reader);
    } else if (kind == 8) {
        event = read_sampled(reader);
    } else if (kind == 0 || kind == 11 || kind == 12 || kind >= 16) {
        event = read_other(kind, reader);
    } else {
        const RunId run = reader.number();
        event = read_fact(kind, run, reader);
    }
    return reader.ok() ? event : std::nullopt;
}

}  // namespace reeve::core
