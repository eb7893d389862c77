// Stanzas about the surroundings of a job's processes.

#include <sys/resource.h>

#include <array>

#include "formats/upstart/numbers.h"
#include "formats/upstart/stanza_reader.h"

namespace reeve::formats::upstart {
namespace {

constexpr int kOomNever = -1000;

struct Resource {
    std::string_view name;
    int number;
};

constexpr auto kResources = std::to_array<Resource>({
    {"as", RLIMIT_AS},
    {"core", RLIMIT_CORE},
    {"cpu", RLIMIT_CPU},
    {"data", RLIMIT_DATA},
    {"fsize", RLIMIT_FSIZE},
    {"memlock", RLIMIT_MEMLOCK},
    {"msgqueue", RLIMIT_MSGQUEUE},
    {"nice", RLIMIT_NICE},
    {"nofile", RLIMIT_NOFILE},
    {"nproc", RLIMIT_NPROC},
    {"rss", RLIMIT_RSS},
    {"rtprio", RLIMIT_RTPRIO},
    {"sigpending", RLIMIT_SIGPENDING},
    {"stack", RLIMIT_STACK},
});

// A number within bounds; else the dialect's objection.
Result<int> read_bounded(const Stanza& stanza, int base, std::int64_t least, std::int64_t most,
                         std::string_view objection) {
    const std::size_t begin = stanza.scanner.offset();
    const std::optional<std::int64_t> number = read_number(TRY(stanza.argument()), base);
    if (!number || *number < least || *number > most)
        return stanza.scanner.mistake(begin, objection);
    return static_cast<int>(*number);
}

Result<std::uint64_t> read_limit_value(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    const std::string word = TRY(stanza.argument());
    if (word == "unlimited") return UINT64_MAX;
    const std::optional<std::int64_t> number = read_number(word, 10);
    if (!number || *number < 0) {
        return stanza.scanner.mistake(begin, "Illegal limit, expected 'unlimited' or integer");
    }
    return static_cast<std::uint64_t>(*number);
}

// `score VALUE` of today's kernel, or the older VALUE, which is scaled to it.
Result<int> read_oom_value(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    const std::string word = TRY(stanza.argument());
    if (word == "score") {
        const Scanner before = stanza.scanner;
        if (TRY(stanza.argument()) == "never") return kOomNever;
        stanza.scanner = before;
        return read_bounded(stanza, 10, -1000, 1000,
                            "Illegal oom score adjustment, expected -999 to 1000 or 'never'");
    }
    if (word == "never") return kOomNever;
    const std::optional<std::int64_t> number = read_number(word, 10);
    if (!number || *number < -17 || *number > 15) {
        return stanza.scanner.mistake(begin,
                                      "Illegal oom adjustment, expected -16 to 15 or 'never'");
    }
    return static_cast<int>(*number * 1000 / (*number < 0 ? 17 : 15));
}

}  // namespace

Result<void> read_console(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    const std::string word = TRY(stanza.keyword());
    Console console = Console::None;
    if (word == "log")
        console = Console::Log;
    else if (word == "output")
        console = Console::Output;
    else if (word == "owner")
        console = Console::Owner;
    else if (word != "none")
        return unknown_word(stanza, begin);
    TRY(stanza.scanner.end_line());
    stanza.job.console = console;
    return {};
}

Result<void> read_umask(const Stanza& stanza) {
    const int umask =
        TRY(read_bounded(stanza, 8, 0, 0777, "Illegal file creation mask, expected octal integer"));
    TRY(stanza.scanner.end_line());
    stanza.job.umask = umask;
    return {};
}

Result<void> read_nice(const Stanza& stanza) {
    const int nice =
        TRY(read_bounded(stanza, 10, -20, 19, "Illegal nice value, expected -20 to 19"));
    TRY(stanza.scanner.end_line());
    stanza.job.nice = nice;
    return {};
}

Result<void> read_oom(const Stanza& stanza) {
    const int adjust = TRY(read_oom_value(stanza));
    TRY(stanza.scanner.end_line());
    stanza.job.oom_score_adjust = adjust;
    return {};
}

Result<void> read_limit(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    const std::string name = TRY(stanza.keyword());
    for (const Resource& resource : kResources) {
        if (resource.name != name) continue;
        Limit limit;
        limit.soft = TRY(read_limit_value(stanza));
        limit.hard = TRY(read_limit_value(stanza));
        TRY(stanza.scanner.end_line());
        stanza.job.limits[resource.number] = limit;
        return {};
    }
    return unknown_word(stanza, begin);
}

Result<void> read_apparmor(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    const std::string word = TRY(stanza.keyword());
    if (word != "load" && word != "switch") return unknown_word(stanza, begin);
    std::string profile = TRY(stanza.argument());
    TRY(stanza.scanner.end_line());
    (word == "load" ? stanza.job.apparmor_load : stanza.job.apparmor_switch) = std::move(profile);
    return {};
}

// `cgroup CONTROLLER [NAME] [KEY VALUE]`.
Result<void> read_cgroup(const Stanza& stanza) {
    constexpr int kWordsMax = 4;
    std::string text = TRY(stanza.argument());
    for (int words = 1; words < kWordsMax && stanza.scanner.has_word(); ++words)
        text += ' ' + TRY(stanza.argument());
    TRY(stanza.scanner.end_line());
    stanza.job.cgroups.push_back(std::move(text));
    return {};
}

// Means a stop before the program is executed, for whoever debugs init. Like `manual`, it leaves
// the rest of its line alone.
Result<void> read_debug(const Stanza& stanza) {
    stanza.job.debug = true;
    return {};
}

}  // namespace reeve::formats::upstart
