#include <algorithm>
#include <array>
#include <string>

#include "formats/upstart/stanza_reader.h"

namespace reeve::formats::upstart {
namespace {

// A stanza of one argument that is kept as it is.
template <std::string JobClass::*Member>
Result<void> read_text(const Stanza& stanza) {
    std::string value = TRY(stanza.argument());
    TRY(stanza.scanner.end_line());
    stanza.job.*Member = std::move(value);
    return {};
}

struct Row {
    std::string_view name;
    StanzaReader read;
};

constexpr std::array kStanzas = {
    Row{"apparmor", read_apparmor},
    Row{"author", read_text<&JobClass::author>},
    Row{"cgroup", read_cgroup},
    Row{"chdir", read_text<&JobClass::chdir>},
    Row{"chroot", read_text<&JobClass::chroot>},
    Row{"console", read_console},
    Row{"debug", read_debug},
    Row{"description", read_text<&JobClass::description>},
    Row{"emits", read_emits},
    Row{"env", read_variable},
    Row{"exec", read_exec},
    Row{"expect", read_expect},
    Row{"export", read_exports},
    Row{"instance", read_text<&JobClass::instance>},
    Row{"kill", read_kill},
    Row{"limit", read_limit},
    Row{"manual", read_manual},
    Row{"nice", read_nice},
    Row{"normal", read_normal},
    Row{"oom", read_oom},
    Row{"post-start", read_post_start},
    Row{"post-stop", read_post_stop},
    Row{"pre-start", read_pre_start},
    Row{"pre-stop", read_pre_stop},
    Row{"reload", read_reload},
    Row{"respawn", read_respawn},
    Row{"script", read_script},
    Row{"setgid", read_text<&JobClass::setgid>},
    Row{"setuid", read_text<&JobClass::setuid>},
    Row{"start", read_start},
    Row{"stop", read_stop},
    Row{"task", read_task},
    Row{"umask", read_umask},
    Row{"usage", read_text<&JobClass::usage>},
    Row{"version", read_text<&JobClass::version>},
};

}  // namespace

StanzaReader find_stanza(std::string_view name) {
    const auto* found = std::find_if(kStanzas.begin(), kStanzas.end(),
                                     [name](const Row& row) { return row.name == name; });
    return found == kStanzas.end() ? nullptr : found->read;
}

Error unknown_word(const Stanza& stanza, std::size_t offset) {
    return stanza.scanner.mistake(offset, "Unknown stanza");
}

}  // namespace reeve::formats::upstart
