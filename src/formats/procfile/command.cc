#include "formats/procfile/command.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"

namespace reeve::formats::procfile {
namespace {

// Bash takes a word of these, and of bytes above ASCII, for nothing but itself.
bool is_plain(char c) {
    constexpr std::string_view kPunctuation = "-_./:@%+,=^";
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80 || kPunctuation.find(c) != std::string_view::npos;
}

// First words that mean something to bash itself. In order, for the search.
constexpr std::array<std::string_view, 77> kShellWords = {
    ".",       ":",      "alias",   "bg",       "bind",     "break",     "builtin",  "caller",
    "case",    "cd",     "command", "compgen",  "complete", "compopt",   "continue", "coproc",
    "declare", "dirs",   "disown",  "do",       "done",     "echo",      "elif",     "else",
    "enable",  "esac",   "eval",    "exec",     "exit",     "export",    "false",    "fc",
    "fg",      "fi",     "for",     "function", "getopts",  "hash",      "help",     "history",
    "if",      "in",     "jobs",    "kill",     "let",      "local",     "logout",   "mapfile",
    "popd",    "printf", "pushd",   "pwd",      "read",     "readarray", "readonly", "return",
    "select",  "set",    "shift",   "shopt",    "source",   "suspend",   "test",     "then",
    "time",    "times",  "trap",    "true",     "type",     "typeset",   "ulimit",   "umask",
    "unalias", "unset",  "until",   "wait",     "while"};

bool needs_shell(std::string_view text) {
    const auto is_shell_character = [](char c) { return !is_plain(c) && c != ' ' && c != '\t'; };
    if (std::any_of(text.begin(), text.end(), is_shell_character)) return true;
    const std::vector<std::string_view> all = words(text);
    if (all.empty()) return true;
    const std::string_view first = all.front();
    if (first.find('=') != std::string_view::npos || first.front() == '%') return true;
    static_assert(std::is_sorted(kShellWords.begin(), kShellWords.end()));
    return std::binary_search(kShellWords.begin(), kShellWords.end(), first);
}

}  // namespace

spec::Command to_command(std::string_view text) {
    if (needs_shell(text)) return spec::ShellCommand{std::string(text), spec::Shell::Bash};
    spec::DirectCommand direct;
    for (const std::string_view word : words(text))
        direct.argv.emplace_back(word);
    return direct;
}

bool mentions_port(std::string_view text) {
    constexpr std::string_view kName = "PORT";
    for (std::size_t at = text.find('$'); at != std::string_view::npos;
         at = text.find('$', at + 1)) {
        std::string_view rest = text.substr(at + 1);
        if (rest.starts_with('{')) rest.remove_prefix(1);
        if (!rest.starts_with(kName)) continue;
        rest.remove_prefix(kName.size());
        const bool longer_name =
            !rest.empty() &&
            (rest[0] == '_' || (rest[0] >= '0' && rest[0] <= '9') ||
             (rest[0] >= 'A' && rest[0] <= 'Z') || (rest[0] >= 'a' && rest[0] <= 'z'));
        if (!longer_name) return true;
    }
    return false;
}

}  // namespace reeve::formats::procfile
