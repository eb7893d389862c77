#include "spec/json_document.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace reeve::spec::json {
namespace {

using Json = nlohmann::json;

constexpr int kDepthMax = 16;
/// More than JSON of 16 MiB can have, which is what the longest app has.
constexpr std::size_t kValuesMax = 8'500'000;

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

// Is told what the parser finds, in the order of the text.
class Document::Builder : public Json::json_sax_t {
public:
    Builder(Document& document, std::size_t bytes, std::size_t values) : document_(document) {
        document_.texts_.resize(bytes);  // no text is longer than what it is read from
        document_.values_.reserve(values);
    }

    const std::string& mistake() const { return mistake_; }

    bool null() override { return add(ValueKind::Null); }
    bool boolean(bool value) override { return add(ValueKind::Flag, value ? 1 : 0); }
    bool number_integer(number_integer_t value) override {
        return add(ValueKind::Signed, static_cast<std::uint64_t>(value));
    }
    bool number_unsigned(number_unsigned_t value) override {
        return add(ValueKind::Unsigned, value);
    }
    bool number_float(number_float_t, const string_t&) override { return add(ValueKind::Fraction); }
    bool string(string_t& value) override {
        add(ValueKind::Text);
        document_.values_.back().text = keep(value);
        return true;
    }
    bool binary(binary_t&) override { return false; }  // JSON has none
    bool start_object(std::size_t) override { return open(ValueKind::Object); }
    bool start_array(std::size_t) override { return open(ValueKind::List); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& value) override {
        name_ = keep(value);
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const Json::exception& failure) override {
        mistake_ = failure.what();
        return false;
    }

private:
    bool add(ValueKind kind, std::uint64_t number = 0) {
        if (depth_ > 0) ++document_.values_[open_[depth_ - 1]].number;
        document_.values_.push_back({kind, 1, std::exchange(name_, {}), {}, number});
        return true;
    }

    bool open(ValueKind kind) {
        add(kind);
        open_.at(depth_++) = document_.values_.size() - 1;
        return true;
    }

    bool close() {
        const std::size_t opened = open_[--depth_];
        document_.values_[opened].extent =
            static_cast<std::uint32_t>(document_.values_.size() - opened);
        return true;
    }

    std::string_view keep(const std::string& text) {
        char* const place = document_.texts_.data() + kept_;
        std::copy(text.begin(), text.end(), place);
        kept_ += text.size();
        return {place, text.size()};
    }

    Document& document_;
    std::string mistake_;
    std::string_view name_;                      // of the member that comes
    std::array<std::size_t, kDepthMax> open_{};  // the lists and objects that the parser is in
    std::size_t depth_ = 0;
    std::size_t kept_ = 0;
};

Result<Document> Document::parse(std::string_view text) {
    const Shape shape = shape_of(text);
    if (shape.too_deep) return Error{"nested more than 16 deep"};
    if (shape.values_max > kValuesMax) return Error{"more than 8,500,000 values"};
    Document document;
    Builder builder(document, text.size(), shape.values_max);
    if (!Json::sax_parse(text.begin(), text.end(), &builder))
        return Error{"not JSON: " + builder.mistake()};
    return document;
}

}  // namespace reeve::spec::json
