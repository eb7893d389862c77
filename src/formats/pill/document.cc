#include "formats/pill/document.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/text.h"

namespace reeve::formats::pill {
namespace {

using json::Kind;
using json::Value;

constexpr double kSecondsMax = 365.0 * 24 * 3600;

}  // namespace

void Document::say(Severity severity, const Place& place, std::string message, std::string hint) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.file = place.file.empty() ? std::string(source_.file()) : place.file;
    diagnostic.line = place.line;
    diagnostic.message = std::move(message);
    diagnostic.hint = std::move(hint);
    diagnostics_.push_back(std::move(diagnostic));
}

void Document::error(const Place& place, std::string message, std::string hint) {
    say(Severity::Error, place, std::move(message), std::move(hint));
}

void Document::warning(const Place& place, std::string message, std::string hint) {
    say(Severity::Warning, place, std::move(message), std::move(hint));
}

void Document::malformed(const Value& value, std::string message) {
    diagnostics_.push_back(source_.error_at(value.offset, std::move(message),
                                            "an evaluated pill is what `reeve-pill FILE` prints"));
}

const Value* Document::need(const Value& object, std::string_view name, Kind kind) {
    const Value* member = object.find(name);
    if (member != nullptr && member->kind == kind) return member;
    malformed(member == nullptr ? object : *member,
              "\"" + std::string(name) + "\" must be " + std::string(to_text(kind)));
    return nullptr;
}

Place place_of(const Value* value) {
    if (value == nullptr) return {};
    const bool elsewhere = value->elements.size() == 2;
    const Result<std::int64_t> line =
        parse_integer(elsewhere ? value->elements[1].text : value->text);
    if (!line || *line < 1) return {};
    return {elsewhere ? value->elements[0].text : "", static_cast<std::size_t>(*line)};
}

const Value* given(const Value& object, std::string_view name) {
    const Value* member = object.find(name);
    return member == nullptr || member->kind == Kind::Null ? nullptr : member;
}

bool is_truthy(const Value* value) {
    if (value == nullptr || value->kind == Kind::Null) return false;
    return value->kind != Kind::Boolean || value->text == "true";
}

std::optional<std::string> text_of(const Value* value) {
    if (value == nullptr) return std::nullopt;
    switch (value->kind) {
        case Kind::String:
        case Kind::Number:
        case Kind::Boolean:
            return value->text;
        case Kind::Null:
        case Kind::Array:
        case Kind::Object:
            break;
    }
    return std::nullopt;
}

std::optional<double> number_of(const Value* value) {
    if (value == nullptr || value->kind != Kind::Number) return std::nullopt;
    double number = 0;
    const char* end = value->text.data() + value->text.size();
    const auto read = std::from_chars(value->text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || !std::isfinite(number)) return std::nullopt;
    return number;
}

std::optional<Duration> seconds_of(const Value* value) {
    const std::optional<double> seconds = number_of(value);
    if (!seconds) return std::nullopt;
    const double bounded = std::clamp(*seconds, 0.0, kSecondsMax);
    return Duration(static_cast<Duration::rep>(bounded * 1e9));
}

}  // namespace reeve::formats::pill
