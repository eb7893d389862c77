#include "formats/upstart/numbers.h"

#include <signal.h>

#include <array>
#include <charconv>
#include <limits>

namespace reeve::formats::upstart {
namespace {

struct SignalRow {
    std::string_view name;
    int signal;
};

// Source: libnih nih/signal.c.
constexpr auto kSignals = std::to_array<SignalRow>({
    {"HUP", SIGHUP},   {"INT", SIGINT},       {"QUIT", SIGQUIT}, {"ILL", SIGILL},
    {"TRAP", SIGTRAP}, {"ABRT", SIGABRT},     {"BUS", SIGBUS},   {"FPE", SIGFPE},
    {"KILL", SIGKILL}, {"USR1", SIGUSR1},     {"SEGV", SIGSEGV}, {"USR2", SIGUSR2},
    {"PIPE", SIGPIPE}, {"ALRM", SIGALRM},     {"TERM", SIGTERM}, {"STKFLT", SIGSTKFLT},
    {"CHLD", SIGCHLD}, {"CONT", SIGCONT},     {"STOP", SIGSTOP}, {"TSTP", SIGTSTP},
    {"TTIN", SIGTTIN}, {"TTOU", SIGTTOU},     {"URG", SIGURG},   {"XCPU", SIGXCPU},
    {"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"WINCH", SIGWINCH},
    {"IO", SIGIO},     {"PWR", SIGPWR},       {"SYS", SIGSYS},
});

}  // namespace

std::optional<std::int64_t> read_number(std::string_view text, int base) {
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return std::nullopt;
    }
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<int> read_count(std::string_view text) {
    const std::optional<std::int64_t> number = read_number(text, 10);
    if (!number || *number < 0 || *number > std::numeric_limits<int>::max()) return std::nullopt;
    return static_cast<int>(*number);
}

std::optional<int> signal_of(std::string_view name) {
    if (name.starts_with("SIG")) name.remove_prefix(3);
    for (const SignalRow& row : kSignals) {
        if (row.name == name) return row.signal;
    }
    return std::nullopt;
}

}  // namespace reeve::formats::upstart
