#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "api/backend.h"
#include "base/result.h"

namespace reeve::daemon {

class Daemon;
struct DeployRun;

/// Most deploys at one time; more are refused.
inline constexpr std::size_t kDeploysMax = 16;

/// Why a locked app is not deployed. Source: dokku plugins/common, its deploy lock.
std::string locked_text(const std::string& app);

/// Carries deploys out: core::Deploy decides, tasks of the app's user fetch and build, the core's
/// all-or-nothing load starts and switches. One deploy of an app at a time, and nothing else
/// changes the app meanwhile.
///
/// A release is a directory below the state directory, `apps/APP/releases/N`, and a record
/// `release/N` with everything that was started from it.
class Deploys {
public:
    /// `daemon` must outlive this.
    explicit Deploys(Daemon& daemon);
    ~Deploys();

    void begin(const api::DeployRequest& request, const api::Peer& peer,
               api::DeployListener listener);

    /// Whether the app is being deployed, or was locked by hand.
    bool is_locked(const std::string& app) const;

    bool is_deploying(const std::string& app) const { return runs_.contains(app); }

    /// Whether the core still knows what an earlier daemon's deploys have begun.
    enum class CoreIs { Restored, New };
    /// After a replacement of the daemon: a deploy that had come to its start goes on, an earlier
    /// one is over, with nothing changed.
    void take_up(CoreIs core);

    /// What is left of an app that was destroyed goes.
    void forget(const std::string& app);

private:
    void carry_on(DeployRun& run);
    void do_stage(DeployRun& run);
    void fetch(DeployRun& run);
    bool has_known_source(const DeployRun& run) const;
    bool is_as_planned(const DeployRun& run) const;
    void validate(DeployRun& run);
    void build(DeployRun& run);
    void finish_build(DeployRun& run);
    void run_command(DeployRun& run, const std::string& name, const std::string& shown,
                     const std::string& command, const std::string& failure);
    void start(DeployRun& run);
    void start_needs(const DeployRun& run);
    void started(DeployRun& run, const api::OperationReply& reply);
    void follow_with_proxy(const DeployRun& run);
    void remember_release(DeployRun& run);
    void finish(DeployRun& run);
    void end(DeployRun& run, const api::OperationReply& reply);

    Result<void> prepare(DeployRun& run, const api::Peer& peer);
    Result<void> read_source(DeployRun& run, const std::string& directory, bool is_final);
    Result<void> read_release(DeployRun& run, std::uint32_t number);
    std::uint32_t next_release(const std::string& app) const;
    std::string kept_releases(const DeployRun& run) const;
    void put(const std::string& app, const std::string& key, const std::string& value);

    Daemon& daemon_;
    std::map<std::string, std::unique_ptr<DeployRun>> runs_;  // by app
};

}  // namespace reeve::daemon
