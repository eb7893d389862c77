#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/event.h"
#include "spec/service.h"

namespace reeve::scenarios {

/// `A x and ( B or C KEY!=y )`, parentheses as words of their own; left-associative, as Upstart's.
Result<spec::EventExpr> expression_of(const std::vector<std::string_view>& words);

/// task, no-main, instance=TEMPLATE, exports=A,B, env=KEY=VALUE, no-respawn: of a job.
Result<void> set_job(spec::Service& service, std::string_view setting);

/// `emit NAME K=V…`, `happen NAME K=V…`, `job-start NAME K=V…`, …
Result<spec::NamedEvent> event_of(const std::vector<std::string_view>& words);

}  // namespace reeve::scenarios
