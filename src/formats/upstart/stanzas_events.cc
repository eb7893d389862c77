// Stanzas about when a job runs, and what it tells others.

#include <utility>

#include "formats/upstart/event_reader.h"
#include "formats/upstart/stanza_reader.h"

namespace reeve::formats::upstart {
namespace {

// `on EXPRESSION`.
Result<spec::EventExpr> read_on(const Stanza& stanza) {
    const std::size_t begin = stanza.scanner.offset();
    if (TRY(stanza.keyword()) != "on") return unknown_word(stanza, begin);
    return read_events(stanza.scanner);
}

Result<void> read_list(const Stanza& stanza, std::vector<std::string>& list) {
    std::vector<std::string> more;
    do
        more.push_back(TRY(stanza.argument()));
    while (stanza.scanner.has_word());
    TRY(stanza.scanner.end_line());
    list.insert(list.end(), more.begin(), more.end());
    return {};
}

}  // namespace

Result<void> read_start(const Stanza& stanza) {
    stanza.job.start_on = TRY(read_on(stanza));
    stanza.job.manual = false;
    return {};
}

Result<void> read_stop(const Stanza& stanza) {
    stanza.job.stop_on = TRY(read_on(stanza));
    return {};
}

// Like `debug`, it leaves the rest of its line alone: another stanza may follow.
Result<void> read_manual(const Stanza& stanza) {
    stanza.job.start_on.reset();
    stanza.job.manual = true;
    return {};
}

Result<void> read_emits(const Stanza& stanza) {
    return read_list(stanza, stanza.job.emits);
}

Result<void> read_exports(const Stanza& stanza) {
    return read_list(stanza, stanza.job.exports);
}

Result<void> read_variable(const Stanza& stanza) {
    const std::string text = TRY(stanza.argument());
    TRY(stanza.scanner.end_line());
    const std::size_t sign = text.find('=');
    Variable variable{text.substr(0, sign), std::nullopt};
    if (sign != std::string::npos) variable.value = text.substr(sign + 1);
    stanza.job.variables.push_back(std::move(variable));
    return {};
}

}  // namespace reeve::formats::upstart
