#include "formats/diagnostic.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace reeve::formats {
namespace {

// A longer line is shown as a window around the column.
constexpr std::size_t kShownCharactersMax = 76;
constexpr std::size_t kShownBeforeColumn = 50;

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

std::string_view word(Severity severity) {
    switch (severity) {
        case Severity::Note:
            return "note";
        case Severity::Warning:
            return "warning";
        case Severity::Error:
            return "error";
    }
    return "error";
}

std::string_view colour_code(Severity severity) {
    switch (severity) {
        case Severity::Note:
            return "\x1b[36m";
        case Severity::Warning:
            return "\x1b[33m";
        case Severity::Error:
            return "\x1b[31m";
    }
    return "";
}

// The line as single cells, one per character: what a terminal must not get becomes `?`, a tab one
// blank, so that the caret stands below its character.
std::vector<std::string> cells(std::string_view line) {
    const bool readable = is_utf8(line);
    std::vector<std::string> all;
    for (const char c : line) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '\t') {
            all.emplace_back(" ");
        } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !readable)) {
            all.emplace_back("?");
        } else if (begins_character(c)) {
            all.emplace_back(1, c);
        } else {
            all.back() += c;
        }
    }
    for (std::string& cell : all) {
        const bool c1_control =
            cell.size() == 2 && cell[0] == '\xC2' && static_cast<unsigned char>(cell[1]) < 0xA0;
        if (c1_control) cell = "?";
    }
    return all;
}

std::string printable(std::string_view text) {
    std::string out;
    for (const std::string& cell : cells(text))
        out += cell;
    return out;
}

void append_source(std::string& out, const Diagnostic& diagnostic) {
    const std::vector<std::string> line = cells(diagnostic.source_line);
    const std::size_t caret = diagnostic.column == 0 ? 0 : diagnostic.column - 1;
    const bool fits = line.size() <= kShownCharactersMax || caret <= kShownBeforeColumn;
    const std::size_t begin = fits ? 0 : caret - kShownBeforeColumn;
    const std::size_t end = std::min(line.size(), begin + kShownCharactersMax);
    out += begin > 0 ? "  …" : "   ";
    out += ' ';
    for (std::size_t i = begin; i < end; ++i)
        out += line[i];
    out += end < line.size() ? "…\n" : "\n";
    if (diagnostic.column > 0) out += std::string(4 + caret - begin, ' ') + "^\n";
}

}  // namespace

Diagnostic SourceText::at(Severity severity, std::size_t offset, std::string message,
                          std::string hint) const {
    const std::size_t place = std::min(offset, text_.size());
    const std::string_view before = text_.substr(0, place);
    const std::size_t newline = before.rfind('\n');
    const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    std::string_view line = text_.substr(begin, text_.find('\n', begin) - begin);
    const bool readable = is_utf8(line);
    const std::string_view left = before.substr(begin);
    const auto characters = readable ? std::count_if(left.begin(), left.end(), begins_character)
                                     : static_cast<std::ptrdiff_t>(left.size());
    if (line.ends_with('\r')) line.remove_suffix(1);
    return {.severity = severity,
            .file = std::string(file_),
            .line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')),
            .column = 1 + static_cast<std::size_t>(characters),
            .message = std::move(message),
            .hint = std::move(hint),
            .source_line = std::string(line)};
}

Diagnostic SourceText::error_at(std::size_t offset, std::string message, std::string hint) const {
    return at(Severity::Error, offset, std::move(message), std::move(hint));
}

Diagnostic SourceText::warning_at(std::size_t offset, std::string message, std::string hint) const {
    return at(Severity::Warning, offset, std::move(message), std::move(hint));
}

Diagnostic SourceText::note_at(std::size_t offset, std::string message, std::string hint) const {
    return at(Severity::Note, offset, std::move(message), std::move(hint));
}

Diagnostic SourceText::error(std::string message, std::string hint) const {
    return {.severity = Severity::Error,
            .file = std::string(file_),
            .message = std::move(message),
            .hint = std::move(hint)};
}

std::string to_text(const Diagnostic& diagnostic, Colour colour) {
    const bool coloured = colour == Colour::Yes;
    std::string out = printable(diagnostic.file);
    if (diagnostic.line > 0) out += ":" + std::to_string(diagnostic.line);
    if (diagnostic.column > 0) out += ":" + std::to_string(diagnostic.column);
    out += ": ";
    if (coloured) out += colour_code(diagnostic.severity);
    out += word(diagnostic.severity);
    if (coloured) out += "\x1b[0m";
    out += ": " + printable(diagnostic.message) + "\n";
    if (diagnostic.column > 0) append_source(out, diagnostic);
    if (!diagnostic.hint.empty()) out += "    hint: " + printable(diagnostic.hint) + "\n";
    return out;
}

std::string_view without_bom(std::string_view text) {
    constexpr std::string_view kBom = "\xEF\xBB\xBF";
    return text.starts_with(kBom) ? text.substr(kBom.size()) : text;
}

}  // namespace reeve::formats
