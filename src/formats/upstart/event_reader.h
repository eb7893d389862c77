#pragma once

#include "base/result.h"
#include "formats/upstart/scanner.h"
#include "spec/event_expr.h"

namespace reeve::formats::upstart {

/// Reads an expression of events: the arguments of `start on` and `stop on`, to the end of their
/// last line. `and` and `or` bind alike, from the left. Source: upstart init/parse_job.c.
Result<spec::EventExpr> read_events(Scanner& scanner);

}  // namespace reeve::formats::upstart
