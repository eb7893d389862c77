#include "formats/nginx/sigil_value.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/text.h"

namespace reeve::formats::nginx {
namespace {

using Arguments = std::vector<TemplateValue>;

/// Most parts of a text that is split, and longest text that a function makes.
constexpr std::size_t kPartsMax = 10'000;
constexpr std::size_t kTextMax = std::size_t{64} * 1024;

std::vector<std::string> as_list(const TemplateValue& value) {
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return *list;
    const std::string text = to_text(value);
    return text.empty() ? std::vector<std::string>() : std::vector<std::string>{text};
}

Result<TemplateValue> split_text(const Arguments& arguments) {
    const std::string separator = to_text(arguments[0]);
    const std::string text = to_text(arguments[1]);
    if (separator.empty()) return Error{"needs something to split at"};
    std::vector<std::string> parts;
    std::size_t from = 0;
    for (;;) {
        const std::size_t at = text.find(separator, from);
        parts.push_back(text.substr(from, at == std::string::npos ? at : at - from));
        if (parts.size() > kPartsMax) return Error{"makes too many parts"};
        if (at == std::string::npos) return TemplateValue(std::move(parts));
        from = at + separator.size();
    }
}

Result<TemplateValue> join_list(const Arguments& arguments) {
    const std::string separator = to_text(arguments[0]);
    std::string text;
    bool first = true;
    for (const std::string& part : as_list(arguments[1])) {
        if (!std::exchange(first, false)) text += separator;
        text += part;
        if (text.size() > kTextMax) return Error{"makes a text that is too long"};
    }
    return TemplateValue(std::move(text));
}

Result<TemplateValue> take_index(const Arguments& arguments) {
    const auto* list = std::get_if<std::vector<std::string>>(&arguments[0]);
    if (list == nullptr) return Error{"needs a list"};
    const Result<std::int64_t> index = parse_integer(to_text(arguments[1]));
    const bool fits = index && *index >= 0 && static_cast<std::size_t>(*index) < list->size();
    if (!fits) {
        return Error{"there is no element " + to_text(arguments[1]) + " in a list of " +
                     std::to_string(list->size())};
    }
    return TemplateValue((*list)[static_cast<std::size_t>(*index)]);
}

Result<TemplateValue> replace_text(const Arguments& arguments) {
    const std::string old_text = to_text(arguments[0]);
    const std::string new_text = to_text(arguments[1]);
    const std::string text = to_text(arguments[2]);
    if (old_text.empty()) return Error{"needs something to replace"};
    std::string result;
    std::size_t from = 0;
    for (std::size_t at = 0; (at = text.find(old_text, from)) != std::string::npos;) {
        result += text.substr(from, at - from) + new_text;
        from = at + old_text.size();
        if (result.size() > kTextMax) return Error{"makes a text that is too long"};
    }
    return TemplateValue(result + text.substr(from));
}

Result<TemplateValue> map_letters(const Arguments& arguments, char first, char last, int distance) {
    std::string text = to_text(arguments[0]);
    for (char& c : text) {
        if (c >= first && c <= last) c = static_cast<char>(c + distance);
    }
    return TemplateValue(std::move(text));
}

bool equals_any(const Arguments& arguments) {
    return std::any_of(arguments.begin() + 1, arguments.end(), [&](const TemplateValue& other) {
        return to_text(arguments[0]) == to_text(other);
    });
}

/// The first that is not true, else the last; or the other way round.
TemplateValue choose(const Arguments& arguments, bool until) {
    for (const TemplateValue& value : arguments) {
        if (is_true(value) == until) return value;
    }
    return arguments.back();
}

std::string length_of(const TemplateValue& value) {
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    return std::to_string(list != nullptr ? list->size() : to_text(value).size());
}

std::vector<std::string> unique(const TemplateValue& value) {
    std::vector<std::string> kept;
    for (const std::string& part : as_list(value)) {
        if (std::find(kept.begin(), kept.end(), part) == kept.end()) kept.push_back(part);
    }
    return kept;
}

struct Function {
    std::string_view name;
    std::size_t least;
    std::size_t most;
    Result<TemplateValue> (*call)(const Arguments& arguments);
};

constexpr std::size_t kAny = 64;

const std::array kFunctions = std::to_array<Function>({
    {"and", 1, kAny, [](const Arguments& a) { return Result<TemplateValue>(choose(a, false)); }},
    {"contains", 2, 2,
     [](const Arguments& a) {
         const std::vector<std::string> list = as_list(a[1]);
         const bool listed = std::find(list.begin(), list.end(), to_text(a[0])) != list.end();
         const bool is_list = std::holds_alternative<std::vector<std::string>>(a[1]);
         return Result<TemplateValue>(TemplateValue(
             is_list ? listed : to_text(a[1]).find(to_text(a[0])) != std::string::npos));
     }},
    {"default", 2, 2,
     [](const Arguments& a) { return Result<TemplateValue>(is_true(a[1]) ? a[1] : a[0]); }},
    {"eq", 2, kAny,
     [](const Arguments& a) { return Result<TemplateValue>(TemplateValue(equals_any(a))); }},
    {"index", 2, 2, take_index},
    {"join", 2, 2, join_list},
    {"len", 1, 1,
     [](const Arguments& a) { return Result<TemplateValue>(TemplateValue(length_of(a[0]))); }},
    {"lower", 1, 1, [](const Arguments& a) { return map_letters(a, 'A', 'Z', 'a' - 'A'); }},
    {"ne", 2, 2,
     [](const Arguments& a) { return Result<TemplateValue>(TemplateValue(!equals_any(a))); }},
    {"not", 1, 1,
     [](const Arguments& a) { return Result<TemplateValue>(TemplateValue(!is_true(a[0]))); }},
    {"or", 1, kAny, [](const Arguments& a) { return Result<TemplateValue>(choose(a, true)); }},
    {"replace", 3, 3, replace_text},
    {"split", 2, 2, split_text},
    {"trim", 1, 1,
     [](const Arguments& a) {
         return Result<TemplateValue>(TemplateValue(std::string(trim(to_text(a[0])))));
     }},
    {"uniq", 1, 1,
     [](const Arguments& a) { return Result<TemplateValue>(TemplateValue(unique(a[0]))); }},
    {"upper", 1, 1, [](const Arguments& a) { return map_letters(a, 'a', 'z', 'A' - 'a'); }},
});

}  // namespace

bool is_true(const TemplateValue& value) {
    if (const bool* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* list = std::get_if<std::vector<std::string>>(&value)) return !list->empty();
    return !std::get<std::string>(value).empty();
}

std::string to_text(const TemplateValue& value) {
    if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const std::string* text = std::get_if<std::string>(&value)) return *text;
    std::string text;
    for (const std::string& part : std::get<std::vector<std::string>>(value))
        text += (text.empty() ? "" : " ") + part;
    return "[" + text + "]";
}

Result<TemplateValue> call_function(std::string_view name, const Arguments& arguments) {
    const auto found = std::find_if(kFunctions.begin(), kFunctions.end(),
                                    [&](const Function& one) { return one.name == name; });
    const std::string subject = "function \"" + std::string(name) + "\"";
    if (found == kFunctions.end()) return Error{subject + " is not supported"};
    if (arguments.size() < found->least || arguments.size() > found->most) {
        return Error{subject + " has the wrong number of arguments"};
    }
    Result<TemplateValue> result = found->call(arguments);
    if (!result) return Error{subject + " " + result.error().message};
    return result;
}

}  // namespace reeve::formats::nginx
