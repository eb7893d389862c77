#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "api/request.h"
#include "cli/ask.h"
#include "cli/commands.h"
#include "cli/option_reader.h"

namespace reeve::cli {
namespace {

constexpr std::size_t kEventsMax = 10'000;
/// How many events of the past are looked through after the daemon was replaced.
constexpr std::size_t kCaughtUpMax = 1000;

/// Prints events as they come; knows the last one, so that none is shown twice.
class EventPrinter {
public:
    explicit EventPrinter(const Context& context) : time_at_(context.json ? kJsonTimeAt : 0) {}

    void print_line(std::string_view line) {
        if (line.starts_with(' ')) {  // it belongs to the event before it
            open_ = open_ && (left_out_ || print(std::string(line) + "\n"));
            return;
        }
        const std::string_view time = line.substr(std::min(time_at_, line.size()), kTimeSize);
        left_out_ = catching_up_ && time <= last_;
        if (left_out_) return;
        catching_up_ = false;
        last_ = time;
        open_ = open_ && print(std::string(line) + "\n");
    }

    void catch_up() { catching_up_ = true; }
    bool is_open() const { return open_; }

private:
    static constexpr std::size_t kJsonTimeAt = 9;  // {"time":"
    static constexpr std::size_t kTimeSize = 27;

    std::size_t time_at_;
    std::string last_;
    bool catching_up_ = false;
    bool left_out_ = false;  // the last event
    bool open_ = true;
};

/// Reads one stream to its end. An error: it broke off.
Result<void> read_stream(api::LineStream& stream, EventPrinter& printer) {
    while (printer.is_open()) {
        // Before the wait: the first lines may have come together with the answer's head.
        const bool more =
            TRY(stream.read([&](std::string_view line) { printer.print_line(line); }));
        if (!more) break;
        pollfd waiting[2] = {{stream.fd(), POLLIN, 0}, {STDOUT_FILENO, 0, 0}};
        if (::poll(waiting, 2, -1) < 0 && errno != EINTR) return system_error("wait for events");
        if ((waiting[1].revents & (POLLERR | POLLHUP)) != 0) break;
    }
    return {};
}

}  // namespace

ExitCode events(const Command& command, Context context, const std::vector<std::string>& args) {
    std::vector<std::string> words;
    std::size_t count = 50;
    bool following = false;
    OptionReader options(command, context);
    options.add_words("TARGET", words, 0, api::kTargetsMax);
    options.add_flag("-f,--follow", "go on with what comes, until Ctrl-C", following);
    options.add_number("-n,--lines", "N", "how many events of the past (50)", count, kEventsMax);
    if (const auto end = options.read(args)) return *end;
    const auto targets = parse_targets(words);
    if (!targets) {
        print_error(context, targets.error().message);
        return ExitCode::Usage;
    }
    EventPrinter printer(context);
    const std::string path =
        query_path(context, "/v1/events", *targets) + (following ? "&follow=1" : "");
    for (;;) {
        auto stream = context.client().open_stream(path + "&n=" + std::to_string(count), {});
        if (!stream) {
            print_no_answer(context, stream.error());
            return exit_code(stream.error());
        }
        const Result<void> read = read_stream(*stream, printer);
        if (read || !following) return ExitCode::Done;
        count = kCaughtUpMax;
        printer.catch_up();
    }
}

}  // namespace reeve::cli
