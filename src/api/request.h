#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "spec/app.h"
#include "spec/target.h"

// What operators ask for. Plain values: the CLI fills them in, the daemon hands them to the core.
namespace reeve::api {

/// Brings an app in, or replaces its spec.
struct Load {
    std::shared_ptr<const spec::App> app;  // shared: the core keeps it without a copy; never null
    bool start = true;                     // false: everything stays down until a start
};

/// Stops everything of the app and forgets it.
struct Unload {
    std::string app;
};

struct Start {
    std::vector<spec::Target> targets;
};

struct Stop {
    std::vector<spec::Target> targets;
};

struct Restart {
    std::vector<spec::Target> targets;
};

/// Sends a signal to the running processes.
struct Signal {
    std::vector<spec::Target> targets;
    int signal = 0;
};

/// Sends each service's reload signal to its main processes.
struct Reload {
    std::vector<spec::Target> targets;
};

/// Sets how many instances of services there are. All or nothing.
struct Scale {
    std::string app;
    struct Count {
        std::string service;
        std::uint32_t instances = 0;
        friend bool operator==(const Count&, const Count&) = default;
    };
    std::vector<Count> counts;
};

/// Leaves the processes alone, whatever becomes of them.
struct Unmonitor {
    std::vector<spec::Target> targets;
};

/// Stops everything without changing what is remembered, and then reeve itself.
struct Shutdown {};

using Verb =
    std::variant<Load, Unload, Start, Stop, Restart, Signal, Scale, Unmonitor, Shutdown, Reload>;

/// `load`, `restart`: the word that people type.
std::string_view name(const Verb& verb);

/// When an operation is answered.
enum class AnswerWhen {
    Accepted,  // it is taken, and remembered on disk where it must be
    Done       // everything that it asked for has come to its end
};

/// One operation. `id` is chosen at random by the client and is the operation's identity: a request
/// that is sent again after the daemon was replaced joins the first one.
struct OperationRequest {
    std::uint64_t id = 0;
    Verb verb;
    AnswerWhen answer_when = AnswerWhen::Done;
    Duration timeout{};        // zero: wait without limit. The operation goes on after it.
    std::string command_line;  // as typed, for the ledger: `reeve restart shop`
};

/// Longest `command_line`; what is longer is cut.
inline constexpr std::size_t kCommandLineMax = 1024;
/// Most targets or counts of one operation.
inline constexpr std::size_t kTargetsMax = 1000;

/// The request as the body of a POST.
std::string to_json(const OperationRequest& request);

/// Reads what `to_json` wrote. The text is untrusted: errors name the field, sizes are bounded.
Result<OperationRequest> operation_request_from_json(std::string_view text);

}  // namespace reeve::api
