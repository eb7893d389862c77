#include <optional>

#include "api/json_writer.h"
#include "cli/app_files.h"
#include "cli/commands.h"
#include "cli/option_reader.h"
#include "formats/native/reader.h"
#include "formats/pill/pill_reader.h"
#include "os/fd.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kPathsMax = 1000;

std::string_view to_text(formats::Severity severity) {
    switch (severity) {
        case formats::Severity::Note:
            return "note";
        case formats::Severity::Warning:
            return "warning";
        case formats::Severity::Error:
            return "error";
    }
    return "error";
}

void write_diagnostic(api::JsonWriter& json, const formats::Diagnostic& diagnostic) {
    json.begin_object();
    json.member("severity", to_text(diagnostic.severity));
    json.member("file", diagnostic.file);
    json.member_number("line", static_cast<std::int64_t>(diagnostic.line));
    json.member_number("column", static_cast<std::int64_t>(diagnostic.column));
    json.member("message", diagnostic.message);
    json.member("hint", diagnostic.hint);
    json.end_object();
}

/// `3 services and checks in Ruby`: what the file describes, and not how it is carried out.
std::string services_text(const spec::App& app) {
    const bool has_host =
        spec::find_service(app, std::string(formats::pill::kHostService)) != nullptr;
    const std::size_t count = app.services.size() - (has_host ? 1 : 0);
    return std::to_string(count) + (count == 1 ? " service" : " services") +
           (has_host ? " and checks in Ruby" : "");
}

/// The text of reeve's own settings, where that is what the path leads to.
std::optional<std::string> read_settings(const std::string& path) {
    const bool is_native = path.ends_with(".toml");
    const auto text = is_native ? os::read_file(path, formats::kConfigBytesMax + 1)
                                : Result<std::string>(Error{path});
    if (!text || !formats::native::is_configuration(*text)) return std::nullopt;
    return *text;
}

bool check_settings(const Context& context, const std::string& path, const std::string& text,
                    api::JsonWriter& json) {
    const auto reading = formats::native::read_configuration(path, text);
    if (context.json) {
        for (const formats::Diagnostic& diagnostic : reading.diagnostics)
            write_diagnostic(json, diagnostic);
        return reading.ok();
    }
    print_diagnostics(context, reading.diagnostics);
    if (reading.ok()) print(path + ": reeve's own settings are good\n");
    return reading.ok();
}

/// Checks one path; false: it has errors.
bool check_path(const Context& context, const std::string& path, api::JsonWriter& json) {
    if (const auto settings = read_settings(path))
        return check_settings(context, path, *settings, json);
    const auto reading = read_apps_at(context, path, "");
    std::vector<formats::Diagnostic> diagnostics;
    if (reading) {
        diagnostics = reading->diagnostics;
    } else {
        formats::Diagnostic failure;
        failure.file = path;
        failure.message = reading.error().message;
        diagnostics.push_back(std::move(failure));
    }
    Result<void> valid;
    bool good = reading && reading->ok();
    for (std::size_t at = 0; good && at < reading->value.size(); ++at) {
        valid = spec::validate(reading->value[at]);
        if (valid) continue;
        formats::Diagnostic failure;
        failure.file = path;
        failure.message = valid.error().message;
        diagnostics.push_back(std::move(failure));
        good = false;
    }
    if (context.json) {
        for (const formats::Diagnostic& diagnostic : diagnostics)
            write_diagnostic(json, diagnostic);
        return good;
    }
    print_diagnostics(context, diagnostics);
    for (std::size_t at = 0; good && at < reading->value.size(); ++at) {
        const spec::App& app = reading->value[at];
        print(path + ": the app " + app.name + " with " + services_text(app) + " is good\n");
    }
    return good;
}

}  // namespace

ExitCode check(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    OptionReader options(command, context);
    options.add_words("FILE or DIR", words, 1, kPathsMax);
    if (const auto end = options.read(args)) return *end;
    api::JsonWriter json;
    json.begin_object();
    json.key("diagnostics");
    json.begin_list();
    bool good = true;
    for (const std::string& path : words)
        good = check_path(context, path, json) && good;
    json.end_list();
    json.member_flag("ok", good);
    json.end_object();
    if (context.json) print(json.take() + "\n");
    return good ? ExitCode::Done : ExitCode::Failed;
}

}  // namespace reeve::cli
