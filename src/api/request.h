#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "spec/app.h"
#include "spec/named_event.h"
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

/// Tells all jobs of an event; done when what it started is up and what it stopped is down. Where
/// the answer is wanted as soon as it is taken, nobody waits for that.
struct Emit {
    spec::NamedEvent event;
};

/// Starts, stops, restarts or reloads one instance of a job, named by the variables that its
/// `instance` is expanded with, or by its key.
struct JobCommand {
    enum class What { Start, Stop, Restart, Reload };
    What what = What::Start;
    std::string app;
    std::string job;
    spec::Variables variables;
    std::optional<std::string> key;
};

/// Changes variables that processes of jobs get from now on: of one job's instance, or of all jobs
/// of the app, those that run included.
struct SetVariables {
    std::string app;
    std::string job;  // empty: all jobs
    std::string key;
    bool reset = false;  // first forget what was set for all jobs
    spec::Variables set;
    std::vector<std::string> unset;
    bool keep_existing = false;  // `set` changes nothing that is set already
};

using Verb = std::variant<Load, Unload, Start, Stop, Restart, Signal, Scale, Unmonitor, Shutdown,
                          Reload, Emit, JobCommand, SetVariables>;

/// `load`, `restart`, `job-start`: the word that people type.
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
