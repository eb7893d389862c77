#include "formats/dotenv/dotenv.h"

#include <algorithm>
#include <map>
#include <utility>

namespace reeve::formats::dotenv {
namespace {

constexpr std::size_t kErrorsMax = 100;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
}

// What may follow a `$`: lower-case words stay text, as in passwords.
bool is_reference_character(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Parser {
public:
    Parser(std::string_view file, std::string_view text)
        : source_(file, text), text_(text), at_(text.size() - without_bom(text).size()) {}

    Reading<std::vector<Variable>> parse() {
        if (text_.size() > kConfigBytesMax) {
            refuse(source_.error("the file is larger than 1 MiB", ""));
            return std::move(reading_);
        }
        while (skip_to_statement() && errors_ < kErrorsMax) {
            if (!take_statement()) skip_line();
        }
        for (auto& [name, variable] : variables_)
            reading_.value.push_back(std::move(variable));
        return std::move(reading_);
    }

private:
    bool at_end() const { return at_ >= text_.size(); }
    bool at_line_end() const { return at_end() || text_[at_] == '\n'; }
    void skip_blanks() {
        while (!at_end() && is_blank(text_[at_]))
            ++at_;
    }
    void skip_line() {
        while (!at_line_end())
            ++at_;
    }

    void refuse(Diagnostic diagnostic) {
        reading_.diagnostics.push_back(std::move(diagnostic));
        ++errors_;
    }

    bool refuse_at(std::size_t offset, std::string message, std::string hint) {
        refuse(source_.error_at(offset, std::move(message), std::move(hint)));
        return false;
    }

    bool skip_to_statement() {
        for (;;) {
            while (!at_end() && (is_blank(text_[at_]) || text_[at_] == '\n'))
                ++at_;
            if (at_end() || text_[at_] != '#') return !at_end();
            skip_line();
        }
    }

    bool take_statement() {
        constexpr std::string_view kExport = "export";
        const std::string_view rest = text_.substr(at_);
        if (rest.starts_with(kExport) && rest.size() > kExport.size() &&
            is_blank(rest[kExport.size()])) {
            at_ += kExport.size();
            skip_blanks();
        }
        Variable variable;
        variable.offset = at_;
        while (!at_end() && is_name_character(text_[at_]))
            ++at_;
        variable.name = std::string(text_.substr(variable.offset, at_ - variable.offset));
        skip_blanks();
        if (at_line_end()) {
            return refuse_at(at_, "no \"=\" after the variable's name", "write NAME=value");
        }
        if (text_[at_] != '=' && text_[at_] != ':') {
            return refuse_at(at_, "unexpected character in a variable's name",
                             "a name has only letters, digits, \"_\" and \".\"; write NAME=value");
        }
        if (variable.name.empty()) {
            return refuse_at(at_, "no variable name before the \"=\"", "write NAME=value");
        }
        ++at_;
        if (!take_value(variable.value)) return false;
        if (variable.value.find('\0') != std::string::npos) {
            return refuse_at(variable.offset, "the value contains a NUL byte",
                             "no program can be given such a variable");
        }
        keep(std::move(variable));
        return true;
    }

    void keep(Variable variable) {
        Variable& kept = variables_[variable.name];
        if (!kept.name.empty()) {
            reading_.diagnostics.push_back(source_.warning_at(
                variable.offset, "\"" + variable.name + "\" is set a second time; this one counts",
                "remove one of them"));
        }
        value_bytes_ += variable.value.size();
        kept = std::move(variable);
    }

    bool take_value(std::string& value) {
        const bool blank_before = !at_end() && is_blank(text_[at_]);
        skip_blanks();
        if (at_line_end()) return true;
        const char quote = text_[at_];
        if (quote == '"' || quote == '\'') return take_quoted(value, quote);
        const std::size_t begin = at_;
        skip_line();
        std::size_t end = at_;
        for (std::size_t i = begin; i < at_; ++i) {
            if (text_[i] != '#' || !(i == begin ? blank_before : is_blank(text_[i - 1]))) continue;
            end = i;
            break;
        }
        while (end > begin && is_blank(text_[end - 1]))
            --end;
        return expand(begin, end, /*escapes=*/false, value);
    }

    bool take_quoted(std::string& value, char quote) {
        const std::size_t open = at_++;
        while (!at_end() && text_[at_] != quote)
            at_ += text_[at_] == '\\' ? 2 : 1;
        if (at_end()) {
            at_ = open;
            return refuse_at(open, "unterminated quoted value",
                             std::string("add the closing ") + quote);
        }
        const std::size_t close = at_++;
        skip_blanks();
        if (!at_line_end() && text_[at_] != '#') {
            return refuse_at(at_, "unexpected text after the closing quote",
                             "put all of the value into the quotes");
        }
        skip_line();
        if (quote == '"') return expand(open + 1, close, /*escapes=*/true, value);
        value = without_carriage_returns(text_.substr(open + 1, close - open - 1));
        return true;
    }

    static std::string without_carriage_returns(std::string_view text) {
        std::string out;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
            out += text[i];
        }
        return out;
    }

    bool expand(std::size_t begin, std::size_t end, bool escapes, std::string& value) {
        const std::string text = without_carriage_returns(text_.substr(begin, end - begin));
        for (std::size_t i = 0; i < text.size(); ++i) {
            const char next = i + 1 < text.size() ? text[i + 1] : '\0';
            if (text[i] == '\\' && next == '$') {
                value += '$';
                ++i;
            } else if (escapes && text[i] == '\\' && i + 1 < text.size()) {
                value += next == 'n' ? '\n' : next == 'r' ? '\r' : next;
                ++i;
            } else if (text[i] == '$') {
                if (!expand_reference(text, i, begin, value)) return false;
            } else {
                value += text[i];
            }
        }
        return true;
    }

    // At a `$`: appends what it stands for and moves `i` to its last byte.
    bool expand_reference(const std::string& text, std::size_t& i, std::size_t begin,
                          std::string& value) {
        const bool braced = i + 1 < text.size() && text[i + 1] == '{';
        const std::size_t name_begin = i + (braced ? 2 : 1);
        std::size_t name_end = name_begin;
        while (name_end < text.size() && is_reference_character(text[name_end]))
            ++name_end;
        if (name_end == name_begin) {
            value += '$';
            return true;
        }
        if (braced && (name_end == text.size() || text[name_end] != '}')) {
            return refuse_at(begin, "only $NAME and ${NAME} are replaced in a .env file",
                             "write the value out, or use single quotes to keep it as it is");
        }
        const auto found = variables_.find(text.substr(name_begin, name_end - name_begin));
        if (found != variables_.end()) value += found->second.value;
        i = braced ? name_end : name_end - 1;
        return bounded(begin, value);
    }

    // Doubling a value line by line would fill the memory: A=$Z$Z, B=$A$A and so on.
    bool bounded(std::size_t begin, const std::string& value) {
        if (value_bytes_ + value.size() <= kConfigBytesMax) return true;
        return refuse_at(begin, "the values are longer than 1 MiB together", "");
    }

    SourceText source_;
    std::string_view text_;
    std::size_t at_ = 0;
    Reading<std::vector<Variable>> reading_;
    std::map<std::string, Variable> variables_;
    std::size_t value_bytes_ = 0;  // of all values so far
    std::size_t errors_ = 0;
};

}  // namespace

Reading<std::vector<Variable>> parse(std::string_view file, std::string_view text) {
    return Parser(file, text).parse();
}

}  // namespace reeve::formats::dotenv
