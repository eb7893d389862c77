#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve::spec::json {

enum class ValueKind : std::uint8_t { Null, Flag, Unsigned, Signed, Fraction, Text, List, Object };

/// One value of a document. Its parts stand behind it, each with all of its own.
struct Value {
    ValueKind kind = ValueKind::Null;
    std::uint32_t extent = 1;  // in values: itself and its parts
    std::string_view name;     // of a member of an object
    std::string_view text;     // of a Text
    /// Of an Unsigned; of a Signed the bits of its std::int64_t; of a Flag 0 or 1; of a List or an
    /// Object how many elements or members it has.
    std::uint64_t number = 0;

    /// The member of an object; nullptr: there is none, or this is no object. Of several with one
    /// name the last counts.
    const Value* find(std::string_view wanted) const;

    /// The first element or member, if there is one.
    const Value* first() const { return this + 1; }

    /// What stands behind this one and its parts.
    const Value* next() const { return this + extent; }

    /// What it is, as objections say it: `array`.
    const char* kind_text() const;
};

/// A JSON text as a row of values: some ten times as quick to make and to let go of as a tree.
class Document {
public:
    /// Fails where the text is not JSON, is nested more than 16 deep, or has more than
    /// 8,500,000 values. Keeps nothing of `text`.
    static Result<Document> parse(std::string_view text);

    Document(Document&&) = default;
    Document& operator=(Document&&) = default;
    /// None: the values of a copy would point into the original.
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    const Value& top() const { return values_.front(); }

private:
    class Builder;

    Document() = default;

    std::vector<Value> values_;
    std::vector<char> texts_;  // has its size from the beginning: the values point into it
};

}  // namespace reeve::spec::json
