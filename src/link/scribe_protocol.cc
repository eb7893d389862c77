#include "link/scribe_protocol.h"

#include <limits>
#include <type_traits>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"

namespace reeve::link {
namespace {

// The numbers on the wire. What reeved sends and what the scribe sends are counted apart.
template <typename T>
constexpr std::uint32_t kType = 0;
template <>
constexpr std::uint32_t kType<ScribeHello> = 1;
template <>
constexpr std::uint32_t kType<OpenLog> = 2;
template <>
constexpr std::uint32_t kType<CloseLog> = 3;
template <>
constexpr std::uint32_t kType<AllLogsNamed> = 4;
template <>
constexpr std::uint32_t kType<PutIntent> = 5;
template <>
constexpr std::uint32_t kType<EraseIntent> = 6;
template <>
constexpr std::uint32_t kType<LoadIntent> = 7;
template <>
constexpr std::uint32_t kType<AppendLedger> = 8;
template <>
constexpr std::uint32_t kType<QueryLedger> = 9;
template <>
constexpr std::uint32_t kType<NameLogs> = 10;
template <>
constexpr std::uint32_t kType<LogClosed> = 2;
template <>
constexpr std::uint32_t kType<IntentDurable> = 3;
template <>
constexpr std::uint32_t kType<IntentFailed> = 4;
template <>
constexpr std::uint32_t kType<IntentRows> = 5;
template <>
constexpr std::uint32_t kType<LedgerStored> = 6;
template <>
constexpr std::uint32_t kType<LedgerRows> = 7;
template <>
constexpr std::uint32_t kType<Trouble> = 8;
template <>
constexpr std::uint32_t kType<LogsUnknown> = 9;

/// Reads an enum whose values are 0 … last; anything else gives `otherwise`.
template <typename Enum>
Enum read_enum(ByteReader& in, Enum last, Enum otherwise) {
    const std::uint64_t value = in.number();
    return value <= static_cast<std::uint64_t>(last) ? static_cast<Enum>(value) : otherwise;
}

std::uint32_t read_u32(ByteReader& in) {
    const std::uint64_t value = in.number();
    constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(value < kMost ? value : kMost);
}

template <typename Item, typename WriteItem>
void write_list(ByteWriter& out, const std::vector<Item>& items, WriteItem write_item) {
    out.number(items.size());
    for (const Item& item : items)
        write_item(out, item);
}

/// Stops at the first item that is cut short, so that a false count costs nothing.
template <typename Item, typename ReadItem>
std::vector<Item> read_list(ByteReader& in, ReadItem read_item) {
    std::vector<Item> items;
    const std::uint64_t count = in.number();
    for (std::uint64_t i = 0; i < count && in.ok(); ++i)
        items.push_back(read_item(in));
    return items;
}

void write_row(ByteWriter& out, const LedgerRow& row) {
    out.signed_number(row.wall.nanoseconds);
    out.time(row.time);
    out.text(row.app);
    out.text(row.service);
    out.number(row.index);
    out.text(row.key);
    out.number(row.from);
    out.number(row.to);
    out.text(row.reason);
    out.number(row.cause_kind);
    out.number(row.cause_id);
    out.text(row.cause_text);
    out.signed_number(row.pid);
}

LedgerRow read_row(ByteReader& in) {
    LedgerRow row;
    row.wall.nanoseconds = in.signed_number();
    row.time = in.time();
    row.app = in.text();
    row.service = in.text();
    row.index = read_u32(in);
    row.key = in.text();
    row.from = read_u32(in);
    row.to = read_u32(in);
    row.reason = in.text();
    row.cause_kind = read_u32(in);
    row.cause_id = in.number();
    row.cause_text = in.text();
    row.pid = static_cast<std::int32_t>(in.signed_number());
    return row;
}

void write_entry(ByteWriter& out, const IntentEntry& entry) {
    out.text(entry.key);
    out.text(entry.value);
}

IntentEntry read_entry(ByteReader& in) {
    IntentEntry entry;
    entry.key = in.text();
    entry.value = in.text();
    return entry;
}

void write_target(ByteWriter& out, const LedgerQuery::Target& target) {
    out.text(target.app);
    out.text(target.instance);
}

LedgerQuery::Target read_target(ByteReader& in) {
    LedgerQuery::Target target;
    target.app = in.text();
    target.instance = in.text();
    return target;
}

void write_named_log(ByteWriter& out, const NamedLog& named) {
    out.number(named.log);
    out.text(named.settings.path);
    out.number(static_cast<std::uint32_t>(named.settings.format));
    out.number(named.settings.rotate_bytes);
    out.number(named.settings.files_kept);
    out.signed_number(named.settings.owner_uid);
    out.signed_number(named.settings.owner_gid);
}

NamedLog read_named_log(ByteReader& in) {
    NamedLog named;
    named.log = in.number();
    named.settings.path = in.text();
    named.settings.format = read_enum(in, LogFormat::Plain, LogFormat::Stamped);
    named.settings.rotate_bytes = in.number();
    named.settings.files_kept = read_u32(in);
    named.settings.owner_uid = in.signed_number();
    named.settings.owner_gid = in.signed_number();
    return named;
}

void write_log_id(ByteWriter& out, LogId log) {
    out.number(log);
}

LogId read_log_id(ByteReader& in) {
    return in.number();
}

// ---- One `write` and one `read` for each message.

void write(ByteWriter&, const UnknownMessage&) {
    CHECK(false && "an unknown message is not sent");
}
void write(ByteWriter& out, const ScribeHello& message) {
    out.number(message.version);
    out.number(message.logs);
}
void write(ByteWriter& out, const OpenLog& message) {
    write_named_log(out, {message.log, message.settings});
    out.number(static_cast<std::uint32_t>(message.age));
}
void write(ByteWriter& out, const NameLogs& message) {
    write_list(out, message.logs, write_named_log);
}
void write(ByteWriter& out, const CloseLog& message) {
    out.number(message.log);
}
void write(ByteWriter&, const AllLogsNamed&) {}
void write(ByteWriter& out, const PutIntent& message) {
    out.number(message.sequence);
    write_entry(out, message.entry);
}
void write(ByteWriter& out, const EraseIntent& message) {
    out.number(message.sequence);
    out.text(message.key);
}
void write(ByteWriter& out, const LoadIntent& message) {
    out.number(message.request);
}
void write(ByteWriter& out, const AppendLedger& message) {
    out.number(message.writer);
    out.number(message.sequence);
    write_list(out, message.rows, write_row);
}
void write(ByteWriter& out, const QueryLedger& message) {
    out.number(message.request);
    write_list(out, message.query.targets, write_target);
    out.number(message.query.cause_id);
    out.signed_number(message.query.since.nanoseconds);
    out.number(message.query.rows_max);
}
void write(ByteWriter& out, const LogClosed& message) {
    out.number(message.log);
}
void write(ByteWriter& out, const LogsUnknown& message) {
    write_list(out, message.logs, write_log_id);
}
void write(ByteWriter& out, const IntentDurable& message) {
    out.number(message.sequence);
}
void write(ByteWriter& out, const IntentFailed& message) {
    out.number(message.sequence);
    out.text(message.message);
}
void write(ByteWriter& out, const IntentRows& message) {
    out.number(message.request);
    out.number(static_cast<std::uint32_t>(message.part));
    write_list(out, message.entries, write_entry);
    out.text(message.failure);
}
void write(ByteWriter& out, const LedgerStored& message) {
    out.number(message.sequence);
}
void write(ByteWriter& out, const LedgerRows& message) {
    out.number(message.request);
    out.number(static_cast<std::uint32_t>(message.part));
    write_list(out, message.rows, write_row);
    out.text(message.failure);
}
void write(ByteWriter& out, const Trouble& message) {
    out.number(static_cast<std::uint32_t>(message.kind));
    out.number(static_cast<std::uint32_t>(message.stage));
    out.number(message.log);
    out.number(message.lost_lines);
    out.number(message.lost_bytes);
    out.text(message.message);
}

void read(ByteReader&, UnknownMessage&) {}
void read(ByteReader& in, ScribeHello& message) {
    message.version = read_u32(in);
    if (!in.finished()) message.logs = in.number();  // the first version says no more
}
void read(ByteReader& in, NameLogs& message) {
    message.logs = read_list<NamedLog>(in, read_named_log);
}
void read(ByteReader& in, OpenLog& message) {
    NamedLog named = read_named_log(in);
    message.log = named.log;
    message.settings = std::move(named.settings);
    message.age = read_enum(in, PipeAge::Continued, PipeAge::Continued);
}
void read(ByteReader& in, CloseLog& message) {
    message.log = in.number();
}
void read(ByteReader&, AllLogsNamed&) {}
void read(ByteReader& in, PutIntent& message) {
    message.sequence = in.number();
    message.entry = read_entry(in);
}
void read(ByteReader& in, EraseIntent& message) {
    message.sequence = in.number();
    message.key = in.text();
}
void read(ByteReader& in, LoadIntent& message) {
    message.request = in.number();
}
void read(ByteReader& in, AppendLedger& message) {
    message.writer = in.number();
    message.sequence = in.number();
    message.rows = read_list<LedgerRow>(in, read_row);
}
void read(ByteReader& in, QueryLedger& message) {
    message.request = in.number();
    message.query.targets = read_list<LedgerQuery::Target>(in, read_target);
    message.query.cause_id = in.number();
    message.query.since.nanoseconds = in.signed_number();
    message.query.rows_max = read_u32(in);
}
void read(ByteReader& in, LogClosed& message) {
    message.log = in.number();
}
void read(ByteReader& in, LogsUnknown& message) {
    message.logs = read_list<LogId>(in, read_log_id);
}
void read(ByteReader& in, IntentDurable& message) {
    message.sequence = in.number();
}
void read(ByteReader& in, IntentFailed& message) {
    message.sequence = in.number();
    message.message = in.text();
}
void read(ByteReader& in, IntentRows& message) {
    message.request = in.number();
    message.part = read_enum(in, Part::Last, Part::Last);
    message.entries = read_list<IntentEntry>(in, read_entry);
    message.failure = in.text();
}
void read(ByteReader& in, LedgerStored& message) {
    message.sequence = in.number();
}
void read(ByteReader& in, LedgerRows& message) {
    message.request = in.number();
    message.part = read_enum(in, Part::Last, Part::Last);
    message.rows = read_list<LedgerRow>(in, read_row);
    message.failure = in.text();
}
void read(ByteReader& in, Trouble& message) {
    message.kind = read_enum(in, TroubleKind::Ledger, TroubleKind::Ledger);
    message.stage = read_enum(in, TroubleStage::Note, TroubleStage::Note);
    message.log = in.number();
    message.lost_lines = in.number();
    message.lost_bytes = in.number();
    message.message = in.text();
}

template <typename T>
Message to_message(const T& content) {
    Message message;
    message.type = kType<T>;
    ByteWriter out;
    write(out, content);
    message.payload = out.take();
    return message;
}

/// Tries the alternatives of `Variant` from the first on until one has the message's type.
template <typename Variant, std::size_t kIndex>
Result<Variant> from_message(const Message& message) {
    if constexpr (kIndex == std::variant_size_v<Variant>) {
        return Variant(UnknownMessage{message.type});
    } else {
        using T = std::variant_alternative_t<kIndex, Variant>;
        if (std::is_same_v<T, UnknownMessage> || kType<T> != message.type) {
            return from_message<Variant, kIndex + 1>(message);
        }
        T content;
        ByteReader in(message.payload);
        read(in, content);
        if (!in.ok()) {
            return Error{"a message of type " + std::to_string(message.type) + " is cut short"};
        }
        return Variant(std::move(content));
    }
}

}  // namespace

Message encode(ScribeRequest request) {
    Message message = std::visit([](const auto& content) { return to_message(content); }, request);
    if (OpenLog* open = std::get_if<OpenLog>(&request)) {
        message.fds.push_back(std::move(open->pipe));
    }
    return message;
}

Message encode(const ScribeReply& reply) {
    return std::visit([](const auto& content) { return to_message(content); }, reply);
}

Result<ScribeRequest> decode_request(Message message) {
    ScribeRequest request = TRY((from_message<ScribeRequest, 0>(message)));
    if (OpenLog* open = std::get_if<OpenLog>(&request)) {
        if (message.fds.size() != 1) return Error{"a log was named without its pipe"};
        open->pipe = std::move(message.fds.front());
    }
    return request;
}

Result<ScribeReply> decode_reply(const Message& message) {
    return from_message<ScribeReply, 0>(message);
}

}  // namespace reeve::link
