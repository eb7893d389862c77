#include "formats/native/fields.h"

#include <algorithm>

namespace reeve::formats::native {
namespace {

// By struct, in the order of spec/json_fields.h.
constexpr Field kFields[] = {
    {"App", "name", "", "The app's name. Default: the directory's.", Effect::None},
    {"App", "format", kHidden, "", Effect::None},
    {"App", "source", kHidden, "", Effect::None},
    {"App", "directory", "", "Where the app's code is. Default: where this file is.", Effect::Roll},
    {"App", "environment", "", "Variables of every service.", Effect::Roll},
    {"App", "release_command", "release", "Run to its end before a new release starts.",
     Effect::None},
    {"App", "formation_fixed", "", "`reeve scale` is refused: the numbers stand here.",
     Effect::None},
    {"App", "change_log", "", "Where changes are told in Bluepill's words, too.", Effect::Live},
    {"App", "services", "", "The kinds of processes, by their names."},

    {"Service", "name", kHidden, ""},
    {"Service", "command", "", "What is executed.", Effect::Roll},
    {"Service", "working_dir", "", "Where it is started. Default: the app's `directory`.",
     Effect::Roll},
    {"Service", "environment", "", "Variables, on top of the app's.", Effect::Roll},
    {"Service", "credentials", kFlat, "", Effect::Roll},
    {"Service", "umask", "", "The file mode creation mask: `\"0022\"`.", Effect::Roll, As::Octal},
    {"Service", "nice", "", "From -20 (first) to 19 (last).", Effect::Roll},
    {"Service", "oom_score_adjust", "", "From -1000 (never killed) to 1000 (killed first).",
     Effect::Roll},
    {"Service", "limits", "",
     "Limits of setrlimit(2): `{ nofile = 4096, core = \"unlimited\", cpu = [60, 90] }`.",
     Effect::Roll},
    {"Service", "instances", "", "How many there are, until `reeve scale` says otherwise.",
     Effect::Live},
    {"Service", "wants_port", "port", "Each instance gets a port of its own in `$PORT`.",
     Effect::Roll},
    {"Service", "auto_start", "", "Started when the app is loaded, and after a reboot.",
     Effect::Live},
    {"Service", "hooks", kFlat, "", Effect::Roll},
    {"Service", "readiness", "ready", "When a started instance counts as ready.", Effect::Roll},
    {"Service", "stop", "", "How it is stopped: `\"TERM 30s\"`, a list of such steps, or a table.",
     Effect::Live},
    {"Service", "restart", "", "What happens after it has ended by itself.", Effect::Live},
    {"Service", "rollout", "", "How a restart goes through the instances.", Effect::Live},
    {"Service", "spawn_timeout_ns", "", "Longest time between clone and exec.", Effect::Live},
    {"Service", "job", "", "Set: events start and stop it, as Upstart's do.", Effect::Roll},
    {"Service", "group_limits", "resources", "What all processes of an instance may use together.",
     Effect::Roll},
    {"Service", "checks", "",
     "What is looked at while it runs, and what follows. Another `watchdog` time: `roll`.",
     Effect::Live},
    {"Service", "needs", "",
     "What must be ready before it starts: `[\"db\", \"APP/db\"]`, all of an app `[\"APP/\"]`, or "
     "tables.",
     Effect::Live},
    {"Service", "listing", "", "Where Bluepill shows it.", Effect::Live},
    {"Service", "sets_pwd", "", "`$PWD` is set to the working directory.", Effect::Roll},
    {"Service", "chroot", "", "The directory that becomes its root.", Effect::Roll},
    {"Service", "environment_base", "", "What its environment starts with.", Effect::Roll},
    {"Service", "ignores_hangup", "", "SIGHUP is ignored from its start on.", Effect::Roll},
    {"Service", "stdio", "", "Where input, output and errors go.", Effect::Roll},
    {"Service", "log", "", "How its log is written.", Effect::Roll},
    {"Service", "tracking", "", "How its main process is found.", Effect::Roll},
    {"Service", "monitor_children", "",
     "Of a converted pill: its children are watched by its `ruby checks`.", Effect::Roll},
    {"Service", "restart_command", "", "Run for a restart, in the place of stop and start.",
     Effect::Live},
    {"Service", "reload_signal", "", "Sent by `reload` of Upstart and Bluepill.", Effect::Live,
     As::Signal},
    {"Service", "on_change", "", "When a changed configuration is taken up.", Effect::Live},
    {"Service", "on_remove", "", "What becomes of what runs when it is no longer configured.",
     Effect::Live},

    {"Credentials", "user", "", "Who it runs as. Default: the owner of the app's directory."},
    {"Credentials", "group", "", "Default: the user's."},
    {"Credentials", "supplementary_groups", "groups", "Besides `group`."},

    {"Hooks", "pre_start", "", "Run to its end before the command is started."},
    {"Hooks", "post_start", "", "Run when it is ready."},
    {"Hooks", "pre_stop", "", "Run before it is stopped."},
    {"Hooks", "post_stop", "", "Run when it is gone."},
    {"Hook", "command", "", "What is executed. A hook may be given as its command alone."},
    {"Hook", "timeout_ns", "", "Then the hook is killed; `0`: no limit."},
    {"Hook", "on_failure", "", "What it means when the hook fails."},

    {"DirectCommand", "argv", "", "The program and its arguments."},
    {"ShellCommand", "text", "", "What the shell is handed."},
    {"ShellCommand", "shell", "", "Which shell."},

    {"ReadyOnPort", "timeout_ns", "", "How long it may take."},
    {"ReadyOnPort", "afterwards", "", "What becomes of it when it took longer."},
    {"ReadyAfter", "uptime_ns", "", "How long it must have lived."},

    {"ReadyOnNotify", "timeout_ns", "", "How long it may take."},
    {"ReadyOnNotify", "afterwards", "", "What becomes of it when it took longer."},
    {"ReadyOnFd", "fd", "", "The descriptor that it writes a line to."},
    {"ReadyOnFd", "timeout_ns", "", "How long it may take."},
    {"ReadyOnFd", "afterwards", "", "What becomes of it when it took longer."},

    {"GroupLimits", "memory_max_bytes", "", "More than this: the kernel kills."},
    {"GroupLimits", "memory_high_bytes", "", "More than this: it is slowed down."},
    {"GroupLimits", "memory_low_bytes", "", "This much is left to it when memory is short."},
    {"GroupLimits", "swap_max_bytes", "", "Most swap."},
    {"GroupLimits", "cpu_percent_hundredths", "cpu_max", "Most CPU time: \"100%\" is one CPU.",
     Effect::AsParent, As::Percent},
    {"GroupLimits", "cpu_weight", "", "Its share where CPUs are short: 1 to 10000, usually 100."},
    {"GroupLimits", "processes_max", "", "Most processes and threads."},
    {"Need", "app", "", "Of which app. Default: its own."},
    {"Need", "service", "", "Which service of it."},

    {"Check", "name", "", "How messages call it."},
    {"Check", "role", "", "What the check decides."},
    {"Check", "probe", "", "What is looked at."},
    {"Check", "every_ns", "", "How often."},
    {"Check", "timeout_ns", "", "How long one look may take."},
    {"Check", "initial_delay_ns", "", "The first look comes so long after the start."},
    {"Check", "times", "", "When it fires: so many failures of the last so many looks."},
    {"Check", "steps", "", "What is done when it fires, the further the more often it fired."},
    {"Check", "warn_only", "", "It is said, and nothing is done."},
    {"CheckTimes", "failures", "", "So many failures"},
    {"CheckTimes", "of", "", "of the last so many looks."},
    {"CheckStep", "action", "", "What is done."},
    {"CheckStep", "from_firing", "", "From the firing of this number on."},
    {"CpuProbe", "below_percent_hundredths", "below", "Good below this: \"100%\" is one CPU.",
     Effect::AsParent, As::Percent},
    {"CpuProbe", "measure", "", "Over which time."},
    {"CpuProbe", "of", "", "Of which processes."},
    {"MemoryProbe", "below_bytes", "", "Good below this."},
    {"MemoryProbe", "of", "", "Of which processes."},
    {"RunningTimeProbe", "below_ns", "", "Good until it has lived this long."},
    {"FileAgeProbe", "path", "", "The file."},
    {"FileAgeProbe", "below_ns", "", "Good while it was changed within this time."},
    {"HttpHeader", "name", "", "Of a header."},
    {"HttpHeader", "value", "", "Of a header."},
    {"HttpStatusRange", "first", "", "The first good status."},
    {"HttpStatusRange", "last", "", "The last good status."},
    {"BodyContains", "text", "", "That must stand in the answer."},
    {"BodyMatches", "pattern", "", "A regular expression that the answer must match."},
    {"BodyMatches", "ignore_case", "", "Capitals do not matter."},
    {"HttpProbe", "scheme", "", "How it is asked."},
    {"HttpProbe", "host", "", "Whom. Default: this machine."},
    {"HttpProbe", "port", "", "Where. Default: the instance's port."},
    {"HttpProbe", "path", "", "What is asked for."},
    {"HttpProbe", "headers", "", "Sent with it."},
    {"HttpProbe", "expected", "", "Which answers are good. Default: 200 to 299."},
    {"HttpProbe", "body", "", "What the answer must hold."},
    {"HttpProbe", "redirects_max", "", "How many redirections are followed."},
    {"TcpProbe", "host", "", "Default: this machine."},
    {"TcpProbe", "port", "", "Default: the instance's port."},
    {"UnixProbe", "path", "", "Of the socket."},
    {"ListeningProbe", "port", "", "Default: the instance's port."},
    {"ListeningProbe", "beyond_loopback", "", "It must be reachable from other machines, too."},
    {"ExecProbe", "command", "", "Good when it ends with 0."},
    {"UptimeProbe", "at_least_ns", "", "Good once it has lived this long."},
    {"WatchdogProbe", "within_ns", "", "It must say `WATCHDOG=1` again within this time."},
    {"CustomProbe", "evaluator", "", "The program that decides."},
    {"CustomProbe", "definition", "", "What it is handed."},
    {"CustomProbe", "of", "", "Of which processes."},
    {"CheckSignal", "signal", "", "Which signal is sent.", Effect::AsParent, As::Signal},
    {"CheckExec", "command", "", "What is executed."},

    {"JobSpec", "start_on", "", "Which events start it, in postfix order."},
    {"JobSpec", "stop_on", "", "Which events stop it, in postfix order."},
    {"JobSpec", "instance", "", "Expanded with the environment of a start: the instance's name."},
    {"JobSpec", "inherited", "", "Variables of reeve's own environment that it wants."},
    {"JobSpec", "exports", "", "Its variables that its own events carry."},
    {"JobSpec", "emits", "", "Events that it emits."},
    {"JobSpec", "task", "", "It is to end; who starts it waits for that."},
    {"JobSpec", "has_main", "", "Without, it is a state with hooks, and `command` is not used."},
    {"JobSpec", "manual", "", "Never started by events."},
    {"JobSpec", "usage", "", "Shown when a start lacks a variable."},
    {"JobSpec", "description", "", "For people."},
    {"JobSpec", "author", "", "For people."},
    {"JobSpec", "version", "", "For people."},
    {"EventExpr", "nodes", "", "Events and operators; operands before their operator."},
    {"EventMatch", "name", "", "Of the event."},
    {"EventMatch", "arguments", "", "What its variables must be."},
    {"EventArgument", "key", "", "Of the variable. Default: the one at this place."},
    {"EventArgument", "pattern", "", "What it must be."},
    {"EventArgument", "negated", "", "What it must not be."},

    {"TrackForks", "foreground_after_ns", "",
     "Without a fork until then it stays the main process."},
    {"TrackForks", "pid_file", "", "Where it writes its pid."},
    {"TrackPidFile", "path", "", "Where the pid is."},
    {"TrackPidFile", "writer", "", "Who writes it."},
    {"TrackPidFile", "pid_command", "", "Prints the pid; asked instead of the file."},
    {"TrackPidFile", "look_again", "", "The file is read again when the process has gone."},
    {"TrackPidFile", "start_grace_ns", "", "How long the file may take."},
    {"PathFile", "path", "", "Of the file."},
    {"StdioSpec", "input", "", "Standard input."},
    {"StdioSpec", "output", "", "Standard output."},
    {"StdioSpec", "error", "", "Standard error."},
    {"LogSpec", "path", "", "Where the log is."},
    {"LogSpec", "timestamps", "", "Each line begins with its time."},
    {"LogSpec", "rotate", "", "reeve sets a log aside that has grown large."},
    {"RestartCommand", "command", "", "What is executed."},
    {"RestartCommand", "timeout_ns", "", "How long it may take."},
    {"ChildrenSpec", "stop", "", "How a child is stopped."},
    {"ChildrenSpec", "checks", "", "What is looked at of each child."},
    {"Listing", "group", "", "Its group."},
    {"Listing", "position", "", "Its place."},
    {"Listing", "waits", "", "Which commands to its group wait for it."},
    {"GroupTurns", "start", "", "The next one is started when this one is up."},
    {"GroupTurns", "stop", "", "The next one is stopped when this one has ended."},
    {"GroupTurns", "restart", "", "The next one is restarted when this one is up again."},
    {"ChangeLog", "path", "", "The file. Empty: syslog."},

    {"StopSpec", "steps", "", "The signals, each with the time to wait for the end after it."},
    {"StopSpec", "scope", "", "Which processes get the signals. SIGKILL, at the end, goes to all."},
    {"StopSpec", "command", "", "Run before the first signal."},
    {"StopSpec", "command_timeout_ns", "", "How long that command may take."},
    {"StopSpec", "leftovers_wait_ns", "",
     "Patience with processes that the main process has left behind."},
    {"StopStep", "signal", "", "`TERM`, `SIGTERM`, `RTMIN+3` or a number.", Effect::AsParent,
     As::Signal},
    {"StopStep", "wait_ns", "", "How long to wait for the end."},

    {"ResourceLimit", "resource", "", ""},
    {"ResourceLimit", "soft", "", "", Effect::AsParent, As::Size},
    {"ResourceLimit", "hard", "", "", Effect::AsParent, As::Size},

    {"RolloutSpec", "order", "", "Which goes first: the stop of the old or the start of the new."},
    {"RolloutSpec", "max_unavailable", "", "Instances replaced at the same time."},
    {"RolloutSpec", "drain_ns", "", "Pause between ready and the stop of the old one."},
    {"RolloutSpec", "proxy_wait_ns", "",
     "How long reeve's nginx may take to let go of what was replaced or taken away."},
    {"RolloutSpec", "retire_wait_ns", "",
     "How long that may go on after its first stop signal, before it is stopped as any other."},

    {"AutoRestart", "good_service_ns", "", "Alive this long: the next restart is at once."},
    {"AutoRestart", "first_pause_ns", "", "Before the first restart after a bad end."},
    {"AutoRestart", "pause_unit_ns", "", "The next pauses are this, doubled each time."},
    {"AutoRestart", "jitter_percent", "", "By how much pauses are varied."},
    {"AutoRestart", "cap_unstable_ns", "",
     "Longest pause when it was never ready or lived briefly."},
    {"AutoRestart", "cap_after_service_ns", "", "Longest pause after good service."},
    {"AutoRestart", "forget_after_ns", "", "Ready this long: all is forgotten."},
    {"AutoRestart", "crash_loop_ends", "", "So many bad ends are shown as a crash loop,"},
    {"AutoRestart", "crash_loop_within_ns", "", "when they fall into this time."},
    {"AutoRestart", "restart_after_success", "", "Also after exit code 0: yes for services."},
    {"AutoRestart", "no_restart_codes", "", "Exit codes after which it is left failed."},

    {"DockerRestart", "mode", "", "Docker's restart policy."},
    {"DockerRestart", "retries_max", "", "Of `on-failure`; 0: without limit."},
    {"DockerRestart", "first_pause_ns", "", "It doubles each time."},
    {"DockerRestart", "cap_ns", "", "Longest pause."},
    {"DockerRestart", "reset_after_ns", "", "A run this long brings the pause back to the first."},
    {"DockerRestart", "forget_after_ns", "", "Ready this long: the count is forgotten, too."},

    {"UpstartRestart", "respawn", "", "Whether it is restarted at all."},
    {"UpstartRestart", "task", "", "It is to end: code 0 is no reason for a restart."},
    {"UpstartRestart", "limit", "", "So many restarts"},
    {"UpstartRestart", "interval_ns", "", "within this time; 0 in either: without limit."},
    {"UpstartRestart", "normal_codes", "", "Exit codes that are no failure."},
    {"UpstartRestart", "normal_signals", "", "Signals that are no failure.", Effect::AsParent,
     As::Signal},

    {"SystemdRestart", "mode", "", "`Restart=`"},
    {"SystemdRestart", "pause_ns", "", "`RestartSec=`"},
    {"SystemdRestart", "start_limit_burst", "", "`StartLimitBurst=`; 0: without limit."},
    {"SystemdRestart", "start_limit_interval_ns", "", "`StartLimitIntervalSec=`"},
    {"SystemdRestart", "steps", "", "`RestartSteps=`; 0: the pause does not grow."},
    {"SystemdRestart", "pause_max_ns", "", "`RestartMaxDelaySec=`"},

    {"SupervisordRestart", "mode", "", "`autorestart`"},
    {"SupervisordRestart", "start_seconds_ns", "", "`startsecs`"},
    {"SupervisordRestart", "retries_max", "", "`startretries`"},
    {"SupervisordRestart", "expected_codes", "", "`exitcodes`"},
    {"SupervisordRestart", "pause_ns", "", "Before a restart after a run that had started."},

    {"BluepillRestart", "tick_ns", "", "How often Bluepill looked at its processes."},
    {"BluepillRestart", "start_grace_ns", "", "`start_grace_time`"},
    {"BluepillRestart", "flapping", "", "The trigger `:flapping`."},
    {"Configuration", "allow", "", "Who may do what, besides root."},
    {"Configuration", "bluepill_pid_files", "",
     "Whether `pids/APP.pid` below Bluepill's base directory names reeve's daemon, for scripts "
     "that look there. One that kills it ends the daemon of every app. Counts from the next load "
     "on."},
    {"AccessRule", "role", "", "What they may do; each role includes those before it."},
    {"AccessRule", "users", "", "Who: users by name or number."},
    {"AccessRule", "groups", "", "Who: groups by name or number."},
    {"AccessRule", "apps", "", "To which apps: names or patterns."},

    {"Flapping", "times", "", "So many starts"},
    {"Flapping", "within_ns", "", "within this time,"},
    {"Flapping", "retry_in_ns", "", "then this pause; 0: never again."},
};

struct WordText {
    std::string_view type;
    std::string_view word;
    std::string_view text;
};

constexpr WordText kWordTexts[] = {
    {"AccessRule", "", "allow"},
    {"CheckStep", "", "checks.steps"},
    {"Role", "view", "look"},
    {"Role", "operate", "start, stop, restart, scale, signal"},
    {"Role", "deploy", "load and unload"},
    {"Role", "admin", "reeve itself, and apps that run as other users"},
    {"Shell", "bash", "`bash -c`, or `sh -c` where there is no bash"},
    {"Shell", "sh-errexit", "`sh -e -c`"},
    {"Shell", "sh", "`sh -c`"},
    {"Shell", "sh-errexit-file", "`sh -e FILE`, for a long script"},
    {"PidFileWriter", "program", "the command, which turns itself into a daemon"},
    {"PidFileWriter", "reeve", "reeve, for a command that stays"},
    {"EnvironmentBase", "login", "PATH, HOME, USER … and reeve's own names"},
    {"EnvironmentBase", "home", "HOME, where a user is named"},
    {"EnvironmentBase", "nothing", "nothing"},
    {"ReadyOnNotify", "notify", "Ready when it says `READY=1` (sd_notify(3))."},
    {"ReadyOnFd", "fd", "Ready when it writes a line to that descriptor (s6)."},
    {"CpuProbe", "cpu", "CPU time."},
    {"MemoryProbe", "memory", "Resident memory."},
    {"RunningTimeProbe", "running-time", "How long it has lived."},
    {"FileAgeProbe", "file-age", "When a file was last changed."},
    {"HttpProbe", "http", "An answer over HTTP."},
    {"TcpProbe", "tcp", "A port that accepts connections."},
    {"UnixProbe", "unix", "A unix socket that accepts connections."},
    {"ListeningProbe", "listening", "A port on which a process of the run listens."},
    {"ExecProbe", "exec", "A command that ends with 0."},
    {"ZombieProbe", "zombie", "It is no zombie."},
    {"UptimeProbe", "uptime", "It has lived for a while."},
    {"WatchdogProbe", "watchdog", "It reports `WATCHDOG=1` in time (sd_notify(3))."},
    {"AlwaysTrueProbe", "always-true", "Always good."},
    {"CustomProbe", "custom", "What a program of its own says (Bluepill's conditions)."},
    {"CheckNotify", "notify", "An operator is told."},
    {"CheckRestart", "restart", "It is restarted."},
    {"CheckStop", "stop", "It is stopped."},
    {"CheckStart", "start", "It is started."},
    {"CheckSignal", "signal", "A signal is sent."},
    {"CheckUnmonitor", "unmonitor", "It is left alone from then on."},
    {"CheckExec", "exec", "A command is executed."},
    {"TrackForeground", "foreground", "The process that the command becomes."},
    {"TrackForks", "forks", "What the command leaves behind when it has forked away and ended."},
    {"TrackStops", "stops", "The command's own process, ready when it stops itself by SIGSTOP."},
    {"TrackPidFile", "pid-file", "The one that a file names."},
    {"SignalScope", "all", "every process of the run"},
    {"SignalScope", "main", "the main process only"},
    {"SignalScope", "group", "the main process's process group"},
    {"HookFailure", "ignore", "nothing"},
    {"HookFailure", "fail-start", "the start has failed (`pre_start` only)"},
    {"NotReady", "proceed", "it counts as ready, and the reason says so"},
    {"NotReady", "fail", "it is stopped, as a failed start"},
    {"ReplaceOrder", "stop-first", "the old one has gone before the new one starts"},
    {"ReplaceOrder", "start-first", "the new one is ready before the old one is stopped"},
    {"ReadyOnSpawn", "spawn", "Ready as soon as the program was executed."},
    {"ReadyOnPort", "port", "Ready when something accepts connections on `$PORT`."},
    {"ReadyAfter", "uptime", "Ready when it has lived for a while."},
    {"AutoRestart", "auto",
     "reeve's own rule: at once after good service, else with growing pauses; never dead for "
     "good."},
    {"DockerRestart", "docker",
     "Docker's: `\"no\"`, `\"always\"`, `\"unless-stopped\"`, `\"on-failure:10\"` say it in a "
     "word."},
    {"NoRestart", "none", "Never: for tasks that run once."},
    {"UpstartRestart", "upstart", "Upstart's `respawn`."},
    {"SystemdRestart", "systemd", "systemd's `Restart=`."},
    {"SupervisordRestart", "supervisord", "supervisord's `autorestart`."},
    {"BluepillRestart", "bluepill", "Bluepill's."},
};

std::string_view without_suffix(std::string_view text, std::string_view suffix) {
    return text.ends_with(suffix) ? text.substr(0, text.size() - suffix.size()) : text;
}

}  // namespace

std::string_view to_text(Effect effect) {
    switch (effect) {
        case Effect::AsParent:
            return "";
        case Effect::None:
            return "none";
        case Effect::Live:
            return "live";
        case Effect::Roll:
            return "roll";
        case Effect::Restart:
            return "restart";
    }
    return "";
}

std::span<const Field> all_fields() {
    return kFields;
}

Field find_field(std::string_view type, std::string_view member) {
    const auto found = std::find_if(std::begin(kFields), std::end(kFields), [&](const Field& row) {
        return row.type == type && row.member == member;
    });
    Field field = found == std::end(kFields) ? Field{type, member, "", ""} : *found;
    if (member.ends_with("_bytes")) field.as = As::Size;
    if (field.key.empty()) {
        field.key = without_suffix(without_suffix(member, "_ns"), "_bytes");
    }
    return field;
}

std::string key_of(std::string_view type, std::string_view member) {
    const std::string_view key = find_field(type, member).key;
    return std::string(key == kFlat || key == kHidden ? member : key);
}

std::string_view find_word_text(std::string_view type, std::string_view word) {
    for (const WordText& row : kWordTexts) {
        if (row.type == type && row.word == word) return row.text;
    }
    return "";
}

}  // namespace reeve::formats::native
