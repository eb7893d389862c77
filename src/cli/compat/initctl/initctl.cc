#include "cli/compat/initctl/initctl.h"

#include <algorithm>
#include <array>

#include "cli/compat/initctl/session.h"

namespace reeve::cli::initctl {
namespace {

enum class Group { Job, Event, Environment, Other };

struct Row {
    std::string_view name;
    Group group;
    std::string_view arguments;
    std::string_view summary;
    int (*run)(Session& session);
    std::span<const Option> options;
};

constexpr Option kNoWait[] = {
    {'n', "no-wait", false, "do not wait for operation to complete before exiting"}};
constexpr Option kShow[] = {
    {'e', "enumerate", false, "enumerate list of events and jobs causing job to start/stop"}};
constexpr Option kCheck[] = {
    {'i', "ignore-events", true, "ignore specified list of events (comma-separated)"},
    {'w', "warn", false, "generate warning for any unreachable events/jobs"}};
constexpr Option kGlobalScope[] = {{'g', "global", false, "apply to global job environment"}};
constexpr Option kSet[] = {
    {'g', "global", false, "apply to global job environment"},
    {'r', "retain", false, "do not replace the value of the variable if already set"}};

constexpr std::string_view kJob = "JOB [KEY=VALUE]...";

constexpr auto kCommands = std::to_array<Row>({
    {"start", Group::Job, kJob, "Start job.", start_command, kNoWait},
    {"stop", Group::Job, kJob, "Stop job.", stop_command, kNoWait},
    {"restart", Group::Job, kJob, "Restart job.", restart_command, kNoWait},
    {"reload",
     Group::Job,
     kJob,
     "Send HUP signal to process associated with job.",
     reload_command,
     {}},
    {"status", Group::Job, kJob, "Query status of job.", status_command, {}},
    {"list", Group::Job, "", "List known jobs.", list_command, {}},
    {"usage", Group::Job, "JOB", "Show job usage message if available.", usage_command, {}},
    {"check-config", Group::Job, "[CONF]", "Check for unreachable jobs/event conditions.",
     check_config_command, kCheck},
    {"show-config", Group::Job, "[CONF]",
     "Show emits, start on and stop on details for job configurations.", show_config_command,
     kShow},
    {"emit", Group::Event, "EVENT [KEY=VALUE]...", "Emit an event.", emit_command, kNoWait},
    {"get-env", Group::Environment, "VARIABLE", "Retrieve value of a job environment variable.",
     get_env_command, kGlobalScope},
    {"set-env", Group::Environment, "VARIABLE[=VALUE]", "Set a variable in the job environment.",
     set_env_command, kSet},
    {"unset-env", Group::Environment, "VARIABLE", "Remove a variable from the job environment.",
     unset_env_command, kGlobalScope},
    {"list-env", Group::Environment, "", "Show all variables in the job environment.",
     list_env_command, kGlobalScope},
    {"reset-env", Group::Environment, "", "Revert all job environment variable changes.",
     reset_env_command, kGlobalScope},
    {"reload-configuration",
     Group::Other,
     "",
     "Reload the configuration of the init daemon.",
     reload_configuration_command,
     {}},
    {"version", Group::Other, "", "Request the version of the init daemon.", version_command, {}},
    {"log-priority",
     Group::Other,
     "[PRIORITY]",
     "Change the minimum priority of log messages.",
     log_priority_command,
     {}},
    {"list-sessions", Group::Other, "", "List all sessions.", list_sessions_command, {}},
    {"notify-disk-writeable",
     Group::Other,
     "",
     "Inform init that disk is now writeable.",
     notify_command,
     {}},
    {"notify-dbus-address",
     Group::Other,
     "ADDRESS",
     "Inform init of the address of a bus.",
     notify_command,
     {}},
    {"notify-cgroup-manager-address",
     Group::Other,
     "ADDRESS",
     "Inform init of the address of a cgroup manager.",
     notify_command,
     {}},
    {"help", Group::Other, "", "Display list of commands.", nullptr, {}},
});

const Row* find_command(std::string_view name) {
    const auto* found = std::find_if(kCommands.begin(), kCommands.end(),
                                     [name](const Row& row) { return row.name == name; });
    return found == kCommands.end() ? nullptr : found;
}

std::string padded(std::string_view text) {
    constexpr std::size_t kColumn = 28;
    std::string cell = "  " + std::string(text);
    cell.resize(std::max(kColumn, cell.size() + 2), ' ');
    return cell;
}

std::string options_help(std::span<const Option> options) {
    std::string text = "\nOptions:\n";
    for (const std::span<const Option> list : {options, global_options()}) {
        for (const Option& option : list) {
            const std::string letter = option.letter ? std::string("-") + option.letter + ", " : "";
            text +=
                padded(letter + "--" + std::string(option.name)) + std::string(option.help) + '\n';
        }
    }
    return text;
}

std::string command_help(const std::string& program, const Row& row) {
    const std::string name = program == row.name ? program : program + ' ' + std::string(row.name);
    return "Usage: " + name + " [OPTION]... " + std::string(row.arguments) + "\n" +
           std::string(row.summary) + "\n" + options_help(row.options);
}

std::string commands_help() {
    std::string text;
    for (const auto& [group, title] : {std::pair(Group::Job, "Job"),
                                       {Group::Event, "Event"},
                                       {Group::Environment, "Environment"},
                                       {Group::Other, "Other"}}) {
        text += std::string(text.empty() ? "" : "\n") + title + " commands:\n";
        for (const Row& row : kCommands) {
            if (row.group == group) text += padded(row.name) + std::string(row.summary) + '\n';
        }
    }
    return text + "\nFor more information on a command, try `initctl COMMAND --help'.\n";
}

// The words before the command may be options of all commands; the command's own need its row.
const Row* command_of(const std::vector<std::string>& args, std::size_t& place) {
    for (place = 0; place < args.size(); ++place) {
        if (args[place] == "--dest") {
            ++place;
        } else if (!args[place].starts_with('-')) {
            return find_command(args[place]);
        }
    }
    return nullptr;
}

void choose_daemon(Session& session) {
    const bool wants_system = session.arguments.has("system");
    os::Paths& paths = session.context.paths;
    if (!wants_system || !paths.user_mode || !paths.root.empty()) return;
    paths = os::Paths::of_system();
}

int version_of_program(const Session& session) {
    print(session.program + " (upstart 1.13.2)\nreeve " REEVE_VERSION " in Upstart's place\n");
    return kDone;
}

int run_row(Session& session, const Row& row, const std::vector<std::string>& args) {
    auto read = read_arguments(args, row.options);
    if (!read) return fail_usage(session, read.error().message);
    session.arguments = std::move(*read);
    session.command = row.name;
    if (session.arguments.has("version")) return version_of_program(session);
    if (session.arguments.has("help")) {
        print(command_help(session.program, row));
        return kDone;
    }
    if (row.run == nullptr) {
        print(commands_help());
        return kDone;
    }
    choose_daemon(session);
    return row.run(session);
}

}  // namespace

int run(std::string_view name, const std::vector<std::string>& args) {
    Session session;
    session.program = name;
    session.context = make_context(args);
    session.context.command_line = session.program;
    for (const std::string& arg : args)
        session.context.command_line += ' ' + arg;
    if (const Row* own = find_command(name)) return run_row(session, *own, args);
    std::size_t place = 0;
    if (const Row* row = command_of(args, place)) {
        std::vector<std::string> rest = args;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(place));
        return run_row(session, *row, rest);
    }
    if (place < args.size()) {
        return fail_usage(session, "invalid command: " + args[place]);
    }
    const auto read = read_arguments(args, {});
    if (!read) return fail_usage(session, read.error().message);
    if (read->has("version")) return version_of_program(session);
    if (read->has("help")) {
        print("Usage: initctl [OPTION]... COMMAND [OPTION]... ARGS\n" + options_help({}) + "\n" +
              commands_help());
        return kDone;
    }
    return fail_usage(session, "missing command");
}

}  // namespace reeve::cli::initctl
