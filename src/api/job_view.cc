#include "api/job_view.h"

#include "api/json_writer.h"
#include "api/utf8.h"

namespace reeve::api {
namespace {

void write_variables(JsonWriter& json, std::string_view key, const spec::Variables& variables) {
    json.key(key);
    json.begin_list();
    for (const spec::Variable& variable : variables)
        json.text(variable.name + "=" + variable.value);
    json.end_list();
}

void write_texts(JsonWriter& json, std::string_view key, const std::vector<std::string>& texts) {
    json.key(key);
    json.begin_list();
    for (const std::string& text : texts)
        json.text(text);
    json.end_list();
}

void write_hearing(JsonWriter& json, std::string_view key,
                   const std::optional<status::Hearing>& hearing) {
    json.key(key);
    if (!hearing) return json.null();
    json.begin_object();
    json.member("expression", hearing->expression);
    write_texts(json, "come", hearing->come);
    json.member("missing", hearing->missing);
    json.end_object();
}

/// A process by the name that its job's state shows it under; empty: it is none of the job's.
std::string process_name(const status::Run& run) {
    if (run.role == "leaving") return "main";
    if (run.role == "helper" || run.role == "retiring" || run.role == "replacement") return "";
    return run.role;
}

void write_instance(JsonWriter& json, const status::JobInstance& instance) {
    const status::Instance& seen = instance.seen;
    json.begin_object();
    json.member("instance", spec::instance_text(seen.name));
    json.member("key", seen.name.key);
    json.member("goal", to_text(seen.direction));
    json.member("state", to_text(seen.phase));
    json.member("reason", seen.reason);
    json.key("processes");
    json.begin_list();
    for (const status::Run& run : seen.runs) {
        const std::string name = process_name(run);
        if (name.empty() || run.pid == 0) continue;
        json.begin_object();
        json.member("name", name);
        json.member_number("pid", run.pid);
        json.end_object();
    }
    json.end_list();
    write_variables(json, "variables", instance.variables);
    if (!instance.environment.empty()) write_variables(json, "environment", instance.environment);
    write_hearing(json, "stop_on", instance.stop_on);
    write_texts(json, "holds", instance.holds);
    json.end_object();
}

void write_job(JsonWriter& json, const status::Job& job) {
    json.begin_object();
    json.member("app", job.app);
    json.member("job", job.name);
    json.member("description", job.description);
    json.member("usage", job.usage);
    json.member("instance", job.instance);
    json.member_flag("task", job.task);
    json.member_flag("manual", job.manual);
    write_hearing(json, "start_on", job.start_on);
    json.key("instances");
    json.begin_list();
    for (const status::JobInstance& instance : job.instances)
        write_instance(json, instance);
    json.end_list();
    json.end_object();
}

/// Lines about one expression: what has come of it, and what has not.
std::string hearing_text(const std::string& verb, const status::Hearing& hearing) {
    std::string text = "  " + verb + " on " + hearing.expression + "\n";
    for (const std::string& event : hearing.come)
        text += "    has come: " + event + ", which waits until the rest comes\n";
    text += "    " + std::string(hearing.come.empty() ? "waits for: " : "still missing: ") +
            hearing.missing + "\n";
    return text;
}

std::string instance_text(const status::JobInstance& instance) {
    const status::Instance& seen = instance.seen;
    std::string text = "  " + spec::instance_text(seen.name) + " is " + to_text(seen.direction) +
                       "/" + to_text(seen.phase) + ": " + seen.reason + "\n";
    if (seen.phase == status::Phase::Starting || seen.phase == status::Phase::Stopping) {
        text += "    waits until everybody who was told of `" + to_text(seen.phase) + " " +
                seen.name.service + "` is ready\n";
    }
    for (const std::string& event : instance.holds)
        text += "    holds up " + event + "\n";
    const bool can_stop = seen.direction != status::Direction::Stop && instance.stop_on;
    if (can_stop) text += hearing_text("stops", *instance.stop_on);
    return text;
}

std::string job_text(const status::Job& job) {
    std::string text = job.app + "/" + job.name + (job.task ? " (a task)" : "") + "\n";
    for (const status::JobInstance& instance : job.instances)
        text += instance_text(instance);
    if (job.instances.empty()) text += "  has no instance just now\n";
    if (job.start_on) {
        text += hearing_text("starts", *job.start_on);
    } else {
        text += std::string("  starts by hand only") +
                (job.manual ? ": its configuration says `manual`\n" : "\n");
    }
    if (!job.usage.empty()) text += "  usage: " + job.usage + "\n";
    return text;
}

/// Line by line, so that a terminal cannot misunderstand what others wrote.
std::string made_printable(const std::string& text) {
    std::string result;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = text.find('\n', begin);
        result += printable(std::string_view(text).substr(begin, end - begin)) + "\n";
        begin = end + 1;
    }
    return result;
}

}  // namespace

std::string jobs_json(const status::Jobs& jobs) {
    JsonWriter json;
    json.begin_object();
    json.key("key");
    jobs.key ? json.text(*jobs.key) : json.null();
    write_variables(json, "variables", jobs.variables);
    json.key("jobs");
    json.begin_list();
    for (const status::Job& job : jobs.jobs)
        write_job(json, job);
    json.end_list();
    json.end_object();
    return json.take() + "\n";
}

std::string explanation(const status::Jobs& jobs) {
    std::string text;
    for (const status::Job& job : jobs.jobs)
        text += job_text(job);
    if (text.empty()) text = "no job is loaded\n";
    return made_printable(text);
}

}  // namespace reeve::api
