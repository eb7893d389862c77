#include "api/json_writer.h"

#include <array>
#include <charconv>

#include "api/utf8.h"

namespace reeve::api {

void JsonWriter::separate() {
    if (!first_) out_ += ',';
    first_ = false;
}

void JsonWriter::begin_object() {
    separate();
    out_ += '{';
    first_ = true;
}

void JsonWriter::end_object() {
    out_ += '}';
    first_ = false;
}

void JsonWriter::begin_list() {
    separate();
    out_ += '[';
    first_ = true;
}

void JsonWriter::end_list() {
    out_ += ']';
    first_ = false;
}

void JsonWriter::key(std::string_view name) {
    separate();
    out_ += '"';
    out_.append(name).append("\":");
    first_ = true;
}

void JsonWriter::text(std::string_view value) {
    constexpr char kDigits[] = "0123456789abcdef";
    separate();
    out_ += '"';
    for (std::size_t i = 0; i < value.size();) {
        const char c = value[i];
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80) {
            const std::size_t size = utf8_sequence(value.substr(i));
            out_ += size == 0 ? std::string_view("\xEF\xBF\xBD") : value.substr(i, size);
            i += size == 0 ? 1 : size;
            continue;
        }
        if (c == '"' || c == '\\') {
            out_ += '\\';
            out_ += c;
        } else if (c == '\n') {
            out_ += "\\n";
        } else if (byte < 0x20 || byte == 0x7F) {
            out_ += "\\u00";
            out_ += kDigits[byte >> 4];
            out_ += kDigits[byte & 15];
        } else {
            out_ += c;
        }
        ++i;
    }
    out_ += '"';
}

void JsonWriter::number(std::int64_t value) {
    separate();
    std::array<char, 24> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    out_.append(digits.data(), written.ptr);
}

void JsonWriter::flag(bool value) {
    separate();
    out_ += value ? "true" : "false";
}

void JsonWriter::null() {
    separate();
    out_ += "null";
}

void JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
}

}  // namespace reeve::api
