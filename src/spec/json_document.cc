#include "spec/json_document.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <system_error>

#include "base/text.h"

namespace reeve::spec::json {
namespace {

constexpr int kDepthMax = 16;
constexpr std::size_t kValuesMax = 1'000'000;

struct Shape {
    bool too_deep = false;
    std::size_t values_max = 1;  // as many as there can be
};

// The parser's memory grows with the depth, the document with the values: both are known, and
// bounded, before it starts.
Shape shape_of(std::string_view text) {
    Shape shape;
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\')
                ++i;
            else if (c == '"')
                quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            ++shape.values_max;
            shape.too_deep = shape.too_deep || ++depth > kDepthMax;
        } else if (c == '}' || c == ']') {
            --depth;
        } else if (c == ',') {
            ++shape.values_max;
        }
    }
    return shape;
}

}  // namespace

const Value* Value::find(std::string_view wanted) const {
    if (kind != ValueKind::Object) return nullptr;
    const Value* found = nullptr;
    for (const Value* member = first(); member != next(); member = member->next()) {
        if (member->name == wanted) found = member;
    }
    return found;
}

const char* Value::kind_text() const {
    switch (kind) {
        case ValueKind::Null:
            return "nothing";
        case ValueKind::Flag:
            return "boolean";
        case ValueKind::Unsigned:
        case ValueKind::Signed:
        case ValueKind::Fraction:
            return "number";
        case ValueKind::Text:
            return "string";
        case ValueKind::List:
            return "array";
        case ValueKind::Object:
            return "object";
    }
    return "?";
}

// Reads the text from its beginning to its end. The first mistake ends it.
class Document::Parser {
public:
    Parser(Document& document, std::string_view text, std::size_t values_max)
        : document_(document), text_(text) {
        document_.texts_.resize(text.size());  // no text is longer than what it is read from
        document_.values_.reserve(values_max);
    }

    // Whether the text is JSON.
    bool read() {
        if (!is_utf8(text_)) return fail("what is not UTF-8");
        if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;  // a mark that editors of Windows make
        skip_blanks();
        if (!read_value({})) return false;
        skip_blanks();
        return at_ == text_.size() || fail("nothing more is expected");
    }

    std::string mistake() const { return mistake_ + " at byte " + std::to_string(at_ + 1); }

private:
    bool fail(const char* mistake) {
        mistake_ = mistake;
        return false;
    }

    // What comes; a NUL at the end, which is right nowhere.
    char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    bool take(char wanted) {
        if (at_ == text_.size() || text_[at_] != wanted) return false;
        ++at_;
        return true;
    }

    void skip_blanks() {
        while (next() == ' ' || next() == '\n' || next() == '\r' || next() == '\t')
            ++at_;
    }

    Value& add(ValueKind kind, std::string_view name, std::uint64_t number = 0) {
        return document_.values_.emplace_back(Value{kind, 1, name, {}, number});
    }

    bool read_value(std::string_view name) {
        switch (next()) {
            case '{':
                return read_parts(ValueKind::Object, '}', name);
            case '[':
                return read_parts(ValueKind::List, ']', name);
            case '"': {
                std::string_view text;
                if (!read_text(text)) return false;
                add(ValueKind::Text, name).text = text;
                return true;
            }
            case 't':
                add(ValueKind::Flag, name, 1);
                return read_word("true");
            case 'f':
                add(ValueKind::Flag, name, 0);
                return read_word("false");
            case 'n':
                add(ValueKind::Null, name);
                return read_word("null");
            default:
                return read_number(name);
        }
    }

    bool read_word(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) return fail("a value is expected");
        at_ += word.size();
        return true;
    }

    // The elements of a list, or the members of an object.
    bool read_parts(ValueKind kind, char end, std::string_view name) {
        const std::size_t opened = document_.values_.size();
        add(kind, name);
        ++at_;
        skip_blanks();
        std::uint64_t parts = 0;
        for (; !take(end); ++parts) {
            if (parts > 0 && !take(',')) return fail("a comma or the end is expected");
            skip_blanks();
            std::string_view part;
            if (kind == ValueKind::Object && !read_name(part)) return false;
            if (!read_value(part)) return false;
            skip_blanks();
        }
        Value& value = document_.values_[opened];
        value.extent = static_cast<std::uint32_t>(document_.values_.size() - opened);
        value.number = parts;
        return true;
    }

    bool read_name(std::string_view& name) {
        if (next() != '"') return fail("a name is expected");
        if (!read_text(name)) return false;
        skip_blanks();
        if (!take(':')) return fail("a colon is expected");
        skip_blanks();
        return true;
    }

    bool read_text(std::string_view& text) {
        const std::size_t begin = kept_;
        for (++at_; !take('"');) {
            const std::size_t piece = at_;
            while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) >= 0x20 &&
                   text_[at_] != '"' && text_[at_] != '\\')
                ++at_;
            keep(text_.substr(piece, at_ - piece));
            if (next() == '"') continue;
            if (!take('\\')) return fail("the end of a text is expected");
            if (!read_escape()) return false;
        }
        text = std::string_view(document_.texts_.data() + begin, kept_ - begin);
        return true;
    }

    bool read_escape() {
        constexpr std::string_view kLetters = "\"\\/bfnrt";
        constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
        const std::size_t letter = kLetters.find(next());
        if (letter != std::string_view::npos) {
            ++at_;
            keep(kMeant.substr(letter, 1));
            return true;
        }
        if (!take('u')) return fail("there is no such escape");
        std::uint32_t code = 0;
        if (!read_unit(code)) return false;
        if (is_first_half(code)) {
            std::uint32_t second = 0;
            if (!take('\\') || !take('u')) return fail("half of a character");
            if (!read_unit(second)) return false;
            if (!is_second_half(second)) return fail("half of a character");
            code = 0x10000 + ((code - 0xD800) << 10) + (second - 0xDC00);
        } else if (is_second_half(code)) {
            return fail("half of a character");
        }
        keep_character(code);
        return true;
    }

    static bool is_first_half(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
    static bool is_second_half(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

    bool read_unit(std::uint32_t& unit) {
        const std::string_view digits = text_.substr(at_, 4);
        const char* const end = digits.data() + digits.size();
        const auto read = std::from_chars(digits.data(), end, unit, 16);
        if (digits.size() != 4 || read.ec != std::errc() || read.ptr != end)
            return fail("four hexadecimal digits are expected");
        at_ += 4;
        return true;
    }

    void keep(std::string_view piece) {
        std::copy(piece.begin(), piece.end(), document_.texts_.data() + kept_);
        kept_ += piece.size();
    }

    void keep_character(std::uint32_t code) {
        char bytes[4];
        std::size_t size = 0;
        const auto put = [&](std::uint32_t byte) { bytes[size++] = static_cast<char>(byte); };
        const auto put_rest = [&](unsigned shift) { put(0x80 | (code >> shift & 0x3F)); };
        if (code < 0x80) {
            put(code);
        } else if (code < 0x800) {
            put(0xC0 | code >> 6);
        } else if (code < 0x10000) {
            put(0xE0 | code >> 12);
            put_rest(6);
        } else {
            put(0xF0 | code >> 18);
            put_rest(12);
            put_rest(6);
        }
        if (code >= 0x80) put_rest(0);
        keep({bytes, size});
    }

    bool read_digits() {
        const std::size_t begin = at_;
        while (next() >= '0' && next() <= '9')
            ++at_;
        return at_ > begin || fail("a digit is expected");
    }

    bool read_number(std::string_view name) {
        const std::size_t begin = at_;
        const bool is_negative = take('-');
        if (next() < '0' || next() > '9') return fail("a value is expected");
        if (!take('0')) (void)read_digits();
        const std::string_view whole = text_.substr(begin, at_ - begin);
        if (take('.') && !read_digits()) return false;
        if (take('e') || take('E')) {
            if (!take('+')) (void)take('-');
            if (!read_digits()) return false;
        }
        const bool is_whole = at_ == begin + whole.size();
        const char* const end = whole.data() + whole.size();
        std::int64_t negative = 0;
        std::uint64_t number = 0;
        if (is_whole && is_negative &&
            std::from_chars(whole.data(), end, negative).ec == std::errc()) {
            add(ValueKind::Signed, name, static_cast<std::uint64_t>(negative));
        } else if (is_whole && !is_negative &&
                   std::from_chars(whole.data(), end, number).ec == std::errc()) {
            add(ValueKind::Unsigned, name, number);
        } else {
            add(ValueKind::Fraction, name);
        }
        return true;
    }

    Document& document_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t kept_ = 0;  // of texts_
    std::string mistake_;
};

Result<Document> Document::parse(std::string_view text) {
    const Shape shape = shape_of(text);
    if (shape.too_deep) return Error{"nested more than 16 deep"};
    if (shape.values_max > kValuesMax) return Error{"more than a million values"};
    Document document;
    Parser parser(document, text, shape.values_max);
    if (!parser.read()) return Error{"not JSON: " + parser.mistake()};
    return document;
}

}  // namespace reeve::spec::json
