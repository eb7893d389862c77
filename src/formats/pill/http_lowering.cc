#include "formats/pill/http_lowering.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.h"

namespace reeve::formats::pill {
namespace {

using json::Kind;
using json::Value;

constexpr Duration kTimeoutDefault = 5s;
constexpr std::int64_t kIgnoreCase = 1;  // Ruby's Regexp::IGNORECASE
constexpr std::int64_t kExtended = 2;
constexpr std::int64_t kDotMatchesNewline = 4;

struct KindRow {
    std::string_view name;
    spec::HttpStatusRange range;
};

// The classes of Ruby's Net::HTTP by the words that make their names.
constexpr auto kKinds = std::to_array<KindRow>({
    {"information", {100, 199}},
    {"success", {200, 299}},
    {"redirection", {300, 399}},
    {"client_error", {400, 499}},
    {"server_error", {500, 599}},
    {"ok", {200, 200}},
    {"created", {201, 201}},
    {"accepted", {202, 202}},
    {"no_content", {204, 204}},
    {"partial_content", {206, 206}},
    {"multiple_choices", {300, 300}},
    {"moved_permanently", {301, 301}},
    {"found", {302, 302}},
    {"moved_temporarily", {302, 302}},
    {"see_other", {303, 303}},
    {"not_modified", {304, 304}},
    {"temporary_redirect", {307, 307}},
    {"permanent_redirect", {308, 308}},
    {"bad_request", {400, 400}},
    {"unauthorized", {401, 401}},
    {"forbidden", {403, 403}},
    {"not_found", {404, 404}},
    {"method_not_allowed", {405, 405}},
    {"gone", {410, 410}},
    {"too_many_requests", {429, 429}},
    {"internal_server_error", {500, 500}},
    {"not_implemented", {501, 501}},
    {"bad_gateway", {502, 502}},
    {"service_unavailable", {503, 503}},
    {"gateway_timeout", {504, 504}},
    {"gateway_time_out", {504, 504}},
});

/// `NotFound` and `not_found` are the same.
std::string underscored(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper && !out.empty() && out.back() != '_') out += '_';
        out += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

std::optional<spec::HttpStatusRange> expected_range(const Value* kind) {
    if (kind == nullptr) return spec::HttpStatusRange{200, 299};
    if (kind->kind == Kind::Number) {
        const Result<std::int64_t> code = parse_integer(kind->text);
        if (!code || *code < 100 || *code > 599) return std::nullopt;
        const auto number = static_cast<std::uint32_t>(*code);
        return spec::HttpStatusRange{number, number};
    }
    const std::string name = underscored(text_of(kind).value_or(""));
    const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                    [&](const KindRow& row) { return row.name == name; });
    if (found == kKinds.end()) return std::nullopt;
    return found->range;
}

bool take_url(std::string_view url, spec::HttpProbe& probe) {
    std::uint16_t port = 80;
    if (url.starts_with("http://")) {
        url.remove_prefix(7);
    } else if (url.starts_with("https://")) {
        url.remove_prefix(8);
        probe.scheme = spec::HttpScheme::HttpsUnverified;
        port = 443;
    } else {
        return false;
    }
    const std::size_t path = url.find_first_of("/?#");
    const std::string_view rest = path == std::string_view::npos ? "" : url.substr(path);
    std::string_view host = url.substr(0, path);
    if (const std::size_t at = host.rfind('@'); at != std::string_view::npos) {
        host.remove_prefix(at + 1);
    }
    const std::size_t colon = host.rfind(':');
    if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
        const Result<std::int64_t> number = parse_integer(host.substr(colon + 1));
        if (!number || *number < 1 || *number > 65535) return false;
        port = static_cast<std::uint16_t>(*number);
        host = host.substr(0, colon);
    }
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.empty()) return false;
    probe.host = host;
    probe.port = port;
    const std::string_view target = rest.substr(0, rest.find('#'));
    probe.path = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
    return true;
}

/// A Ruby regular expression as one of PCRE: `^` and `$` are those of lines.
spec::BodyMatches pattern_of(const Value& pattern) {
    if (pattern.kind != Kind::Object) return {"(?m)" + text_of(&pattern).value_or(""), false};
    std::int64_t options = 0;
    if (const auto text = text_of(given(pattern, "options"))) {
        const Result<std::int64_t> number = parse_integer(*text);
        if (number) options = *number;
    }
    std::string flags = "m";
    if ((options & kExtended) != 0) flags += 'x';
    if ((options & kDotMatchesNewline) != 0) flags += 's';
    const std::string source = text_of(given(pattern, "regexp")).value_or("");
    return {"(?" + flags + ")" + source, (options & kIgnoreCase) != 0};
}

}  // namespace

std::optional<spec::HttpProbe> lower_http(Document& document, const Place& place,
                                          const Value& options) {
    spec::HttpProbe probe;
    const std::string url = text_of(given(options, "url")).value_or("");
    if (!take_url(url, probe)) {
        document.error(place, "the check :http needs a :url, and \"" + url + "\" is none",
                       "\"http://localhost:3000/health\"");
        return std::nullopt;
    }
    const std::optional<spec::HttpStatusRange> range = expected_range(given(options, "kind"));
    if (!range) {
        document.error(place, "the check :http does not know this :kind",
                       "a number like 200, or a word like :success, :redirection, :not_found");
        return std::nullopt;
    }
    probe.expected = {*range};
    if (const Value* pattern = given(options, "pattern")) probe.body = pattern_of(*pattern);
    return probe;
}

Duration http_timeout(const Value& options) {
    const Duration both = seconds_of(given(options, "timeout")).value_or(kTimeoutDefault);
    const Duration open = seconds_of(given(options, "open_timeout")).value_or(both);
    const Duration read = seconds_of(given(options, "read_timeout")).value_or(both);
    return std::max({open, read, Duration(1s)});
}

}  // namespace reeve::formats::pill
