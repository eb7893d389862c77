// Stanzas about how a process starts, ends and is started again.

#include "formats/upstart/numbers.h"
#include "formats/upstart/stanza_reader.h"

namespace reeve::formats::upstart {
namespace {

constexpr std::string_view kIllegalInterval = "Illegal interval, expected number of seconds";
constexpr std::string_view kIllegalLimit = "Illegal limit, expected 'unlimited' or integer";
constexpr std::string_view kIllegalStatus = "Illegal exit status, expected integer";
constexpr std::string_view kIllegalSignal = "Illegal signal status, expected integer";

Result<std::uint32_t> read_seconds(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    const std::optional<int> seconds = read_count(TRY(stanza.argument()));
    if (!seconds) return stanza.scanner.mistake(begin, kIllegalInterval);
    return static_cast<std::uint32_t>(*seconds);
}

// A name in capitals or a number; 0 asks only whether the process is there.
Result<int> read_signal(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    const std::string word = TRY(stanza.argument());
    std::optional<int> signal = signal_of(word);
    if (!signal) signal = read_count(word);
    if (!signal) return stanza.scanner.mistake(begin, kIllegalSignal);
    TRY(stanza.scanner.end_line());
    return *signal;
}

Result<void> read_respawn_limit(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    const std::string word = TRY(stanza.argument());
    RespawnLimit limit{0, 0};
    if (word != "unlimited") {
        const std::optional<int> count = read_count(word);
        if (!count) return stanza.scanner.mistake(begin, kIllegalLimit);
        limit.count = static_cast<std::uint32_t>(*count);
        limit.interval_seconds = TRY(read_seconds(stanza));
    }
    TRY(stanza.scanner.end_line());
    stanza.job.respawn_limit = limit;
    return {};
}

}  // namespace

Result<void> read_expect(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    const std::string word = TRY(stanza.keyword());
    Expect expect = Expect::None;
    if (word == "stop")
        expect = Expect::Stop;
    else if (word == "daemon")
        expect = Expect::Daemon;
    else if (word == "fork")
        expect = Expect::Fork;
    else if (word != "none")
        return unknown_word(stanza, begin);
    TRY(stanza.scanner.end_line());
    stanza.job.expect = expect;
    return {};
}

Result<void> read_task(const Stanza& stanza) {
    TRY(stanza.scanner.end_line());
    stanza.job.task = true;
    return {};
}

// `respawn`, or `respawn limit …`, which alone lets nothing respawn.
Result<void> read_respawn(const Stanza& stanza) {
    if (stanza.scanner.has_word()) {
        const std::size_t begin = stanza.scanner.offset();
        if (TRY(stanza.keyword()) != "limit") return unknown_word(stanza, begin);
        return read_respawn_limit(stanza);
    }
    stanza.job.respawn = true;
    return stanza.scanner.end_line();
}

Result<void> read_normal(const Stanza& stanza) {
    const std::size_t word = stanza.scanner.offset();
    if (TRY(stanza.keyword()) != "exit") return unknown_word(stanza, word);
    NormalExits exits = stanza.job.normal_exits;
    do {
        const std::size_t begin = stanza.scanner.offset();
        const std::string text = TRY(stanza.argument());
        if (const std::optional<int> signal = signal_of(text)) {
            exits.signals.push_back(*signal);
        } else if (const std::optional<int> code = read_count(text)) {
            exits.codes.push_back(*code);
        } else {
            return stanza.scanner.mistake(begin, kIllegalStatus);
        }
    } while (stanza.scanner.has_word());
    TRY(stanza.scanner.end_line());
    stanza.job.normal_exits = std::move(exits);
    return {};
}

Result<void> read_kill(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    const std::string word = TRY(stanza.keyword());
    if (word == "signal") {
        stanza.job.kill_signal = TRY(read_signal(stanza));
        return {};
    }
    if (word != "timeout") return unknown_word(stanza, begin);
    const std::uint32_t seconds = TRY(read_seconds(stanza));
    TRY(stanza.scanner.end_line());
    stanza.job.kill_timeout_seconds = seconds;
    return {};
}

Result<void> read_reload(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    if (TRY(stanza.keyword()) != "signal") return unknown_word(stanza, begin);
    stanza.job.reload_signal = TRY(read_signal(stanza));
    return {};
}

}  // namespace reeve::formats::upstart
