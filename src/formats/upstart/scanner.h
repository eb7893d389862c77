#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace reeve::formats::upstart {

/// How a word is taken.
enum class Quoting {
    Raw,     // as it was written: keywords, which a quote disables, and commands
    Removed  // without quotes and escapes: arguments
};

/// Blanks of the language. A carriage return is one, so that files with CR LF work.
inline constexpr std::string_view kBlanks = " \t\r";
/// What ends an argument.
inline constexpr std::string_view kArgumentEnd = " \t\r#\n";
/// What ends a word of an expression of events.
inline constexpr std::string_view kEventEnd = " \t\r#\n()";
/// What ends a command.
inline constexpr std::string_view kCommandEnd = "#\n";

/// Cuts the text of a job's file into words. A failure's message is the dialect's own, and
/// `mistake_offset` says where it is. Source: libnih nih/config.c.
class Scanner {
public:
    /// The text must outlive the scanner.
    explicit Scanner(std::string_view text) : text_(text) {}

    std::size_t offset() const { return at_; }
    bool at_end() const { return at_ >= text_.size(); }
    /// The next byte; must not be called at the end.
    char peek() const { return text_[at_]; }
    /// Whether something other than a comment follows on this line.
    bool has_word() const { return !at_end() && peek() != '#' && peek() != '\n'; }

    void skip_byte() { ++at_; }
    /// Skips blanks and continued line ends.
    void skip_blanks();
    /// Skips a comment and the end of its line, where one is here.
    void skip_comment();
    /// Goes to the next line; fails with `Unexpected token` when something is left on this one.
    Result<void> end_line();

    /// The next word and the blanks after it: up to one of `delimiters`. An empty one is an error.
    Result<std::string> word(std::string_view delimiters, Quoting quoting);

    /// The lines up to `end script`, without their common indentation. The scanner stands at the
    /// beginning of a line, and goes to the one after the block.
    Result<std::string> block();

    /// An error about the byte at `offset`.
    Error mistake(std::size_t offset, std::string_view message);
    std::size_t mistake_offset() const { return mistake_offset_; }

private:
    bool at_continuation() const {
        return at_ + 1 < text_.size() && text_[at_] == '\\' && text_[at_ + 1] == '\n';
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t mistake_offset_ = 0;
};

}  // namespace reeve::formats::upstart
