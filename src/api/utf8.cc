#include "api/utf8.h"

namespace reeve::api {
namespace {

bool continues(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
    if (text.empty()) return 0;
    const auto first = static_cast<unsigned char>(text[0]);
    if (first < 0x80) return 1;
    const std::size_t size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < size) return 0;
    for (std::size_t i = 1; i < size; ++i) {
        if (!continues(text[i])) return 0;
    }
    const auto second = static_cast<unsigned char>(text[1]);
    if (first == 0xE0 && second < 0xA0) return 0;   // longer than needed
    if (first == 0xED && second >= 0xA0) return 0;  // half of a surrogate pair
    if (first == 0xF0 && second < 0x90) return 0;
    if (first == 0xF4 && second >= 0x90) return 0;  // above U+10FFFF
    return size;
}

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t size = utf8_sequence(text.substr(i));
        const auto byte = static_cast<unsigned char>(text[i]);
        // C2 80 to C2 9F are the C1 control characters.
        const bool control =
            byte < 0x20 || byte == 0x7F ||
            (size == 2 && byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0);
        if (size == 0) {
            result += '?';
        } else if (control) {
            result += ' ';
        } else {
            result += text.substr(i, size);
        }
        i += size == 0 ? 1 : size;
    }
    return result;
}

std::size_t columns(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) {
        if (!continues(c)) ++count;
    }
    return count;
}

std::string fit(std::string_view text, std::size_t width) {
    if (columns(text) <= width) return std::string(text);
    if (width == 0) return {};
    std::string result;
    std::size_t taken = 0;
    for (std::size_t i = 0; i < text.size() && taken + 1 < width; ++taken) {
        std::size_t end = i + 1;
        while (end < text.size() && continues(text[end]))
            ++end;
        result += text.substr(i, end - i);
        i = end;
    }
    return result + "…";
}

}  // namespace reeve::api
