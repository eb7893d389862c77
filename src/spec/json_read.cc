#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/text.h"
#include "spec/app.h"
#include "spec/json_fields.h"

namespace reeve::spec {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kTextBytesMax = 16 * 1024 * 1024;
constexpr int kDepthMax = 16;
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

const char* kind_of(const Json& value) {
    return value.is_null() ? "nothing" : value.type_name();
}

// Reads one object into one value. The first mistake is kept, later fields are then left alone.
class Reader {
public:
    Reader(const Json& object, const Place& place, std::string& mistake)
        : object_(object), place_(place), mistake_(mistake) {
        if (!object.is_object())
            fail(place, std::string("an object is needed, not ") + kind_of(object));
    }

    template <typename T>
    void required(std::string_view name, T& value) {
        if (!mistake_.empty()) return;
        const auto found = object_.find(name);
        if (found == object_.end()) {
            fail({&place_, name}, "is missing");
            return;
        }
        read(*found, {&place_, name}, value);
    }

    /// A field that is not there keeps its default: an older reeve did not write it.
    template <typename T>
    void field(std::string_view name, T& value) {
        if (!mistake_.empty()) return;
        const auto found = object_.find(name);
        if (found != object_.end()) read(*found, {&place_, name}, value);
    }

private:
    void fail(const Place& place, const std::string& objection) {
        if (!mistake_.empty()) return;
        const std::string where = to_text(place);
        mistake_ = (where.empty() ? "app" : where) + ": " + objection;
    }

    template <typename T>
    void read(const Json& json, const Place& place, T& value) {
        if constexpr (std::is_enum_v<T>) {
            read_enum(json, place, value);
        } else if constexpr (std::is_integral_v<T>) {
            read_number(json, place, value);
        } else {
            Reader reader(json, place, mistake_);
            json::visit_fields(reader, value);
        }
    }

    void read(const Json& json, const Place& place, bool& value) {
        if (json.is_boolean()) {
            value = json.get<bool>();
        } else {
            fail(place, std::string("true or false is needed, not ") + kind_of(json));
        }
    }

    void read(const Json& json, const Place& place, Duration& value) {
        Duration::rep count = 0;
        read_number(json, place, count);
        value = Duration(count);
    }

    void read(const Json& json, const Place& place, std::string& value);
    void read(const Json& json, const Place& place, Environment& value);

    template <Maybe M>
    void read(const Json& json, const Place& place, M& value) {
        value.reset();
        if (json.is_null()) return;
        typename M::value_type held{};
        read(json, place, held);
        value = std::move(held);
    }

    bool check_list(const Json& json, const Place& place) {
        if (!json.is_array())
            fail(place, std::string("a list is needed, not ") + kind_of(json));
        else if (json.size() > kElementsMax)
            fail(place, "more than 100,000 elements");
        return mistake_.empty();
    }

    template <typename T>
    void read(const Json& json, const Place& place, std::vector<T>& values) {
        values.clear();
        if (!check_list(json, place)) return;
        values.reserve(json.size());
        for (std::size_t i = 0; i < json.size() && mistake_.empty(); ++i) {
            T value{};
            read(json[i], {&place, "", i}, value);
            values.push_back(std::move(value));
        }
    }

    template <typename... Alternatives>
    void read(const Json& json, const Place& place, std::variant<Alternatives...>& value) {
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
    void read_enum(const Json& json, const Place& place, Enum& value) {
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
    void read_number(const Json& json, const Place& place, Number& value) {
        if (!json.is_number_integer()) {
            fail(place, std::string("a whole number is needed, not ") + kind_of(json));
        } else if (json.is_number_unsigned()) {
            const auto wide = json.get<std::uint64_t>();
            if (std::in_range<Number>(wide))
                value = static_cast<Number>(wide);
            else
                fail(place, std::to_string(wide) + " is too large");
        } else {
            const auto wide = json.get<std::int64_t>();
            if (std::in_range<Number>(wide))
                value = static_cast<Number>(wide);
            else
                fail(place, std::to_string(wide) + " is out of range");
        }
    }

    const Json& object_;
    const Place& place_;
    std::string& mistake_;
};

void Reader::read(const Json& json, const Place& place, std::string& value) {
    if (json.is_string()) {
        value = json.get_ref<const std::string&>();
        return;
    }
    const auto hex = json.is_object() ? json.find("hex") : json.end();
    if (!json.is_object() || hex == json.end() || !hex->is_string()) {
        fail(place, std::string("a text is needed, not ") + kind_of(json));
        return;
    }
    const std::string& digits = hex->get_ref<const std::string&>();
    value.clear();
    for (std::size_t i = 0; i < digits.size(); i += 2) {
        const Result<std::uint64_t> byte = parse_hex(std::string_view(digits).substr(i, 2));
        if (!byte || i + 1 >= digits.size()) {
            fail({&place, "hex"}, "pairs of hexadecimal digits are needed");
            return;
        }
        value += static_cast<char>(*byte);
    }
}

void Reader::read(const Json& json, const Place& place, Environment& value) {
    value.clear();
    if (!check_list(json, place)) return;
    for (std::size_t i = 0; i < json.size() && mistake_.empty(); ++i) {
        const Place element{&place, "", i};
        if (!json[i].is_array() || json[i].size() != 2) {
            fail(element, "a pair of name and value is needed");
            return;
        }
        std::string name;
        std::string text;
        read(json[i][0], {&element, "", 0}, name);
        read(json[i][1], {&element, "", 1}, text);
        if (!value.emplace(std::move(name), std::move(text)).second)
            fail(element, "the name is used twice");
    }
}

// The parser's memory grows with the depth: it is bounded before it starts.
bool is_too_deep(std::string_view text) {
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
            if (++depth > kDepthMax) return true;
        } else if (c == '}' || c == ']') {
            --depth;
        }
    }
    return false;
}

}  // namespace

Result<App> app_from_json(std::string_view text) {
    if (text.size() > kTextBytesMax) return Error{"app: the text is longer than 16 MiB"};
    if (is_too_deep(text)) return Error{"app: nested more than 16 deep"};
    Json document;
    try {
        document = Json::parse(text);
    } catch (const Json::exception& failure) {
        return Error{std::string("app: not JSON: ") + failure.what()};
    }
    App app;
    std::string mistake;
    const Place top;
    Reader reader(document, top, mistake);
    json::visit_fields(reader, app);
    if (!mistake.empty()) return Error{mistake};
    return app;
}

}  // namespace reeve::spec
