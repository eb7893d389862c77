// get-env, set-env, unset-env, list-env, reset-env: the variables that jobs are given.

#include <algorithm>

#include "cli/compat/initctl/session.h"

namespace reeve::cli::initctl {
namespace {

// Inside of a job its own variables are meant, elsewhere and with `-g` those of all jobs.
std::optional<OwnInstance> scope_of(const Session& session) {
    if (session.arguments.has("global")) return std::nullopt;
    return own_instance();
}

Result<std::vector<std::string>> variables_in(const Session& session) {
    const std::optional<OwnInstance> own = scope_of(session);
    const JobsAnswer answer = TRY(ask_about_jobs(session, {own ? own->job : "", false, {}}));
    std::vector<std::string> variables = answer.variables;
    if (own) {
        variables.clear();
        for (const Job& job : answer.jobs) {
            for (const JobInstance& instance : job.instances) {
                if (instance.key == own->key) variables = instance.environment;
            }
        }
    }
    std::sort(variables.begin(), variables.end());
    return variables;
}

int change(Session& session, api::SetVariables change) {
    change.app = "init";
    const std::optional<OwnInstance> own = scope_of(session);
    if (!own && !session.context.paths.user_mode)
        return fail(session, "Not permissible to modify PID 1 job environment");
    if (own) {
        change.job = own->job;
        change.key = own->key;
    }
    const Result<void> done = operate(session, std::move(change), api::AnswerWhen::Accepted);
    return done ? kDone : fail(session, done.error().message);
}

}  // namespace

int get_env_command(Session& session) {
    const std::vector<std::string>& words = session.arguments.words;
    if (words.empty()) return fail_usage(session, "missing variable name");
    const auto variables = variables_in(session);
    if (!variables) return fail(session, variables.error().message);
    const std::string prefix = words.front() + "=";
    for (const std::string& variable : *variables) {
        if (!variable.starts_with(prefix)) continue;
        say(session, variable.substr(prefix.size()) + "\n");
        return kDone;
    }
    return fail(session, "No such variable: " + words.front());
}

// `X` alone is `X=`.
int set_env_command(Session& session) {
    const std::vector<std::string>& words = session.arguments.words;
    if (words.empty()) return fail_usage(session, "missing variable value");
    const std::string& word = words.front();
    const std::size_t sign = word.find('=');
    if (sign == 0) return fail(session, "Env must be KEY=VALUE pairs");
    api::SetVariables set;
    set.set = {{word.substr(0, sign), sign == std::string::npos ? "" : word.substr(sign + 1)}};
    set.keep_existing = session.arguments.has("retain");
    return change(session, std::move(set));
}

int unset_env_command(Session& session) {
    const std::vector<std::string>& words = session.arguments.words;
    if (words.empty()) return fail_usage(session, "missing variable name");
    api::SetVariables set;
    set.unset = {words.front()};
    return change(session, std::move(set));
}

int list_env_command(Session& session) {
    const auto variables = variables_in(session);
    if (!variables) return fail(session, variables.error().message);
    for (const std::string& variable : *variables)
        say(session, variable + "\n");
    return kDone;
}

int reset_env_command(Session& session) {
    api::SetVariables set;
    set.reset = true;
    return change(session, std::move(set));
}

}  // namespace reeve::cli::initctl
