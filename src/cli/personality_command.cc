#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/option_reader.h"
#include "os/fd.h"

namespace reeve::cli {
namespace {

constexpr std::array<std::string_view, 9> kNames = {"bluepill", "dokku",  "initctl",
                                                    "start",    "stop",   "restart",
                                                    "reload",   "status", "init-checkconf"};
constexpr std::string_view kUpstartNames =
    "initctl start stop restart reload status init-checkconf";

bool is_upstarts(const std::string& name) {
    const auto names = words(kUpstartNames);
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool systemd_is_init() {
    const auto name = os::read_file("/proc/1/comm", 64);
    return name && trim(*name) == "systemd";
}

/// What the link at `path` leads to; empty: it is no link.
std::string link_target(const std::string& path) {
    char target[PATH_MAX];
    const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
    return size <= 0 ? "" : std::string(target, static_cast<std::size_t>(size));
}

bool is_ours(const std::string& path) {
    const std::string target = link_target(path);
    return target == "reeve" || target.ends_with("/reeve");
}

Result<void> enable(const std::string& path, const std::string& program) {
    if (is_ours(path)) return {};
    if (::symlink(program.c_str(), path.c_str()) == 0) return {};
    if (errno == EEXIST) return Error{path + " is something else; move it away first"};
    return system_error("make the link " + path);
}

Result<void> disable(const std::string& path) {
    if (!is_ours(path)) return Error{path + " is no link to reeve"};
    if (::unlink(path.c_str()) != 0) return system_error("remove " + path);
    return {};
}

}  // namespace

ExitCode personality(const Command& command, Context context,
                     const std::vector<std::string>& args) {
    std::vector<std::string> words;
    std::string at = "/usr/local/bin";
    bool force = false;
    OptionReader options(command, context);
    options.add_words("enable or disable, and NAME", words, 2, 2);
    options.add_text("--at", "DIR", "where the link is (/usr/local/bin)", at);
    options.add_flag("--force", "also Upstart's names where systemd is PID 1", force);
    if (const auto end = options.read(args)) return *end;
    const std::string& name = words[1];
    const bool enabling = words[0] == "enable";
    if (!enabling && words[0] != "disable") {
        print_error(context, "personality: say enable or disable, then the name");
        return ExitCode::Usage;
    }
    if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) {
        print_error(context,
                    "personality: \"" + name +
                        "\" is none; there are bluepill, dokku, "
                        "initctl, start, stop, restart, reload, status and init-checkconf");
        return ExitCode::Usage;
    }
    if (enabling && is_upstarts(name) && systemd_is_init() && !force) {
        print_error(context, "personality: systemd is PID 1 here, and scripts that find " + name +
                                 " would take it for Upstart; --force does it anyway");
        return ExitCode::Failed;
    }
    const std::string path = at + "/" + name;
    const Result<void> done =
        enabling ? enable(path, context.program_directory + "/reeve") : disable(path);
    if (!done) {
        print_error(context, "personality: " + done.error().message);
        return ExitCode::Failed;
    }
    print(std::string(enabling ? "enabled " : "disabled ") + path + "\n");
    return ExitCode::Done;
}

}  // namespace reeve::cli
