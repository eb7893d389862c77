#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "api/backend.h"
#include "api/reply.h"
#include "api/request.h"
#include "core/action.h"

namespace reeve::daemon {

/// The operations that clients wait for: brings together what the core says of each (taken, done)
/// and what the scribe says of what must be remembered for it (durable or not).
class OperationBook {
public:
    /// A client waits for `operation`.
    void wait(core::OperationId operation, api::AnswerWhen when, api::OperationAnswer answer);

    /// One more thing must be remembered on disk before the operation is answered.
    void remembering(core::OperationId operation);
    /// That thing is durable, or cannot be made so for now.
    void remembered(core::OperationId operation, bool durable, const std::string& why_not);

    void refused(const core::Refused& refused);
    void accepted(const core::Accepted& accepted);
    void done(const core::OperationDone& done);

    /// Whether some client still waits.
    bool waiting() const { return !operations_.empty(); }

private:
    struct Waiter {
        api::AnswerWhen when;
        api::OperationAnswer answer;
    };
    struct Operation {
        std::vector<Waiter> waiters;
        std::size_t not_durable_yet = 0;
        bool is_accepted = false;
        std::optional<core::OperationDone> result;
        api::OperationReply reply;
    };
    void answer_if_ready(core::OperationId id);

    std::map<core::OperationId, Operation> operations_;
};

/// The core's refusal in the API's words.
api::Code to_code(core::Refusal refusal);

}  // namespace reeve::daemon
