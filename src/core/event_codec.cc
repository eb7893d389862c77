#include "core/event_codec.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"
#include "core/codec.h"
#include "core/job_life.h"
#include "spec/app.h"

namespace reeve::core {
namespace {

constexpr std::uint64_t kEntriesMax = 100'000;  // of a list, in an event that is read

// ---- Small values.

void write(ByteWriter& writer, const ProcessId& process) {
    writer.signed_number(process.pid);
    writer.number(process.start_ticks);
}

ProcessId read_process(ByteReader& reader) {
    const int pid = static_cast<int>(reader.signed_number());
    return ProcessId{pid, reader.number()};
}

void write(ByteWriter& writer, const spec::NamedEvent& event) {
    writer.text(event.name);
    write_variables(writer, event.variables);
}

spec::NamedEvent read_named_event(ByteReader& reader) {
    std::string name = reader.text();
    return spec::NamedEvent{std::move(name), read_variables(reader)};
}

void write(ByteWriter& writer, const std::vector<spec::Target>& targets) {
    writer.number(targets.size());
    for (const spec::Target& target : targets) {
        writer.text(target.app);
        writer.text(target.instance);
    }
}

std::vector<spec::Target> read_targets(ByteReader& reader) {
    std::vector<spec::Target> targets;
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && i < kEntriesMax && reader.ok(); ++i) {
        std::string app = reader.text();
        targets.push_back(spec::Target{std::move(app), reader.text()});
    }
    return targets;
}

void write(ByteWriter& writer, const std::optional<std::string>& text) {
    writer.flag(text.has_value());
    if (text) writer.text(*text);
}

std::optional<std::string> read_optional_text(ByteReader& reader) {
    if (!reader.flag()) return std::nullopt;
    return reader.text();
}

void write(ByteWriter& writer, const std::shared_ptr<const spec::App>& app) {
    writer.text(app == nullptr ? "" : spec::to_json(*app));
}

/// nullptr: there was none, or it cannot be read.
std::shared_ptr<const spec::App> read_app(ByteReader& reader) {
    const std::string text = reader.text();
    if (text.empty()) return nullptr;
    Result<spec::App> app = spec::app_from_json(text);
    return app ? std::make_shared<const spec::App>(std::move(app).value()) : nullptr;
}

// ---- Commands.

struct CommandWriter {
    ByteWriter& writer;

    void operator()(const LoadApp& command) const {
        write(writer, command.app);
        writer.flag(command.start);
        writer.flag(command.together);
    }
    void operator()(const UnloadApp& command) const { writer.text(command.app); }
    void operator()(const Start& command) const { write(writer, command.targets); }
    void operator()(const Stop& command) const { write(writer, command.targets); }
    void operator()(const Restart& command) const { write(writer, command.targets); }
    void operator()(const Signal& command) const {
        write(writer, command.targets);
        writer.signed_number(command.signal);
    }
    void operator()(const Scale& command) const {
        writer.text(command.app);
        writer.number(command.counts.size());
        for (const Scale::Count& count : command.counts) {
            writer.text(count.service);
            writer.number(count.instances);
        }
    }
    void operator()(const Unmonitor& command) const { write(writer, command.targets); }
    void operator()(const Shutdown& command) const {
        writer.flag(command.farewell.has_value());
        if (command.farewell) write(writer, *command.farewell);
    }
    void operator()(const Reload& command) const { write(writer, command.targets); }
    void operator()(const Emit& command) const {
        write(writer, command.event);
        writer.flag(command.waits);
    }
    void operator()(const JobCommand& command) const {
        write_enum(writer, command.verb);
        writer.text(command.app);
        writer.text(command.job);
        write_variables(writer, command.variables);
        write(writer, command.key);
    }
    void operator()(const SetVariables& command) const {
        writer.text(command.app);
        writer.text(command.job);
        writer.text(command.key);
        writer.flag(command.reset);
        write_variables(writer, command.set);
        writer.number(command.unset.size());
        for (const std::string& name : command.unset)
            writer.text(name);
        writer.flag(command.keep_existing);
    }
};

Scale read_scale(ByteReader& reader) {
    Scale scale{reader.text(), {}};
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && i < kEntriesMax && reader.ok(); ++i) {
        std::string service = reader.text();
        scale.counts.push_back({std::move(service), static_cast<std::uint32_t>(reader.number())});
    }
    return scale;
}

JobCommand read_job_command(ByteReader& reader) {
    JobCommand command;
    command.verb = read_enum(reader, JobCommand::Verb::Reload);
    command.app = reader.text();
    command.job = reader.text();
    command.variables = read_variables(reader);
    command.key = read_optional_text(reader);
    return command;
}

SetVariables read_set_variables(ByteReader& reader) {
    SetVariables command;
    command.app = reader.text();
    command.job = reader.text();
    command.key = reader.text();
    command.reset = reader.flag();
    command.set = read_variables(reader);
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && i < kEntriesMax && reader.ok(); ++i)
        command.unset.push_back(reader.text());
    command.keep_existing = reader.flag();
    return command;
}

LoadApp read_load(ByteReader& reader) {
    LoadApp load{read_app(reader)};
    load.start = reader.flag();
    load.together = reader.flag();
    return load;
}

std::optional<CommandKind> read_kind(ByteReader& reader) {
    static_assert(std::variant_size_v<CommandKind> == 13);
    switch (reader.number()) {
        case 0:
            return read_load(reader);
        case 1:
            return UnloadApp{reader.text()};
        case 2:
            return Start{read_targets(reader)};
        case 3:
            return Stop{read_targets(reader)};
        case 4:
            return Restart{read_targets(reader)};
        case 5: {
            std::vector<spec::Target> targets = read_targets(reader);
            return Signal{std::move(targets), static_cast<int>(reader.signed_number())};
        }
        case 6:
            return read_scale(reader);
        case 7:
            return Unmonitor{read_targets(reader)};
        case 8:
            if (!reader.flag()) return Shutdown{};
            return Shutdown{read_named_event(reader)};
        case 9:
            return Reload{read_targets(reader)};
        case 10: {
            spec::NamedEvent event = read_named_event(reader);
            return Emit{std::move(event), reader.flag()};
        }
        case 11:
            return read_job_command(reader);
        case 12:
            return read_set_variables(reader);
        default:
            return std::nullopt;
    }
}

// ---- Events.

struct EventWriter {
    ByteWriter& writer;

    void operator()(const TimePassed&) const {}
    void operator()(const Spawned& event) const {
        writer.number(event.run);
        write(writer, event.process);
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
            write(writer, heir.process);
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
        write(writer, event.status);
    }
    void operator()(const RunLost& event) const { writer.number(event.run); }
    void operator()(const Command& event) const {
        writer.number(event.operation);
        write_cause(writer, event.cause);
        writer.number(event.kind.index());
        std::visit(CommandWriter{writer}, event.kind);
    }
    void operator()(const RestoreApp& event) const {
        write(writer, event.app);
        writer.text(event.formation);
        write_cause(writer, event.cause);
    }
    void operator()(const MainFound& event) const {
        writer.number(event.run);
        write(writer, event.process);
    }
    void operator()(const FoundRunning& event) const {
        writer.number(event.run);
        write(writer, event.process);
    }
    void operator()(const NothingRuns& event) const { writer.number(event.run); }
    void operator()(const Happened& event) const {
        write(writer, event.event);
        writer.text(event.source);
    }
    void operator()(const EventSequence& event) const {
        writer.number(event.events.size());
        for (const spec::NamedEvent& one : event.events)
            write(writer, one);
        writer.text(event.source);
    }
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
    std::optional<CommandKind> kind = read_kind(reader);
    if (!kind) return std::nullopt;
    command.kind = std::move(*kind);
    return command;
}

RestoreApp read_restore(ByteReader& reader) {
    RestoreApp restore;
    restore.app = read_app(reader);
    restore.formation = reader.text();
    restore.cause = read_cause(reader);
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
    static_assert(std::variant_size_v<Event> == 18);
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
