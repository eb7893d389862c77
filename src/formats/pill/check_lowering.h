#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/json/jsonc.h"
#include "formats/pill/document.h"
#include "spec/check_spec.h"
#include "spec/restart_spec.h"

namespace reeve::formats::pill {

/// The checks of a process.
struct LoweredChecks {
    std::vector<spec::Check> checks;
    std::optional<spec::Flapping> flapping;
    bool has_custom = false;  // classes of the pill's own, which only Ruby can run
};

/// Reads the list `checks` of an evaluated pill.
/// Source: bluepill lib/bluepill/condition_watch.rb, process_conditions/*.rb, triggers/flapping.rb.
LoweredChecks lower_checks(Document& document, const json::Value& checks);

}  // namespace reeve::formats::pill
