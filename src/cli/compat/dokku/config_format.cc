#include "cli/compat/dokku/config_format.h"

#include <algorithm>
#include <utility>

#include "api/json_writer.h"
#include "base/text.h"

namespace reeve::cli::compat::dokku {
namespace {

/// For a shell, in single quotes.
std::string quoted(const std::string& value) {
    std::string text = "'";
    for (const char c : value)
        text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

/// For an env file, in double quotes on one line.
std::string quoted_for_file(const std::string& value) {
    std::string text = "\"";
    for (const char c : value) {
        if (c == '\n') {
            text += "\\n";
            continue;
        }
        if (c == '"' || c == '\\' || c == '$' || c == '`') text += '\\';
        text += c;
    }
    return text + "\"";
}

std::string json_text(const std::string& value) {
    api::JsonWriter json;
    json.text(value);
    return json.take();
}

int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    return c == '/' ? 63 : -1;
}

Result<std::string> decode_base64(std::string_view text) {
    std::string decoded;
    unsigned bits = 0;
    int count = 0;
    while (text.ends_with('='))
        text.remove_suffix(1);
    for (const char c : text) {
        const int digit = base64_digit(c);
        if (digit < 0) return Error{"not base64"};
        bits = bits << 6 | static_cast<unsigned>(digit);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        decoded += static_cast<char>(bits >> count & 0xFF);
    }
    return decoded;
}

std::string joined(const ConfigVars& vars, std::string_view between,
                   std::string (*item)(const std::string&, const std::string&)) {
    std::string text;
    for (const auto& [key, value] : vars)
        text += (text.empty() ? "" : std::string(between)) + item(key, value);
    return text;
}

}  // namespace

bool is_config_key(std::string_view key) {
    const auto letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    return !key.empty() && letter(key.front()) && std::all_of(key.begin(), key.end(), [&](char c) {
        return letter(c) || (c >= '0' && c <= '9');
    });
}

Result<std::pair<std::string, std::string>> parse_config_pair(const std::string& text,
                                                              bool encoded) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) return Error{"Invalid env pair: " + text};
    std::string key = text.substr(0, equals);
    if (!is_config_key(key)) return Error{"Invalid key name: '" + key + "'"};
    std::string value = text.substr(equals + 1);
    if (encoded) {
        auto decoded = decode_base64(value);
        if (!decoded) return Error{"Invalid value for key " + key + ": " + decoded.error().message};
        value = std::move(decoded).value();
    }
    if (!is_utf8(value) || value.find('\0') != std::string::npos) {
        return Error{"Invalid value for key " + key + ": it is no text"};
    }
    return std::pair(std::move(key), std::move(value));
}

std::optional<std::string> format_config(const ConfigVars& vars, const std::string& format) {
    const auto lines = [&](std::string (*item)(const std::string&, const std::string&)) {
        std::string text = joined(vars, "\n", item);
        return text.empty() ? text : text + "\n";
    };
    if (format == "exports") {
        return lines([](auto& key, auto& value) { return "export " + key + "=" + quoted(value); });
    }
    if (format == "envfile") {
        return lines([](auto& key, auto& value) { return key + "=" + quoted_for_file(value); });
    }
    if (format == "docker-args") {
        return joined(vars, " ",
                      [](auto& key, auto& value) { return "--env=" + key + "=" + quoted(value); }) +
               "\n";
    }
    if (format == "docker-args-keys") {
        return joined(vars, " ", [](auto& key, auto&) { return "--env=" + key; }) + "\n";
    }
    if (format == "pack-keys") {
        return joined(vars, " ", [](auto& key, auto&) { return "--env " + key; }) + "\n";
    }
    if (format == "shell") {
        return joined(vars, "",
                      [](auto& key, auto& value) { return key + "=" + quoted(value) + " "; });
    }
    if (format == "pretty") return config_table(vars, "");
    if (format == "json") {
        return "{" +
               joined(
                   vars, ",",
                   [](auto& key, auto& value) { return json_text(key) + ":" + json_text(value); }) +
               "}\n";
    }
    if (format == "json-list") {
        return "[" +
               joined(vars, ",",
                      [](auto& key, auto& value) {
                          return "{\"name\":" + json_text(key) + ",\"value\":" + json_text(value) +
                                 "}";
                      }) +
               "]\n";
    }
    return std::nullopt;
}

std::string_view command_for_variable(std::string_view key) {
    constexpr std::pair<std::string_view, std::string_view> kMoved[] = {
        {"PORT", "the port that reeve gives to each process"},
        {"DOKKU_APP_RESTORE", "ps:set APP restore"},
        {"DOKKU_SKIP_DEPLOY", "ps:set APP skip-deploy"},
        {"DOKKU_START_CMD", "ps:set APP start-cmd"},
        {"DOKKU_DOCKERFILE_START_CMD", "ps:set APP start-cmd"},
        {"DOKKU_DOCKER_STOP_TIMEOUT", "ps:set APP stop-timeout"},
        {"DOKKU_WAIT_TO_RETIRE", "checks:set APP wait-to-retire"},
        {"DOKKU_CHECKS_DISABLED", "checks:disable APP"},
        {"DOKKU_CHECKS_SKIPPED", "checks:skip APP"},
        {"DOKKU_DEFAULT_CHECKS_WAIT", "`healthchecks` in app.json"},
        {"DOKKU_CHECKS_ATTEMPTS", "`healthchecks` in app.json"},
        {"DOKKU_CHECKS_TIMEOUT", "`healthchecks` in app.json"},
        {"DOKKU_CHECKS_WAIT", "`healthchecks` in app.json"},
        {"DOKKU_DEPLOY_BRANCH", "git:set APP deploy-branch"},
        {"DOKKU_DISABLE_PROXY", "proxy:disable APP"},
        {"DOKKU_PROXY_PORT_MAP", "ports:set APP"},
    };
    for (const auto& [variable, command] : kMoved) {
        if (variable == key) return command;
    }
    return "";
}

std::string config_table(const ConfigVars& vars, std::string_view prefix) {
    std::size_t width = 0;
    for (const auto& [key, value] : vars)
        width = std::max(width, key.size() + 3);
    std::string text;
    for (const auto& [key, value] : vars) {
        std::string title = key + ":";
        title.resize(width, ' ');
        text += std::string(prefix) + title + value + "\n";
    }
    return text;
}

}  // namespace reeve::cli::compat::dokku
