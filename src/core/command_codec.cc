#include "core/command_codec.h"

#include <utility>

#include "core/codec.h"
#include "core/job_life.h"
#include "spec/app.h"

namespace reeve::core {
namespace {

void write_targets(ByteWriter& writer, const std::vector<spec::Target>& targets) {
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

struct CommandWriter {
    ByteWriter& writer;

    void operator()(const LoadApp& command) const {
        write_app(writer, command.app);
        writer.flag(command.start);
        writer.flag(command.together);
    }
    void operator()(const UnloadApp& command) const { writer.text(command.app); }
    void operator()(const Start& command) const { write_targets(writer, command.targets); }
    void operator()(const Stop& command) const { write_targets(writer, command.targets); }
    void operator()(const Restart& command) const { write_targets(writer, command.targets); }
    void operator()(const Signal& command) const {
        write_targets(writer, command.targets);
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
    void operator()(const Unmonitor& command) const { write_targets(writer, command.targets); }
    void operator()(const Shutdown& command) const {
        writer.flag(command.farewell.has_value());
        if (command.farewell) write_named_event(writer, *command.farewell);
    }
    void operator()(const Reload& command) const { write_targets(writer, command.targets); }
    void operator()(const Emit& command) const {
        write_named_event(writer, command.event);
        writer.flag(command.waits);
    }
    void operator()(const JobCommand& command) const {
        write_enum(writer, command.verb);
        writer.text(command.app);
        writer.text(command.job);
        write_variables(writer, command.variables);
        write_optional_text(writer, command.key);
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

}  // namespace

// ---- Values of commands and of other events.

void write_named_event(ByteWriter& writer, const spec::NamedEvent& event) {
    writer.text(event.name);
    write_variables(writer, event.variables);
}

spec::NamedEvent read_named_event(ByteReader& reader) {
    std::string name = reader.text();
    return spec::NamedEvent{std::move(name), read_variables(reader)};
}

void write_optional_text(ByteWriter& writer, const std::optional<std::string>& text) {
    writer.flag(text.has_value());
    if (text) writer.text(*text);
}

std::optional<std::string> read_optional_text(ByteReader& reader) {
    if (!reader.flag()) return std::nullopt;
    return reader.text();
}

void write_app(ByteWriter& writer, const std::shared_ptr<const spec::App>& app) {
    writer.text(app == nullptr ? "" : spec::to_json(*app));
}

std::shared_ptr<const spec::App> read_app(ByteReader& reader) {
    const std::string text = reader.text();
    if (text.empty()) return nullptr;
    Result<spec::App> app = spec::app_from_json(text);
    return app ? std::make_shared<const spec::App>(std::move(app).value()) : nullptr;
}

// ---- Commands.

void write_command_kind(ByteWriter& writer, const CommandKind& kind) {
    writer.number(kind.index());
    std::visit(CommandWriter{writer}, kind);
}

std::optional<CommandKind> read_command_kind(ByteReader& reader) {
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

}  // namespace reeve::core
