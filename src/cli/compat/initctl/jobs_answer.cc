#include "cli/compat/initctl/jobs_answer.h"

#include <nlohmann/json.hpp>

namespace reeve::cli::initctl {
namespace {

using Json = nlohmann::json;

// A field that is not there, or is something else, is empty: a later reeve may say more or less.
std::string text_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

const Json& list_of(const Json& object, const char* name) {
    static const Json kNone = Json::array();
    const auto found = object.find(name);
    return found != object.end() && found->is_array() ? *found : kNone;
}

std::vector<std::string> texts_of(const Json& object, const char* name) {
    std::vector<std::string> texts;
    for (const Json& text : list_of(object, name)) {
        if (text.is_string()) texts.push_back(text.get<std::string>());
    }
    return texts;
}

JobInstance instance_of(const Json& object) {
    JobInstance instance;
    instance.key = text_of(object, "key");
    instance.goal = text_of(object, "goal");
    instance.state = text_of(object, "state");
    instance.environment = texts_of(object, "environment");
    for (const Json& process : list_of(object, "processes")) {
        const auto pid = process.is_object() ? process.find("pid") : process.end();
        if (pid == process.end() || !pid->is_number_integer()) continue;
        instance.processes.push_back({text_of(process, "name"), pid->get<int>()});
    }
    return instance;
}

Job job_of(const Json& object) {
    Job job;
    job.name = text_of(object, "job");
    job.usage = text_of(object, "usage");
    for (const Json& instance : list_of(object, "instances")) {
        if (instance.is_object()) job.instances.push_back(instance_of(instance));
    }
    return job;
}

}  // namespace

Result<JobsAnswer> jobs_from_json(std::string_view text) {
    const Json document = Json::parse(text, nullptr, false);
    if (!document.is_object()) return Error{"the answer about jobs is not JSON"};
    JobsAnswer answer;
    const auto key = document.find("key");
    if (key != document.end() && key->is_string()) answer.key = key->get<std::string>();
    answer.variables = texts_of(document, "variables");
    for (const Json& job : list_of(document, "jobs")) {
        if (job.is_object()) answer.jobs.push_back(job_of(job));
    }
    return answer;
}

std::string jobs_source_from_json(std::string_view text) {
    const Json document = Json::parse(text, nullptr, false);
    if (!document.is_object()) return "";
    for (const Json& app : list_of(document, "apps")) {
        if (app.is_object() && text_of(app, "name") == "init") return text_of(app, "source");
    }
    return "";
}

}  // namespace reeve::cli::initctl
