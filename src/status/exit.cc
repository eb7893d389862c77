#include "status/exit.h"

#include <signal.h>

#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/text.h"

namespace reeve::status {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 31> kSignals = {{
    {"HUP", SIGHUP},       {"INT", SIGINT},   {"QUIT", SIGQUIT},   {"ILL", SIGILL},
    {"TRAP", SIGTRAP},     {"ABRT", SIGABRT}, {"BUS", SIGBUS},     {"FPE", SIGFPE},
    {"KILL", SIGKILL},     {"USR1", SIGUSR1}, {"SEGV", SIGSEGV},   {"USR2", SIGUSR2},
    {"PIPE", SIGPIPE},     {"ALRM", SIGALRM}, {"TERM", SIGTERM},   {"STKFLT", SIGSTKFLT},
    {"CHLD", SIGCHLD},     {"CONT", SIGCONT}, {"STOP", SIGSTOP},   {"TSTP", SIGTSTP},
    {"TTIN", SIGTTIN},     {"TTOU", SIGTTOU}, {"URG", SIGURG},     {"XCPU", SIGXCPU},
    {"XFSZ", SIGXFSZ},     {"PROF", SIGPROF}, {"WINCH", SIGWINCH}, {"IO", SIGIO},
    {"VTALRM", SIGVTALRM}, {"PWR", SIGPWR},   {"SYS", SIGSYS},
}};

constexpr int kSignalMax = 64;  // of Linux, real-time signals included

}  // namespace

std::string to_text(const Exit& exit) {
    if (const ExitCode* code = std::get_if<ExitCode>(&exit)) {
        return "exit code " + std::to_string(code->code);
    }
    if (const ExitSignal* signal = std::get_if<ExitSignal>(&exit)) {
        return "killed by " + signal_name(signal->signal) +
               (signal->core_dumped ? " (core dumped)" : "") +
               (signal->out_of_memory ? ": out of memory, by its own limit" : "");
    }
    CHECK(std::holds_alternative<ExitUnknown>(exit));
    return "exit status unknown";
}

std::string signal_name(int signal) {
    for (const auto& [name, number] : kSignals) {
        if (number == signal) return "SIG" + std::string(name);
    }
    return "signal " + std::to_string(signal);
}

int signal_number(const std::string& text) {
    const Result<std::int64_t> number = parse_integer(text);
    if (number.ok()) {
        return *number >= 1 && *number <= kSignalMax ? static_cast<int>(*number) : 0;
    }
    std::string upper;
    for (const char c : text) {
        upper.push_back(static_cast<char>(std::toupper(static_cast<unsigned char>(c))));
    }
    if (upper.starts_with("SIG")) upper.erase(0, 3);
    for (const auto& [name, value] : kSignals) {
        if (name == upper) return value;
    }
    return 0;
}

}  // namespace reeve::status
