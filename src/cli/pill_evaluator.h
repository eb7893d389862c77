#pragma once

#include <string>

#include "base/result.h"
#include "cli/context.h"

namespace reeve::cli {

/// What came of evaluating a pill with Ruby.
struct EvaluatedPill {
    std::string json;   // what the recorder handed over; empty where the pill failed
    int exit_code = 0;  // of Ruby; 6: a configuration that Bluepill refuses, told in `json`
};

/// How far a pill may go before it is ended with everything it has started.
struct PillLimits {
    Duration wall = 60s;
    Duration cpu = 30s;
    std::uint64_t memory_bytes = 2ULL << 30;  // of address space, for each process
};

/// Executes the file with the system's Ruby and the recorder, as the caller: in the caller's
/// directory, with its environment, umask and rights. What the pill prints goes where the caller's
/// output goes. Fails where there is no Ruby, and where a limit was reached.
Result<EvaluatedPill> evaluate_pill(const Context& context, const std::string& path,
                                    const PillLimits& limits);

}  // namespace reeve::cli
