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
    std::size_t written = 0;  // of what stands for itself, which goes in one piece
    for (std::size_t i = 0; i < value.size();) {
        const char c = value[i];
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\') {
            ++i;
            continue;
        }
        const std::size_t size = byte >= 0x80 ? utf8_sequence(value.substr(i)) : 0;
        if (size > 0) {
            i += size;
            continue;
        }
        out_ += value.substr(written, i - written);
        written = ++i;
        if (byte >= 0x80) {
            out_ += "\xEF\xBF\xBD";
        } else if (c == '"' || c == '\\') {
            out_ += '\\';
            out_ += c;
        } else if (c == '\n') {
            out_ += "\\n";
        } else {
            out_ += "\\u00";
            out_ += kDigits[byte >> 4];
            out_ += kDigits[byte & 15];
        }
    }
    out_ += value.substr(written);
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
