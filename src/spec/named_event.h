#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/event_expr.h"

namespace reeve::spec {

using Variable = EventVariable;

/// Those of an event or a command, in their order, which positional arguments of an expression
/// follow.
using Variables = std::vector<Variable>;

/// Most variables of one event or command, and most bytes of their names and values together.
inline constexpr std::size_t kEventVariablesMax = 256;
inline constexpr std::size_t kEventBytesMax = std::size_t{64} * 1024;

/// `KEY=VALUE`; fails without a `=` and with an empty key: `Env must be KEY=VALUE pairs`.
/// Source: upstart init/environ.c.
Result<Variable> parse_variable(std::string_view text);

/// Whether the variables are within their limits and free of NUL bytes.
Result<void> validate(const Variables& variables);

/// Whether the event has a name and variables as they may be.
Result<void> validate(const NamedEvent& event);

/// The value under a name, or nullptr.
const std::string* find_variable(const Variables& variables, std::string_view name);

/// Sets a variable in place, or appends it.
void set_variable(Variables& variables, const Variable& variable);

}  // namespace reeve::spec
