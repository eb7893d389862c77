#include "formats/procfile/app_reader.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/text.h"
#include "formats/appjson/app_json.h"
#include "formats/dotenv/dotenv.h"
#include "formats/procfile/command.h"

namespace reeve::formats::procfile {
namespace {

using appjson::AppJson;

constexpr const char* kWeb = "web";
constexpr std::string_view kRelease = "release";
// Source: dokku ps:set stop-timeout-seconds, scheduler-docker-local checks.
constexpr Duration kStopWait = 30s;
constexpr Duration kPortWait = 10s;
constexpr Duration kProxyWait = 10s;

// People name apps in prose; a name is a word in targets and paths. `Small Sharp Tool` becomes
// `Small-Sharp-Tool`.
std::string as_word(std::string_view name) {
    std::string word;
    for (const char c : name) {
        const bool kept = static_cast<unsigned char>(c) >= 0x80 ||
                          std::string_view("-_.").find(c) != std::string_view::npos ||
                          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9');
        if (kept)
            word += c;
        else if (!word.empty() && word.back() != '-')
            word += '-';
    }
    while (word.ends_with('-'))
        word.pop_back();
    return word;
}

class Assembler {
public:
    explicit Assembler(const AppTexts& texts)
        : texts_(texts),
          procfile_(texts.procfile_path, texts.procfile),
          dotenv_path_(beside_procfile(".env")),
          app_json_path_(beside_procfile("app.json")) {}

    Reading<spec::App> assemble() {
        spec::App& app = reading_.value;
        app.format = spec::Format::Procfile;
        app.source = texts_.procfile_path;
        app.directory = texts_.directory;
        const std::vector<Entry> entries =
            take(procfile::parse(texts_.procfile_path, texts_.procfile, texts_.grammar));
        if (texts_.dotenv) take_dotenv();
        AppJson app_json;
        if (texts_.app_json) app_json = take(appjson::parse(app_json_path_, *texts_.app_json));
        take_name(app_json);
        for (const Entry& entry : entries)
            take_entry(entry, app_json);
        take_formation(entries, app_json);
        take_environment(app_json);
        validate();
        sort_diagnostics();
        return std::move(reading_);
    }

private:
    std::string beside_procfile(std::string_view name) const {
        const std::size_t slash = texts_.procfile_path.rfind('/');
        const std::size_t directory = slash == std::string::npos ? 0 : slash + 1;
        return texts_.procfile_path.substr(0, directory) + std::string(name);
    }

    SourceText dotenv() const { return {dotenv_path_, *texts_.dotenv}; }
    SourceText app_json() const { return {app_json_path_, *texts_.app_json}; }

    void say(Diagnostic diagnostic) { reading_.diagnostics.push_back(std::move(diagnostic)); }

    template <typename T>
    T take(Reading<T> reading) {
        std::move(reading.diagnostics.begin(), reading.diagnostics.end(),
                  std::back_inserter(reading_.diagnostics));
        return std::move(reading.value);
    }

    void take_dotenv() {
        for (const dotenv::Variable& variable : take(dotenv::parse(dotenv_path_, *texts_.dotenv))) {
            if (variable.name == "PORT") {
                say(dotenv().warning_at(variable.offset,
                                        "PORT is not taken from here for services that get a port",
                                        "reeve gives every instance a port of its own"));
            }
            reading_.value.environment[variable.name] = variable.value;
        }
    }

    void take_name(const AppJson& json) {
        std::string& name = reading_.value.name;
        name = texts_.name;
        if (name.empty() && json.name) {
            name = as_word(*json.name);
            if (name.empty()) {
                say(app_json().error_at(json.name_offset, "the app's name has no letter or digit",
                                        "give it another name, or use --as NAME"));
            } else if (name != *json.name) {
                say(app_json().note_at(json.name_offset, "the app is named \"" + name + "\" here",
                                       ""));
            }
        }
        if (name.empty() && !json.name) {
            const std::size_t slash = texts_.directory.rfind('/');
            name = as_word(std::string_view(texts_.directory).substr(slash + 1));
            if (name.empty()) {
                say(procfile_.error("the directory's name does not make a name for the app",
                                    "use --as NAME"));
            }
        }
        if (name == "init") {
            say(procfile_.error("the app name \"init\" is reserved for Upstart's jobs",
                                "use --as NAME"));
        }
    }

    void take_entry(const Entry& entry, const AppJson& json) {
        if (entry.command.find('\0') != std::string::npos) {
            say(procfile_.error_at(entry.command_offset, "the command contains a NUL byte",
                                   "no program can be given such an argument"));
            return;
        }
        if (entry.command.find('\r') != std::string::npos) {
            say(procfile_.warning_at(entry.command_offset, "the command contains a carriage return",
                                     "do the lines of the file end in CR alone?"));
        }
        if (entry.name == kRelease) {
            reading_.value.release_command = to_command(entry.command);
            return;
        }
        reading_.value.services.push_back(make_service(entry, json));
    }

    spec::Service make_service(const Entry& entry, const AppJson& json) const {
        spec::Service service;
        service.name = entry.name;
        service.command = to_command(entry.command);
        service.working_dir = texts_.directory;
        service.credentials.user = texts_.user;
        service.restart = spec::AutoRestart{};
        service.stop.steps = {{SIGTERM, kStopWait}};
        service.stop.scope = spec::SignalScope::All;
        service.wants_port = entry.name == kWeb || mentions_port(entry.command);
        if (entry.name == kWeb) {
            service.readiness = spec::ReadyOnPort{kPortWait, spec::NotReady::Proceed};
            service.rollout.order = spec::ReplaceOrder::StartFirst;
            service.rollout.proxy_wait = kProxyWait;
        }
        if (json.is_scale_fixed()) service.instances = 0;
        const auto formation = json.formation.find(entry.name);
        if (formation == json.formation.end()) return service;
        service.instances = formation->second.quantity.value_or(service.instances);
        service.rollout.max_unavailable =
            formation->second.max_parallel.value_or(service.rollout.max_unavailable);
        return service;
    }

    void take_formation(const std::vector<Entry>& entries, const AppJson& json) {
        reading_.value.formation_fixed = json.is_scale_fixed();
        const bool has_web = std::any_of(entries.begin(), entries.end(),
                                         [](const Entry& entry) { return entry.name == kWeb; });
        if (has_web && json.forgets_web()) {
            say(app_json().warning_at(json.formation.begin()->second.offset, appjson::kForgottenWeb,
                                      "give web a quantity, 0 if that is meant"));
        }
        for (const auto& [type, formation] : json.formation) {
            if (formation.quantity.value_or(0) == 0) continue;
            if (type == kRelease) {
                say(app_json().error_at(formation.offset, "\"release\" cannot be scaled",
                                        "it runs once per release; give it no quantity"));
                continue;
            }
            const bool known =
                std::any_of(entries.begin(), entries.end(),
                            [&name = type](const Entry& entry) { return entry.name == name; });
            if (known) continue;
            say(app_json().warning_at(
                formation.offset,
                "Skipping " + type + " as it is missing from the current Procfile",
                "add it to the Procfile, or remove it here"));
        }
    }

    void take_environment(const AppJson& json) {
        spec::Environment& environment = reading_.value.environment;
        for (const auto& [name, variable] : json.environment) {
            if (environment.contains(name)) continue;
            if (variable.value) {
                environment[name] = *variable.value;
            } else if (variable.is_secret && texts_.make_secret) {
                environment[name] = texts_.make_secret();
            } else if (variable.is_secret) {
                say(app_json().error_at(
                    variable.offset, "the secret " + name + " is not set",
                    "echo \"" + name + "=$(openssl rand -hex 32)\" >> " + dotenv_path_));
            } else if (variable.required) {
                say(app_json().error_at(
                    variable.offset,
                    "required env var " + name + " has no value, no default, and no TTY for prompt",
                    "set it in " + dotenv_path_ + ", or give it \"required\": false"));
            }
        }
    }

    // What the engine objects to beyond the grammar: lengths, for the most part.
    void validate() {
        if (!reading_.ok()) return;
        const Result<void> verdict = spec::validate(reading_.value);
        if (verdict) return;
        for (const std::string_view objection : split(verdict.error().message, '\n'))
            say(procfile_.error(std::string(objection), ""));
    }

    void sort_diagnostics() {
        const auto rank = [this](const Diagnostic& diagnostic) {
            const int file = diagnostic.file == texts_.procfile_path ? 0
                             : diagnostic.file == dotenv_path_       ? 1
                                                                     : 2;
            return std::tuple(file, diagnostic.line, diagnostic.column);
        };
        std::stable_sort(
            reading_.diagnostics.begin(), reading_.diagnostics.end(),
            [&rank](const Diagnostic& a, const Diagnostic& b) { return rank(a) < rank(b); });
    }

    const AppTexts& texts_;
    SourceText procfile_;
    std::string dotenv_path_;
    std::string app_json_path_;
    Reading<spec::App> reading_;
};

}  // namespace

Reading<spec::App> read_app(const AppTexts& texts) {
    return Assembler(texts).assemble();
}

}  // namespace reeve::formats::procfile
