#pragma once

#include "api/reply.h"
#include "api/request.h"
#include "cli/context.h"
#include "cli/exit_code.h"

namespace reeve::cli {

/// A number that no other operation has.
std::uint64_t random_operation_id();

/// Sends an operation; waits for its end as the context says, and shows progress meanwhile. No
/// word about the outcome is said.
Result<api::ClientResponse> send_operation(const Context& context, api::Verb verb,
                                           const api::ClientPatience& patience);

/// Says what became of an operation: the message, problems and warnings, or the JSON.
ExitCode print_outcome(const Context& context, const Result<api::ClientResponse>& outcome);

/// Both together.
ExitCode operate(const Context& context, api::Verb verb);

}  // namespace reeve::cli
