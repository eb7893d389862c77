#include "formats/json/jsonc.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace reeve::formats::json {
namespace {

constexpr int kDepthMax = 32;
constexpr std::size_t kMembersMax = 5000;  // of one object: names are compared one by one

void append_utf8(std::string& out, unsigned code) {
    const auto byte = [&out](unsigned value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0 | code >> 6);
        byte(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        byte(0xE0 | code >> 12);
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    } else {
        byte(0xF0 | code >> 18);
        byte(0x80 | (code >> 12 & 0x3F));
        byte(0x80 | (code >> 6 & 0x3F));
        byte(0x80 | (code & 0x3F));
    }
}

// Recursive descent; every `take_…` returns whether the text was good so far.
class Parser {
public:
    Parser(std::string_view file, std::string_view text)
        : source_(file, text), text_(text), at_(text.size() - without_bom(text).size()) {}

    Reading<Value> parse() {
        if (text_.size() > kConfigBytesMax) {
            reading_.diagnostics.push_back(source_.error("the file is larger than 1 MiB", ""));
            return std::move(reading_);
        }
        if (!is_utf8(text_)) {
            reading_.diagnostics.push_back(source_.error("the file is not UTF-8 text", ""));
            return std::move(reading_);
        }
        if (take_value(reading_.value, 0) && skip_space() && at_ < text_.size()) {
            refuse(at_, "unexpected text after the end", "one value is all there may be");
        }
        return std::move(reading_);
    }

private:
    bool refuse(std::size_t offset, std::string message, std::string hint) {
        reading_.diagnostics.push_back(
            source_.error_at(offset, std::move(message), std::move(hint)));
        return false;
    }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool is_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }

    bool skip_space() {
        for (;;) {
            const std::size_t next = text_.find_first_not_of(" \t\r\n", at_);
            at_ = std::min(next, text_.size());
            if (is_at("//")) {
                at_ = std::min(text_.find('\n', at_), text_.size());
            } else if (is_at("/*")) {
                const std::size_t end = text_.find("*/", at_ + 2);
                if (end == std::string_view::npos) {
                    return refuse(at_, "the comment does not end", "close it with */");
                }
                at_ = end + 2;
            } else {
                return true;
            }
        }
    }

    bool take_value(Value& value, int depth) {
        if (!skip_space()) return false;
        value.offset = at_;
        if (depth >= kDepthMax) return refuse(at_, "nested more than 32 deep", "");
        if (at_ >= text_.size())
            return refuse(at_, "the text ends too early", "a value is missing");
        const char c = peek();
        if (c == '{') return take_object(value, depth);
        if (c == '[') return take_array(value, depth);
        if (c == '"') {
            value.kind = Kind::String;
            return take_string(value.text);
        }
        if (c == '-' || (c >= '0' && c <= '9')) return take_number(value);
        return take_word(value);
    }

    bool take_word(Value& value) {
        for (const std::string_view word : {"true", "false", "null"}) {
            if (!is_at(word)) continue;
            value.kind = word == "null" ? Kind::Null : Kind::Boolean;
            value.text = word;
            at_ += word.size();
            return true;
        }
        return refuse(at_, "not a JSON value", "texts stand in double quotes");
    }

    std::size_t take_digits() {
        const std::size_t begin = at_;
        while (peek() >= '0' && peek() <= '9')
            ++at_;
        return at_ - begin;
    }

    bool take_number(Value& value) {
        value.kind = Kind::Number;
        const std::size_t begin = at_;
        if (peek() == '-') ++at_;
        const bool zero_first = peek() == '0';
        const std::size_t digits = take_digits();
        bool good = digits > 0 && !(zero_first && digits > 1);
        if (peek() == '.') {
            ++at_;
            good = take_digits() > 0 && good;
        }
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            good = take_digits() > 0 && good;
        }
        value.text = std::string(text_.substr(begin, at_ - begin));
        return good || refuse(begin, "not a number", "texts stand in double quotes");
    }

    bool take_string(std::string& out) {
        const std::size_t begin = at_++;
        for (;;) {
            const char c = peek();
            if (at_ >= text_.size() || c == '\n') {
                return refuse(begin, "the string does not end on its line", "add the closing \"");
            }
            if (c == '"') break;
            if (static_cast<unsigned char>(c) < 0x20) {
                return refuse(at_, "a control character in a string", "write it as an escape");
            }
            if (c == '\\') {
                if (!take_escape(out)) return false;
            } else {
                out += c;
                ++at_;
            }
        }
        ++at_;
        return true;
    }

    bool take_escape(std::string& out) {
        constexpr std::string_view kLetters = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        const std::size_t begin = at_++;
        const std::size_t letter = kLetters.find(peek());
        if (at_ < text_.size() && letter != std::string_view::npos) {
            out += kMeanings[letter];
            ++at_;
            return true;
        }
        unsigned code = 0;
        if (!take_code(begin, code)) return false;
        const bool first_half = code >= 0xD800 && code < 0xDC00;
        if (first_half && is_at("\\u")) {
            unsigned second = 0;
            ++at_;
            if (!take_code(begin, second)) return false;
            if (second < 0xDC00 || second > 0xDFFF) return refuse_half(begin);
            code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
        } else if (code >= 0xD800 && code < 0xE000) {
            return refuse_half(begin);
        }
        append_utf8(out, code);
        return true;
    }

    bool refuse_half(std::size_t begin) { return refuse(begin, "half of a surrogate pair", ""); }

    // At the `u` of `\uXXXX`.
    bool take_code(std::size_t begin, unsigned& code) {
        const Result<std::uint64_t> number =
            parse_hex(text_.substr(std::min(at_ + 1, text_.size()), 4));
        if (peek() != 'u' || at_ + 5 > text_.size() || !number) {
            return refuse(begin, "not an escape",
                          "escapes are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
        }
        code = static_cast<unsigned>(*number);
        at_ += 5;
        return true;
    }

    bool take_array(Value& value, int depth) {
        value.kind = Kind::Array;
        ++at_;
        for (;;) {
            if (!skip_space()) return false;
            if (peek() == ']') break;
            value.elements.emplace_back();
            if (!take_value(value.elements.back(), depth + 1)) return false;
            if (!take_comma(']')) return false;
        }
        ++at_;
        return true;
    }

    bool take_object(Value& value, int depth) {
        value.kind = Kind::Object;
        ++at_;
        for (;;) {
            if (!skip_space()) return false;
            if (peek() == '}') break;
            if (value.members.size() >= kMembersMax) {
                return refuse(at_, "an object of more than 5,000 members", "");
            }
            Member member;
            member.offset = at_;
            if (peek() != '"') {
                return refuse(at_, "no name of a member", "names stand in double quotes");
            }
            if (!take_string(member.name) || !skip_space()) return false;
            if (peek() != ':')
                return refuse(at_, "no \":\" after the name", "write \"name\": value");
            ++at_;
            if (!take_value(member.value, depth + 1)) return false;
            keep(value.members, std::move(member));
            if (!take_comma('}')) return false;
        }
        ++at_;
        return true;
    }

    void keep(std::vector<Member>& members, Member member) {
        const auto same = std::find_if(members.begin(), members.end(), [&member](const Member& m) {
            return m.name == member.name;
        });
        if (same == members.end()) {
            members.push_back(std::move(member));
            return;
        }
        reading_.diagnostics.push_back(source_.warning_at(
            member.offset, "\"" + member.name + "\" is given a second time; this one counts",
            "remove one of them"));
        *same = std::move(member);
    }

    // A comma, also before the closing bracket; or the bracket itself.
    bool take_comma(char closing) {
        if (!skip_space()) return false;
        if (peek() == ',') {
            ++at_;
            return true;
        }
        if (peek() == closing) return true;
        return refuse(at_, std::string("no \",\" and no \"") + closing + "\" here",
                      "is a comma missing?");
    }

    SourceText source_;
    std::string_view text_;
    std::size_t at_ = 0;
    Reading<Value> reading_;
};

}  // namespace

std::string_view to_text(Kind kind) {
    switch (kind) {
        case Kind::Null:
            return "null";
        case Kind::Boolean:
            return "true or false";
        case Kind::Number:
            return "a number";
        case Kind::String:
            return "a string";
        case Kind::Array:
            return "an array";
        case Kind::Object:
            return "an object";
    }
    return "";
}

const Value* Value::find(std::string_view name) const {
    const auto found = std::find_if(members.begin(), members.end(),
                                    [name](const Member& member) { return member.name == name; });
    return found == members.end() ? nullptr : &found->value;
}

Reading<Value> parse(std::string_view file, std::string_view text) {
    return Parser(file, text).parse();
}

}  // namespace reeve::formats::json
