#include "core/codec.h"

namespace reeve::core {

void write_name(ByteWriter& writer, const spec::InstanceName& name) {
    writer.text(name.app);
    writer.text(name.service);
    writer.number(name.index);
    writer.text(name.key);
}

spec::InstanceName read_name(ByteReader& reader) {
    spec::InstanceName name;
    name.app = reader.text();
    name.service = reader.text();
    name.index = static_cast<std::uint32_t>(reader.number());
    name.key = reader.text();
    return name;
}

void write_numbers(ByteWriter& writer, const std::vector<std::uint64_t>& numbers) {
    writer.number(numbers.size());
    for (const std::uint64_t number : numbers)
        writer.number(number);
}

std::vector<std::uint64_t> read_numbers(ByteReader& reader) {
    std::vector<std::uint64_t> numbers;
    const std::uint64_t count = reader.number();
    for (std::uint64_t i = 0; i < count && reader.ok(); ++i)
        numbers.push_back(reader.number());
    return numbers;
}

void write_exit(ByteWriter& writer, const status::Exit& exit) {
    writer.number(exit.index());
    if (const auto* code = std::get_if<status::ExitCode>(&exit)) {
        writer.signed_number(code->code);
    } else if (const auto* signal = std::get_if<status::ExitSignal>(&exit)) {
        writer.signed_number(signal->signal);
        writer.flag(signal->core_dumped);
        writer.flag(signal->out_of_memory);
    }
}

status::Exit read_exit(ByteReader& reader) {
    const std::uint64_t kind = reader.number();
    if (kind == 0) return status::ExitCode{static_cast<int>(reader.signed_number())};
    if (kind != 1) return status::ExitUnknown{};
    const int signal = static_cast<int>(reader.signed_number());
    const bool core_dumped = reader.flag();
    return status::ExitSignal{signal, core_dumped, reader.flag()};
}

void write_cause(ByteWriter& writer, const status::Cause& cause) {
    write_enum(writer, cause.kind);
    writer.number(cause.id);
    writer.text(cause.text);
}

status::Cause read_cause(ByteReader& reader) {
    status::Cause cause;
    cause.kind = read_enum(reader, status::CauseKind::Daemon);
    cause.id = reader.number();
    cause.text = reader.text();
    return cause;
}

}  // namespace reeve::core
