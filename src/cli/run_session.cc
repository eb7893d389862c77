#include "cli/run_session.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "api/clock.h"
#include "api/reply.h"
#include "base/text.h"
#include "cli/ask.h"
#include "cli/launcher.h"
#include "cli/operate.h"

namespace reeve::cli {
namespace {

constexpr Duration kOperationPatience = 10s;
/// The same signal may come twice, to the process and to its group.
constexpr Duration kOnePressOfKeys = 300ms;

std::string temporary_directory() {
    const char* chosen = ::getenv("TMPDIR");
    return chosen != nullptr && *chosen == '/' ? chosen : "/tmp";
}

Result<os::UniqueFd> catch_signals() {
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t caught;
    ::sigemptyset(&caught);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD})
        ::sigaddset(&caught, number);
    if (::sigprocmask(SIG_BLOCK, &caught, nullptr) < 0) return system_error("block signals");
    os::UniqueFd fd(::signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd) return system_error("make a descriptor for signals");
    return fd;
}

bool is_over(const std::string& state) {
    return state == "failed" || state == "stopped";
}

}  // namespace

RunSession::~RunSession() {
    if (keeper_ > 0) {
        ::kill(keeper_, SIGTERM);
        ::waitpid(keeper_, nullptr, 0);
    }
    if (root_.empty()) return;
    std::error_code ignored;  // a file that cannot be removed is left to the system's cleaning
    std::filesystem::remove_all(root_, ignored);
}

Result<void> RunSession::begin() {
    signals_ = TRY(catch_signals());
    std::string root = temporary_directory() + "/reeve-run-XXXXXX";
    if (::mkdtemp(root.data()) == nullptr) return system_error("make the directory " + root);
    root_ = root;
    if (::setenv("REEVE_ROOT", root_.c_str(), 1) < 0) return system_error("set REEVE_ROOT");
    context_.paths = os::Paths::from_environment();
    context_.wait = false;
    context_.timeout = kOperationPatience;
    KeeperLaunch launch;
    launch.program = TRY(find_keeper(context_));
    launch.environment = clean_environment(context_, root_);
    launch.log_file = root_ + "/reeve.log";
    launch.ends_with_us = true;
    keeper_ = TRY(start_keeper(launch));
    TRY(wait_until_it_answers(context_.client(), keeper_, launch.log_file));
    printer_.emplace(user_context_, LogPrinter::Times::OfDay);
    follower_.emplace(TRY(LogFollower::create()));
    return follow_events();
}

Result<void> RunSession::follow_events() {
    events_.emplace(TRY(context_.client().open_stream("/v1/events?format=json&follow=1", {})));
    return {};
}

ExitCode RunSession::run(std::shared_ptr<const spec::App> app) {
    const Result<void> loaded = load(std::move(app));
    if (!loaded) {
        print_error(user_context_, loaded.error().message);
        failed_ = true;
        stop_all();
    }
    loop();
    if (events_) read_events();
    follower_->finish(
        [&](std::size_t source, std::string_view line) { on_log_line(source, line); });
    return failed_ ? ExitCode::Failed : ExitCode::Done;
}

Result<void> RunSession::load(std::shared_ptr<const spec::App> app) {
    const auto answer = TRY(send_operation(context_, api::Load{std::move(app), true}, {}));
    const api::OperationReply reply = TRY(api::operation_reply_from_json(answer.body));
    if (exit_code(reply.code) != ExitCode::Done) return Error{reply.message};
    if (!reply.warning.empty()) print_warning(user_context_, reply.warning);
    for (const spec::InstanceName& name : reply.instances)
        states_.emplace(spec::instance_text(name), "");
    add_logs();
    return {};
}

void RunSession::add_logs() {
    const spec::Target target{"*", ""};
    const Asked asked = ask(context_, query_path(context_, "/v1/logs", {target}));
    if (!asked.answered) return;
    const auto list = parse_log_list(asked.response.body);
    if (!list) return;
    for (const LogOfInstance& log : *list) {
        if (!logs_known_.insert(log.instance).second) continue;
        follower_->add(log.path, printer_->add_source(log.app, log.instance, log.instance), 0);
    }
    follower_->read([&](std::size_t source, std::string_view line) { on_log_line(source, line); });
}

void RunSession::note(const std::string& text) {
    note_at(reeve::to_text(api::client_wall_now()), text);
}

void RunSession::note_at(std::string_view time, const std::string& text) {
    if (!printer_->print_note(time, text)) stop_all();
}

void RunSession::on_log_line(std::size_t source, std::string_view line) {
    if (!printer_->print_line(source, line)) stop_all();
}

void RunSession::on_event(std::string_view line) {
    const auto event = parse_event(line);
    if (!event) return;  // a note about events that were left out
    states_[event->instance] = event->to;
    if (logs_known_.count(event->instance) == 0) add_logs();
    const bool plain = event->reason.empty() || event->to == "starting";
    note_at(event->time, event->instance + " " + event->to + (plain ? "" : ": " + event->reason));
    if (stopping_) return;
    if (event->to == "failed" || event->to == "crash-looping") failed_ = true;
    if (event->to == "running") failed_ = false;
    const bool all_run = std::all_of(states_.begin(), states_.end(),
                                     [](const auto& state) { return state.second == "running"; });
    const bool all_over = std::all_of(states_.begin(), states_.end(),
                                      [](const auto& state) { return is_over(state.second); });
    if (all_run && !announced_) announce();
    if (all_over) {
        note_at(event->time, "nothing runs any more");
        stop_all();
    }
}

void RunSession::announce() {
    announced_ = true;
    const auto status = context_.client().send({"GET", "/v1/status", ""}, {}, nullptr);
    if (!status || status->status != 200) return;
    for (const std::string& address : parse_addresses(status->body))
        note(address);
    note("everything runs; Ctrl-C stops it");
}

void RunSession::stop_all() {
    if (std::exchange(stopping_, true)) return;
    const auto answer = send_operation(context_, api::Shutdown{}, {});
    // The keeper takes a signal even where reeved does not answer.
    if (!answer || answer->status != 200) ::kill(keeper_, SIGTERM);
}

void RunSession::kill_all() {
    if (std::exchange(killing_, true)) return;
    const spec::Target all{"*", ""};
    const auto answer = send_operation(context_, api::Signal{{all}, SIGKILL}, {});
    if (!answer) ::kill(keeper_, SIGTERM);
}

void RunSession::on_signals() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
        if (info.ssi_signo == SIGCHLD) {
            if (keeper_ > 0 && ::waitpid(keeper_, nullptr, WNOHANG) == keeper_) keeper_ = 0;
        } else if (!stopping_) {
            note("stopping; once more Ctrl-C kills");
            stop_asked_ = api::client_now();
            stop_all();
        } else if (!killing_ && api::client_now() - stop_asked_ > kOnePressOfKeys) {
            note("killing");
            kill_all();
        }
    }
}

void RunSession::read_events() {
    const auto more = events_->read([&](std::string_view line) { on_event(line); });
    if (more && *more) return;
    events_.reset();
    // The daemon was replaced, unless it ends because it was asked to.
    if (!stopping_ && keeper_ > 0 && !follow_events()) stop_all();
}

void RunSession::loop() {
    const auto on_line = [&](std::size_t source, std::string_view line) {
        on_log_line(source, line);
    };
    while (keeper_ > 0) {
        // Before the wait: the first events may have come together with the answer's head.
        if (events_) read_events();
        pollfd waiting[3] = {{signals_.get(), POLLIN, 0},
                             {follower_->fd(), POLLIN, 0},
                             {events_ ? events_->fd() : -1, POLLIN, 0}};
        if (::poll(waiting, 3, -1) < 0 && errno != EINTR) return;
        if (waiting[1].revents != 0) follower_->read(on_line);
        if (waiting[0].revents != 0) on_signals();
    }
    if (stopping_) return;
    print_error(user_context_, "reeve itself has ended; its log was " + root_ + "/reeve.log");
    failed_ = true;
}

}  // namespace reeve::cli
