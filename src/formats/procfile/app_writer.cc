#include "formats/procfile/app_writer.h"

#include <algorithm>

#include "formats/native/fields.h"
#include "formats/procfile/app_reader.h"
#include "spec/changes.h"

namespace reeve::formats::procfile {
namespace {

std::string on_one_line(const spec::Command& command) {
    const auto* shell = std::get_if<spec::ShellCommand>(&command);
    std::string text = shell != nullptr ? shell->text : spec::to_text(command);
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

std::string write_dotenv(const spec::Environment& environment) {
    std::string text;
    for (const auto& [name, value] : environment) {
        text += name + "=\"";
        for (const char c : value) {
            if (c == '\n') {
                text += "\\n";
                continue;
            }
            if (c == '"' || c == '\\' || c == '$') text += '\\';
            text += c;
        }
        text += "\"\n";
    }
    return text;
}

bool is_plain_name(const std::string& name) {
    return name.find_first_of("\"\\\n") == std::string::npos;
}

// The directory's, unless app.json names it.
bool is_named_by_directory(const spec::App& app) {
    return app.directory.substr(app.directory.rfind('/') + 1) == app.name;
}

std::string write_formation(const spec::App& app) {
    std::string text;
    for (const spec::Service& service : app.services) {
        if (!is_plain_name(service.name)) continue;
        text += text.empty() ? "  \"formation\": {\n" : ",\n";
        text += "    \"" + service.name +
                "\": { \"quantity\": " + std::to_string(service.instances) +
                ", \"max_parallel\": " + std::to_string(service.rollout.max_unavailable) + " }";
    }
    return text.empty() ? text : text + "\n  }";
}

// What a Procfile has no word for: the name, and any number of instances but one of each.
std::string write_app_json(const spec::App& app) {
    const bool is_plain =
        std::all_of(app.services.begin(), app.services.end(), [](const spec::Service& one) {
            return one.instances == 1 && one.rollout.max_unavailable == 1;
        });
    std::string text;
    if (!is_named_by_directory(app) && is_plain_name(app.name))
        text = "  \"name\": \"" + app.name + "\"";
    if (!is_plain || app.formation_fixed) {
        const std::string formation = write_formation(app);
        if (!text.empty() && !formation.empty()) text += ",\n";
        text += formation;
    }
    return text.empty() ? text : "{\n" + text + "\n}\n";
}

class AppWriter {
public:
    explicit AppWriter(const spec::App& app) : app_(app) {}

    WrittenFiles write() {
        AppTexts texts;
        for (const spec::Service& service : app_.services)
            texts.procfile += service.name + ": " + on_one_line(service.command) + "\n";
        if (app_.release_command)
            texts.procfile += "release: " + on_one_line(*app_.release_command) + "\n";
        written_.files.push_back({"Procfile", texts.procfile});
        if (!app_.environment.empty()) {
            texts.dotenv = write_dotenv(app_.environment);
            written_.files.push_back({".env", *texts.dotenv});
        }
        const std::string app_json = write_app_json(app_);
        if (!app_json.empty()) {
            texts.app_json = app_json;
            written_.files.push_back({"app.json", app_json});
        }
        texts.directory = app_.directory;
        texts.procfile_path = "Procfile";
        texts.name = app_.name;
        compare(read_app(texts));
        return std::move(written_);
    }

private:
    void compare(const Reading<spec::App>& reading) {
        for (const Diagnostic& diagnostic : reading.diagnostics) {
            if (diagnostic.severity == Severity::Error)
                say(diagnostic.file + " cannot say it: " + diagnostic.message);
        }
        if (!reading.ok()) return;
        for (const std::string& field : spec::changed_fields(app_, reading.value)) {
            if (field != "source" && field != "format") lose(field, "");
        }
        for (const spec::Service& service : app_.services) {
            const spec::Service* read = spec::find_service(reading.value, service.name);
            if (read == nullptr) {
                say(service.name + ": a Procfile cannot name it so");
                continue;
            }
            spec::Service expected = *read;
            // The owner of the directory, whose name is not known here.
            expected.credentials = service.credentials;
            for (const std::string& field : spec::changed_fields(service, expected))
                lose(field, service.name + ": ");
            if (service.credentials != spec::Credentials{})
                say(service.name + ": it runs as the owner of the directory of the Procfile");
        }
    }

    void lose(const std::string& field, const std::string& where) {
        const std::string key = native::key_of(where.empty() ? "App" : "Service", field);
        say(where + "`" + key + "` is not as it was: a Procfile has no word for it");
    }

    void say(std::string problem) { written_.problems.push_back(std::move(problem)); }

    const spec::App& app_;
    WrittenFiles written_;
};

}  // namespace

WrittenFiles write_app(const spec::App& app) {
    return AppWriter(app).write();
}

}  // namespace reeve::formats::procfile
