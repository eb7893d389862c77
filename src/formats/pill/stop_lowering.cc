#include "formats/pill/stop_lowering.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace reeve::formats::pill {
namespace {

using json::Kind;
using json::Value;

/// The number of a signal by the name that Ruby's Process.kill takes; 0 for none.
int signal_of(const Value& value) {
    std::string name = text_of(&value).value_or("");
    for (char& c : name) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    if (name.starts_with("SIG")) name.erase(0, 3);
    constexpr auto kSignals = std::to_array<std::pair<std::string_view, int>>({{"HUP", SIGHUP},
                                                                               {"INT", SIGINT},
                                                                               {"QUIT", SIGQUIT},
                                                                               {"ABRT", SIGABRT},
                                                                               {"KILL", SIGKILL},
                                                                               {"USR1", SIGUSR1},
                                                                               {"USR2", SIGUSR2},
                                                                               {"ALRM", SIGALRM},
                                                                               {"TERM", SIGTERM},
                                                                               {"CONT", SIGCONT},
                                                                               {"STOP", SIGSTOP},
                                                                               {"TSTP", SIGTSTP},
                                                                               {"TTIN", SIGTTIN},
                                                                               {"TTOU", SIGTTOU},
                                                                               {"WINCH", SIGWINCH},
                                                                               {"PWR", SIGPWR}});
    const auto found = std::find_if(kSignals.begin(), kSignals.end(),
                                    [&](const auto& known) { return known.first == name; });
    return found == kSignals.end() ? 0 : found->second;
}

}  // namespace

spec::StopSpec stop_by_command(const spec::Command& command, Duration grace) {
    spec::StopSpec stop;
    stop.command = command;
    stop.command_timeout = grace;
    stop.scope = spec::SignalScope::Main;
    stop.steps = {{SIGTERM, kLastPatience}};
    return stop;
}

spec::StopSpec stop_by_signals(Document& document, const Place& place, const Value* signals,
                               Duration grace) {
    spec::StopSpec stop;
    stop.scope = spec::SignalScope::Main;
    stop.steps = {{SIGTERM, std::max(grace, kLastPatience)}};
    if (signals == nullptr) return stop;
    const std::vector<Value> one = {*signals};
    const std::vector<Value>& list = signals->kind == Kind::Array ? signals->elements : one;
    stop.steps.clear();
    Duration total{};
    for (std::size_t at = 0; at < list.size(); at += 2) {
        const int signal = signal_of(list[at]);
        if (signal == 0) {
            document.error(
                place,
                "stop_signals: there is no signal \"" + text_of(&list[at]).value_or("") + "\"",
                "signals are written like :quit, :term, :kill");
            continue;
        }
        const bool last = at + 1 >= list.size();
        const Duration left = std::max(grace - total, kLastPatience);
        const Duration wait = last ? left : seconds_of(&list[at + 1]).value_or(Duration{});
        stop.steps.push_back({signal, wait});
        total += wait;
    }
    return stop;
}

}  // namespace reeve::formats::pill
