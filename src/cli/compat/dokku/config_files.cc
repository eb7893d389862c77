#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/compat/dokku/config_call.h"
#include "cli/compat/dokku/tar.h"
#include "formats/dotenv/dotenv.h"
#include "os/fd.h"

// config:import and config:bundle. Source: dokku plugins/config.
namespace reeve::cli::compat::dokku::config_group {
namespace {

using Json = nlohmann::json;

/// `-` is standard input.
Result<std::string> read_text(const std::string& path) {
    os::UniqueFd file;
    if (path != "-") file = TRY(os::open_file(path, O_RDONLY));
    const int fd = path == "-" ? STDIN_FILENO : file.get();
    std::string text;
    std::array<char, 65536> piece{};
    while (true) {
        const ssize_t got = ::read(fd, piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("read " + path);
        if (got == 0) return text;
        text.append(piece.data(), static_cast<std::size_t>(got));
        if (text.size() > formats::kConfigBytesMax) return Error{path + " is larger than 1 MiB"};
    }
}

Result<ConfigVars> read_json(const std::string& text) {
    const Json object = Json::parse(text, nullptr, false);
    if (!object.is_object()) return Error{"the file is no JSON object"};
    ConfigVars vars;
    for (const auto& [key, value] : object.items()) {
        if (!value.is_string()) return Error{"Invalid value for key " + key + ": it is no text"};
        vars[key] = value.get<std::string>();
    }
    return vars;
}

Result<ConfigVars> read_envfile(const std::string& path, const std::string& text) {
    const auto reading = formats::dotenv::parse(path, text);
    for (const formats::Diagnostic& diagnostic : reading.diagnostics) {
        if (diagnostic.severity != formats::Severity::Error) continue;
        return Error{path + ":" + std::to_string(diagnostic.line) + ": " + diagnostic.message};
    }
    ConfigVars vars;
    for (const formats::dotenv::Variable& variable : reading.value)
        vars[variable.name] = variable.value;
    return vars;
}

Result<ConfigVars> read_vars(const std::string& path, const std::string& format) {
    const std::string text = TRY(read_text(path));
    const ConfigVars vars = format == "json" ? TRY(read_json(text)) : TRY(read_envfile(path, text));
    for (const auto& [key, value] : vars)
        (void)TRY(parse_config_pair(key + "=" + value, false));  // it only has to be a good one
    return vars;
}

}  // namespace

int import_vars(Session& session, const Words& words) {
    int code = kOk;
    const auto call =
        read_call(session, words, {{"--replace", "--no-restart"}, {"--format"}, true}, code);
    if (!call) return code;
    const std::string format = call->flags.text("--format").value_or("envfile");
    if (format != "envfile" && format != "json") return fail("Unknown import format: " + format);
    if (call->words.size() != 1) return fail("Expected: one file, or - for standard input");
    const auto vars = read_vars(call->words.front(), format);
    if (!vars) return fail(vars.error().message);
    std::map<std::string, std::optional<std::string>> changes;
    if (call->flags.has("--replace")) {
        for (const auto& [key, value] : call->vars)
            changes[key] = std::nullopt;
    }
    for (const auto& [key, value] : *vars)
        changes[key] = value;
    if (changes.empty()) return fail("At least one env pair must be given");
    return change_vars(session, *call, changes);
}

/// A tar archive on standard output: a file for each variable, named like it.
int bundle(Session& session, const Words& words) {
    int code = kOk;
    const auto call = read_call(session, words, {{"--merged"}, {}, true}, code);
    if (!call) return code;
    const auto vars = shown_vars(session, *call);
    if (!vars) return fail(session, vars.error());
    const auto archive = tar_archive(*vars);
    if (!archive) return fail(session, archive.error());
    return print(*archive) ? kOk : kFailed;
}

}  // namespace reeve::cli::compat::dokku::config_group
