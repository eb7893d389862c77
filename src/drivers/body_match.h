#pragma once

#include <string>

#include "spec/check_spec.h"

namespace reeve::drivers {

/// What is wrong with a body; empty: it is as expected. A pattern that takes too long, or is none,
/// is told so: it is never waited for.
std::string body_problem(const std::variant<spec::BodyContains, spec::BodyMatches>& expected,
                         const std::string& body);

/// Why a pattern cannot be used; empty: it can.
std::string pattern_problem(const spec::BodyMatches& expected);

}  // namespace reeve::drivers
