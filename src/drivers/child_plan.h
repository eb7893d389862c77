#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "core/action.h"
#include "os/child_setup.h"
#include "os/users.h"

namespace reeve::drivers {

/// What a run needs to know besides its spec.
struct ChildContext {
    int port = 0;                   // 0: none
    std::string run_mark;           // not empty: REEVE_RUN, where there is no cgroup to find it by
    std::string notify_socket;      // empty: none
    std::vector<int> passed_fds{};  // numbers of Spawner::lend
    std::string ready_pipe{};       // what the notification descriptor writes to; empty: none
};

/// Whether the main process of a service gets a NOTIFY_SOCKET.
bool uses_notify_socket(const spec::Service& service);

/// The number of the descriptor that a service says on that it is ready; -1: none.
int notification_fd(const spec::Service& service);

/// Turns a spec into everything a child needs between clone and exec (engine.md, §1). Remembers the
/// users it has looked up: the system's databases are read from disk or over the network.
class ChildPlanner {
public:
    ChildPlanner();

    /// Fails when the user or the group does not exist; `code` is an errno.
    Result<std::unique_ptr<os::ChildSetup>> plan(const core::SpawnRun& run,
                                                 const ChildContext& context);

    /// Whom a service's processes run as.
    Result<uid_t> uid_of(const spec::Service& service);

    /// Forgets what it has looked up. Called when a spec is loaded.
    void forget_users() { users_.clear(); }

private:
    struct Account {
        os::User user;
        gid_t gid = 0;
        std::vector<gid_t> groups;
    };
    Result<const Account*> find_account(const spec::Credentials& credentials,
                                        const std::string& root);

    bool is_root_;
    std::map<std::string, Account> users_;
};

/// The files that may be a service's program, in the order in which they are tried; none where
/// only a shell knows. Absolute, as they are seen outside its root directory.
std::vector<std::string> programs_of(const spec::App& app, const spec::Service& service);

/// Whether a process of this role has the instance's log as its output or error.
bool writes_to_log(const spec::StdioSpec& stdio, core::RunRole role);

}  // namespace reeve::drivers
