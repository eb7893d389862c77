#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spec/event_expr.h"
#include "spec/expansion.h"
#include "spec/named_event.h"

// Whether an expression like `A and (B or C)` has come true. Pure: what has come so far is a value
// beside the expression. Source: upstart init/event_operator.c.
namespace reeve::core {

/// Names an event for as long as anybody waits for its end; never used again. Zero: none.
using EventId = std::uint64_t;

/// What has come so far: for each node of an expression the event that its leaf matched. Empty is
/// the same as all zero. A leaf that has matched keeps its event until all are reset.
using Latches = std::vector<EventId>;

/// Whether the event is what the leaf asks for. Patterns are expanded with `environment` first; one
/// that cannot be expanded matches nothing, and neither does an argument without its variable.
bool fits(const spec::EventMatch& match, const spec::NamedEvent& event,
          const spec::VariableLookup& environment);

/// Latches the event in every leaf that it fits and that has none yet; returns in how many.
std::size_t latch(const spec::EventExpr& expr, const spec::NamedEvent& event, EventId id,
                  const spec::VariableLookup& environment, Latches& latches);

/// Whether the whole has come true.
bool is_true(const spec::EventExpr& expr, const Latches& latches);

/// The events that made it true, in the order of the expression: those below operands that are
/// true, so not the half of an `and` beside a true `or`. Empty where the whole is not true.
std::vector<EventId> true_events(const spec::EventExpr& expr, const Latches& latches);

/// What is still needed for the whole to come true, as an expression for people: `A and (B or C)`.
/// Empty where nothing is.
std::string missing_text(const spec::EventExpr& expr, const Latches& latches);

/// What has come for one expression, as far as another one waits for it as well: leaves that are
/// equal keep their events. Source: upstart init/conf.c, on a changed file.
Latches carried_over(const spec::EventExpr& before, const Latches& latches,
                     const spec::EventExpr& after);

}  // namespace reeve::core
