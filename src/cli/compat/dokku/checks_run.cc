#include "cli/compat/dokku/checks_run.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <netinet/in.h>

#include "base/text.h"
#include "cli/compat/dokku/app_state.h"
#include "cli/compat/dokku/deployed.h"
#include "os/fd.h"

namespace reeve::cli::compat::dokku {
namespace {

constexpr std::size_t kOutputMax = std::size_t{1024} * 1024;
constexpr std::size_t kShownMax = 200;

/// One instance, and what its checks are asked with.
struct Subject {
    const InstanceState& instance;
    const Deployed* app;  // nullptr: it was not deployed, but loaded from its files
};

int seconds_of(Duration time) {
    return static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

/// Whether something accepts connections on a port of this machine.
Result<void> connect_to(int port) {
    const os::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket) return system_error("make a socket");
    const timeval patience = {5, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        return {};
    }
    return system_error("connect to port " + std::to_string(port));
}

/// Runs a command as the app's user, in its directory and environment, and returns what it wrote.
Result<std::string> output_of(const Subject& subject, std::vector<std::string> arguments,
                              Duration timeout) {
    OneOff one_off = subject.app->one_off(subject.instance.name);
    one_off.environment["PORT"] = std::to_string(subject.instance.port);
    one_off.arguments = std::move(arguments);
    one_off.ttl_seconds = static_cast<unsigned>(std::max(seconds_of(timeout), 1));
    const os::UniqueFd output = TRY(os::make_memory_file("check"));
    const pid_t pid = ::fork();
    if (pid < 0) return system_error("fork");
    if (pid == 0) {
        ::dup2(output.get(), STDOUT_FILENO);
        ::dup2(output.get(), STDERR_FILENO);
        warn(become_one_off(one_off).message);
        ::_exit(127);
    }
    int status = 0;
    if (::waitpid(pid, &status, 0) < 0) return system_error("wait for a check");
    const std::string text =
        TRY(os::read_file("/proc/self/fd/" + std::to_string(output.get()), kOutputMax));
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;
    const std::string how = WIFEXITED(status)
                                ? "exited with code " + std::to_string(WEXITSTATUS(status))
                                : "no end within " + to_text(timeout);
    return Error{how + ": " + std::string(trim(text)).substr(0, kShownMax)};
}

Result<void> ask_http(const Subject& subject, const spec::HttpProbe& probe, Duration timeout) {
    const bool is_plain = probe.scheme == spec::HttpScheme::Http;
    const int port = probe.port != 0 ? probe.port : subject.instance.port;
    const std::string url = std::string(is_plain ? "http://" : "https://") + probe.host + ":" +
                            std::to_string(port) + probe.path;
    std::vector<std::string> arguments = {
        "curl", "-sS",           "-L", "-m", std::to_string(std::max(seconds_of(timeout), 1)),
        "-w",   "\n%{http_code}"};
    if (probe.scheme == spec::HttpScheme::HttpsUnverified) arguments.emplace_back("-k");
    for (const spec::HttpHeader& header : probe.headers) {
        arguments.emplace_back("-H");
        arguments.push_back(header.name + ": " + header.value);
    }
    arguments.insert(arguments.end(), {"--", url});
    const std::string answer = TRY(output_of(subject, std::move(arguments), timeout + 1s));
    const std::size_t end = answer.rfind('\n');
    const std::string code = answer.substr(end == std::string::npos ? 0 : end + 1);
    if (!code.starts_with("2")) return Error{"unexpected status code: " + code};
    if (!probe.body) return {};
    const auto* contains = std::get_if<spec::BodyContains>(&*probe.body);
    if (contains == nullptr || answer.find(contains->text) != std::string::npos) return {};
    return Error{"unable to find expected content in response body: " + contains->text};
}

/// What kinds of healthchecks of app.json become.
Result<void> ask(const Subject& subject, const spec::Check& check) {
    if (const auto* http = std::get_if<spec::HttpProbe>(&check.probe)) {
        return ask_http(subject, *http, check.timeout);
    }
    if (const auto* command = std::get_if<spec::ExecProbe>(&check.probe)) {
        const auto* direct = std::get_if<spec::DirectCommand>(&command->command);
        std::vector<std::string> arguments = {"bash", "-c", spec::to_text(command->command)};
        if (direct != nullptr) arguments = direct->argv;
        const auto output = output_of(subject, std::move(arguments), check.timeout);
        return output ? Result<void>() : output.error();
    }
    if (const auto* listening = std::get_if<spec::ListeningProbe>(&check.probe)) {
        return connect_to(listening->port != 0 ? listening->port : subject.instance.port);
    }
    return {};  // it runs, and has run for longer than an uptime check asks
}

const char* kind_of(const spec::Probe& probe) {
    if (std::holds_alternative<spec::HttpProbe>(probe)) return "path";
    if (std::holds_alternative<spec::ExecProbe>(probe)) return "command";
    if (std::holds_alternative<spec::ListeningProbe>(probe)) return "listening";
    return "uptime";
}

bool run_check(const Subject& subject, const spec::Check& check) {
    const int attempts = static_cast<int>(std::max<std::uint32_t>(check.times.failures, 1));
    const std::string name = "name='" + check.name + "'";
    say_verbose("Running healthcheck " + name + " attempts=" + std::to_string(attempts) + " port=" +
                std::to_string(subject.instance.port) + " retries=" + std::to_string(attempts - 1) +
                " timeout=" + std::to_string(seconds_of(check.timeout)) + " type='" +
                kind_of(check.probe) + "' wait=" + std::to_string(seconds_of(check.every)));
    Result<void> answered;
    for (int attempt = 1; attempt <= attempts; ++attempt) {
        answered = ask(subject, check);
        if (answered) break;
        if (attempt < attempts) ::poll(nullptr, 0, 1000 * seconds_of(check.every));
    }
    if (answered) {
        say_verbose("Healthcheck succeeded " + name);
        return true;
    }
    warn("Failure in " + name + ": " + answered.error().message);
    return check.warn_only;
}

/// The startup checks of its service; without any, what Dokku looks at by itself.
std::vector<spec::Check> checks_of(const Subject& subject) {
    std::vector<spec::Check> checks;
    const spec::Service* service =
        subject.app == nullptr ? nullptr
                               : spec::find_service(subject.app->release, subject.instance.service);
    if (service != nullptr) {
        std::copy_if(service->checks.begin(), service->checks.end(), std::back_inserter(checks),
                     [](const spec::Check& one) { return one.role == spec::CheckRole::Startup; });
    }
    const auto asks = [](const spec::Check& one) {
        return !std::holds_alternative<spec::UptimeProbe>(one.probe);
    };
    if (std::any_of(checks.begin(), checks.end(), asks)) return checks;
    spec::Check usual;
    usual.name = "default";
    usual.probe = spec::UptimeProbe{};
    if (subject.instance.port != 0) {
        usual.name = "port listening check";
        usual.probe = spec::ListeningProbe{};
    }
    checks.push_back(std::move(usual));
    return checks;
}

/// How many of its checks failed.
int check_one(const Subject& subject) {
    const InstanceState& one = subject.instance;
    say("Running pre-flight checks (" + one.name + ")");
    if (one.state != "running") {
        warn("Failure in name='default': " + one.name + " is " + one.state + ": " + one.reason);
        return 1;
    }
    const std::vector<spec::Check> checks = checks_of(subject);
    say_verbose("Executing " + std::to_string(checks.size()) + " healthchecks");
    return static_cast<int>(
        std::count_if(checks.begin(), checks.end(),
                      [&](const spec::Check& check) { return !run_check(subject, check); }));
}

/// The instances that a word names: a type, or one of its instances.
Result<std::vector<InstanceState>> named(const AppState& state, const std::string& app,
                                         const std::string& word) {
    const std::size_t dot = word.find('.');
    const std::string type = word.substr(0, dot);
    if (!word.empty() && state.find_type(type) == nullptr) {
        return Error{"Invalid process type specified (" + app + "." + word + ")"};
    }
    std::vector<InstanceState> found;
    for (const InstanceState& one : state.instances) {
        const bool meant =
            word.empty() || (dot == std::string::npos ? one.service == word : one.name == word);
        if (meant) found.push_back(one);
    }
    if (dot != std::string::npos && found.empty()) {
        return Error{"Invalid container index specified (" + app + "." + word + ")"};
    }
    return found;
}

}  // namespace

int checks_run(Session& session, const Words& words) {
    int code = kOk;
    Words rest = words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const auto state = fetch_app_state(session, *app);
    if (!state) return fail(session, state.error());
    if (!state->deployed) return fail("App " + *app + " has not been deployed");
    const auto deployed = fetch_deployed(session, *app);
    Words asked = {""};
    if (!rest.empty()) {
        asked.clear();
        for (const std::string_view word : split(rest.front(), ','))
            asked.emplace_back(trim(word));
    }
    int failed = 0;
    for (const std::string& word : asked) {
        const auto instances = named(*state, *app, word);
        if (!instances) return fail(instances.error().message);
        for (const InstanceState& one : *instances)
            failed += check_one({one, deployed ? &*deployed : nullptr});
    }
    if (failed == 0) return kOk;
    return fail("Could not verify " + *app + " due to " + std::to_string(failed) +
                " failed checks");
}

}  // namespace reeve::cli::compat::dokku
