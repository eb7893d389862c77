#include "formats/native/reader.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "base/text.h"
#include "formats/native/document.h"
#include "formats/native/value_reader.h"
#include "formats/pill/pill_reader.h"

namespace reeve::formats::native {
namespace {

std::string below(const std::string& directory, const std::string& path) {
    if (path.empty() || path.front() == '/') return path;
    if (path == ".") return directory;
    return directory + (directory.ends_with("/") ? "" : "/") + path;
}

const std::string kRoot = "/";  // of what has another root

class Assembler {
public:
    explicit Assembler(const AppTexts& texts)
        : texts_(texts), text_(without_bom(texts.text)), source_(texts.path, text_) {}

    Reading<spec::App> assemble() {
        Reading<Node> document = parse(texts_.path, text_);
        reading_.diagnostics = std::move(document.diagnostics);
        if (!reading_.ok()) return std::move(reading_);
        ValueReader reader(source_, reading_.diagnostics);
        const Field whole{"", "", texts_.path, ""};
        reader.read_table(document.value, whole, reading_.value);
        complete(document.value);
        validate(document.value);
        std::stable_sort(reading_.diagnostics.begin(), reading_.diagnostics.end(),
                         [](const Diagnostic& a, const Diagnostic& b) {
                             return std::tuple(a.line, a.column) < std::tuple(b.line, b.column);
                         });
        return std::move(reading_);
    }

private:
    // What a file leaves out: where it is says the rest.
    void complete(const Node& document) {
        spec::App& app = reading_.value;
        app.format = spec::Format::Native;
        app.source = texts_.path;
        if (document.find("directory") == nullptr) app.directory = texts_.directory;
        app.directory = below(texts_.directory, app.directory);
        if (!texts_.name.empty()) app.name = texts_.name;
        if (app.name.empty() && document.find("name") == nullptr)
            app.name = app.directory.substr(app.directory.rfind('/') + 1);
        const Node* services = document.find("services");
        if (services == nullptr) {
            reading_.diagnostics.push_back(source_.warning_at(
                0, "no service is described", "add a table [services.NAME] with a command"));
        }
        for (spec::Service& service : app.services) {
            const Node* table = services == nullptr ? nullptr : services->find(service.name);
            if (table == nullptr) continue;
            const std::string& ground = service.chroot.empty() ? app.directory : kRoot;
            if (table->find("working_dir") == nullptr) service.working_dir = ground;
            service.working_dir = below(ground, service.working_dir);
            if (table->find("user") == nullptr) service.credentials.user = texts_.user;
        }
    }

    // What the engine objects to: at the service that it names, or for the file as a whole.
    void validate(const Node& document) {
        if (!reading_.ok()) return;
        refuse_what_nobody_does(document);
        const Result<void> verdict = spec::validate(reading_.value);
        if (verdict) return;
        for (const std::string_view objection : split(verdict.error().message, '\n'))
            object(document, objection);
    }

    // Children are looked after by the Ruby beside a pill's processes, which `reeve convert` keeps.
    void refuse_what_nobody_does(const Node& document) {
        const spec::App& app = reading_.value;
        if (spec::find_service(app, pill::kHostService) != nullptr) return;
        for (const spec::Service& service : app.services) {
            if (!service.monitor_children) continue;
            object(
                document,
                "service \"" + service.name +
                    "\": monitor_children is carried out by the service \"" +
                    std::string(pill::kHostService) + "\", which is not there",
                "write it in a pill; `reeve convert x.pill --to native` writes that service, too");
        }
    }

    void object(const Node& document, std::string_view objection, const std::string& hint = "") {
        const Node* services = document.find("services");
        if (services != nullptr) {
            for (const Member& member : services->members) {
                const std::string subject = "service \"" + member.key + "\": ";
                if (!objection.starts_with(subject)) continue;
                reading_.diagnostics.push_back(
                    source_.error_at(member.offset, std::string(objection), hint));
                return;
            }
        }
        reading_.diagnostics.push_back(source_.error(std::string(objection), hint));
    }

    const AppTexts& texts_;
    std::string_view text_;
    SourceText source_;
    Reading<spec::App> reading_;
};

}  // namespace

Reading<spec::App> read_app(const AppTexts& texts) {
    return Assembler(texts).assemble();
}

Reading<spec::Configuration> read_configuration(const std::string& path, const std::string& text) {
    const std::string_view plain = without_bom(text);
    const SourceText source(path, plain);
    Reading<Node> document = parse(path, plain);
    Reading<spec::Configuration> reading;
    reading.diagnostics = std::move(document.diagnostics);
    if (!reading.ok()) return reading;
    ValueReader reader(source, reading.diagnostics);
    reader.read_table(document.value, Field{"", "", path, ""}, reading.value);
    const Node* rules = document.value.find("allow");
    for (std::size_t at = 0; at < reading.value.allow.size(); ++at) {
        const spec::AccessRule& rule = reading.value.allow[at];
        if (!rule.users.empty() || !rule.groups.empty()) continue;
        reading.diagnostics.push_back(source.error_at(rules->elements.at(at).offset,
                                                      "a rule of `allow` names nobody",
                                                      "give it users or groups"));
    }
    return reading;
}

bool is_configuration(const std::string& text) {
    const Reading<Node> document = parse("", without_bom(text));
    if (!document.ok() || document.value.find("services") != nullptr) return false;
    return document.value.find("allow") != nullptr ||
           document.value.find("bluepill_pid_files") != nullptr;
}

}  // namespace reeve::formats::native
