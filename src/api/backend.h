#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/deploy_request.h"
#include "api/plan.h"
#include "api/reply.h"
#include "api/request.h"
#include "api/store_request.h"
#include "base/result.h"
#include "base/time.h"
#include "spec/instance_name.h"
#include "spec/target.h"
#include "status/instance.h"
#include "status/job.h"
#include "status/transition.h"

namespace reeve::api {

/// Who is at the other end of the socket, as the kernel says (SO_PEERCRED).
struct Peer {
    uid_t uid = static_cast<uid_t>(-1);
    gid_t gid = static_cast<gid_t>(-1);
    pid_t pid = 0;
    std::vector<gid_t> groups;  // besides `gid`
};

/// What a request wants to do. Each includes those before it.
enum class Access {
    View,     // look
    Operate,  // start, stop, restart, scale, signal
    Deploy,   // load and unload
    Admin     // reeve itself; apps that run as other users
};

/// One moment on both clocks, so that steady times can be shown as wall times.
struct Moment {
    TimePoint steady;
    WallTime wall;
};

/// What is said of reeve itself.
struct DaemonInfo {
    std::string version;
    int pid = 0;                        // of reeved
    int keeper_pid = 0;                 // 0: unknown
    std::string mode;                   // how processes are contained: `cgroup v2`
    TimePoint since;                    // when this reeved began to serve
    std::vector<std::string> warnings;  // what an operator must know, one line each
    std::string upgrade_note;           // what became of the last upgrade, if that is worth a word
};

/// One process of an instance, for the tree on its page.
struct Process {
    int pid = 0;
    int parent_pid = 0;
    std::uint64_t memory_bytes = 0;  // resident; 0: unknown
    Duration cpu{};                  // user and system time so far
    std::string command;             // its command line
};

/// One line of `doctor`.
struct Finding {
    enum class Level { Ok, Note, Warning, Error };
    Level level = Level::Ok;
    std::string subject;  // `containment`
    std::string text;     // `cgroup v2, writable`
    std::string advice;   // what to do, or empty
};

/// Which transitions are wanted: the newest `limit` ones of these targets (none: of all).
struct HistoryQuery {
    std::vector<spec::Target> targets;
    std::size_t limit = 0;
};

/// Takes the answer to an operation. May be called at any time, once, from the loop's thread, also
/// when the client or the server has gone: it does nothing then. May be dropped uncalled.
using OperationAnswer = std::function<void(const OperationReply&)>;

/// Who follows a deploy. Both are called as an OperationAnswer is, `on_text` any number of times.
struct DeployListener {
    std::function<void(std::string_view)> on_text;
    OperationAnswer on_end;
};

/// Takes transitions, oldest first; as OperationAnswer.
using HistoryAnswer = std::function<void(const Result<std::vector<status::Transition>>&)>;

/// What the API's server asks of the daemon. Everything is called on the loop's thread, and nothing
/// here may block.
class Backend {
public:
    virtual ~Backend() = default;

    /// Whether the peer may do that to the app; an empty name: to some app at least. Asked before a
    /// request is looked at, and again for every app that it means.
    virtual bool permits(const Peer& peer, Access access, const std::string& app) const = 0;

    virtual Moment now() const = 0;
    virtual DaemonInfo daemon_info() const = 0;
    /// 0: there is none at the moment. Looks through all children of the keeper.
    virtual int scribe_pid() const = 0;

    /// Calls `visit` for each instance that a target matches (no target: for all), in the order of
    /// their names. What `visit` is given is its own.
    virtual void visit_instances(const std::vector<spec::Target>& targets,
                                 const std::function<void(status::Instance&)>& visit) const = 0;

    /// Every app, in the order of their names.
    virtual std::vector<status::App> apps() const = 0;

    /// The jobs that are asked for. Fails on an unknown one (`code` is ENOENT), and where the name
    /// of an instance cannot be made: `Unknown parameter: NAME`.
    virtual Result<status::Jobs> jobs(const status::JobQuery& query) const = 0;

    /// The file that this instance's output goes to; empty: none.
    virtual std::string log_path(const spec::InstanceName& instance) const = 0;

    /// The live processes of an instance, in any order; empty where that is unknown.
    virtual std::vector<Process> processes(const status::Instance& instance) const = 0;

    virtual std::vector<Finding> doctor() const = 0;

    /// Looks into the ledger.
    virtual void query_history(const HistoryQuery& query, HistoryAnswer answer) = 0;

    /// Whether the app would run as somebody whom the peer is not, and as whom it does not run yet.
    virtual bool names_foreign_user(const Peer& peer, const spec::App& app) const = 0;

    /// What loading `app` in the place of the one of its name would do.
    virtual Result<std::vector<PlannedStep>> plan(const spec::App& app) const = 0;

    /// Begins to replace reeve's own programs by those in `directory` (empty: where they came
    /// from). The daemon is replaced soon after.
    virtual Result<void> upgrade(const std::string& directory) = 0;

    /// Carries an operation out, or joins the one with the same id. `answer` is called when the
    /// request's `answer_when` is reached, or with the refusal. The server itself answers TimedOut.
    virtual void submit(OperationRequest request, const Peer& peer, OperationAnswer answer) = 0;

    /// Every app that was created or loaded, in the order of their names.
    virtual std::vector<std::string> app_names() const = 0;

    /// Everything that is remembered of an app (kGlobalApp: of all); nullopt: no such app.
    virtual std::optional<Records> records(const std::string& app) const = 0;

    /// Changes what is remembered. `answer` is called when it is on disk, or with the refusal.
    virtual void change_store(const StoreChange& change, const Peer& peer,
                              OperationAnswer answer) = 0;

    /// Carries a deploy out, or joins the one with the same id. It goes on without its listener.
    virtual void deploy(const DeployRequest& request, const Peer& peer,
                        DeployListener listener) = 0;
};

}  // namespace reeve::api
