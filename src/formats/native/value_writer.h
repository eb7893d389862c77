#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "formats/native/fields.h"
#include "spec/json_fields.h"

namespace reeve::formats::native {

/// A key and its value in TOML. `table`: the value as `key = value` lines, where it can stand under
/// a header of its own.
struct Pair {
    std::string key;
    std::string text;
    std::vector<Pair> table;
};

/// The text in quotes that TOML gives back unchanged.
std::string quote(std::string_view text);

/// A key, in quotes where it needs them.
std::string write_key(std::string_view key);

/// Values of the spec as TOML.
class ValueWriter {
public:
    explicit ValueWriter(std::vector<std::string>& problems) : problems_(problems) {}

    /// The fields of a struct that differ from `defaults`.
    template <typename T>
    std::vector<Pair> pairs(const T& value, const T& defaults);

    std::string write(const Field& field, const bool& value);
    std::string write(const Field& field, const double& value);
    std::string write(const Field& field, const std::string& value);
    std::string write(const Field& field, const Duration& value);
    std::string write(const Field& field, const spec::Environment& value);
    std::string write(const Field& field, const spec::Command& value);
    std::string write(const Field& field, const std::vector<spec::ResourceLimit>& values);
    std::string write(const Field& field, const std::vector<spec::Service>& services);
    std::string write(const Field& field, const spec::StopSpec& value);
    std::string write(const Field& field, const spec::StopStep& value);
    std::string write(const Field& field, const spec::Need& value);
    std::string write(const Field& field, const spec::Hook& value);
    std::string write(const Field& field, const spec::RestartSpec& value);

    template <Maybe M>
    std::string write(const Field& field, const M& value) {
        if (value) return write(field, *value);
        cannot("`" + std::string(field.key) + "` cannot be written as \"nothing\"");
        return "\"\"";
    }

    template <typename T>
    std::string write(const Field& field, const std::vector<T>& values) {
        std::string text = "[";
        for (const T& value : values)
            text += (text.size() == 1 ? "" : ", ") + write(field, value);
        return text + "]";
    }

    template <typename... Alternatives>
    std::string write(const Field&, const std::variant<Alternatives...>& value) {
        return std::visit(
            [this](const auto& held) {
                using Held = std::remove_cvref_t<decltype(held)>;
                const std::string kind = quote(spec::json::kKind<Held>);
                std::vector<Pair> fields = pairs(held, Held{});
                if (fields.empty()) return kind;
                fields.insert(fields.begin(), Pair{"kind", kind, {}});
                return this->inline_table(fields);
            },
            value);
    }

    template <typename T>
    std::string write(const Field& field, const T& value) {
        if constexpr (std::is_enum_v<T>) {
            return quote(spec::json::Words<T>::kAll.at(static_cast<std::size_t>(value)));
        } else if constexpr (std::is_integral_v<T>) {
            return write_number(field, static_cast<std::int64_t>(value),
                                static_cast<std::uint64_t>(value));
        } else {
            return inline_table(pairs(value, T{}));
        }
    }

    static std::string inline_table(const std::vector<Pair>& pairs);

    /// The value as lines below a header of its own; empty where it cannot.
    template <typename T>
    std::vector<Pair> as_table(const T& value, const T& defaults);
    std::vector<Pair> as_table(const spec::Environment& value, const spec::Environment& defaults);

    /// Keeps the problem, once: a value is tried on a line and under a header.
    void cannot(std::string problem);

private:
    static std::string write_number(const Field& field, std::int64_t value, std::uint64_t size);

    std::vector<std::string>& problems_;
};

/// Remembers where the fields of a default value are, to compare with.
class FieldAddresses {
public:
    template <typename T>
    void required(std::string_view member, const T& value) {
        addresses_[member] = &value;
    }
    template <typename T>
    void field(std::string_view member, const T& value) {
        addresses_[member] = &value;
    }

    template <typename T>
    const T& get(std::string_view member) const {
        return *static_cast<const T*>(addresses_.at(member));
    }

private:
    std::map<std::string_view, const void*> addresses_;
};

/// The codec that a struct of the spec is visited with: keeps what differs from the default.
template <typename Owner>
class PairCodec {
public:
    PairCodec(ValueWriter& writer, const FieldAddresses& defaults, std::vector<Pair>& pairs)
        : writer_(writer), defaults_(defaults), pairs_(pairs) {}

    template <typename T>
    void required(std::string_view member, const T& value) {
        put(member, value, !std::is_same_v<Owner, spec::App>);
    }

    template <typename T>
    void field(std::string_view member, const T& value) {
        put(member, value, false);
    }

private:
    template <typename T>
    void put(std::string_view member, const T& value, bool always) {
        const Field field = find_field(type_name<Owner>(), member);
        const T& standard = defaults_.get<T>(member);
        if (field.key == kHidden || (!always && value == standard)) return;
        if (field.key == kFlat) return put_flat(value, standard);
        pairs_.push_back(Pair{std::string(field.key), writer_.write(field, value),
                              writer_.as_table(value, standard)});
    }

    template <typename T>
    void put_flat(const T& value, const T& standard) {
        if constexpr (std::is_class_v<T> && std::is_aggregate_v<T>) {
            for (Pair& pair : writer_.pairs(value, standard))
                pairs_.push_back(std::move(pair));
        }
    }

    ValueWriter& writer_;
    const FieldAddresses& defaults_;
    std::vector<Pair>& pairs_;
};

template <typename T>
std::vector<Pair> ValueWriter::pairs(const T& value, const T& defaults) {
    FieldAddresses addresses;
    spec::json::visit_fields(addresses, defaults);
    std::vector<Pair> all;
    PairCodec<T> codec(*this, addresses, all);
    spec::json::visit_fields(codec, value);
    return all;
}

template <typename T>
std::vector<Pair> ValueWriter::as_table(const T& value, const T& defaults) {
    // Services have tables of their own; a hook, a stop or a step is written in a line.
    if constexpr (std::is_class_v<T> && std::is_aggregate_v<T> &&
                  !std::is_same_v<T, spec::StopSpec> && !std::is_same_v<T, spec::Hook>) {
        return pairs(value, defaults);
    } else {
        (void)value;     // no struct: it stands in a line
        (void)defaults;  // likewise
        return {};
    }
}

}  // namespace reeve::formats::native
