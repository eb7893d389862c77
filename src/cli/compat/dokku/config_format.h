#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// Config vars as text, in the forms that Dokku exports. Source: dokku plugins/config.
namespace reeve::cli::compat::dokku {

using ConfigVars = std::map<std::string, std::string>;

/// Whether it can be the name of a variable.
bool is_config_key(std::string_view key);

/// `KEY=VALUE`; with `encoded` the value is base64.
Result<std::pair<std::string, std::string>> parse_config_pair(const std::string& text,
                                                              bool encoded);

/// What there is instead of a variable that does nothing by itself: mostly the command that now
/// does what old versions of Dokku read it for. Empty: it is none of these.
std::string_view command_for_variable(std::string_view key);

/// `exports`, `envfile`, `docker-args`, `docker-args-keys`, `shell`, `pretty`, `json`, `json-list`,
/// `pack-keys`; nullopt: there is no such format.
std::optional<std::string> format_config(const ConfigVars& vars, const std::string& format);

/// `KEY:  value` in columns, each line behind `prefix`.
std::string config_table(const ConfigVars& vars, std::string_view prefix);

}  // namespace reeve::cli::compat::dokku
