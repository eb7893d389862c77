#include "cli/release_list.h"

#include <algorithm>

#include "api/json_writer.h"
#include "base/text.h"

namespace reeve::cli {
namespace {

constexpr std::string_view kInfo = "release-info/";
constexpr std::size_t kRevisionShown = 8;
constexpr std::size_t kSecondsShown = 19;  // 2026-01-31T12:00:00

std::string value_of(const api::Records& records, const std::string& key) {
    const auto found = records.find(key);
    return found == records.end() ? "" : found->second;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 2, width), ' ');
    return text;
}

}  // namespace

std::vector<ReleaseEntry> releases_of(const api::Records& records) {
    const std::string current = value_of(records, "app/release");
    std::vector<ReleaseEntry> releases;
    for (const auto& [key, value] : records) {
        if (!key.starts_with(kInfo)) continue;
        const std::string number = key.substr(kInfo.size());
        const auto parsed = parse_integer(number);
        const std::vector<std::string_view> parts = split(value, '\t');
        if (!parsed || *parsed < 1 || parts.size() < 4) continue;
        ReleaseEntry entry;
        entry.number = static_cast<std::uint32_t>(*parsed);
        entry.is_current = number == current;
        const auto seconds = parse_integer(parts[0]);
        if (seconds) entry.made = WallTime{*seconds * 1'000'000'000};
        entry.revision = parts[1];
        entry.source = parts[2];
        entry.command_line = parts[3];
        entry.directory = value_of(records, "release-dir/" + number);
        releases.push_back(std::move(entry));
    }
    std::sort(releases.begin(), releases.end(),
              [](const ReleaseEntry& a, const ReleaseEntry& b) { return a.number > b.number; });
    return releases;
}

std::optional<std::uint32_t> previous_release(const std::vector<ReleaseEntry>& releases) {
    bool passed = false;
    for (const ReleaseEntry& entry : releases) {
        if (passed) return entry.number;
        passed = entry.is_current;
    }
    return std::nullopt;
}

std::string releases_text(const std::vector<ReleaseEntry>& releases) {
    if (releases.empty()) return "no release yet\n";
    std::string text = "RELEASE    MADE                      REVISION    BY\n";
    for (const ReleaseEntry& entry : releases) {
        text += padded(std::to_string(entry.number) + (entry.is_current ? " now" : ""), 11);
        text += padded(to_text(entry.made).substr(0, kSecondsShown) + "Z", 26);
        text += padded(entry.revision.substr(0, kRevisionShown), 12);
        text += entry.command_line;
        if (entry.directory != std::to_string(entry.number) && !entry.directory.empty()) {
            text += " (the code of " + entry.directory + ")";
        }
        text += "\n";
    }
    return text;
}

std::string releases_json(const std::vector<ReleaseEntry>& releases) {
    api::JsonWriter json;
    json.begin_object();
    json.key("releases");
    json.begin_list();
    for (const ReleaseEntry& entry : releases) {
        json.begin_object();
        json.member_number("release", entry.number);
        json.member_flag("current", entry.is_current);
        json.member("made", to_text(entry.made));
        json.member("revision", entry.revision);
        json.member("source", entry.source);
        json.member("command_line", entry.command_line);
        json.member("code_of", entry.directory);
        json.end_object();
    }
    json.end_list();
    json.end_object();
    return json.take() + "\n";
}

}  // namespace reeve::cli
