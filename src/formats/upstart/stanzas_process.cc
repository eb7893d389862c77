// Stanzas that say what is executed.

#include <utility>

#include "formats/upstart/stanza_reader.h"

namespace reeve::formats::upstart {
namespace {

Result<Process> read_command(const Stanza& stanza) {
    Process process{TRY(stanza.scanner.word(kCommandEnd, Quoting::Raw)), false};
    TRY(stanza.scanner.end_line());
    return process;
}

Result<Process> read_block(const Stanza& stanza) {
    TRY(stanza.scanner.end_line());
    return Process{TRY(stanza.scanner.block()), true};
}

// `exec COMMAND` or `script`, after the name of a hook.
Result<void> read_hook(const Stanza& stanza, std::optional<Process>& hook) {
    const std::size_t begin = stanza.scanner.offset();
    const std::string word = TRY(stanza.keyword());
    if (word == "exec") {
        hook = TRY(read_command(stanza));
    } else if (word == "script") {
        hook = TRY(read_block(stanza));
    } else {
        return unknown_word(stanza, begin);
    }
    return {};
}

}  // namespace

Result<void> read_exec(const Stanza& stanza) {
    stanza.job.main = TRY(read_command(stanza));
    return {};
}

Result<void> read_script(const Stanza& stanza) {
    stanza.job.main = TRY(read_block(stanza));
    return {};
}

Result<void> read_pre_start(const Stanza& stanza) {
    return read_hook(stanza, stanza.job.pre_start);
}

Result<void> read_post_start(const Stanza& stanza) {
    return read_hook(stanza, stanza.job.post_start);
}

Result<void> read_pre_stop(const Stanza& stanza) {
    return read_hook(stanza, stanza.job.pre_stop);
}

Result<void> read_post_stop(const Stanza& stanza) {
    return read_hook(stanza, stanza.job.post_stop);
}

}  // namespace reeve::formats::upstart
