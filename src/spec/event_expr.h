#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace reeve::spec {

/// One `KEY=VALUE` of an event.
struct EventVariable {
    std::string name;
    std::string value;
    friend bool operator==(const EventVariable&, const EventVariable&) = default;
};

/// Something that happened, as Upstart names it: `runlevel RUNLEVEL=2 PREVLEVEL=N`. It is not a
/// state: what nobody waits for is forgotten at once. The order of the variables matters, as an
/// EventArgument without a key means them by their place.
struct NamedEvent {
    std::string name;
    std::vector<EventVariable> variables;
    friend bool operator==(const NamedEvent&, const NamedEvent&) = default;
};

/// What an EventMatch asks of one variable of the event: `VALUE`, `KEY=VALUE` or `KEY!=VALUE`.
struct EventArgument {
    /// The variable's name. Without one, the argument's place among the arguments is the place of
    /// the variable it means, whatever that is called.
    std::optional<std::string> key;
    /// A pattern as of fnmatch(3) without flags, after `$` expansion (spec/expansion.h).
    std::string pattern;
    /// `!=`: the variable must be there and be different.
    bool negated = false;
    friend bool operator==(const EventArgument&, const EventArgument&) = default;
};

/// A leaf: an event of exactly this name whose variables fit every argument.
struct EventMatch {
    std::string name;
    std::vector<EventArgument> arguments;
    friend bool operator==(const EventMatch&, const EventMatch&) = default;
};

/// Both of the two operands before it.
struct EventAnd {
    friend bool operator==(const EventAnd&, const EventAnd&) = default;
};

/// At least one of the two operands before it.
struct EventOr {
    friend bool operator==(const EventOr&, const EventOr&) = default;
};

using EventNode = std::variant<EventMatch, EventAnd, EventOr>;

/// A tree of events, `A and (B or C)`, as a list in postfix order: operands stand before their
/// operator, `A B C or and`. So a state beside it is a list, too, and no depth costs stack.
struct EventExpr {
    std::vector<EventNode> nodes;
    friend bool operator==(const EventExpr&, const EventExpr&) = default;
};

/// Most nodes of one expression, and most arguments of one leaf.
inline constexpr std::size_t kEventNodesMax = 1000;
inline constexpr std::size_t kEventArgumentsMax = 100;

/// Whether the nodes make exactly one tree within the limits; else what is wrong.
Result<void> check_shape(const EventExpr& expr);

/// The places of the two operands of the operator at `place`, the left one first. The expression
/// must be one that `check_shape` takes.
std::pair<std::size_t, std::size_t> operands_of(const EventExpr& expr, std::size_t place);

/// `runlevel [2345]`, `started JOB=web`, `net-device-up IFACE!=lo`: as it was written.
std::string to_text(const EventArgument& argument);
std::string to_text(const EventMatch& match);

/// With parentheses around every operation: `(A and (B or C))`. The expression must be one that
/// `check_shape` takes. Source: upstart util/initctl.c, show-config.
std::string to_text(const EventExpr& expr);

/// `runlevel RUNLEVEL=2 PREVLEVEL=N`.
std::string to_text(const NamedEvent& event);

}  // namespace reeve::spec
