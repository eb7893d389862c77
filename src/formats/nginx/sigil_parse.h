#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve::formats::nginx {

/// One word of an expression.
struct TemplateToken {
    enum class Kind {
        Text,      // a quoted text or a number: `text` is its value
        Field,     // `.NAME`, or `.` alone with an empty text
        Variable,  // `$NAME`, or `$` alone; `$.NAME` is Root
        Root,      // `$.NAME`
        Name,      // a function's name, or true or false
        Open,
        Close,
        Pipe
    };
    Kind kind = Kind::Text;
    std::string text;
};

/// A piece of a template, with the pieces inside.
struct TemplateNode {
    enum class Kind {
        Text,    // `text` as it is
        Print,   // the value of `expression`
        Assign,  // to the variable `name`
        If,      // `body` where the expression is true, else `otherwise`
        With,    // as If, with `.` being the value
        Range    // `body` for each element, else `otherwise`
    };
    Kind kind = Kind::Text;
    int line = 0;
    std::string text;
    std::string index_name;  // Range: the variable of the position, or empty
    std::string name;        // Assign, Range, With: the variable, or empty
    std::vector<TemplateToken> expression;
    std::vector<TemplateNode> body;
    std::vector<TemplateNode> otherwise;
};

/// Reads a template. Errors begin with `line N: `.
Result<std::vector<TemplateNode>> parse_template(std::string_view text);

/// `line 3: ` before a message.
Error error_at_line(int line, const std::string& message);

}  // namespace reeve::formats::nginx
