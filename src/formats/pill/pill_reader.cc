#include "formats/pill/pill_reader.h"

#include <signal.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/text.h"
#include "formats/json/jsonc.h"
#include "formats/pill/document.h"
#include "formats/pill/process_lowering.h"

namespace reeve::formats::pill {
namespace {

using json::Kind;
using json::Value;

constexpr std::int64_t kFormat = 1;
constexpr std::string_view kMarker = "\"reeve_pill\"";

class Reader {
public:
    explicit Reader(const PillText& text) : text_(text), document_(text.path, text.json) {}

    Reading<std::vector<PillApp>> read() {
        Reading<Value> parsed = json::parse(text_.path, text_.json);
        if (!parsed.ok()) {
            reading_.diagnostics = std::move(parsed.diagnostics);
            return std::move(reading_);
        }
        take_document(parsed.value);
        reading_.diagnostics = std::move(document_.diagnostics());
        return std::move(reading_);
    }

private:
    void take_document(const Value& root) {
        const Value* format = root.find("reeve_pill");
        if (root.kind != Kind::Object || format == nullptr) {
            return document_.malformed(root, "this is no evaluated pill");
        }
        const Result<std::int64_t> number = parse_integer(format->text);
        if (!number || *number != kFormat) {
            return document_.malformed(*format, "this was written by another version of reeve");
        }
        if (const Value* error = given(root, "error")) {
            const std::string message = text_of(given(*error, "message")).value_or("unknown");
            return document_.error(place_of(given(*error, "where")), message, "");
        }
        const Value* applications = document_.need(root, "applications", Kind::Array);
        if (applications == nullptr) return;
        LoaderFacts loader{text_.loader, text_of(given(root, "directory")).value_or("/"),
                           std::nullopt};
        const Result<std::int64_t> mask = parse_integer(text_of(given(root, "umask")).value_or(""));
        if (mask && *mask >= 0 && *mask <= 0777) loader.umask = static_cast<mode_t>(*mask);
        const std::string source = text_of(given(root, "file")).value_or(text_.path);
        for (const Value& application : applications->elements)
            take_application(application, loader, source);
        if (applications->elements.empty()) {
            document_.error({}, "the pill describes no application",
                            "Bluepill.application(\"name\") do |app| … end");
        }
    }

    void take_application(const Value& application, const LoaderFacts& loader,
                          const std::string& source) {
        const Value* processes = document_.need(application, "processes", Kind::Array);
        const Value* name = document_.need(application, "name", Kind::String);
        const Value* environment = document_.need(application, "environment", Kind::Object);
        if (processes == nullptr || name == nullptr || environment == nullptr) return;
        if (!names_.insert(name->text).second) {
            return document_.error({}, "the application \"" + name->text + "\" is described twice",
                                   "give one of them another name");
        }
        PillApp pill;
        spec::App& app = pill.app;
        app.name = name->text;
        app.format = spec::Format::Bluepill;
        app.source = source;
        app.directory = loader.directory;
        app.formation_fixed = true;
        app.change_log = spec::ChangeLog{text_of(given(application, "log_file")).value_or("")};
        take_environment(*environment, app.environment);
        const std::string base = text_of(given(application, "base_dir")).value_or("/");
        app.environment["BLUEPILL_BASE_DIR"] = base;
        pill.foreground = is_truthy(given(application, "foreground"));
        AppFacts facts{app, loader, shared_names(*processes), 0};
        bool needs_host = false;
        for (const Value& process : processes->elements) {
            if (process.kind != Kind::Object) {
                document_.malformed(process, "a process must be an object");
                continue;
            }
            LoweredProcess lowered = lower_process(document_, process, facts);
            needs_host = needs_host || lowered.needs_host;
            app.services.push_back(std::move(lowered.service));
            ++facts.position;
        }
        if (needs_host) app.services.push_back(host_service(app, loader));
        // HOME is that of each process's user: see process_lowering.h.
        app.environment.erase("HOME");
        std::sort(app.services.begin(), app.services.end(),
                  [](const spec::Service& a, const spec::Service& b) { return a.name < b.name; });
        reading_.value.push_back(std::move(pill));
    }

    spec::Service host_service(const spec::App& app, const LoaderFacts& loader) const {
        spec::Service host;
        host.name = kHostService;
        host.listing.position = static_cast<std::uint32_t>(app.services.size());
        host.command =
            spec::DirectCommand{{"ruby", "-r", text_.ruby_directory + "/recorder.rb",
                                 text_.ruby_directory + "/host.rb", app.source, app.name}};
        host.working_dir = loader.directory;
        host.credentials.user = loader.user;
        host.environment_base = spec::EnvironmentBase::Home;
        const auto home = app.environment.find("HOME");
        if (home != app.environment.end()) host.environment["HOME"] = home->second;
        host.environment["REEVE_SOCKET"] = text_.socket;
        host.stop.steps = {{SIGTERM, 2s}};
        return host;
    }

    static void take_environment(const Value& from, spec::Environment& to) {
        for (const json::Member& variable : from.members)
            to[variable.name] = variable.value.text;
    }

    /// Names that more than one group has a process of.
    static std::set<std::string> shared_names(const Value& processes) {
        std::map<std::string, int> counts;
        for (const Value& process : processes.elements)
            ++counts[text_of(given(process, "name")).value_or("")];
        std::set<std::string> shared;
        for (const auto& [name, count] : counts) {
            if (count > 1) shared.insert(name);
        }
        return shared;
    }

    const PillText& text_;
    Document document_;
    Reading<std::vector<PillApp>> reading_;
    std::set<std::string> names_;
};

}  // namespace

Reading<std::vector<PillApp>> read_pill(const PillText& text) {
    return Reader(text).read();
}

bool is_evaluated_pill(std::string_view text) {
    const std::string_view trimmed = trim(text.substr(0, 256));
    return trimmed.starts_with('{') && trim(trimmed.substr(1)).starts_with(kMarker);
}

}  // namespace reeve::formats::pill
