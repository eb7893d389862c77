#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "formats/diagnostic.h"

namespace reeve::formats::json {

/// What a Value is.
enum class Kind { Null, Boolean, Number, String, Array, Object };

/// `a string`, `an object`: for messages.
std::string_view to_text(Kind kind);

struct Member;

/// A value of a JSON text that knows its place.
struct Value {
    Kind kind = Kind::Null;
    std::size_t offset = 0;       // of its first byte in the text
    std::string text;             // String: decoded; Number, Boolean: as it was written
    std::vector<Value> elements;  // Array
    std::vector<Member> members;  // Object, in the order of the text; names are unique

    /// The member of that name of an Object, or nullptr.
    const Value* find(std::string_view name) const;
};

/// A name and its value in an Object.
struct Member {
    std::string name;
    std::size_t offset = 0;  // of the name's quote
    Value value;
};

/// Reads JSON; `//` and `/* */` comments and a comma before a closing bracket are allowed. There is
/// one error at most. Of members with the same name the last one counts, with a warning.
Reading<Value> parse(std::string_view file, std::string_view text);

}  // namespace reeve::formats::json
