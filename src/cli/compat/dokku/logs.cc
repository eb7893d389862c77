#include "cli/compat/dokku/logs.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/compat/dokku/groups.h"
#include "cli/log_follower.h"
#include "cli/log_tail.h"

// `logs`: what the instances of an app have written. Source: dokku plugins/logs.
namespace reeve::cli::compat::dokku {
namespace logs_group {

constexpr std::int64_t kLinesDefault = 100;
constexpr std::int64_t kLinesMax = 1'000'000;
/// The colours of instances, one after the other.
constexpr int kColors[] = {36, 33, 32, 35, 31};

struct PastLine {
    std::string time;
    std::size_t source = 0;
    std::string line;
};

class Printer {
public:
    Printer(const std::vector<InstanceState>& instances, bool raw, bool colored)
        : instances_(instances), raw_(raw), colored_(colored) {}

    /// False: nobody reads it any more.
    bool print_line(std::size_t source, std::string_view line) const {
        const LogLine parsed = parse_log_line(line);
        if (raw_) return print(std::string(parsed.text) + "\n");
        const std::string label =
            std::string(parsed.time) + " app[" + instances_[source].name + "]:";
        const std::string color = std::to_string(kColors[source % std::size(kColors)]);
        const std::string head = colored_ ? "\x1b[" + color + "m" + label + "\x1b[0m" : label;
        return print(head + " " + std::string(parsed.text) + "\n");
    }

private:
    const std::vector<InstanceState>& instances_;
    bool raw_;
    bool colored_;
};

int follow(const Session& session, LogFollower& follower, const Printer& printer) {
    bool read_by_somebody = true;
    const auto on_line = [&](std::size_t source, std::string_view line) {
        read_by_somebody = read_by_somebody && printer.print_line(source, line);
    };
    follower.read(on_line);
    while (read_by_somebody) {
        pollfd waiting[2] = {{follower.fd(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
        if (::poll(waiting, 2, -1) < 0 && errno != EINTR) {
            return fail(session, system_error("wait for new lines"));
        }
        if ((waiting[1].revents & (POLLERR | POLLHUP)) != 0) break;
        follower.read(on_line);
    }
    return kOk;
}

/// The last lines of all of them in the order of their times; one without a time belongs to the
/// one before it.
void take_past(const Tail& tail, std::size_t source, std::vector<PastLine>& past) {
    std::string time;
    for (const std::string& line : tail.lines) {
        const LogLine parsed = parse_log_line(line);
        if (!parsed.time.empty()) time = parsed.time;
        past.push_back({time, source, line});
    }
}

int show(const Session& session, const std::vector<InstanceState>& instances, std::size_t count,
         const Printer& printer, bool following) {
    auto follower = LogFollower::create();
    if (!follower) return fail(session, follower.error());
    std::vector<PastLine> past;
    int code = kOk;
    for (std::size_t source = 0; source < instances.size(); ++source) {
        const auto tail = read_tail(instances[source].log, count);
        if (!tail) code = fail(session, tail.error());
        if (tail) take_past(*tail, source, past);
        if (following) follower->add(instances[source].log, source, tail ? tail->offset : 0);
    }
    std::stable_sort(past.begin(), past.end(),
                     [](const PastLine& a, const PastLine& b) { return a.time < b.time; });
    const std::size_t first = past.size() > count ? past.size() - count : 0;
    for (std::size_t i = first; i < past.size(); ++i) {
        if (!printer.print_line(past[i].source, past[i].line)) return code;
    }
    return following ? follow(session, *follower, printer) : code;
}

int logs(Session& session, const Words& words) {
    const auto parsed = parse_flags(log_flags({"-p", "--ps"}), words);
    if (!parsed) return warn(parsed.error().message), kUsage;
    int code = kOk;
    Words rest = parsed->words;
    const auto app = take_app(session, rest, code);
    if (!app) return code;
    const std::string process = parsed->text(parsed->has("-p") ? "-p" : "--ps").value_or("");
    const auto state = fetch_app_state(session, *app);
    if (!state) return fail(session, state.error());
    if (!state->deployed) return fail("App " + *app + " has not been deployed");
    std::vector<InstanceState> instances = state->instances;
    std::erase_if(instances, [&](const InstanceState& one) {
        return !process.empty() && one.service != process && one.name != process;
    });
    if (instances.empty() && !process.empty()) {
        return fail("No containers found for type '" + process + "'");
    }
    return show_logs(session, *parsed, std::move(instances));
}

constexpr DokkuCommand kCommands[] = {
    {"logs", "[-h] [-t] [-n num] [-q] [-p process] <app>", "Display log output for an app", logs},
};

}  // namespace logs_group

FlagSet log_flags(const std::vector<std::string>& more_texts) {
    FlagSet set{{"-t", "--tail", "-q", "--quiet"}, {"-n", "--num"}, true};
    set.texts.insert(set.texts.end(), more_texts.begin(), more_texts.end());
    return set;
}

int show_logs(Session& session, const ParsedFlags& flags, std::vector<InstanceState> instances) {
    const std::string typed = flags.text(flags.has("-n") ? "-n" : "--num").value_or("");
    const auto count =
        typed.empty() ? Result<std::int64_t>(logs_group::kLinesDefault) : parse_integer(typed);
    if (!count || *count < 0 || *count > logs_group::kLinesMax) {
        return fail("Invalid value specified for -n, must be a number of lines");
    }
    std::erase_if(instances, [](const InstanceState& one) { return one.log.empty(); });
    const bool raw = session.quiet || flags.has("-q") || flags.has("--quiet");
    const logs_group::Printer printer(instances, raw, session.context.out.color);
    return logs_group::show(session, instances, static_cast<std::size_t>(*count), printer,
                            flags.has("-t") || flags.has("--tail"));
}

const Group kLogs{"logs", "Manage log integration for an app", logs_group::kCommands, false};

}  // namespace reeve::cli::compat::dokku
