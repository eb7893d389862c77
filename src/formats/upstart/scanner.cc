#include "formats/upstart/scanner.h"

#include <algorithm>
#include <vector>

namespace reeve::formats::upstart {
namespace {

bool is_blank(char c) {
    return kBlanks.find(c) != std::string_view::npos;
}

bool is_quote(char c) {
    return c == '"' || c == '\'';
}

// Builds one word. Blanks wait until something follows them: at the end they are dropped, and
// around an end of a line they become one space.
class WordBuilder {
public:
    explicit WordBuilder(Quoting quoting) : raw_(quoting == Quoting::Raw) {}

    void blank(char c) { waiting_ += c; }
    void line_end() { line_ended_ = true; }
    /// A byte that is neither a quote nor an escape.
    void byte(char c) {
        flush();
        word_ += c;
    }
    void quote(char c) {
        flush();
        if (raw_) word_ += c;
    }
    void escaped(char c) {
        flush();
        // Only a backslash and blanks are escaped; before anything else both bytes stay.
        if (raw_ || (c != '\\' && !is_blank(c))) word_ += '\\';
        word_ += c;
    }
    std::string take() { return std::move(word_); }

private:
    void flush() {
        if (line_ended_)
            word_ += ' ';
        else
            word_ += waiting_;
        waiting_.clear();
        line_ended_ = false;
    }

    bool raw_;
    bool line_ended_ = false;
    std::string waiting_;
    std::string word_;
};

// Whether the line ends a block: blanks, `end`, blanks, `script`, and nothing but a comment.
bool is_block_end(std::string_view line) {
    const auto skip = [&line] {
        const std::size_t first = line.find_first_not_of(kBlanks);
        const std::size_t skipped = first == std::string_view::npos ? line.size() : first;
        line.remove_prefix(skipped);
        return skipped;
    };
    skip();
    if (!line.starts_with("end")) return false;
    line.remove_prefix(3);
    if (skip() == 0 || !line.starts_with("script")) return false;
    line.remove_prefix(6);
    skip();
    return line.empty() || line.front() == '#';
}

// The blanks that every line begins with. An empty line begins with none.
std::size_t common_indentation(const std::vector<std::string_view>& lines) {
    if (lines.empty()) return 0;
    std::string_view common = lines.front();
    common = common.substr(0, std::min(common.find_first_not_of(kBlanks), common.size()));
    for (const std::string_view line : lines) {
        const auto differs =
            std::mismatch(common.begin(), common.end(), line.begin(), line.end()).first;
        common = common.substr(0, static_cast<std::size_t>(differs - common.begin()));
    }
    return common.size();
}

}  // namespace

Error Scanner::mistake(std::size_t offset, std::string_view message) {
    mistake_offset_ = std::min(offset, text_.size());
    return Error{std::string(message)};
}

void Scanner::skip_blanks() {
    while (!at_end() && (is_blank(peek()) || at_continuation()))
        at_ += is_blank(peek()) ? 1 : 2;
}

void Scanner::skip_comment() {
    if (!at_end() && peek() == '#') at_ = std::min(text_.find('\n', at_), text_.size());
    if (!at_end() && peek() == '\n') ++at_;
}

Result<void> Scanner::end_line() {
    if (has_word()) return mistake(at_, "Unexpected token");
    skip_comment();
    return {};
}

Result<std::string> Scanner::word(std::string_view delimiters, Quoting quoting) {
    const std::size_t begin = at_;
    WordBuilder builder(quoting);
    char quote = 0;
    for (; !at_end(); ++at_) {
        const char c = peek();
        if (c == '\\') {
            if (at_ + 1 >= text_.size()) return mistake(text_.size(), "Trailing slash in file");
            ++at_;
            if (peek() == '\n')
                builder.line_end();
            else
                builder.escaped(peek());
        } else if (quote != 0 ? c == quote : is_quote(c)) {
            quote = quote != 0 ? '\0' : c;
            builder.quote(c);
        } else if (quote != 0 && c == '\n') {
            builder.line_end();
        } else if (quote == 0 && delimiters.find(c) != std::string_view::npos) {
            break;
        } else if (is_blank(c)) {
            builder.blank(c);
        } else {
            builder.byte(c);
        }
    }
    if (quote != 0) return mistake(text_.size(), "Unterminated quoted string");
    std::string word = builder.take();
    if (word.empty()) return mistake(begin, "Expected token");
    skip_blanks();
    return word;
}

Result<std::string> Scanner::block() {
    std::vector<std::string_view> lines;
    for (;;) {
        if (at_end()) return mistake(text_.size(), "Unterminated block");
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        const std::string_view line = text_.substr(at_, end - at_);
        at_ = std::min(end + 1, text_.size());
        if (is_block_end(line)) break;
        lines.push_back(line);
    }
    const std::size_t indentation = common_indentation(lines);
    std::string script;
    for (const std::string_view line : lines) {
        script += line.substr(indentation);
        script += '\n';
    }
    return script;
}

}  // namespace reeve::formats::upstart
