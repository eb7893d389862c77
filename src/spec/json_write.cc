#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "spec/app.h"
#include "spec/json_fields.h"

namespace reeve::spec {
namespace {

// Where the fields of a value lie, in the order in which they are visited.
class FieldAddresses {
public:
    template <typename T>
    void required(std::string_view, const T& value) {
        addresses_.push_back(&value);
    }
    template <typename T>
    void field(std::string_view, const T& value) {
        addresses_.push_back(&value);
    }
    const void* next() { return addresses_[next_++]; }

private:
    std::vector<const void*> addresses_;
    std::size_t next_ = 0;
};

template <typename T>
const T kDefault{};

// Appends JSON text directly: building a tree first costs five times as much.
class Writer {
public:
    explicit Writer(Fields fields) : fields_(fields) {}

    template <typename T>
    void required(std::string_view name, const T& value) {
        write_field(name, value, *static_cast<const T*>(defaults_->next()));
    }

    template <typename T>
    void field(std::string_view name, const T& value) {
        const T& usual = *static_cast<const T*>(defaults_->next());
        if (fields_ == Fields::All || !(value == usual)) write_field(name, value, usual);
    }

    // `usual` is what the reader begins with: fields that have its values need not be written.
    template <typename T>
    void write_object(const T& value, const T& usual) {
        out_ += '{';
        first_ = true;
        write_fields(value, usual);
        out_ += '}';
        first_ = false;
    }

    std::string take() { return std::move(out_); }

private:
    template <typename T>
    void write_field(std::string_view name, const T& value, const T& usual) {
        if (!first_) out_ += ',';
        first_ = false;
        out_ += '"';
        out_ += name;
        out_ += "\":";
        write(value, usual);
    }

    template <typename T>
    void write_fields(const T& value, const T& usual) {
        FieldAddresses addresses;
        json::visit_fields(addresses, usual);
        FieldAddresses* const outer = std::exchange(defaults_, &addresses);
        json::visit_fields(*this, value);
        defaults_ = outer;
    }

    template <typename T>
    void write(const T& value, const T& usual) {
        if constexpr (std::is_enum_v<T>) {
            out_ += '"';
            out_ += json::Words<T>::kAll.at(static_cast<std::size_t>(value));
            out_ += '"';
        } else if constexpr (std::is_integral_v<T>) {
            write_number(value);
        } else {
            write_object(value, usual);
        }
    }
    void write(const bool& value, const bool&) { out_ += value ? "true" : "false"; }
    void write(const Duration& value, const Duration&) { write_number(value.count()); }
    void write(const std::string& value, const std::string&) { write_text(value); }
    void write(const Environment& value, const Environment&);

    template <Maybe M>
    void write(const M& value, const M&) {
        if (value) {
            write(*value, kDefault<typename M::value_type>);
        } else {
            out_ += "null";
        }
    }

    template <typename T>
    void write(const std::vector<T>& values, const std::vector<T>&) {
        out_ += '[';
        bool first = true;
        for (const T& value : values) {
            if (!first) out_ += ',';
            first = false;
            write(value, kDefault<T>);
        }
        out_ += ']';
    }

    template <typename... Alternatives>
    void write(const std::variant<Alternatives...>& value, const std::variant<Alternatives...>&) {
        std::visit(
            [this]<typename Held>(const Held& held) {
                out_ += "{\"kind\":\"";
                out_ += json::kKind<Held>;
                out_ += '"';
                first_ = false;
                write_fields(held, kDefault<Held>);
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

    void write_text(const std::string& value);
    void write_quoted(std::string_view text);

    Fields fields_;
    FieldAddresses* defaults_ = nullptr;  // of the present object
    std::string out_;
    bool first_ = true;  // no field of the present object was written yet
};

constexpr char kHexDigits[] = "0123456789abcdef";

void Writer::write_text(const std::string& value) {
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

void Writer::write(const Environment& value, const Environment&) {
    out_ += '[';
    bool first = true;
    for (const auto& [name, text] : value) {
        if (!first) out_ += ',';
        first = false;
        out_ += '[';
        write_text(name);
        out_ += ',';
        write_text(text);
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

std::string to_json(const App& app, Fields fields) {
    Writer writer(fields);
    writer.write_object(app, kDefault<App>);
    return writer.take();
}

}  // namespace reeve::spec
