#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "api/request.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/log_directory.h"
#include "cli/log_follower.h"
#include "cli/log_list.h"
#include "cli/log_printer.h"
#include "cli/option_reader.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kLinesMax = 1'000'000;

struct PastLine {
    std::string time;
    std::size_t source;
    std::string line;
};

/// The last lines of all logs, in the order of their times. Lines without a time belong to the one
/// before them.
std::vector<PastLine> merge(const std::vector<Tail>& tails, std::size_t count) {
    std::vector<PastLine> lines;
    for (std::size_t source = 0; source < tails.size(); ++source) {
        std::string time;
        for (const std::string& line : tails[source].lines) {
            const LogLine parsed = parse_log_line(line);
            if (!parsed.time.empty()) time = parsed.time;
            lines.push_back({time, source, line});
        }
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const PastLine& a, const PastLine& b) { return a.time < b.time; });
    if (lines.size() > count) {
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(count));
    }
    return lines;
}

ExitCode follow(const Context& context, LogFollower& follower, LogPrinter& printer) {
    bool read_by_somebody = true;
    const auto on_line = [&](std::size_t source, std::string_view line) {
        read_by_somebody = read_by_somebody && printer.print_line(source, line);
    };
    // What came between the look at the end and the watch.
    follower.read(on_line);
    while (read_by_somebody) {
        pollfd waiting[2] = {{follower.fd(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
        if (::poll(waiting, 2, -1) < 0 && errno != EINTR) {
            print_error(context, system_error("wait for new lines").message);
            return ExitCode::Failed;
        }
        if ((waiting[1].revents & (POLLERR | POLLHUP)) != 0) break;
        follower.read(on_line);
    }
    return ExitCode::Done;
}

/// Asks the daemon which logs are meant; where none runs, the files' names tell.
ExitCode list_logs(const Context& context, const std::vector<spec::Target>& targets,
                   std::vector<LogOfInstance>& found) {
    const auto answer =
        context.client().send({"GET", query_path(context, "/v1/logs", targets), ""}, {}, nullptr);
    Result<std::vector<LogOfInstance>> list = Error{};
    if (answer && answer->status != 200) return print_refusal(context, *answer);
    if (answer) {
        list = parse_log_list(answer->body);
    } else if (is_no_daemon(answer.error())) {
        list = find_logs(context.paths.log_dir, targets);
    }
    if (!list) {
        print_no_answer(context, answer ? list.error() : answer.error());
        return answer ? ExitCode::Unreachable : exit_code(answer.error());
    }
    found = std::move(list).value();
    if (answer || !found.empty() || targets.empty()) return ExitCode::Done;
    print_error(context, "no log is named like that");
    return ExitCode::NoSuchTarget;
}

ExitCode show(const Context& context, const std::vector<LogOfInstance>& logs, std::size_t count,
              bool following) {
    std::set<std::string> apps;
    for (const LogOfInstance& log : logs)
        apps.insert(log.app);
    LogPrinter printer(context, LogPrinter::Times::WithDate);
    std::vector<Tail> tails;
    auto follower = LogFollower::create();
    if (!follower) {
        print_error(context, follower.error().message);
        return ExitCode::Failed;
    }
    ExitCode code = ExitCode::Done;
    for (const LogOfInstance& log : logs) {
        const std::size_t source = printer.add_source(
            log.app, log.instance, apps.size() > 1 ? log.app + "/" + log.instance : log.instance);
        auto tail = read_tail(log.path, count);
        if (!tail) {
            print_error(context, tail.error().message);
            code = tail.error().code == EACCES ? ExitCode::NotPermitted : ExitCode::Failed;
        }
        tails.push_back(tail ? std::move(tail).value() : Tail{});
        if (following) follower->add(log.path, source, tails.back().offset);
    }
    for (const PastLine& line : merge(tails, count)) {
        if (!printer.print_line(line.source, line.line)) return code;
    }
    return following ? follow(context, *follower, printer) : code;
}

}  // namespace

ExitCode logs(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    std::size_t count = 50;
    bool following = false;
    OptionReader options(command, context);
    options.add_words("TARGET", words, 0, api::kTargetsMax);
    options.add_flag("-f,--follow", "go on with what comes, until Ctrl-C", following);
    options.add_number("-n,--lines", "N", "how many lines of the past (50)", count, kLinesMax);
    if (const auto end = options.read(args)) return *end;
    const auto targets = parse_targets(words);
    if (!targets) {
        print_error(context, targets.error().message);
        return ExitCode::Usage;
    }
    std::vector<LogOfInstance> found;
    const ExitCode listed = list_logs(context, *targets, found);
    return listed == ExitCode::Done ? show(context, found, count, following) : listed;
}

}  // namespace reeve::cli
