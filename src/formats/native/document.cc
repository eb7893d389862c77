#include "formats/native/document.h"

#include <algorithm>
#include <optional>

namespace reeve::formats::native {
namespace {
/// What toml++ takes for a mistake of its own, and is a mistake of the text.
struct BrokenPromise {};
}  // namespace
}  // namespace reeve::formats::native

// Malformed texts reach some assertions of toml++ 3.3: they are refused, and end no program.
#define TOML_ASSERT(expression) \
    ((expression) ? static_cast<void>(0) : throw reeve::formats::native::BrokenPromise())
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpragmas"
#pragma GCC diagnostic ignored "-Wunknown-warning-option"
#pragma GCC diagnostic ignored "-Wterminate"  // some stand in functions that promise not to throw
#include <toml++/toml.h>
#pragma GCC diagnostic pop

// The only file that sees toml++, which costs seconds to compile.
namespace reeve::formats::native {
namespace {

// toml++ and its destructors call themselves once for each level: both ways to nest are bounded,
// dotted keys here and brackets by TOML_MAX_NESTED_VALUES.
constexpr std::size_t kDotsPerLineMax = 32;

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

struct Objection {
    std::size_t offset;
    const char* message;
};

// Walks a text past strings and comments and finds what toml++ must not be given: dotted keys
// without bound, and headers without a name, for which it has an assertion in place of an error.
class Guard {
public:
    explicit Guard(std::string_view text) : text_(text) {}

    std::optional<Objection> find_objection() {
        std::size_t dots = 0;
        std::size_t depth = 0;  // of brackets: a header stands outside of all
        bool line_begins = true;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            const bool is_header = c == '[' && line_begins && depth == 0;
            if (is_header && !is_named(at_)) return Objection{at_, "a header needs a name"};
            if (c != ' ' && c != '\t') line_begins = c == '\n';
            if (c == '[' || c == '{') ++depth;
            if ((c == ']' || c == '}') && depth > 0) --depth;
            if (c == '"' || c == '\'') {
                skip_string(c);
                continue;
            }
            if (c == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
                continue;
            }
            if (c == '\n') dots = 0;
            if (c == '.' && ++dots > kDotsPerLineMax)
                return Objection{at_, "more than 32 dots between the keys of one line"};
            ++at_;
        }
        return std::nullopt;
    }

private:
    // Whether a name or the end follows the header's brackets.
    bool is_named(std::size_t at) const {
        at += text_.substr(at, 2) == "[[" ? 2 : 1;
        at = text_.find_first_not_of(" \t", at);
        if (at == std::string_view::npos) return true;
        const char c = text_[at];
        return is_letter_or_digit(c) ||
               std::string_view("_-\"']").find(c) != std::string_view::npos;
    }

    static bool is_letter_or_digit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    void skip_string(char quote) {
        const std::string three(3, quote);
        const bool is_long = text_.substr(at_, 3) == three;
        at_ += is_long ? 3 : 1;
        while (at_ < text_.size()) {
            if (quote == '"' && text_[at_] == '\\') {
                at_ += 2;
            } else if (is_long && text_.substr(at_, 3) == three) {
                at_ += 3;
                // The text may end with two quotes of its own.
                for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] == quote; ++i)
                    ++at_;
                return;
            } else if (!is_long && text_[at_] == '\n') {
                return;
            } else if (!is_long && text_[at_] == quote) {
                ++at_;
                return;
            } else {
                ++at_;
            }
        }
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

class Converter {
public:
    explicit Converter(std::string_view text) : text_(text) {
        lines_.push_back(0);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\n') lines_.push_back(i + 1);
        }
    }

    // Columns of toml++ count characters.
    std::size_t offset_of(const toml::source_position& place) const {
        if (place.line == 0 || place.line > lines_.size()) return text_.size();
        std::size_t at = lines_[place.line - 1];
        for (std::size_t column = 1; column < place.column && at < text_.size(); ++column) {
            ++at;
            while (at < text_.size() && !begins_character(text_[at]))
                ++at;
        }
        return std::min(at, text_.size());
    }

    Node convert(const toml::node& from) const {
        Node node;
        node.offset = offset_of(from.source().begin);
        switch (from.type()) {
            case toml::node_type::table:
                convert_table(*from.as_table(), node);
                break;
            case toml::node_type::array:
                node.kind = Kind::List;
                for (const toml::node& element : *from.as_array())
                    node.elements.push_back(convert(element));
                break;
            case toml::node_type::string:
                node.kind = Kind::Text;
                node.text = from.as_string()->get();
                break;
            case toml::node_type::integer:
                node.kind = Kind::Integer;
                node.integer = from.as_integer()->get();
                break;
            case toml::node_type::floating_point:
                node.kind = Kind::Real;
                node.real = from.as_floating_point()->get();
                break;
            case toml::node_type::boolean:
                node.kind = Kind::Boolean;
                node.boolean = from.as_boolean()->get();
                break;
            case toml::node_type::date:
            case toml::node_type::time:
            case toml::node_type::date_time:
            case toml::node_type::none:
                node.kind = Kind::Time;
                break;
        }
        return node;
    }

private:
    void convert_table(const toml::table& from, Node& node) const {
        node.kind = Kind::Table;
        for (const auto& [key, value] : from) {
            Member member;
            member.key = std::string(key.str());
            member.offset = offset_of(key.source().begin);
            member.value = convert(value);
            node.members.push_back(std::move(member));
        }
        std::stable_sort(node.members.begin(), node.members.end(),
                         [](const Member& a, const Member& b) { return a.offset < b.offset; });
    }

    std::string_view text_;
    std::vector<std::size_t> lines_;
};

/// nullopt: toml++ gave up without saying where.
std::optional<toml::parse_result> parse(std::string_view text) {
    try {
        return toml::parse(text);
    } catch (const BrokenPromise&) {
        return std::nullopt;
    }
}

}  // namespace

std::string_view to_text(Kind kind) {
    switch (kind) {
        case Kind::Boolean:
            return "true or false";
        case Kind::Integer:
            return "a whole number";
        case Kind::Real:
            return "a number with a fraction";
        case Kind::Text:
            return "a text";
        case Kind::Time:
            return "a date or time of day";
        case Kind::List:
            return "a list";
        case Kind::Table:
            return "a table";
    }
    return "something else";
}

const Node* Node::find(std::string_view key) const {
    for (const Member& member : members) {
        if (member.key == key) return &member.value;
    }
    return nullptr;
}

Reading<Node> parse(std::string_view file, std::string_view text) {
    Reading<Node> reading;
    const SourceText source(file, text);
    if (text.size() > kConfigBytesMax) {
        reading.diagnostics.push_back(source.error("the file is longer than 1 MiB", ""));
        return reading;
    }
    const std::optional<Objection> objection = Guard(text).find_objection();
    if (objection) {
        reading.diagnostics.push_back(source.error_at(objection->offset, objection->message, ""));
        return reading;
    }
    const std::optional<toml::parse_result> parsed = parse(text);
    if (!parsed) {
        reading.diagnostics.push_back(source.error_at(0, "the file is no TOML", ""));
        return reading;
    }
    const toml::parse_result& result = *parsed;
    const Converter converter(text);
    if (!result) {
        const toml::parse_error& failure = result.error();
        reading.diagnostics.push_back(source.error_at(converter.offset_of(failure.source().begin),
                                                      std::string(failure.description()), ""));
        return reading;
    }
    reading.value = converter.convert(result.table());
    return reading;
}

}  // namespace reeve::formats::native
