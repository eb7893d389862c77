#pragma once

#include <string>
#include <vector>

#include "api/client.h"
#include "cli/context.h"
#include "cli/exit_code.h"
#include "spec/target.h"

namespace reeve::cli {

/// Reads what was typed as targets. The error says which word is none.
Result<std::vector<spec::Target>> parse_targets(const std::vector<std::string>& words);

/// `/v1/status?target=…&format=…&width=…&color=…`: a path of the API in the way the user wants it.
std::string query_path(const Context& context, const std::string& path,
                       const std::vector<spec::Target>& targets);

/// Asks the daemon. A failure is said on stderr, with what to do about it.
struct Asked {
    ExitCode exit_code = ExitCode::Done;
    bool answered = false;  // `response` is what was asked for, and not a refusal
    api::ClientResponse response;
};
Asked ask(const Context& context, const std::string& path);

/// Asks and prints the answer.
ExitCode ask_and_print(const Context& context, const std::string& path);

/// Says why nothing was answered, and what to do.
void print_no_answer(const Context& context, const Error& error);

/// Says why something was refused, as far as the answer tells.
ExitCode print_refusal(const Context& context, const api::ClientResponse& response);

/// Whether the error says that no reeve is there.
bool is_no_daemon(const Error& error);

}  // namespace reeve::cli
