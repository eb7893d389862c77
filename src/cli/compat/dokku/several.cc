#include "cli/compat/dokku/several.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "cli/compat/dokku/flags.h"
#include "os/fd.h"

namespace reeve::cli::compat::dokku {
namespace {

/// Most apps at a time.
constexpr int kAtATimeMax = 64;
constexpr std::size_t kAppOutputMax = std::size_t{4} * 1024 * 1024;

int for_apps_in_turn(Session& session, const std::vector<std::string>& apps, std::string_view verb,
                     const AppAction& action) {
    const std::string name(verb);
    int errors = 0;
    for (const std::string& app : apps) {
        say("Running " + name + " against app " + app);
        const Result<void> done = action(session, app);
        if (done) continue;
        warn("Error running " + name + " against app " + app + ": " + done.error().message);
        ++errors;
    }
    if (errors == 0) return kOk;
    return fail(name + " command returned " + std::to_string(errors) + " errors");
}

/// A child of this process that is at work on one app, and where what it says is kept.
struct Worker {
    std::string app;
    os::UniqueFd out;
    os::UniqueFd err;
};

[[noreturn]] void work(Session& session, const Worker& worker, std::string_view verb,
                       const AppAction& action) {
    session.context.progress = false;
    ::dup2(worker.out.get(), STDOUT_FILENO);
    ::dup2(worker.err.get(), STDERR_FILENO);
    say("Running command against " + worker.app);
    const Result<void> done = action(session, worker.app);
    if (!done) {
        warn("Error running " + std::string(verb) + " against " + worker.app + ": " +
             done.error().message);
    }
    ::fflush(nullptr);
    ::_exit(done ? 0 : 1);
}

void show(int fd, FILE* stream) {
    const Result<std::string> said =
        os::read_file("/proc/self/fd/" + std::to_string(fd), kAppOutputMax);
    if (said) ::fwrite(said->data(), 1, said->size(), stream);
    ::fflush(stream);
}

/// What each says is shown when it is through, so that the lines of two never mix.
int for_apps_at_a_time(Session& session, const std::vector<std::string>& apps, int at_a_time,
                       std::string_view verb, const AppAction& action) {
    std::map<pid_t, Worker> busy;
    int errors = 0;
    const auto await_one = [&] {
        int status = 0;
        const pid_t pid = ::waitpid(-1, &status, 0);
        if (pid < 0 && errno != EINTR) busy.clear();  // there is nobody to wait for
        const auto found = busy.find(pid);
        if (found == busy.end()) return;
        show(found->second.out.get(), stdout);
        show(found->second.err.get(), stderr);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++errors;
        busy.erase(found);
    };
    ::fflush(nullptr);
    for (const std::string& app : apps) {
        while (busy.size() >= static_cast<std::size_t>(at_a_time))
            await_one();
        auto out = os::make_memory_file("out");
        auto err = os::make_memory_file("err");
        if (!out || !err) return fail((out ? err : out).error().message);
        Worker worker{app, std::move(*out), std::move(*err)};
        const pid_t pid = ::fork();
        if (pid == 0) work(session, worker, verb, action);
        if (pid < 0) {
            warn("Error running " + std::string(verb) + " against " + app + ": " +
                 system_error("fork").message);
            ++errors;
            continue;
        }
        busy.emplace(pid, std::move(worker));
    }
    while (!busy.empty())
        await_one();
    if (errors == 0) return kOk;
    return fail("Encountered " + std::to_string(errors) + " errors during parallel run");
}

}  // namespace

Result<int> parallel_count(const Session&, const std::string& text, std::string_view verb) {
    const auto number = text.empty() ? Result<std::int64_t>(0) : parse_integer(text);
    if (!number || *number < -1) return Error{"Invalid value " + text + " for --parallel flag"};
    std::int64_t count = *number;
    if (count == -1) {
        count = std::max<std::int64_t>(1, ::sysconf(_SC_NPROCESSORS_ONLN));
        warn("Setting --parallel=-1 value to CPU count of " + std::to_string(count));
    }
    if (count <= 1) warn("Running " + std::string(verb) + " in serial mode");
    return static_cast<int>(std::clamp<std::int64_t>(count, 1, kAtATimeMax));
}

int for_apps(Session& session, const std::vector<std::string>& apps, int at_a_time,
             std::string_view verb, const AppAction& action) {
    if (at_a_time <= 1) return for_apps_in_turn(session, apps, verb, action);
    return for_apps_at_a_time(session, apps, at_a_time, verb, action);
}

int for_each_app(Session& session, const Words& words, std::string_view verb,
                 const AppAction& action) {
    const auto parsed = parse_flags({{"--all"}, {"--parallel"}, true}, words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    const std::string parallel = parsed->text("--parallel").value_or("");
    Words rest = parsed->words;
    if (!parsed->has("--all")) {
        int code = kOk;
        const auto app = take_app(session, rest, code);
        if (!app) return code;
        if (!rest.empty()) return fail("too many arguments: " + rest.front());
        const Result<void> done = action(session, *app);
        return done ? kOk : fail(session, done.error());
    }
    if (!rest.empty()) return fail("--all takes no app: " + rest.front());
    const Result<int> count = parallel_count(session, parallel, verb);
    if (!count) return fail(count.error().message);
    const auto apps = all_apps(session);
    if (!apps) return fail(session, apps.error());
    return for_apps(session, *apps, *count, verb, action);
}

}  // namespace reeve::cli::compat::dokku
