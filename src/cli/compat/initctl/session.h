#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/request.h"
#include "cli/compat/initctl/arguments.h"
#include "cli/compat/initctl/jobs_answer.h"
#include "cli/context.h"

namespace reeve::cli::initctl {

/// One call of `initctl` or of one of its other names.
struct Session {
    Context context;
    std::string program;  // as it was called: before each message
    std::string command;  // `start`
    Arguments arguments;

    bool is_quiet() const { return arguments.has("quiet"); }
};

inline constexpr int kDone = 0;
inline constexpr int kFailed = 1;

/// `PROGRAM: MESSAGE` on stderr; returns what the process ends with.
int fail(const Session& session, std::string_view message);

/// The same, and where to find help.
int fail_usage(const Session& session, std::string_view message);

/// What goes to stdout; nothing, where less is wanted.
void say(const Session& session, std::string_view text);

/// An operation of the daemon: done, or the message of the original about why not.
Result<void> operate(const Session& session, api::Verb verb, api::AnswerWhen answer_when);

/// What the daemon knows of jobs: of one (`job`), and of the instance that the variables name.
struct Question {
    std::string job;
    bool names_instance = false;
    std::vector<std::string> variables;  // `KEY=VALUE`
};
Result<JobsAnswer> ask_about_jobs(const Session& session, const Question& question);

/// The body of a GET.
Result<std::string> get(const Session& session, const std::string& path);

/// Where the loaded jobs were read from; where none are loaded, where Upstart reads them.
Result<std::vector<std::string>> job_directories(const Session& session);

/// `KEY=VALUE` words as variables: `Env must be KEY=VALUE pairs`.
Result<spec::Variables> read_variables(const std::vector<std::string>& words, std::size_t first);

/// The instance that this process belongs to, when it runs inside of a job.
struct OwnInstance {
    std::string job;
    std::string key;
};
std::optional<OwnInstance> own_instance();

// The commands, one for each word.
int start_command(Session& session);
int stop_command(Session& session);
int restart_command(Session& session);
int reload_command(Session& session);
int status_command(Session& session);
int list_command(Session& session);
int usage_command(Session& session);
int emit_command(Session& session);
int reload_configuration_command(Session& session);
int version_command(Session& session);
int log_priority_command(Session& session);
int show_config_command(Session& session);
int check_config_command(Session& session);
int get_env_command(Session& session);
int set_env_command(Session& session);
int unset_env_command(Session& session);
int list_env_command(Session& session);
int reset_env_command(Session& session);
int list_sessions_command(Session& session);
int notify_command(Session& session);

}  // namespace reeve::cli::initctl
