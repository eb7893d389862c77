#include "formats/appjson/parts.h"

#include "base/text.h"

namespace reeve::formats::appjson {
namespace {

using json::Kind;
using json::Member;
using json::Value;

constexpr std::int64_t kNumberMax = 1'000'000;
constexpr std::size_t kJobsMax = 100;
constexpr std::size_t kChecksMax = 20;

}  // namespace

void Parts::refuse(std::size_t offset, std::string message) {
    reading_.diagnostics.push_back(source_.error_at(offset, std::move(message), ""));
}

bool Parts::need(const Value& value, Kind kind, const std::string& what) {
    if (value.kind == kind) return true;
    refuse(value.offset, what + " must be " + std::string(to_text(kind)) + ", not " +
                             std::string(to_text(value.kind)));
    return false;
}

void Parts::take_text(const Value& object, const char* name, std::string& text) {
    const Value* value = object.find(name);
    if (value == nullptr || !need(*value, Kind::String, "\"" + std::string(name) + "\"")) return;
    if (value->text.find('\0') != std::string::npos) {
        refuse(value->offset, "\"" + std::string(name) + "\" contains a NUL byte");
        return;
    }
    text = value->text;
}

void Parts::take_flag(const Value& object, const char* name, bool& flag) {
    const Value* value = object.find(name);
    if (value == nullptr || !need(*value, Kind::Boolean, "\"" + std::string(name) + "\"")) return;
    flag = value->text == "true";
}

std::optional<std::uint32_t> Parts::number(const Value& object, const char* name) {
    const Value* value = object.find(name);
    if (value == nullptr || !need(*value, Kind::Number, "\"" + std::string(name) + "\"")) {
        return std::nullopt;
    }
    const Result<std::int64_t> parsed = parse_integer(value->text);
    if (parsed && *parsed >= 0 && *parsed <= kNumberMax) {
        return static_cast<std::uint32_t>(*parsed);
    }
    refuse(value->offset, "\"" + std::string(name) + "\" must be a whole number from 0 to " +
                              std::to_string(kNumberMax));
    return std::nullopt;
}

void Parts::take_seconds(const Value& object, const char* name, Duration& time) {
    if (const auto seconds = number(object, name)) time = std::chrono::seconds(*seconds);
}

void Parts::take_words(const Value& object, const char* name, std::vector<std::string>& words) {
    const Value* value = object.find(name);
    if (value == nullptr || !need(*value, Kind::Array, "\"" + std::string(name) + "\"")) return;
    for (const Value& word : value->elements) {
        if (need(word, Kind::String, "a word of \"" + std::string(name) + "\"")) {
            words.push_back(word.text);
        }
    }
}

void Parts::take_scripts(const Value& scripts) {
    take_text(scripts, "build", reading_.value.scripts.build);
    take_text(scripts, "postdeploy", reading_.value.scripts.postdeploy);
    const Value* dokku = scripts.find("dokku");
    if (dokku == nullptr || !need(*dokku, Kind::Object, "\"dokku\" of \"scripts\"")) return;
    take_text(*dokku, "predeploy", reading_.value.scripts.dokku_predeploy);
    take_text(*dokku, "postdeploy", reading_.value.scripts.dokku_postdeploy);
}

void Parts::take_healthchecks(const Value& by_type) {
    for (const Member& type : by_type.members) {
        if (!need(type.value, Kind::Array, "healthchecks of \"" + type.name + "\"")) continue;
        if (type.value.elements.size() > kChecksMax) {
            refuse(type.offset, "more than " + std::to_string(kChecksMax) + " healthchecks for \"" +
                                    type.name + "\"");
            continue;
        }
        for (const Value& check : type.value.elements)
            take_check(type.name, check);
    }
}

void Parts::take_check(const std::string& type, const Value& value) {
    if (!need(value, Kind::Object, "a healthcheck of \"" + type + "\"")) return;
    HealthCheck check;
    check.offset = value.offset;
    std::string role;
    take_text(value, "type", role);
    take_text(value, "name", check.name);
    std::vector<HealthCheck>& checks = reading_.value.healthchecks[type];
    if (check.name.empty()) check.name = type + "-" + std::to_string(checks.size() + 1);
    if (role == "startup") {
        check.role = CheckRole::Startup;
    } else if (role == "readiness") {
        check.role = CheckRole::Readiness;
    } else if (role == "liveness") {
        check.role = CheckRole::Liveness;
    } else if (role.empty()) {
        reading_.diagnostics.push_back(source_.warning_at(
            value.offset, "Missing type field on healthcheck name='" + check.name + "'",
            "give it \"type\": \"startup\", \"readiness\" or \"liveness\"; it is ignored"));
        return;
    } else {
        return refuse(value.offset, "\"" + role + "\" is no type of a healthcheck");
    }
    take_check_kind(value, check);
    checks.push_back(std::move(check));
}

void Parts::take_check_kind(const Value& value, HealthCheck& check) {
    check.attempts = number(value, "attempts").value_or(check.attempts);
    take_seconds(value, "timeout", check.timeout);
    take_seconds(value, "wait", check.wait);
    take_seconds(value, "initialDelay", check.initial_delay);
    check.port = number(value, "port");
    take_text(value, "scheme", check.scheme);
    take_text(value, "path", check.path);
    take_text(value, "content", check.content);
    take_words(value, "command", check.command);
    take_flag(value, "listening", check.listening);
    if (const auto seconds = number(value, "uptime")) check.uptime = std::chrono::seconds(*seconds);
    take_flag(value, "warn", check.warn_only);
    take_headers(value, check);
    if (const Value* failure = value.find("onFailure")) {
        if (need(*failure, Kind::Object, "\"onFailure\"")) {
            take_words(*failure, "command", check.failure_command);
            take_text(*failure, "url", check.failure_url);
        }
    }
    std::vector<std::string> kinds;
    if (!check.command.empty()) kinds.emplace_back("command");
    if (!check.path.empty()) kinds.emplace_back("path");
    if (check.uptime) kinds.emplace_back("uptime");
    if (check.listening) kinds.emplace_back("listening");
    if (kinds.size() > 1) {
        refuse(value.offset, "healthcheck name='" + check.name + "' cannot contain both '" +
                                 kinds[0] + "' and '" + kinds[1] + "' properties");
    }
    if (kinds.empty()) check.path = "/";
}

void Parts::take_headers(const Value& value, HealthCheck& check) {
    const Value* headers = value.find("httpHeaders");
    if (headers == nullptr || !need(*headers, Kind::Array, "\"httpHeaders\"")) return;
    for (const Value& header : headers->elements) {
        if (!need(header, Kind::Object, "an element of \"httpHeaders\"")) continue;
        std::string name;
        std::string text;
        take_text(header, "name", name);
        take_text(header, "value", text);
        const bool broken =
            name.empty() || (name + text).find_first_of("\r\n") != std::string::npos;
        if (broken) refuse(header.offset, "an element of \"httpHeaders\" needs a name and a value");
        if (!broken) check.headers.emplace_back(std::move(name), std::move(text));
    }
}

void Parts::take_cron(const Value& jobs) {
    if (jobs.elements.size() > kJobsMax) {
        refuse(jobs.offset, "more than " + std::to_string(kJobsMax) + " cron entries");
        return;
    }
    for (const Value& job : jobs.elements)
        take_job(job);
}

void Parts::take_job(const Value& value) {
    if (!need(value, Kind::Object, "a cron entry")) return;
    CronJob job;
    job.offset = value.offset;
    std::string overlap;
    take_text(value, "command", job.command);
    take_text(value, "schedule", job.schedule);
    take_flag(value, "maintenance", job.maintenance);
    take_text(value, "concurrency_policy", overlap);
    if (job.command.empty()) return refuse(value.offset, "a cron entry needs a \"command\"");
    if (job.schedule.empty()) return refuse(value.offset, "a cron entry needs a \"schedule\"");
    if (overlap == "forbid") {
        job.overlap = CronOverlap::Forbid;
    } else if (overlap == "replace") {
        job.overlap = CronOverlap::Replace;
    } else if (!overlap.empty() && overlap != "allow") {
        return refuse(value.offset, "\"" + overlap + "\" is no concurrency_policy");
    }
    reading_.value.cron.push_back(std::move(job));
}

}  // namespace reeve::formats::appjson
