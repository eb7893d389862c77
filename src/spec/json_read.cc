#include <cstddef>
#include <limits>
#include <string>
#include <string_view>

#include "base/text.h"
#include "spec/app.h"
#include "spec/json_document.h"
#include "spec/json_fields.h"

namespace reeve::spec {
namespace {

using json::Value;
using json::ValueKind;

constexpr std::size_t kTextBytesMax = 16 * 1024 * 1024;
constexpr std::size_t kElementsMax = 100'000;  // of one list

// Where in the document the reader is: a chain on the stack, made into text for errors only.
struct Place {
    const Place* parent = nullptr;
    std::string_view name;  // of a field; empty: an element of a list
    std::size_t index = 0;
};

std::string to_text(const Place& place) {
    const std::string before = place.parent ? to_text(*place.parent) : "";
    if (place.name.empty()) {
        return place.parent ? before + "[" + std::to_string(place.index) + "]" : before;
    }
    return before.empty() ? std::string(place.name) : before + "." + std::string(place.name);
}

// Reads one object into one value. The first mistake is kept, later fields are then left alone.
class Reader {
public:
    Reader(const Value& object, const Place& place, std::string& mistake)
        : object_(object), place_(place), mistake_(mistake) {
        if (object.kind != ValueKind::Object)
            fail(place, std::string("an object is needed, not ") + object.kind_text());
    }

    template <typename T>
    void required(std::string_view name, T& value) {
        if (!mistake_.empty()) return;
        const Value* found = object_.find(name);
        if (found == nullptr) {
            fail({&place_, name}, "is missing");
            return;
        }
        read(*found, {&place_, name}, value);
    }

    /// A field that is not there keeps its default: an older reeve did not write it.
    template <typename T>
    void field(std::string_view name, T& value) {
        if (!mistake_.empty()) return;
        const Value* found = object_.find(name);
        if (found != nullptr) read(*found, {&place_, name}, value);
    }

private:
    void fail(const Place& place, const std::string& objection) {
        if (!mistake_.empty()) return;
        const std::string where = to_text(place);
        mistake_ = (where.empty() ? "app" : where) + ": " + objection;
    }

    template <typename T>
    void read(const Value& json, const Place& place, T& value) {
        if constexpr (std::is_enum_v<T>) {
            read_enum(json, place, value);
        } else if constexpr (std::is_integral_v<T>) {
            read_number(json, place, value);
        } else {
            Reader reader(json, place, mistake_);
            json::visit_fields(reader, value);
        }
    }

    void read(const Value& json, const Place& place, bool& value) {
        if (json.kind == ValueKind::Flag) {
            value = json.number != 0;
        } else {
            fail(place, std::string("true or false is needed, not ") + json.kind_text());
        }
    }

    void read(const Value& json, const Place& place, Duration& value) {
        Duration::rep count = 0;
        read_number(json, place, count);
        value = Duration(count);
    }

    void read(const Value& json, const Place& place, std::string& value);
    void read(const Value& json, const Place& place, Environment& value);

    template <Maybe M>
    void read(const Value& json, const Place& place, M& value) {
        value.reset();
        if (json.kind == ValueKind::Null) return;
        typename M::value_type held{};
        read(json, place, held);
        value = std::move(held);
    }

    bool check_list(const Value& json, const Place& place) {
        if (json.kind != ValueKind::List)
            fail(place, std::string("a list is needed, not ") + json.kind_text());
        else if (json.number > kElementsMax)
            fail(place, "more than 100,000 elements");
        return mistake_.empty();
    }

    template <typename T>
    void read(const Value& json, const Place& place, std::vector<T>& values) {
        values.clear();
        if (!check_list(json, place)) return;
        values.reserve(json.number);
        const Value* element = json.first();
        for (std::size_t i = 0; i < json.number && mistake_.empty(); ++i) {
            read(*element, {&place, "", i}, values.emplace_back());
            element = element->next();
        }
    }

    template <typename... Alternatives>
    void read(const Value& json, const Place& place, std::variant<Alternatives...>& value) {
        std::string kind;
        Reader reader(json, place, mistake_);
        reader.required("kind", kind);
        if (!mistake_.empty()) return;
        const bool known = (read_alternative<Alternatives>(reader, kind, value) || ...);
        if (!known) fail({&place, "kind"}, "\"" + kind + "\" is not known");
    }

    template <typename Alternative, typename Variant>
    static bool read_alternative(Reader& reader, const std::string& kind, Variant& value) {
        if (kind != json::kKind<Alternative>) return false;
        Alternative held{};
        json::visit_fields(reader, held);
        value = std::move(held);
        return true;
    }

    template <typename Enum>
    void read_enum(const Value& json, const Place& place, Enum& value) {
        std::string word;
        read(json, place, word);
        if (!mistake_.empty()) return;
        const auto& words = json::Words<Enum>::kAll;
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (words[i] != word) continue;
            value = static_cast<Enum>(i);
            return;
        }
        fail(place, "\"" + word + "\" is not known");
    }

    template <typename Number>
    void read_number(const Value& json, const Place& place, Number& value) {
        if (json.kind == ValueKind::Unsigned) {
            if (std::in_range<Number>(json.number))
                value = static_cast<Number>(json.number);
            else
                fail(place, std::to_string(json.number) + " is too large");
        } else if (json.kind == ValueKind::Signed) {
            const auto wide = static_cast<std::int64_t>(json.number);
            if (std::in_range<Number>(wide))
                value = static_cast<Number>(wide);
            else
                fail(place, std::to_string(wide) + " is out of range");
        } else {
            fail(place, std::string("a whole number is needed, not ") + json.kind_text());
        }
    }

    const Value& object_;
    const Place& place_;
    std::string& mistake_;
};

void Reader::read(const Value& json, const Place& place, std::string& value) {
    if (json.kind == ValueKind::Text) {
        value = json.text;
        return;
    }
    const Value* hex = json.find("hex");
    if (hex == nullptr || hex->kind != ValueKind::Text) {
        fail(place, std::string("a text is needed, not ") + json.kind_text());
        return;
    }
    const std::string_view digits = hex->text;
    value.clear();
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const Result<std::uint64_t> byte = parse_hex(digits.substr(i, 2));
        if (!byte || i + 1 >= digits.size()) {
            fail({&place, "hex"}, "pairs of hexadecimal digits are needed");
            return;
        }
        value += static_cast<char>(*byte);
    }
}

void Reader::read(const Value& json, const Place& place, Environment& value) {
    value.clear();
    if (!check_list(json, place)) return;
    const Value* pair = json.first();
    for (std::size_t i = 0; i < json.number && mistake_.empty(); ++i, pair = pair->next()) {
        const Place element{&place, "", i};
        if (pair->kind != ValueKind::List || pair->number != 2) {
            fail(element, "a pair of name and value is needed");
            return;
        }
        std::string name;
        std::string text;
        read(*pair->first(), {&element, "", 0}, name);
        read(*pair->first()->next(), {&element, "", 1}, text);
        if (!value.emplace(std::move(name), std::move(text)).second)
            fail(element, "the name is used twice");
    }
}

}  // namespace

Result<App> app_from_json(std::string_view text) {
    if (text.size() > kTextBytesMax) return Error{"app: the text is longer than 16 MiB"};
    const Result<json::Document> document = json::Document::parse(text);
    if (!document) return Error{"app: " + document.error().message};
    App app;
    std::string mistake;
    const Place top;
    Reader reader(document->top(), top, mistake);
    json::visit_fields(reader, app);
    if (!mistake.empty()) return Error{mistake};
    return app;
}

}  // namespace reeve::spec
