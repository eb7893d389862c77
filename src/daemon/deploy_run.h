#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/backend.h"
#include "core/deploy.h"
#include "core/event.h"
#include "daemon/release_plan.h"
#include "os/users.h"
#include "spec/app.h"

namespace reeve::daemon {

/// Most lines of a failing command that its message repeats.
inline constexpr std::size_t kTailLines = 20;

/// One deploy under way.
struct DeployRun {
    api::DeployRequest request;
    std::string cause;  // for the ledger
    std::vector<api::DeployListener> listeners;
    core::Deploy machine = core::Deploy::begin(true);

    os::User user;
    std::string directory;       // the app's own, below the state directory
    std::string new_source;      // fetched, not yet kept
    std::string fetched_before;  // git: the commit of the fetch before this one
    std::uint32_t release = 0;   // its number
    std::string release_directory;
    bool makes_directory = false;  // the release has code of its own, which a failure discards
    bool is_first = false;
    bool unchanged = false;  // nothing is to be done
    std::string revision;
    std::string build_command;
    std::string buildpacks;  // one to a line
    ReleasePlan plan;
    core::OperationId operation = 0;  // of the load
    std::vector<std::string> problems;

    std::deque<std::string> tail;  // what its present command said last
    std::string unfinished_line;

    /// Output for whoever listens.
    void tell(std::string_view text);
    /// `-----> text` and the like, on a line of its own.
    void say(std::string_view text) { tell("-----> " + std::string(text) + "\n"); }
    void say_heading(std::string_view text) { tell("=====> " + std::string(text) + "\n"); }
    void say_verbose(std::string_view text) { tell("       " + std::string(text) + "\n"); }
    void warn(std::string_view text) { tell(" !     " + std::string(text) + "\n"); }
    /// Output of its present command.
    void take_output(std::string_view text);
};

}  // namespace reeve::daemon
