#include <string>

#include "formats/procfile/procfile.h"
#include "fuzz/target.h"

namespace {

namespace procfile = reeve::formats::procfile;

// An entry, printed and read again, is the same: the comment at the end keeps a `#` of the command
// from being taken for one.
void check_printed(const std::vector<procfile::Entry>& entries) {
    std::string text;
    for (const procfile::Entry& entry : entries)
        text += entry.name + ": " + entry.command + " # end\n";
    if (text.size() > 60'000) return;  // the comments could make a line too long
    const auto again = procfile::parse("f", text, procfile::Grammar::Relaxed);
    CHECK(again.ok());
    CHECK(again.value.size() == entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
        CHECK(again.value[i].name == entries[i].name);
        CHECK(again.value[i].command == entries[i].command);
    }
}

}  // namespace

FUZZ_TARGET(procfile) {
    const std::string_view text = reeve::fuzz::as_text(data, size);
    const auto relaxed = procfile::parse("f", text, procfile::Grammar::Relaxed);
    const auto strict = procfile::parse("f", text, procfile::Grammar::Strict);
    reeve::fuzz::check_diagnostics(relaxed.diagnostics, text);
    reeve::fuzz::check_diagnostics(strict.diagnostics, text);
    if (strict.ok()) CHECK(relaxed.ok() && relaxed.value == strict.value);
    if (relaxed.ok()) check_printed(relaxed.value);
    return 0;
}
