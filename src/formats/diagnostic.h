#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::formats {

/// How much a Diagnostic matters.
enum class Severity {
    Note,     // worth knowing
    Warning,  // probably not what was meant; the text is taken
    Error     // the text is refused
};

/// One thing to say about a text that people wrote, and where.
struct Diagnostic {
    Severity severity = Severity::Error;
    std::string file;
    std::size_t line = 0;     // from 1; 0: the file as a whole
    std::size_t column = 0;   // from 1, in characters; 0: the line as a whole
    std::string message;      // what is wrong and why
    std::string hint;         // what to do about it; may be empty
    std::string source_line;  // the line as it was written, without its end

    friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// What a reader made of a text, and everything it has to say. The value is good only when `ok()`.
template <typename T>
struct Reading {
    T value;
    std::vector<Diagnostic> diagnostics;

    /// Whether there is no error among the diagnostics.
    bool ok() const {
        for (const Diagnostic& diagnostic : diagnostics) {
            if (diagnostic.severity == Severity::Error) return false;
        }
        return true;
    }
};

/// A text with its name, to point into. Both must outlive it.
class SourceText {
public:
    SourceText(std::string_view file, std::string_view text) : file_(file), text_(text) {}

    std::string_view file() const { return file_; }
    std::string_view text() const { return text_; }

    /// An error about the byte at `offset`, which may be the end of the text.
    Diagnostic error_at(std::size_t offset, std::string message, std::string hint) const;
    Diagnostic warning_at(std::size_t offset, std::string message, std::string hint) const;
    Diagnostic note_at(std::size_t offset, std::string message, std::string hint) const;

    /// An error about the text as a whole.
    Diagnostic error(std::string message, std::string hint) const;

private:
    Diagnostic at(Severity severity, std::size_t offset, std::string message,
                  std::string hint) const;

    std::string_view file_;
    std::string_view text_;
};

/// Whether the message goes out in colour.
enum class Colour { No, Yes };

/// The diagnostic for people: `file:line:column: error: message`, then the line with a caret below
/// the column, then the hint. Ends with a newline; control characters of the text are made visible.
std::string to_text(const Diagnostic& diagnostic, Colour colour);

/// The text without a UTF-8 byte order mark at its beginning.
std::string_view without_bom(std::string_view text);

/// The largest configuration file that is read. The reader of the file may stop one byte later:
/// every parser refuses a longer text itself.
inline constexpr std::size_t kConfigBytesMax = 1024 * 1024;

}  // namespace reeve::formats
