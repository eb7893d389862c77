#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spec/instance_name.h"

namespace reeve::api {

/// What became of a request, in a word. The first three are answers to a request that was taken.
enum class Code {
    Done,
    Accepted,      // it was asked not to wait for the end
    TimedOut,      // it goes on, but not within the time the client wanted to wait
    Failed,        // it came to its end, and something is not where it should be
    NotRunning,    // status only: something that was named does not run
    Invalid,       // the request makes no sense
    NoSuchTarget,  // nothing is named like that
    NotPermitted,
    Busy,        // another operation or a limit is in the way: try again later
    Unavailable  // reeve is not there, or cannot answer
};

/// `done`, `no-such-target`: as they stand in replies.
std::string_view to_text(Code code);

/// The inverse of `to_text`.
std::optional<Code> code_from_text(std::string_view text);

/// The answer to an operation.
struct OperationReply {
    Code code = Code::Done;
    std::string message;                        // one line: `restarted 3 instances in 2s`
    std::vector<spec::InstanceName> instances;  // that the operation is about
    std::vector<std::string> problems;          // one line each: `shop/web.1: exited with code 1`
    bool durable = true;                        // what must be remembered is on disk
    std::string warning;                        // one line, or empty
};

/// The reply as a body.
std::string to_json(const OperationReply& reply);

/// Reads what `to_json` wrote.
Result<OperationReply> operation_reply_from_json(std::string_view text);

}  // namespace reeve::api
