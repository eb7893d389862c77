#include "formats/pill/shell_words.h"

#include <algorithm>
#include <array>

namespace reeve::formats::pill {
namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

bool is_name_start(char c) {
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_name_character(char c) {
    return is_name_start(c) || (c >= '0' && c <= '9');
}

/// Reads words one after the other; also says which variables a shell would expand.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    /// False: a quote is not closed.
    bool read() {
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (is_blank(c)) {
                ++at_;
                end_word();
            } else if (!take_part(c)) {
                return false;
            }
        }
        end_word();
        return true;
    }

    std::vector<std::string> words;
    std::vector<std::string> variables;

private:
    void end_word() {
        if (in_word_) words.push_back(std::move(word_));
        word_.clear();
        in_word_ = false;
    }

    bool take_part(char c) {
        in_word_ = true;
        if (c == '\'') return take_single();
        if (c == '"') return take_double();
        if (c == '\\') return take_escape();
        if (c == '$') note_variable();
        word_ += c;
        ++at_;
        return true;
    }

    bool take_single() {
        const std::size_t end = text_.find('\'', at_ + 1);
        if (end == std::string_view::npos) return false;
        word_ += text_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return true;
    }

    bool take_double() {
        for (++at_; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            if (c == '"') {
                ++at_;
                return true;
            }
            const bool escapes =
                c == '\\' && at_ + 1 < text_.size() &&
                std::string_view("$`\"\\\n").find(text_[at_ + 1]) != std::string_view::npos;
            if (escapes) {
                word_ += text_[++at_];
                continue;
            }
            if (c == '$') note_variable();
            word_ += c;
        }
        return false;
    }

    bool take_escape() {
        if (at_ + 1 < text_.size()) word_ += text_[at_ + 1];
        at_ += 2;
        return true;
    }

    void note_variable() {
        std::size_t begin = at_ + 1;
        if (begin < text_.size() && text_[begin] == '{') ++begin;
        std::size_t end = begin;
        while (end < text_.size() && is_name_character(text_[end]))
            ++end;
        if (end > begin && is_name_start(text_[begin])) {
            variables.emplace_back(text_.substr(begin, end - begin));
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string word_;
    bool in_word_ = false;
};

bool is_operator(const std::string& word) {
    constexpr auto kOperators = std::to_array<std::string_view>(
        {"&&", "||", "|",   ";",    "&",    ">",   ">>", "<", "<<", "2>", "2>>",
         "1>", "&>", ">&2", "2>&1", "1>&2", ">&1", "(",  ")", "{",  "}"});
    return std::find(kOperators.begin(), kOperators.end(), word) != kOperators.end();
}

/// `cd;`, `log>`, `>/dev/null`, `2>/dev/null`: an operator that touches a word of the shell's.
bool touches_operator(const std::string& word) {
    if (word.size() > 1 && word.ends_with(';')) return true;
    const std::size_t arrow = word.find_first_not_of("012&");
    return arrow != std::string::npos && (word[arrow] == '>' || word[arrow] == '<') && arrow <= 1 &&
           word.find('=') == std::string::npos;
}

// Words that only a shell knows, at the beginning of a command. (`echo`, `kill`, `test`, `true` …
// are programs, too.)
bool is_shell_word(const std::string& word) {
    constexpr auto kWords = std::to_array<std::string_view>(
        {".", ":", "alias", "cd", "eval", "exec", "exit", "export", "for", "if", "set", "source",
         "trap", "ulimit", "umask", "unset", "until", "while"});
    return std::binary_search(kWords.begin(), kWords.end(), word);
}

/// `RAILS_ENV=production`.
bool is_assignment(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (equals == 0 || equals == std::string::npos || !is_name_start(word[0])) return false;
    return std::all_of(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(equals),
                       is_name_character);
}

/// Whether Ruby's `exec` with this one word would ask the shell.
bool has_shell_character(std::string_view word) {
    return word.find_first_of("*?{}[]<>()~&|\\$;'`\"\n#=%") != std::string_view::npos;
}

bool needs_shell(std::string_view text, const Reader& reader,
                 const spec::Environment& environment) {
    const std::vector<std::string>& words = reader.words;
    if (words.empty()) return true;
    if (is_assignment(words.front()) || is_shell_word(words.front())) return true;
    if (words.size() == 1 && has_shell_character(text)) return true;
    const auto is_syntax = [](const std::string& word) {
        return is_operator(word) || touches_operator(word);
    };
    if (std::any_of(words.begin(), words.end(), is_syntax)) return true;
    return std::any_of(reader.variables.begin(), reader.variables.end(),
                       [&](const std::string& name) { return environment.contains(name); });
}

}  // namespace

std::optional<std::vector<std::string>> shell_words(std::string_view text) {
    Reader reader(text);
    if (!reader.read()) return std::nullopt;
    return std::move(reader.words);
}

spec::Command to_command(std::string_view text, const spec::Environment& environment) {
    Reader reader(text);
    const bool readable = reader.read();
    if (!readable || needs_shell(text, reader, environment)) {
        return spec::ShellCommand{std::string(text), spec::Shell::Sh};
    }
    return spec::DirectCommand{std::move(reader.words)};
}

}  // namespace reeve::formats::pill
