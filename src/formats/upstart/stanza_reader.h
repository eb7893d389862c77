#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "formats/upstart/job_class.h"
#include "formats/upstart/scanner.h"

namespace reeve::formats::upstart {

/// What a stanza's reader is given. It goes on to the end of the stanza's last line.
struct Stanza {
    Scanner& scanner;
    JobClass& job;

    /// One argument.
    Result<std::string> argument() const { return scanner.word(kArgumentEnd, Quoting::Removed); }
    /// A word of the language.
    Result<std::string> keyword() const { return scanner.word(kArgumentEnd, Quoting::Raw); }
};

using StanzaReader = Result<void> (*)(const Stanza& stanza);

/// The reader of a stanza by its first word, or nullptr.
StanzaReader find_stanza(std::string_view name);

// The readers by what they are about. `find_stanza` knows their names.
Result<void> read_start(const Stanza& stanza);
Result<void> read_stop(const Stanza& stanza);
Result<void> read_manual(const Stanza& stanza);
Result<void> read_emits(const Stanza& stanza);
Result<void> read_exports(const Stanza& stanza);
Result<void> read_variable(const Stanza& stanza);

Result<void> read_exec(const Stanza& stanza);
Result<void> read_script(const Stanza& stanza);
Result<void> read_pre_start(const Stanza& stanza);
Result<void> read_post_start(const Stanza& stanza);
Result<void> read_pre_stop(const Stanza& stanza);
Result<void> read_post_stop(const Stanza& stanza);

Result<void> read_expect(const Stanza& stanza);
Result<void> read_task(const Stanza& stanza);
Result<void> read_respawn(const Stanza& stanza);
Result<void> read_normal(const Stanza& stanza);
Result<void> read_kill(const Stanza& stanza);
Result<void> read_reload(const Stanza& stanza);

Result<void> read_console(const Stanza& stanza);
Result<void> read_umask(const Stanza& stanza);
Result<void> read_nice(const Stanza& stanza);
Result<void> read_oom(const Stanza& stanza);
Result<void> read_limit(const Stanza& stanza);
Result<void> read_apparmor(const Stanza& stanza);
Result<void> read_cgroup(const Stanza& stanza);
Result<void> read_debug(const Stanza& stanza);

/// The failure of a second word that the language does not have.
Error unknown_word(const Stanza& stanza, std::size_t offset);

}  // namespace reeve::formats::upstart
