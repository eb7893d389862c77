#pragma once

#include <functional>
#include <string_view>

#include "api/deploy_request.h"
#include "base/result.h"
#include "cli/context.h"

namespace reeve::cli {

/// Has a deploy carried out: `on_text` takes its output as it comes. The answer is what became of
/// it; an error, that nobody answered. `id` and `command_line` are filled in.
Result<api::OperationReply> run_deploy(const Context& context, api::DeployRequest request,
                                       const std::function<void(std::string_view)>& on_text);

/// What the instances that a failed start names have written last, since the command began: up to
/// `lines` each.
std::string last_words(const Context& context, const api::OperationReply& reply, std::size_t lines);

}  // namespace reeve::cli
