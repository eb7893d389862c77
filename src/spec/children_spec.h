#pragma once

#include <vector>

#include "spec/check_spec.h"
#include "spec/stop_spec.h"

namespace reeve::spec {

/// Every descendant of the main process is looked after on its own: shown in the status, checked
/// (the checks of this template), and stopped alone.
/// Source: bluepill `monitor_children`.
struct ChildrenSpec {
    StopSpec stop;  // of one child
    std::vector<Check> checks;
    friend bool operator==(const ChildrenSpec&, const ChildrenSpec&) = default;
};

}  // namespace reeve::spec
