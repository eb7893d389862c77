#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "formats/diagnostic.h"

namespace reeve::formats::native {

/// What a Node is.
enum class Kind { Boolean, Integer, Real, Text, Time, List, Table };

/// `a text`, `a table`: for messages.
std::string_view to_text(Kind kind);

struct Member;

/// A value of a TOML text that knows its place.
struct Node {
    Kind kind = Kind::Table;
    std::size_t offset = 0;  // of its first byte in the text
    bool boolean = false;
    std::int64_t integer = 0;
    double real = 0;
    std::string text;
    std::vector<Node> elements;   // List
    std::vector<Member> members;  // Table, in the order of the text

    /// The value under that key of a Table, or nullptr.
    const Node* find(std::string_view key) const;
};

/// A key and its value in a Table.
struct Member {
    std::string key;
    std::size_t offset = 0;  // of the key
    Node value;
};

/// Reads TOML 1.0. The text is without a byte order mark; offsets point into it. There is one error
/// at most; nesting is bounded.
Reading<Node> parse(std::string_view file, std::string_view text);

}  // namespace reeve::formats::native
