#include "spec/command.h"

#include <stdio.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace reeve::spec {
namespace {

constexpr std::string_view kNeverQuoted =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,";

// Control characters as a C string shows them: a status page must stay one line per command.
void append_on_one_line(std::string& out, std::string_view text) {
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (byte < 0x20 || byte == 0x7F) {
            char escape[8];
            ::snprintf(escape, sizeof escape, "\\x%02x", byte);
            out += escape;
        } else {
            out += c;
        }
    }
}

/// Whether the character needs no quotes; by a table, since status shows every command.
bool is_never_quoted(char c) {
    static const std::array<bool, 256> kTable = [] {
        std::array<bool, 256> table{};
        for (const char plain : kNeverQuoted)
            table[static_cast<unsigned char>(plain)] = true;
        return table;
    }();
    return kTable[static_cast<unsigned char>(c)];
}

void append_word(std::string& out, std::string_view word) {
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_never_quoted)) {
        out += word;
        return;
    }
    out += '\'';
    std::size_t begin = 0;
    for (;;) {
        const std::size_t quote = word.find('\'', begin);
        append_on_one_line(out, word.substr(begin, quote - begin));
        if (quote == std::string_view::npos) break;
        out += "'\\''";
        begin = quote + 1;
    }
    out += '\'';
}

}  // namespace

std::string to_text(const Command& command) {
    std::string out;
    if (const auto* shell = std::get_if<ShellCommand>(&command)) {
        append_on_one_line(out, shell->text);
        return out;
    }
    for (const std::string& word : std::get<DirectCommand>(command).argv) {
        if (!out.empty()) out += ' ';
        append_word(out, word);
    }
    return out;
}

}  // namespace reeve::spec
