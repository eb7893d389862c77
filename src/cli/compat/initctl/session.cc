#include "cli/compat/initctl/session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/client.h"
#include "api/reply.h"
#include "base/text.h"
#include "cli/operate.h"
#include "cli/upstart_files.h"
#include "spec/named_event.h"

namespace reeve::cli::initctl {
namespace {

/// `init/web: Job failed to start`: the original says the last part.
std::string without_name(const std::string& problem) {
    const std::size_t place = problem.find(": Job ");
    return place == std::string::npos ? problem : problem.substr(place + 2);
}

Error no_answer(const Session& session, const Error& error) {
    const bool not_permitted = error.code == EACCES || error.code == EPERM;
    if (not_permitted) {
        return Error{
            "You do not have permission to talk to reeve: only root and the members of "
            "the group reeve may do so",
            error.code};
    }
    return Error{
        "Unable to connect to Upstart: reeve is not running (" + session.context.paths.socket + ")",
        error.code};
}

}  // namespace

int fail(const Session& session, std::string_view message) {
    const std::string text = session.program + ": " + std::string(message) + "\n";
    ::fwrite(text.data(), 1, text.size(), stderr);
    return kFailed;
}

int fail_usage(const Session& session, std::string_view message) {
    return fail(session, std::string(message) + "\nTry `" + session.program +
                             " --help' for more information.");
}

void say(const Session& session, std::string_view text) {
    if (!session.is_quiet()) print(text);
}

Result<void> operate(const Session& session, api::Verb verb, api::AnswerWhen answer_when) {
    Context context = session.context;
    context.wait = answer_when == api::AnswerWhen::Done;
    context.progress = false;
    const auto response = send_operation(context, std::move(verb), {});
    if (!response) return no_answer(session, response.error());
    const auto reply = api::operation_reply_from_json(response->body);
    if (!reply) return Error{"Unexpected answer: " + response->body};
    if (reply->code == api::Code::Done || reply->code == api::Code::Accepted) return {};
    if (!reply->problems.empty()) return Error{without_name(reply->problems.front())};
    return Error{reply->message};
}

Result<std::string> get(const Session& session, const std::string& path) {
    const auto response = session.context.client().send({"GET", path, ""}, {}, nullptr);
    if (!response) return no_answer(session, response.error());
    if (response->status == 200) return response->body;
    const auto reply = api::operation_reply_from_json(response->body);
    return Error{reply ? reply->message : "Unexpected answer: " + response->body,
                 response->status == 404 ? ENOENT : EINVAL};
}

Result<JobsAnswer> ask_about_jobs(const Session& session, const Question& question) {
    std::string path = "/v1/jobs?app=init";
    if (!question.job.empty()) path += "&job=" + api::escape_query(question.job);
    if (question.names_instance) path += "&instance=1";
    for (const std::string& variable : question.variables)
        path += "&var=" + api::escape_query(variable);
    return jobs_from_json(TRY(get(session, path)));
}

Result<spec::Variables> read_variables(const std::vector<std::string>& words, std::size_t first) {
    spec::Variables variables;
    for (std::size_t i = first; i < words.size(); ++i)
        variables.push_back(TRY(spec::parse_variable(words[i])));
    TRY(spec::validate(variables));
    return variables;
}

Result<std::vector<std::string>> job_directories(const Session& session) {
    const std::string source = jobs_source_from_json(TRY(get(session, "/v1/status?format=json")));
    std::vector<std::string> directories;
    for (const std::string_view directory : split(source, ':')) {
        if (!directory.empty()) directories.emplace_back(directory);
    }
    return directories.empty() ? upstart_directories(session.context) : directories;
}

std::optional<OwnInstance> own_instance() {
    const char* job = ::getenv("UPSTART_JOB");
    const char* key = ::getenv("UPSTART_INSTANCE");
    if (job == nullptr || key == nullptr || *job == '\0') return std::nullopt;
    return OwnInstance{job, key};
}

}  // namespace reeve::cli::initctl
