// start, stop, restart, reload, status, list, usage.

#include <errno.h>

#include <algorithm>

#include "cli/compat/initctl/session.h"
#include "cli/compat/initctl/status_text.h"

namespace reeve::cli::initctl {
namespace {

using What = api::JobCommand::What;

// Which instance of which job is meant.
struct Subject {
    api::JobCommand command;
    std::vector<std::string> words;  // `KEY=VALUE`, as they were typed
    bool waits = true;
};

// Without a name, and inside of a job, the job itself is meant: it cannot wait for its own end.
Result<Subject> read_subject(const Session& session, What what) {
    Subject subject;
    subject.command.what = what;
    subject.command.app = "init";
    subject.waits = !session.arguments.has("no-wait");
    const std::vector<std::string>& words = session.arguments.words;
    if (words.empty()) {
        const std::optional<OwnInstance> own = own_instance();
        if (!own) return Error{"missing job name"};
        subject.command.job = own->job;
        subject.command.key = own->key;
        subject.waits = false;
        return subject;
    }
    subject.command.job = words.front();
    subject.words.assign(words.begin() + 1, words.end());
    subject.command.variables = TRY(read_variables(words, 1));
    return subject;
}

const JobInstance* find_instance(const Job& job, const std::string& key) {
    const auto found =
        std::find_if(job.instances.begin(), job.instances.end(),
                     [&key](const JobInstance& instance) { return instance.key == key; });
    return found == job.instances.end() ? nullptr : &*found;
}

// The status of the instance that is meant; one that has gone is an idle job.
Result<std::string> status_of(const Session& session, const Subject& subject) {
    const bool by_key = subject.command.key.has_value();
    const JobsAnswer answer =
        TRY(ask_about_jobs(session, {subject.command.job, !by_key, subject.words}));
    if (answer.jobs.empty()) return Error{"Unknown job: " + subject.command.job, ENOENT};
    const std::string key = by_key ? *subject.command.key : answer.key.value_or("");
    const JobInstance* instance = find_instance(answer.jobs.front(), key);
    return instance == nullptr ? idle_text(subject.command.job)
                               : status_text(subject.command.job, *instance);
}

// A start that fails for want of a variable tells how the job is meant to be used.
std::string with_usage(const Session& session, const Subject& subject, std::string message) {
    if (!message.starts_with("Unknown parameter")) return message;
    const auto answer = ask_about_jobs(session, {subject.command.job, false, {}});
    if (answer && !answer->jobs.empty() && !answer->jobs.front().usage.empty())
        message += "\nUsage: " + answer->jobs.front().usage;
    return message;
}

int run_job_command(Session& session, What what) {
    const Result<Subject> subject = read_subject(session, what);
    if (!subject) {
        return session.arguments.words.empty() ? fail_usage(session, subject.error().message)
                                               : fail(session, subject.error().message);
    }
    const Result<void> done =
        operate(session, subject->command,
                subject->waits ? api::AnswerWhen::Done : api::AnswerWhen::Accepted);
    if (!done) return fail(session, with_usage(session, *subject, done.error().message));
    if (what == What::Reload) return kDone;
    const Result<std::string> status = status_of(session, *subject);
    // A stopped job whose file is gone is gone, too: that is no failure of the stop.
    if (!status) {
        if (what == What::Stop) say(session, idle_text(subject->command.job));
        return what == What::Stop ? kDone : fail(session, status.error().message);
    }
    say(session, *status);
    return kDone;
}

}  // namespace

int start_command(Session& session) {
    return run_job_command(session, What::Start);
}

int stop_command(Session& session) {
    return run_job_command(session, What::Stop);
}

int restart_command(Session& session) {
    return run_job_command(session, What::Restart);
}

int reload_command(Session& session) {
    return run_job_command(session, What::Reload);
}

int status_command(Session& session) {
    const Result<Subject> subject = read_subject(session, What::Start);
    if (!subject) {
        return session.arguments.words.empty() ? fail_usage(session, subject.error().message)
                                               : fail(session, subject.error().message);
    }
    const bool by_key = subject->command.key.has_value();
    const auto answer = ask_about_jobs(session, {subject->command.job, !by_key, subject->words});
    if (!answer) return fail(session, with_usage(session, *subject, answer.error().message));
    if (answer->jobs.empty()) return fail(session, "Unknown job: " + subject->command.job);
    const std::string key = by_key ? *subject->command.key : answer->key.value_or("");
    const JobInstance* instance = find_instance(answer->jobs.front(), key);
    if (instance != nullptr) {
        say(session, status_text(subject->command.job, *instance));
        return kDone;
    }
    if (!subject->words.empty() || !key.empty()) return fail(session, "Unknown instance: " + key);
    say(session, idle_text(subject->command.job));
    return kDone;
}

int list_command(Session& session) {
    const auto answer = ask_about_jobs(session, {});
    if (!answer) return fail(session, answer.error().message);
    for (const Job& job : answer->jobs)
        say(session, list_text(job));
    return kDone;
}

int usage_command(Session& session) {
    const Result<Subject> subject = read_subject(session, What::Start);
    if (!subject) return fail_usage(session, subject.error().message);
    const auto answer = ask_about_jobs(session, {subject->command.job, false, {}});
    if (!answer) return fail(session, answer.error().message);
    if (answer->jobs.empty()) return fail(session, "Unknown job: " + subject->command.job);
    say(session, "Usage: " + answer->jobs.front().usage + "\n");
    return kDone;
}

}  // namespace reeve::cli::initctl
