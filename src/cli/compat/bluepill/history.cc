#include "cli/compat/bluepill/history.h"

#include <time.h>

#include <utility>

#include "base/text.h"
#include "formats/json/jsonc.h"

namespace reeve::cli::compat::bluepill {
namespace {

using formats::json::Kind;
using formats::json::Value;

constexpr std::size_t kEventsShown = 10;

std::string text(const Value& object, std::string_view name) {
    const Value* member = object.find(name);
    const bool has_text =
        member != nullptr && (member->kind == Kind::String || member->kind == Kind::Number);
    return has_text ? member->text : "";
}

ToldChange read_change(const Value& object) {
    ToldChange told;
    told.time = text(object, "time");
    told.app = text(object, "app");
    told.service = text(object, "service");
    told.change.from = text(object, "from");
    told.change.to = text(object, "to");
    told.change.reason = text(object, "reason");
    const Result<std::int64_t> pid = parse_integer(text(object, "pid"));
    told.change.pid = pid ? static_cast<int>(*pid) : 0;
    if (const Value* cause = object.find("cause")) {
        told.cause_id = text(*cause, "id");
        told.change.cause_kind = text(*cause, "kind");
        told.change.cause_text = text(*cause, "text");
    }
    return told;
}

}  // namespace

Result<std::vector<ToldChange>> read_history(std::string_view why_json) {
    const auto reading = formats::json::parse("history", why_json);
    if (!reading.ok()) return Error{reading.diagnostics.front().message};
    const Value* transitions = reading.value.find("transitions");
    if (transitions == nullptr) return Error{"the history has no transitions"};
    std::vector<ToldChange> changes;
    for (const Value& transition : transitions->elements)
        changes.push_back(read_change(transition));
    return changes;
}

Result<ToldChange> read_event(std::string_view line) {
    const auto reading = formats::json::parse("event", line);
    if (!reading.ok()) return Error{reading.diagnostics.front().message};
    if (reading.value.find("to") == nullptr) return Error{"this line tells of no transition"};
    return read_change(reading.value);
}

std::string render_history(const std::vector<ToldChange>& changes) {
    std::string out;
    std::string last_cause;
    std::string last_event;
    std::size_t shown = 0;
    for (auto told = changes.rbegin(); told != changes.rend() && shown < kEventsShown; ++told) {
        const api::bluepill::HistoryEvent event = api::bluepill::history_event(told->change);
        if (event.event.empty()) continue;
        if (told->cause_id == last_cause && event.event == last_event) continue;
        last_cause = told->cause_id;
        last_event = event.event;
        out += "  " + event.event + " at " + local_time(told->time, "%m/%d/%Y %H:%M:%S") + " - " +
               event.reason + "\n";
        ++shown;
    }
    return out.empty() ? "" : "event history:\n" + out;
}

std::string local_time(std::string_view time, std::string format) {
    constexpr std::size_t kSecondsSize = 19;  // 2026-11-20T12:17:24
    constexpr std::size_t kMicrosAt = kSecondsSize + 1;
    constexpr std::size_t kMicrosSize = 6;
    tm parts{};
    const std::string whole(time.substr(0, kSecondsSize));
    if (::strptime(whole.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) {
        return std::string(time);
    }
    const time_t seconds = ::timegm(&parts);
    ::localtime_r(&seconds, &parts);
    std::string micros = "000000";
    if (time.size() >= kMicrosAt + kMicrosSize) micros = time.substr(kMicrosAt, kMicrosSize);
    constexpr std::string_view kMicrosMark = "%6N";
    if (const std::size_t at = format.find(kMicrosMark); at != std::string::npos) {
        format.replace(at, kMicrosMark.size(), micros);
    }
    char text[128];
    const std::size_t size = ::strftime(text, sizeof text, format.c_str(), &parts);
    return std::string(text, size);
}

}  // namespace reeve::cli::compat::bluepill
