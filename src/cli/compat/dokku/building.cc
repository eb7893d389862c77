#include <array>

#include "base/text.h"
#include "cli/compat/dokku/groups.h"
#include "cli/compat/dokku/properties.h"

// What a deploy reads and runs: app-json:set, builder:set, releases:set and their reports. Source:
// dokku plugins/app-json, plugins/builder; releases are reeve's own.
namespace reeve::cli::compat::dokku {
namespace {

constexpr std::int64_t kReleasesMin = 2;
constexpr std::int64_t kReleasesMax = 100;

std::string not_a_number_of_releases(std::string_view value) {
    const auto number = parse_integer(value);
    if (number && *number >= kReleasesMin && *number <= kReleasesMax) return "";
    return "Invalid keep specified, must be a number from " + std::to_string(kReleasesMin) +
           " to " + std::to_string(kReleasesMax);
}

constexpr std::array kAppJsonProperties = std::to_array<Property>({
    {"appjson-path", "app-json/appjson-path", true, not_a_relative_path},
});
constexpr std::array kBuilderProperties = std::to_array<Property>({
    {"build-command", "builder/build-command", true, nullptr},
});
constexpr std::array kReleasesProperties = std::to_array<Property>({
    {"keep", "releases/keep", true, not_a_number_of_releases},
});

int app_json_set(Session& session, const Words& words) {
    return set_property(session, words, kAppJsonProperties);
}
int app_json_report(Session& session, const Words& words) {
    return report_property(session, words, "app-json", kAppJsonProperties.front(), "app.json");
}
int builder_set(Session& session, const Words& words) {
    return set_property(session, words, kBuilderProperties);
}
int builder_report(Session& session, const Words& words) {
    return report_property(session, words, "builder", kBuilderProperties.front(), "");
}
int releases_set(Session& session, const Words& words) {
    return set_property(session, words, kReleasesProperties);
}
int releases_report(Session& session, const Words& words) {
    return report_property(session, words, "releases", kReleasesProperties.front(), "5");
}

constexpr const char* kSetArguments = "<app>|--global <key> [<value>]";
constexpr const char* kReportArguments = "[<app>|--global] [<flag>]";

constexpr DokkuCommand kAppJsonCommands[] = {
    {"app-json:report", kReportArguments, "Displays an app-json report for one or more apps",
     app_json_report},
    {"app-json:set", kSetArguments, "Set or clear an app-json property for an app", app_json_set},
};
constexpr DokkuCommand kBuilderCommands[] = {
    {"builder:report", kReportArguments, "Displays a builder report for one or more apps",
     builder_report},
    {"builder:set", kSetArguments, "Set or clear a builder property for an app", builder_set},
};
constexpr DokkuCommand kReleasesCommands[] = {
    {"releases:report", kReportArguments, "Displays a releases report for one or more apps",
     releases_report},
    {"releases:set", kSetArguments, "Set or clear how many releases are kept", releases_set},
};

}  // namespace

const Group kAppJson{"app-json", "Manage the app.json of an app", kAppJsonCommands, false};
const Group kBuilder{"builder", "Manage how an app is built", kBuilderCommands, false};
const Group kReleases{"releases", "Manage the releases of an app", kReleasesCommands, false};

}  // namespace reeve::cli::compat::dokku
