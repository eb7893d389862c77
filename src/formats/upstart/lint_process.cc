#include "formats/upstart/lint_process.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace reeve::formats::upstart {
namespace {

constexpr auto kBuiltins = std::to_array<std::string_view>({
    ".",
    ":",
    "cd",
    "eval",
    "exec",
    "exit",
    "export",
    "read",
    "set",
    "source",
    "trap",
    "ulimit",
    "umask",
    "unset",
    "wait",
});
constexpr auto kDaemonWords =
    std::to_array<std::string_view>({"--daemon", "--daemonize", "--daemonise", "--background"});
constexpr auto kForegroundWords = std::to_array<std::string_view>(
    {"--foreground", "--nodaemon", "--no-daemon", "--no-daemonize", "--nodaemonize"});

template <std::size_t N>
std::string_view word_of(const std::string& text, const std::array<std::string_view, N>& known) {
    for (const std::string_view word : words(text)) {
        if (std::find(known.begin(), known.end(), word) != known.end()) return word;
    }
    return "";
}

// The last line of a script that is not empty, without its indentation.
std::string_view last_line(std::string_view script) {
    script = trim(script);
    return trim(script.substr(script.rfind('\n') + 1));
}

class ProcessLinter {
public:
    explicit ProcessLinter(const JobClass& job) : job_(job) {}

    std::vector<Remark> lint() {
        const std::pair<const char*, const std::optional<Process>&> processes[] = {
            {"pre-start", job_.pre_start}, {"post-start", job_.post_start},
            {"pre-stop", job_.pre_stop},   {"post-stop", job_.post_stop},
            {"exec", job_.main},
        };
        for (const auto& [stanza, process] : processes) {
            if (process && !process->is_script) check_exec(stanza, process->text);
        }
        if (job_.main) {
            check_expect(*job_.main);
            check_wrapper(*job_.main);
            if (job_.main->is_script) check_shell_stays(job_.main->text);
        }
        check_hooks_of_a_user();
        return std::move(remarks_);
    }

private:
    void say(Severity severity, std::string stanza, std::string message, std::string hint) {
        remarks_.push_back({severity, std::move(stanza), std::move(message), std::move(hint)});
    }
    void warn(std::string stanza, std::string message, std::string hint) {
        say(Severity::Warning, std::move(stanza), std::move(message), std::move(hint));
    }

    // `exec` becomes `sh -c "exec COMMAND"` as soon as there is something for a shell in it.
    void check_exec(const std::string& stanza, const std::string& text) {
        const std::vector<std::string_view> parts = words(text);
        if (parts.empty()) return;
        const std::string first(parts.front());
        const bool is_builtin =
            std::find(kBuiltins.begin(), kBuiltins.end(), first) != kBuiltins.end();
        if (is_builtin) {
            warn(stanza, "`" + first + "` is a word of the shell, and no program",
                 "write it into a `script`");
            return;
        }
        if (first.find('=') != std::string::npos) {
            warn(stanza, "`" + first + "` is taken for the name of a program",
                 "set it with `env " + first + "`");
            return;
        }
        for (const char* separator : {"; ", " && ", " || "}) {
            const std::size_t place = text.find(separator);
            const std::size_t quote = text.find_first_of("\"'");
            if (place == std::string::npos || quote < place) continue;
            warn(stanza, "what follows `" + std::string(trim(separator)) + "` never runs",
                 "write both commands into a `script`");
            return;
        }
    }

    void check_expect(const Process& main) {
        const std::string stanza = main.is_script ? "script" : "exec";
        const bool forks = job_.expect == Expect::Fork || job_.expect == Expect::Daemon;
        const std::string_view daemon = word_of(main.text, kDaemonWords);
        const std::string_view foreground = word_of(main.text, kForegroundWords);
        if (job_.expect == Expect::None && !daemon.empty()) {
            warn(stanza, "`" + std::string(daemon) + "` sends the program into the background",
                 "leave it out, or add `expect daemon`");
        }
        if (forks && !foreground.empty()) {
            warn("expect",
                 "`" + std::string(foreground) +
                     "` keeps the program in the foreground: it will "
                     "not fork",
                 "leave `expect` out");
        }
        if (job_.expect == Expect::None && last_line(main.text).ends_with('&') &&
            !last_line(main.text).ends_with("&&")) {
            warn(stanza, "the program goes into the background, and the job ends at once",
                 "leave the `&` out");
        }
    }

    // What was needed before there was `setuid`: signals go to the wrapper then.
    void check_wrapper(const Process& main) {
        constexpr auto kWrappers = std::to_array<std::string_view>({"su", "sudo", "runuser"});
        const std::vector<std::string_view> parts =
            words(main.is_script ? last_line(main.text) : std::string_view(main.text));
        std::size_t first = 0;
        while (first < parts.size() && parts[first] == "exec")
            ++first;
        if (first == parts.size()) return;
        const std::string_view program = parts[first].substr(parts[first].rfind('/') + 1);
        if (std::find(kWrappers.begin(), kWrappers.end(), program) == kWrappers.end()) return;
        say(Severity::Note, main.is_script ? "script" : "exec",
            "`" + std::string(program) + "` stays between the job and its program",
            "`setuid USER` starts the program itself as this user");
    }

    // Hooks run as the job's user, too.
    void check_hooks_of_a_user() {
        if (job_.setuid.empty() || job_.setuid == "root") return;
        const std::pair<const char*, const std::optional<Process>&> hooks[] = {
            {"pre-start", job_.pre_start}, {"post-stop", job_.post_stop}};
        for (const auto& [stanza, hook] : hooks) {
            if (!hook || !is_for_root(hook->text)) continue;
            warn(stanza, "this runs as " + job_.setuid + ", too, who may not do it",
                 "make the directory elsewhere: at boot, or by another job");
        }
    }

    static bool is_for_root(std::string_view text) {
        constexpr auto kPrograms =
            std::to_array<std::string_view>({"mkdir", "chown", "chgrp", "install"});
        for (const std::string_view line : split(text, '\n')) {
            const std::vector<std::string_view> parts = words(line);
            if (parts.empty()) continue;
            const bool is_meant =
                std::find(kPrograms.begin(), kPrograms.end(), parts[0]) != kPrograms.end();
            const bool owns = parts[0] == "chown" || parts[0] == "chgrp";
            const bool is_below_run = line.find(" /var/run/") != std::string_view::npos ||
                                      line.find(" /run/") != std::string_view::npos;
            if (is_meant && (owns || is_below_run)) return true;
        }
        return false;
    }

    // The shell is the main process then: it gets the signals, and does not pass them on.
    void check_shell_stays(const std::string& script) {
        if (job_.task || job_.expect != Expect::None) return;
        const std::string_view last = last_line(script);
        const bool is_end_of_block = last == "fi" || last == "done" || last == "esac" ||
                                     last == "}" || last.find("exec ") != std::string_view::npos ||
                                     last.find("<<") != std::string_view::npos;
        if (last.empty() || is_end_of_block || script.find("exec ") != std::string::npos) return;
        say(Severity::Note, "script", "the shell stays as the job's main process",
            "begin the last command with `exec`");
    }

    const JobClass& job_;
    std::vector<Remark> remarks_;
};

}  // namespace

std::vector<Remark> lint_processes(const JobClass& job) {
    return ProcessLinter(job).lint();
}

}  // namespace reeve::formats::upstart
