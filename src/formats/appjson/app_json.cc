#include "formats/appjson/app_json.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "formats/appjson/parts.h"
#include "formats/json/jsonc.h"
#include "spec/service.h"

namespace reeve::formats::appjson {
namespace {

using json::Kind;
using json::Member;
using json::Value;

class Reader {
public:
    Reader(std::string_view file, std::string_view text) : source_(file, text) {}

    Reading<AppJson> read() {
        Reading<Value> document = json::parse(source_.file(), source_.text());
        reading_.diagnostics = std::move(document.diagnostics);
        if (!document.ok()) return std::move(reading_);
        if (!need(document.value, Kind::Object, "app.json")) return std::move(reading_);
        for (const Member& member : document.value.members)
            take_member(member);
        return std::move(reading_);
    }

private:
    void refuse(std::size_t offset, std::string message, std::string hint) {
        reading_.diagnostics.push_back(
            source_.error_at(offset, std::move(message), std::move(hint)));
    }

    bool need(const Value& value, Kind kind, const std::string& what) {
        if (value.kind == kind) return true;
        refuse(value.offset,
               what + " must be " + std::string(to_text(kind)) + ", not " +
                   std::string(to_text(value.kind)),
               "");
        return false;
    }

    void take_member(const Member& member) {
        if (member.name == "name") {
            if (!need(member.value, Kind::String, "\"name\"")) return;
            reading_.value.name = member.value.text;
            reading_.value.name_offset = member.value.offset;
        } else if (member.name == "formation") {
            if (!need(member.value, Kind::Object, "\"formation\"")) return;
            for (const Member& type : member.value.members)
                take_formation(type);
        } else if (member.name == "env") {
            if (!need(member.value, Kind::Object, "\"env\"")) return;
            for (const Member& variable : member.value.members)
                take_variable(variable);
        } else if (member.name == "scripts" || member.name == "healthchecks" ||
                   member.name == "cron") {
            take_unused(member);
        }
    }

    void take_unused(const Member& member) {
        const Kind kind = member.name == "cron" ? Kind::Array : Kind::Object;
        if (!need(member.value, kind, "\"" + member.name + "\"")) return;
        if (member.value.members.empty() && member.value.elements.empty()) return;
        Parts parts(source_, reading_);
        if (member.name == "scripts") parts.take_scripts(member.value);
        if (member.name == "healthchecks") parts.take_healthchecks(member.value);
        if (member.name == "cron") parts.take_cron(member.value);
        reading_.diagnostics.push_back(source_.note_at(
            member.offset, "\"" + member.name + "\" is read, but nothing of it is run", ""));
    }

    void take_formation(const Member& type) {
        const std::string what = "formation \"" + type.name + "\"";
        if (!need(type.value, Kind::Object, what)) return;
        Formation& formation = reading_.value.formation[type.name];
        formation.offset = type.offset;
        if (const Value* quantity = type.value.find("quantity")) {
            formation.quantity = count(*quantity, "\"quantity\" of " + what, 0);
        }
        if (const Value* parallel = type.value.find("max_parallel")) {
            formation.max_parallel = count(*parallel, "\"max_parallel\" of " + what, 1);
        }
    }

    std::optional<std::uint32_t> count(const Value& value, const std::string& what,
                                       std::int64_t least) {
        if (!need(value, Kind::Number, what)) return std::nullopt;
        const Result<std::int64_t> number = parse_integer(value.text);
        if (number && *number >= least && *number <= spec::kInstancesMax) {
            return static_cast<std::uint32_t>(*number);
        }
        refuse(value.offset,
               what + " must be a whole number from " + std::to_string(least) + " to " +
                   std::to_string(spec::kInstancesMax),
               "");
        return std::nullopt;
    }

    void take_variable(const Member& member) {
        const std::string what = "env \"" + member.name + "\"";
        const bool has_name = !member.name.empty() && member.name.find_first_of(std::string_view(
                                                          "=\0", 2)) == std::string::npos;
        if (!has_name) refuse(member.offset, what + " is no name of a variable", "");
        EnvironmentVariable& variable = reading_.value.environment[member.name];
        variable.offset = member.offset;
        if (member.value.kind == Kind::String) {
            take_text(member.value, what, variable);
            return;
        }
        if (!need(member.value, Kind::Object, what)) {
            variable.required = false;  // one mistake is enough to say
            return;
        }
        if (const Value* value = member.value.find("value")) {
            if (need(*value, Kind::String, "\"value\" of " + what)) {
                take_text(*value, what, variable);
            }
        }
        if (const Value* required = member.value.find("required")) {
            if (need(*required, Kind::Boolean, "\"required\" of " + what)) {
                variable.required = required->text == "true";
            }
        }
        if (const Value* sync = member.value.find("sync")) {
            if (need(*sync, Kind::Boolean, "\"sync\" of " + what)) {
                variable.sync = sync->text == "true";
            }
        }
        if (const Value* generator = member.value.find("generator"))
            take_generator(*generator, what, variable);
    }

    void take_text(const Value& value, const std::string& what, EnvironmentVariable& variable) {
        if (value.text.find('\0') != std::string::npos) {
            refuse(value.offset, "the value of " + what + " contains a NUL byte",
                   "no program can be given such a variable");
            return;
        }
        variable.value = value.text;
    }

    void take_generator(const Value& generator, const std::string& what,
                        EnvironmentVariable& variable) {
        if (!need(generator, Kind::String, "\"generator\" of " + what)) return;
        variable.is_secret = generator.text == "secret";
        if (variable.is_secret) return;
        refuse(generator.offset,
               "the generator \"" + generator.text + "\" of " + what + " is not known",
               "the only generator is \"secret\"");
    }

    SourceText source_;
    Reading<AppJson> reading_;
};

}  // namespace

bool AppJson::is_scale_fixed() const {
    return std::any_of(formation.begin(), formation.end(),
                       [](const auto& type) { return type.second.quantity.has_value(); });
}

bool AppJson::forgets_web() const {
    return is_scale_fixed() && !formation.contains("web");
}

Reading<AppJson> parse(std::string_view file, std::string_view text) {
    return Reader(file, text).read();
}

}  // namespace reeve::formats::appjson
