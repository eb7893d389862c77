#include "base/text.h"

#include <fnmatch.h>

#include <algorithm>
#include <charconv>

namespace reeve {
namespace {

constexpr std::string_view kBlanks = " \t\r\n\v\f";

bool stands_for_itself(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    std::size_t begin = 0;
    for (;;) {
        const std::size_t end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end - begin));
        if (end == std::string_view::npos) return parts;
        begin = end + 1;
    }
}

std::vector<std::string_view> words(std::string_view text) {
    std::vector<std::string_view> found;
    std::size_t begin = text.find_first_not_of(kBlanks);
    while (begin != std::string_view::npos) {
        const std::size_t end = text.find_first_of(kBlanks, begin);
        found.push_back(text.substr(begin, end - begin));
        begin = text.find_first_not_of(kBlanks, end);
    }
    return found;
}

std::string_view trim(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

Result<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc::result_out_of_range) {
        return Error{"\"" + std::string(text) + "\" is too large a number"};
    }
    if (failure != std::errc() || end != text.data() + text.size()) {
        return Error{"\"" + std::string(text) + "\" is not a whole number"};
    }
    return number;
}

std::string escape_name(std::string_view name) {
    constexpr char kDigits[] = "0123456789ABCDEF";
    std::string escaped;
    for (const char c : name) {
        if (stands_for_itself(c) && !(c == '.' && escaped.empty())) {
            escaped += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        escaped += '%';
        escaped += kDigits[byte >> 4];
        escaped += kDigits[byte & 15];
    }
    return escaped;
}

Result<std::string> unescape_name(std::string_view escaped) {
    std::string name;
    for (std::size_t i = 0; i < escaped.size(); ++i) {
        if (escaped[i] != '%') {
            if (!stands_for_itself(escaped[i])) return Error{"not an escaped name"};
            name += escaped[i];
            continue;
        }
        if (i + 2 >= escaped.size()) return Error{"an escape is cut short"};
        const int high = hex_digit(escaped[i + 1]);
        const int low = hex_digit(escaped[i + 2]);
        if (high < 0 || low < 0) return Error{"an escape is not two hexadecimal digits"};
        name += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return name;
}

bool glob_matches(const std::string& pattern, const std::string& name) {
    return ::fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

std::string to_hex(std::uint64_t number) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text(16, '0');
    for (std::size_t i = 16; i-- > 0; number >>= 4)
        text[i] = kDigits[number & 15];
    return text;
}

Result<std::uint64_t> parse_hex(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (failure != std::errc() || end != text.data() + text.size()) {
        return Error{"\"" + std::string(text) + "\" is not a hexadecimal number"};
    }
    return number;
}

bool is_utf8(std::string_view bytes) {
    std::size_t i = 0;
    const auto at = [&bytes](std::size_t k) {
        return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0U;
    };
    while (i < bytes.size()) {
        const unsigned lead = at(i);
        const std::size_t more = lead < 0x80                    ? 0
                                 : lead >= 0xC2 && lead <= 0xDF ? 1
                                 : lead >= 0xE0 && lead <= 0xEF ? 2
                                 : lead >= 0xF0 && lead <= 0xF4 ? 3
                                                                : 4;
        if (more == 4) return false;
        // The second byte's range excludes overlong forms, surrogates and what is above U+10FFFF.
        const unsigned least = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        const unsigned most = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (more > 0 && (at(i + 1) < least || at(i + 1) > most)) return false;
        for (std::size_t k = 2; k <= more; ++k) {
            if ((at(i + k) & 0xC0) != 0x80) return false;
        }
        i += more + 1;
    }
    return true;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j < row.size(); ++j)
        row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace reeve
