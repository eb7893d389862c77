#include "cli/context.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "api/clock.h"
#include "api/utf8.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kWidthWithoutTerminal = 0;
constexpr Duration kAnswerPatience = 5s;
constexpr std::size_t kWidthAssumed = 80;  // of a terminal that does not say

bool wants_color(int fd) {
    const char* no_color = ::getenv("NO_COLOR");
    const char* terminal = ::getenv("TERM");
    const bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return (no_color == nullptr || *no_color == '\0') && !dumb && ::isatty(fd) == 1;
}

std::size_t terminal_width(int fd) {
    winsize size{};
    if (::isatty(fd) != 1 || ::ioctl(fd, TIOCGWINSZ, &size) < 0) return kWidthWithoutTerminal;
    return size.ws_col;
}

std::string own_directory() {
    char path[PATH_MAX];
    const ssize_t size = ::readlink("/proc/self/exe", path, sizeof path);
    if (size <= 0) return ".";
    const std::string_view whole(path, static_cast<std::size_t>(size));
    return std::string(whole.substr(0, whole.rfind('/')));
}

bool answers(const os::Paths& paths) {
    api::ClientPatience patience;
    patience.reconnect = 0s;
    patience.answer = kAnswerPatience;
    const auto answer =
        api::Client(paths.socket).send({"GET", "/v1/version", ""}, patience, nullptr);
    return answer && answer->status == 200;
}

/// Whoever is let in by the system's reeve and has none of their own means the system's.
os::Paths choose_reeve() {
    os::Paths own = os::Paths::from_environment();
    if (!own.user_mode || !own.root.empty() || ::access(own.socket.c_str(), F_OK) == 0) return own;
    os::Paths system = os::Paths::of_system();
    const bool open = ::access(system.socket.c_str(), R_OK | W_OK) == 0 && answers(system);
    return open ? system : own;
}

void print_line(std::string_view head, api::Color color, bool colored, std::string_view text) {
    const std::string line = api::paint(head, color, {0, colored}) + " " + std::string(text) + "\n";
    ::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace

Context make_context(const std::vector<std::string>& args) {
    Context context;
    context.paths = choose_reeve();
    context.program_directory = own_directory();
    context.command_line = "reeve";
    context.began = api::client_wall_now();
    for (const std::string& arg : args)
        context.command_line += " " + arg;
    context.out.color = wants_color(STDOUT_FILENO);
    context.out.width = terminal_width(STDOUT_FILENO);
    context.err_color = wants_color(STDERR_FILENO);
    context.progress = ::isatty(STDERR_FILENO) == 1;
    return context;
}

bool print(std::string_view text) {
    return ::fwrite(text.data(), 1, text.size(), stdout) == text.size() && ::fflush(stdout) == 0;
}

void print_error(const Context& context, std::string_view text) {
    print_progress(context, "");
    print_line("reeve:", api::Color::Red, context.err_color, text);
}

void print_warning(const Context& context, std::string_view text) {
    print_progress(context, "");
    print_line("reeve: warning:", api::Color::Yellow, context.err_color, text);
}

void print_progress(const Context& context, std::string_view text) {
    if (!context.progress) return;
    const std::size_t width = terminal_width(STDERR_FILENO);
    const std::string line = "\r\x1b[K" + api::fit(text, (width > 1 ? width : kWidthAssumed) - 1);
    ::fwrite(line.data(), 1, line.size(), stderr);
    ::fflush(stderr);
}

}  // namespace reeve::cli
