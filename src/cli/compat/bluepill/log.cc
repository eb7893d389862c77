#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "api/request.h"
#include "cli/compat/bluepill/bluepill.h"
#include "cli/compat/bluepill/controller.h"
#include "cli/compat/bluepill/history.h"
#include "cli/spec_client.h"

// `bluepill log`: what `tail -n 100 -f LOGFILE | grep '[app:target'` would show, from reeve's
// ledger and the events to come.
namespace reeve::cli::compat::bluepill {
namespace {

constexpr std::size_t kLinesOfThePast = 100;
/// Looked through after the daemon was replaced.
constexpr std::size_t kCaughtUpMax = 1000;

class Tail {
public:
    explicit Tail(const Call& call) : call_(call), processes_(select(*call.app, call.target)) {
        auto known = fetch_spec(call.context, call.app->name);
        if (known && *known) app_ = std::move(**known);
    }

    /// False: nobody reads any more.
    bool show(std::string_view line) {
        const auto told = read_event(line);
        if (!told || (catching_up_ && told->time <= last_)) return true;
        catching_up_ = false;
        last_ = told->time;
        const auto process =
            std::find_if(processes_.begin(), processes_.end(),
                         [&](const ProcessView* one) { return one->service == told->service; });
        if (told->app != call_.app->name || process == processes_.end()) return true;
        const std::string time = local_time(told->time, "%Y-%m-%dT%H:%M:%S.%6N");
        std::string text;
        const spec::Service* service = spec::find_service(app_, told->service);
        for (const auto& entry : api::bluepill::log_lines(told->change, service)) {
            text +=
                api::bluepill::format_line(entry, time, call_.world.daemon_pid,
                                           {call_.app->name, (*process)->group, (*process)->name});
        }
        return print(text);
    }

    /// After the daemon was replaced: what was shown already comes again.
    void catch_up() { catching_up_ = true; }

private:
    const Call& call_;
    std::string last_;
    bool catching_up_ = false;
    std::vector<const ProcessView*> processes_;
    spec::App app_;  // as it was when this began
};

/// Follows the events until one side ends it. An error: the stream broke off.
Result<bool> follow(const Call& call, const std::string& path, Tail& tail) {
    api::ClientPatience patience;
    api::LineStream stream = TRY(call.context.client().open_stream(path, patience));
    bool open = true;
    while (open) {
        const bool more =
            TRY(stream.read([&](std::string_view line) { open = open && tail.show(line); }));
        if (!more) return true;
        pollfd waiting[2] = {{stream.fd(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
        if (::poll(waiting, 2, -1) < 0) continue;  // interrupted by a signal that is ignored
        if ((waiting[1].revents & (POLLERR | POLLHUP)) != 0) open = false;
    }
    return false;
}

}  // namespace

int show_log(const Call& call) {
    const std::string what = call.target.empty() ? call.app->name : call.target;
    print("Tailing log for " + what + "...\n");
    Tail tail(call);
    const std::string target = api::escape_query(call.app->name);
    std::size_t past = kLinesOfThePast;
    while (true) {
        const auto again = follow(
            call, "/v1/events?follow=1&n=" + std::to_string(past) + "&target=" + target, tail);
        if (!again || !*again) return again ? kDone : kFailed;
        past = kCaughtUpMax;
        tail.catch_up();
    }
}

}  // namespace reeve::cli::compat::bluepill
