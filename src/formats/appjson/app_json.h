#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "formats/diagnostic.h"

namespace reeve::formats::appjson {

/// What app.json says about the instances of one process type.
struct Formation {
    std::size_t offset = 0;  // of its name in the text
    std::optional<std::uint32_t> quantity;
    std::optional<std::uint32_t> max_parallel;
};

/// What app.json says about one environment variable.
struct EnvironmentVariable {
    std::size_t offset = 0;  // of its name in the text
    std::optional<std::string> value;
    bool required = true;
    bool is_secret = false;  // `"generator": "secret"`: made, where no value is given
};

/// The parts of an app.json that reeve uses.
struct AppJson {
    std::optional<std::string> name;
    std::size_t name_offset = 0;
    std::map<std::string, Formation> formation;
    std::map<std::string, EnvironmentVariable> environment;

    /// Whether the file gives a quantity: then it gives all of the formation, types it does not
    /// name have none, and `scale` is refused.
    bool is_scale_fixed() const;
};

/// Reads an app.json, with comments and trailing commas. Wrong types are errors at their place;
/// parts that reeve does not act on (scripts, healthchecks, cron) are notes.
/// Source: dokku's app.json documentation and plugins/app-json.
Reading<AppJson> parse(std::string_view file, std::string_view text);

}  // namespace reeve::formats::appjson
