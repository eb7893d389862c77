#include "api/endpoints.h"

#include <errno.h>

#include <algorithm>

#include "api/client.h"
#include "api/job_view.h"
#include "api/status_json.h"
#include "api/status_text.h"
#include "base/text.h"

namespace reeve::api {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kJsonLines = "application/x-ndjson";
constexpr std::int64_t kHistoryMax = 10'000;
constexpr std::int64_t kWhyDefault = 30;
constexpr std::int64_t kWidthMax = 10'000;

int http_status(Code code) {
    switch (code) {
        case Code::Done:
        case Code::Accepted:
        case Code::TimedOut:
        case Code::Failed:
        case Code::NotRunning:
            return 200;
        case Code::Invalid:
            return 400;
        case Code::NotPermitted:
            return 403;
        case Code::NoSuchTarget:
            return 404;
        case Code::Busy:
            return 409;
        case Code::Unavailable:
            return 503;
    }
    return 503;
}

Response answer(Code code, std::string_view content_type, std::string body) {
    Response response{http_status(code), std::string(content_type), {}, std::move(body)};
    response.headers["Reeve-Code"] = to_text(code);
    return response;
}

Result<std::int64_t> read_number(const HttpRequestHead& head, std::string_view name,
                                 std::int64_t otherwise, std::int64_t most) {
    const auto text = query_value(head, name);
    if (!text) return otherwise;
    const auto number = parse_integer(*text);
    if (!number || *number < 0 || *number > most) {
        return Error{std::string(name) + " must be a number up to " + std::to_string(most), 400};
    }
    return *number;
}

Result<std::vector<spec::Target>> read_targets(const HttpRequestHead& head) {
    std::vector<spec::Target> targets;
    for (const std::string& text : query_values(head, "target")) {
        auto target = spec::parse_target(text);
        if (!target) return Error{target.error().message, 400};
        if (targets.size() == kTargetsMax) return Error{"too many targets", 400};
        targets.push_back(std::move(target).value());
    }
    return targets;
}

Result<EventFormat> read_format(const HttpRequestHead& head) {
    const std::string format = query_value(head, "format").value_or("json");
    if (format != "json" && format != "text") return Error{"format must be json or text", 400};
    EventFormat result;
    result.json = format == "json";
    result.style.color = query_value(head, "color") == "1";
    result.style.width = static_cast<std::size_t>(TRY(read_number(head, "width", 0, kWidthMax)));
    return result;
}

bool names_an_app(const Backend& backend, const std::string& glob) {
    const std::vector<status::App> apps = backend.apps();
    return std::any_of(apps.begin(), apps.end(),
                       [&](const status::App& app) { return glob_matches(glob, app.name); });
}

/// What to do where nothing has this name: a service may have been named without its app.
std::string hint_for(const Backend& backend, const spec::Target& target) {
    if (target.instance.empty()) {
        const std::vector<status::Instance> all = instances_of(backend, {});
        for (const status::Instance& one : all) {
            const spec::Target meant{one.name.app, target.app};
            if (spec::matches(meant, one.name)) return "did you mean " + spec::to_text(meant) + "?";
        }
    }
    return "`reeve status` shows what is";
}

/// What the targets name. Each must name something, if only an app: else a 404.
Result<std::vector<status::Instance>> look_up(const Backend& backend,
                                              const std::vector<spec::Target>& targets) {
    std::vector<status::Instance> instances = instances_of(backend, targets);
    for (const spec::Target& target : targets) {
        const bool known = std::any_of(instances.begin(), instances.end(), [&](const auto& one) {
            return spec::matches(target, one.name);
        });
        if (known || (target.instance.empty() && names_an_app(backend, target.app))) continue;
        return Error{"nothing is named " + spec::to_text(target) + "; " + hint_for(backend, target),
                     404};
    }
    return instances;
}

Response refusal_of(const Error& error) {
    return refusal(code_of_http_status(error.code), error.message);
}

Result<Response> status_response(const Backend& backend, const HttpRequestHead& head) {
    const std::vector<spec::Target> targets = TRY(read_targets(head));
    const EventFormat format = TRY(read_format(head));
    const std::vector<status::Instance> meant = TRY(look_up(backend, targets));
    const auto running = std::count_if(meant.begin(), meant.end(), [](const auto& instance) {
        return instance.state == status::State::Running;
    });
    const bool all_run = !meant.empty() && running == std::ssize(meant);
    const Code code = targets.empty() || all_run ? Code::Done : Code::NotRunning;
    const std::string view = query_value(head, "view").value_or("");
    Response response;
    if (view == "count") {
        response = answer(code, kText, "");
    } else if (format.json) {
        response = answer(code, kJson, status_json(backend, targets, meant));
    } else if (view == "formation") {
        std::vector<status::App> apps = backend.apps();
        std::erase_if(apps, [&](const status::App& app) { return !names_app(targets, app.name); });
        response = answer(Code::Done, kText, formation_table(apps, format.style));
    } else if (targets.size() == 1 && meant.size() == 1) {
        response = answer(code, kText, status_page(backend, meant.front(), format.style));
        response.headers["Reeve-Log"] = escape_query(backend.log_path(meant.front().name));
    } else {
        response = answer(code, kText, status_table(backend, meant, format.style));
    }
    response.headers["Reeve-Instances"] = std::to_string(meant.size());
    response.headers["Reeve-Running"] = std::to_string(running);
    return response;
}

Result<status::Jobs> read_jobs(const Backend& backend, const HttpRequestHead& head) {
    status::JobQuery query;
    query.app = query_value(head, "app").value_or("");
    query.job = query_value(head, "job").value_or("");
    query.names_instance = query_value(head, "instance") == "1";
    for (const std::string& text : query_values(head, "var")) {
        const auto variable = spec::parse_variable(text);
        if (!variable) return Error{variable.error().message, 400};
        query.variables.push_back(*variable);
        query.names_instance = true;
    }
    Result<status::Jobs> jobs = backend.jobs(query);
    if (!jobs) return Error{jobs.error().message, jobs.error().code == ENOENT ? 404 : 400};
    return jobs;
}

Result<Response> jobs_response(const Backend& backend, const HttpRequestHead& head) {
    return answer(Code::Done, kJson, jobs_json(TRY(read_jobs(backend, head))));
}

Result<Response> explain_response(const Backend& backend, const HttpRequestHead& head) {
    return answer(Code::Done, kText, explanation(TRY(read_jobs(backend, head))));
}

Result<Response> logs_response(const Backend& backend, const HttpRequestHead& head) {
    const std::vector<spec::Target> targets = TRY(read_targets(head));
    TRY(look_up(backend, targets));
    return answer(Code::Done, kJson, logs_json(backend, targets));
}

Result<Response> doctor_response(const Backend& backend, const HttpRequestHead& head) {
    const EventFormat format = TRY(read_format(head));
    const std::vector<Finding> findings = backend.doctor();
    const bool ill = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.level == Finding::Level::Error;
    });
    return answer(ill ? Code::Failed : Code::Done, format.json ? kJson : kText,
                  format.json ? doctor_json(findings) : doctor_text(findings, format.style));
}

Result<Response> store_response(const Backend& backend, const HttpRequestHead& head) {
    const auto app = query_value(head, "app");
    if (!app) return answer(Code::Done, kJson, app_names_json(backend.app_names()));
    const std::optional<Records> records = backend.records(*app);
    return answer(Code::Done, kJson,
                  records_json(*app, records.has_value(), records.value_or(Records())));
}

Response or_refusal(Result<Response> result) {
    return result ? std::move(result).value() : refusal_of(result.error());
}

}  // namespace

void respond_with(Connection& connection, const Response& response) {
    connection.respond(response.status, response.content_type, response.headers, response.body);
}

Response answer_operation(const OperationReply& reply) {
    return answer(reply.code, kJson, to_json(reply));
}

Response refusal(Code code, const std::string& message) {
    OperationReply reply;
    reply.code = code;
    reply.message = message;
    return answer_operation(reply);
}

Code code_of_http_status(int status) {
    if (status == 404) return Code::NoSuchTarget;
    return status == 400 ? Code::Invalid : Code::Unavailable;
}

Response answer_status(const Backend& backend, const HttpRequestHead& head) {
    return or_refusal(status_response(backend, head));
}

Response answer_jobs(const Backend& backend, const HttpRequestHead& head) {
    const auto response = jobs_response(backend, head);
    return response ? *response : refusal_of(response.error());
}

Response answer_explain(const Backend& backend, const HttpRequestHead& head) {
    const auto response = explain_response(backend, head);
    return response ? *response : refusal_of(response.error());
}

Response answer_logs(const Backend& backend, const HttpRequestHead& head) {
    return or_refusal(logs_response(backend, head));
}

Response answer_doctor(const Backend& backend, const HttpRequestHead& head) {
    return or_refusal(doctor_response(backend, head));
}

Response answer_version(const Backend& backend) {
    const DaemonInfo info = backend.daemon_info();
    Response response = answer(Code::Done, kJson, version_json(info));
    response.headers["Reeve-Version"] = info.version;
    return response;
}

Response answer_store(const Backend& backend, const HttpRequestHead& head) {
    return or_refusal(store_response(backend, head));
}

Response answer_plan(const Backend& backend, const HttpRequestHead& head, std::string_view body) {
    const auto format = read_format(head);
    const auto app = spec::app_from_json(body);
    if (!format) return refusal_of(format.error());
    if (!app) return refusal(Code::Invalid, app.error().message);
    const auto steps = backend.plan(*app);
    if (!steps) return refusal_of(steps.error());
    return answer(Code::Done, format->json ? kJson : kText,
                  format->json ? plan_json(app->name, *steps) : plan_text(*steps));
}

Response answer_upgrade(Backend& backend, const HttpRequestHead& head) {
    const Result<void> begun = backend.upgrade(query_value(head, "directory").value_or(""));
    if (!begun) return refusal(Code::Invalid, begun.error().message);
    OperationReply reply;
    reply.code = Code::Accepted;
    reply.message = "the upgrade has begun";
    return answer_operation(reply);
}

Result<WhyQuery> read_why_query(const Backend& backend, const HttpRequestHead& head) {
    WhyQuery query;
    query.history.targets = TRY(read_targets(head));
    query.history.limit =
        static_cast<std::size_t>(TRY(read_number(head, "n", kWhyDefault, kHistoryMax)));
    query.format = TRY(read_format(head));
    TRY(look_up(backend, query.history.targets));
    return query;
}

Response answer_why(const Result<std::vector<status::Transition>>& history,
                    const EventFormat& format) {
    if (!history) return refusal(Code::Unavailable, history.error().message);
    if (format.json) return answer(Code::Done, kJson, history_json(*history));
    return answer(Code::Done, kText, history_text(*history, format.style));
}

Result<EventsQuery> read_events_query(const HttpRequestHead& head) {
    EventsQuery query;
    query.history.targets = TRY(read_targets(head));
    query.history.limit = static_cast<std::size_t>(TRY(read_number(head, "n", 0, kHistoryMax)));
    query.format = TRY(read_format(head));
    query.follow = query_value(head, "follow") == "1";
    return query;
}

std::string_view events_content_type(const EventsQuery& query) {
    return query.format.json ? kJsonLines : kText;
}

}  // namespace reeve::api
