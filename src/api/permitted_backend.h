#pragma once

#include <string>
#include <vector>

#include "api/backend.h"

namespace reeve::api {

/// A backend as one peer may see it: apps that the peer may not view are not there.
class PermittedBackend : public Backend {
public:
    /// Both must outlive it; answers that come later need neither the peer nor this object.
    PermittedBackend(Backend& backend, const Peer& peer) : backend_(backend), peer_(peer) {}

    bool permits(const Peer& peer, Access access, const std::string& app) const override;
    Moment now() const override { return backend_.now(); }
    DaemonInfo daemon_info() const override { return backend_.daemon_info(); }
    int scribe_pid() const override { return backend_.scribe_pid(); }
    void visit_instances(const std::vector<spec::Target>& targets,
                         const std::function<void(status::Instance&)>& visit) const override;
    std::vector<status::App> apps() const override;
    Result<status::Jobs> jobs(const status::JobQuery& query) const override;
    std::string log_path(const spec::InstanceName& instance) const override;
    std::vector<Process> processes(const status::Instance& instance) const override;
    std::vector<Finding> doctor() const override { return backend_.doctor(); }
    void query_history(const HistoryQuery& query, HistoryAnswer answer) override;
    bool names_foreign_user(const Peer& peer, const spec::App& app) const override {
        return backend_.names_foreign_user(peer, app);
    }
    Result<std::vector<PlannedStep>> plan(const spec::App& app) const override;
    Result<void> upgrade(const std::string& directory) override;
    void submit(OperationRequest request, const Peer& peer, OperationAnswer answer) override;
    std::vector<std::string> app_names() const override;
    std::optional<Records> records(const std::string& app) const override;
    void change_store(const StoreChange& change, const Peer& peer, OperationAnswer answer) override;
    void deploy(const DeployRequest& request, const Peer& peer, DeployListener listener) override;

private:
    bool may_configure(const std::string& app) const;
    bool may_see(const std::string& app) const;

    Backend& backend_;
    const Peer& peer_;
};

/// `this needs the role operate, which uid 1000 does not have`; `app` may be empty.
std::string needs_role(Access access, const Peer& peer, const std::string& app);

/// What the operation needs, beyond a role in some app: nothing when it may be carried out, else
/// the refusal in words. Targets that name apps out of reach are refused, not left out.
Result<void> check_permission(const Backend& backend, const Peer& peer, const Verb& verb);

}  // namespace reeve::api
