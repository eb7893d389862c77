#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <utility>

#include "api/request.h"
#include "cli/compat/bluepill/bluepill.h"
#include "cli/compat/bluepill/controller.h"
#include "cli/compat/bluepill/history.h"
#include "cli/operate.h"
#include "cli/spec_client.h"
#include "os/fd.h"

// A pill with `:foreground => true`: `bluepill load` stays, shows the log, and lets go of the
// processes when it is asked to end.
namespace reeve::cli::compat::bluepill {
namespace {

namespace words = api::bluepill;

/// SIGINT and SIGTERM as a descriptor; from now on they end nothing by themselves.
os::UniqueFd watch_signals() {
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGINT);
    ::sigaddset(&set, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    return os::UniqueFd(::signalfd(-1, &set, SFD_CLOEXEC));
}

std::string_view level_word(char level) {
    switch (level) {
        case 'D':
            return "debug";
        case 'W':
            return "warning";
        case 'E':
            return "err";
        default:
            return "info";
    }
}

/// What is running, and how it is described.
struct Shown {
    World world;
    std::map<std::string, spec::App> specs;
};

Result<Shown> ask(const Context& context, const std::vector<std::string>& apps) {
    Shown shown{TRY(ask_for_world(context)), {}};
    for (const std::string& app : apps) {
        auto known = TRY(fetch_spec(context, app));
        if (known) shown.specs[app] = std::move(*known);
    }
    return shown;
}

/// Prints what Bluepill echoes of its log; false: nobody reads any more.
bool show(const Shown& shown, std::string_view line) {
    const auto told = read_event(line);
    const AppView* app = told ? shown.world.find(told->app) : nullptr;
    if (app == nullptr) return true;
    const auto process =
        std::find_if(app->processes.begin(), app->processes.end(),
                     [&](const ProcessView& one) { return one.service == told->service; });
    if (process == app->processes.end()) return true;
    const auto spec = shown.specs.find(app->name);
    const spec::Service* service =
        spec == shown.specs.end() ? nullptr : spec::find_service(spec->second, told->service);
    std::string text;
    for (const words::LogLine& entry : words::log_lines(told->change, service)) {
        const std::string group = process->group.empty() ? "" : process->group + ":";
        text += "[" + std::string(level_word(entry.level)) + "]: [" + app->name + ":" + group +
                process->name + "] " + entry.text + "\n";
    }
    return print(text);
}

/// Until a signal comes. True: it has; false: the stream has ended and can be opened again.
Result<bool> follow_until_signal(const Context& context, const Shown& shown,
                                 const std::string& path, int signals) {
    api::LineStream stream = TRY(context.client().open_stream(path, {}));
    while (true) {
        bool open = true;
        const bool more =
            TRY(stream.read([&](std::string_view line) { open = open && show(shown, line); }));
        if (!open) return true;
        pollfd waiting[2] = {{more ? stream.fd() : -1, POLLIN, 0}, {signals, POLLIN, 0}};
        if (!more) return false;
        if (::poll(waiting, 2, -1) > 0 && waiting[1].revents != 0) return true;
    }
}

}  // namespace

int stay_in_foreground(const Context& context, const std::vector<std::string>& apps) {
    const os::UniqueFd signals = watch_signals();
    std::string path = "/v1/events?follow=1&n=" + std::to_string(apps.size() * 20);
    for (const std::string& app : apps)
        path += "&target=" + api::escape_query(app);
    const Result<Shown> shown = ask(context, apps);
    Result<bool> ended = false;
    while (shown && ended && !*ended)
        ended = follow_until_signal(context, *shown, path, signals.get());
    print("Terminating...\n");
    for (const std::string& app : apps)
        (void)send_operation(context, api::Unload{app}, {});  // it runs on without us either way
    return ended ? kDone : kFailed;
}

}  // namespace reeve::cli::compat::bluepill
