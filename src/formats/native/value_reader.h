#pragma once

#include <array>
#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/text.h"
#include "formats/native/document.h"
#include "formats/native/fields.h"
#include "formats/native/quantities.h"
#include "spec/json_fields.h"

namespace reeve::formats::native {

/// The word that was probably meant, as a hint; empty: none is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

/// Reads the nodes of a document into values of the spec. Mistakes are collected and reading goes
/// on, so that one look shows them all.
class ValueReader {
public:
    ValueReader(const SourceText& source, std::vector<Diagnostic>& diagnostics)
        : source_(source), diagnostics_(diagnostics) {}

    /// Reads a table into a struct of the spec, and complains about keys that it does not know.
    template <typename T>
    void read_table(const Node& node, const Field& field, T& value);

    void read(const Node& node, const Field& field, bool& value);
    void read(const Node& node, const Field& field, double& value);
    void read(const Node& node, const Field& field, std::string& value);
    void read(const Node& node, const Field& field, Duration& value);
    void read(const Node& node, const Field& field, spec::Environment& value);
    void read(const Node& node, const Field& field, spec::Command& value);
    void read(const Node& node, const Field& field, std::vector<spec::ResourceLimit>& values);
    void read(const Node& node, const Field& field, std::vector<spec::Service>& services);
    void read(const Node& node, const Field& field, spec::StopSpec& value);
    void read(const Node& node, const Field& field, spec::StopStep& value);
    void read(const Node& node, const Field& field, spec::Need& value);
    void read(const Node& node, const Field& field, spec::Hook& value);
    void read(const Node& node, const Field& field, spec::RestartSpec& value);

    template <Maybe M>
    void read(const Node& node, const Field& field, M& value) {
        typename M::value_type held{};
        read(node, field, held);
        value = std::move(held);
    }

    template <typename T>
    void read(const Node& node, const Field& field, std::vector<T>& values) {
        values.clear();
        if (node.kind != Kind::List) return need(node, field, "a list");
        for (const Node& element : node.elements) {
            T value{};
            read(element, field, value);
            values.push_back(std::move(value));
        }
    }

    /// A word alone stands for the kind with its defaults.
    template <typename... Alternatives>
    void read(const Node& node, const Field& field, std::variant<Alternatives...>& value) {
        const Node* kind = node.kind == Kind::Table ? node.find("kind") : &node;
        if (kind == nullptr)
            return fail(node.offset, quoted(field) + " needs a kind", kinds(value));
        if (kind->kind != Kind::Text) return need(*kind, field, "a kind");
        const bool known = (read_alternative<Alternatives>(node, kind->text, value) || ...);
        if (known) return;
        const std::vector<std::string> words = {std::string(spec::json::kKind<Alternatives>)...};
        const std::string near = did_you_mean(kind->text, words);
        fail(kind->offset, "\"" + kind->text + "\" is no kind of " + std::string(field.key),
             near.empty() ? kinds(value) : near);
    }

    template <typename T>
    void read(const Node& node, const Field& field, T& value) {
        if constexpr (std::is_enum_v<T>) {
            read_word(node, field, value);
        } else if constexpr (std::is_integral_v<T>) {
            read_number(node, field, value);
        } else {
            read_table(node, field, value);
        }
    }

    void fail(std::size_t offset, std::string message, std::string hint) {
        diagnostics_.push_back(source_.error_at(offset, std::move(message), std::move(hint)));
    }

    /// `NAME: WHAT is needed, not …`.
    void need(const Node& node, const Field& field, std::string_view what);

    void refuse_unknown(const Node& table, const std::vector<std::string>& known);

    static std::string quoted(const Field& field) { return "`" + std::string(field.key) + "`"; }

private:
    template <typename... Alternatives>
    static std::string kinds(const std::variant<Alternatives...>&) {
        std::string text = "one of: ";
        ((text += std::string(spec::json::kKind<Alternatives>) + ", "), ...);
        text.resize(text.size() - 2);
        return text;
    }

    template <typename Alternative, typename Variant>
    bool read_alternative(const Node& node, std::string_view kind, Variant& value);

    template <typename Enum>
    void read_word(const Node& node, const Field& field, Enum& value) {
        if (node.kind != Kind::Text) return need(node, field, "a word");
        std::vector<std::string> known;
        for (const std::string_view word : spec::json::Words<Enum>::kAll) {
            if (word == node.text) {
                value = static_cast<Enum>(known.size());
                return;
            }
            known.emplace_back(word);
        }
        fail_word(node, field, known);
    }

    template <typename Number>
    void read_number(const Node& node, const Field& field, Number& value) {
        if (field.as != As::Plain && node.kind == Kind::Text) {
            const std::optional<std::uint64_t> number = parse_number(node.text, field.as);
            if (number && std::in_range<Number>(*number)) {
                value = static_cast<Number>(*number);
                return;
            }
            return fail_number(node, field);
        }
        const bool needs_text = field.as == As::Octal || field.as == As::Percent;
        if (node.kind != Kind::Integer || needs_text) return fail_number(node, field);
        if (!std::in_range<Number>(node.integer)) {
            return fail(node.offset, quoted(field) + ": the number is out of range", "");
        }
        value = static_cast<Number>(node.integer);
    }

    static std::optional<std::uint64_t> parse_number(std::string_view text, As as);
    void fail_number(const Node& node, const Field& field);
    void fail_word(const Node& node, const Field& field, const std::vector<std::string>& known);

    const SourceText& source_;
    std::vector<Diagnostic>& diagnostics_;
};

/// The codec that a struct of the spec is visited with: takes each field from its key.
template <typename Owner>
class TableCodec {
public:
    TableCodec(ValueReader& reader, const Node& table, std::vector<std::string>& known)
        : reader_(reader), table_(table), known_(known) {}

    template <typename T>
    void required(std::string_view member, T& value) {
        take(member, value, !std::is_same_v<Owner, spec::App>);
    }

    template <typename T>
    void field(std::string_view member, T& value) {
        take(member, value, false);
    }

private:
    template <typename T>
    void take(std::string_view member, T& value, bool needed) {
        const Field field = find_field(type_name<Owner>(), member);
        if (field.key == kHidden) return;
        if (field.key == kFlat) return take_flat(value);
        known_.emplace_back(field.key);
        const Node* node = table_.find(field.key);
        if (node != nullptr) return reader_.read(*node, field, value);
        if (needed) reader_.fail(table_.offset, ValueReader::quoted(field) + " is missing", "");
    }

    template <typename T>
    void take_flat(T& value) {
        if constexpr (std::is_class_v<T> && std::is_aggregate_v<T>) {
            TableCodec<T> flat(reader_, table_, known_);
            spec::json::visit_fields(flat, value);
        }
    }

    ValueReader& reader_;
    const Node& table_;
    std::vector<std::string>& known_;
};

template <typename T>
void ValueReader::read_table(const Node& node, const Field& field, T& value) {
    if (node.kind != Kind::Table) return need(node, field, "a table");
    std::vector<std::string> known;
    TableCodec<T> codec(*this, node, known);
    spec::json::visit_fields(codec, value);
    refuse_unknown(node, known);
}

template <typename Alternative, typename Variant>
bool ValueReader::read_alternative(const Node& node, std::string_view kind, Variant& value) {
    if (kind != spec::json::kKind<Alternative>) return false;
    Alternative held{};
    Node nothing;
    nothing.offset = node.offset;
    const Node& table = node.kind == Kind::Table ? node : nothing;
    std::vector<std::string> known = {"kind"};
    TableCodec<Alternative> codec(*this, table, known);
    spec::json::visit_fields(codec, held);
    refuse_unknown(table, known);
    value = std::move(held);
    return true;
}

}  // namespace reeve::formats::native
