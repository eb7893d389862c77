#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/text.h"
#include "spec/app.h"
#include "spec/json_fields.h"

namespace reeve::spec {
namespace {

// Appends JSON text directly: building a tree first costs five times as much.
class Writer {
public:
    template <typename T>
    void required(std::string_view name, const T& value) {
        field(name, value);
    }

    template <typename T>
    void field(std::string_view name, const T& value) {
        if (!first_) out_ += ',';
        first_ = false;
        out_ += '"';
        out_ += name;
        out_ += "\":";
        write(value);
    }

    template <typename T>
    void write_object(const T& value) {
        out_ += '{';
        first_ = true;
        json::visit_fields(*this, value);
        out_ += '}';
        first_ = false;
    }

    std::string take() { return std::move(out_); }

private:
    template <typename T>
    void write(const T& value) {
        if constexpr (std::is_enum_v<T>) {
            out_ += '"';
            out_ += json::Words<T>::kAll.at(static_cast<std::size_t>(value));
            out_ += '"';
        } else if constexpr (std::is_integral_v<T>) {
            write_number(value);
        } else {
            write_object(value);
        }
    }
    void write(const bool& value) { out_ += value ? "true" : "false"; }
    void write(const Duration& value) { write_number(value.count()); }
    void write(const std::string& value);
    void write(const Environment& value);

    template <typename T>
    void write(const std::optional<T>& value) {
        if (value) {
            write(*value);
        } else {
            out_ += "null";
        }
    }

    template <typename T>
    void write(const std::vector<T>& values) {
        out_ += '[';
        bool first = true;
        for (const T& value : values) {
            if (!first) out_ += ',';
            first = false;
            write(value);
        }
        out_ += ']';
    }

    template <typename... Alternatives>
    void write(const std::variant<Alternatives...>& value) {
        std::visit(
            [this](const auto& held) {
                out_ += "{\"kind\":\"";
                out_ += json::kKind<std::remove_cvref_t<decltype(held)>>;
                out_ += '"';
                first_ = false;
                json::visit_fields(*this, held);
                out_ += '}';
                first_ = false;
            },
            value);
    }

    template <typename Number>
    void write_number(Number value) {
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        out_.append(digits, end);
    }

    void write_quoted(std::string_view text);

    std::string out_;
    bool first_ = true;  // no field of the present object was written yet
};

constexpr char kHexDigits[] = "0123456789abcdef";

void Writer::write(const std::string& value) {
    if (is_utf8(value)) {
        write_quoted(value);
        return;
    }
    // JSON holds Unicode only; other bytes (a Latin-1 environment) keep their value in hexadecimal.
    out_ += "{\"hex\":\"";
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        out_ += kHexDigits[byte >> 4];
        out_ += kHexDigits[byte & 15];
    }
    out_ += "\"}";
}

void Writer::write(const Environment& value) {
    out_ += '[';
    bool first = true;
    for (const auto& [name, text] : value) {
        if (!first) out_ += ',';
        first = false;
        out_ += '[';
        write(name);
        out_ += ',';
        write(text);
        out_ += ']';
    }
    out_ += ']';
}

void Writer::write_quoted(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out_ += '\\';
            out_ += c;
        } else if (c == '\n') {
            out_ += "\\n";
        } else if (byte < 0x20) {
            out_ += "\\u00";
            out_ += kHexDigits[byte >> 4];
            out_ += kHexDigits[byte & 15];
        } else {
            out_ += c;
        }
    }
    out_ += '"';
}

}  // namespace

std::string to_json(const App& app) {
    Writer writer;
    writer.write_object(app);
    return writer.take();
}

}  // namespace reeve::spec
