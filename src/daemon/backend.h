#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "api/backend.h"
#include "api/proxy_request.h"
#include "daemon/daemon.h"

namespace reeve::daemon {

/// Answers the API's server out of the daemon's parts: status from the core, commands as events
/// into it.
class DaemonBackend : public api::Backend, public api::ProxyBackend {
public:
    /// `daemon` must outlive the backend.
    explicit DaemonBackend(Daemon& daemon) : daemon_(daemon) {}

    bool permits(const api::Peer& peer, api::Access access, const std::string& app) const override;
    api::Moment now() const override;
    api::DaemonInfo daemon_info() const override;
    int scribe_pid() const override;
    void visit_instances(const std::vector<spec::Target>& targets,
                         const std::function<void(status::Instance&)>& visit) const override;
    std::vector<status::App> apps() const override;
    Result<status::Jobs> jobs(const status::JobQuery& query) const override;
    std::string log_path(const spec::InstanceName& instance) const override;
    std::vector<api::Process> processes(const status::Instance& instance) const override;
    std::vector<api::Finding> doctor() const override;
    void query_history(const api::HistoryQuery& query, api::HistoryAnswer answer) override;
    bool names_foreign_user(const api::Peer& peer, const spec::App& app) const override;
    Result<std::vector<api::PlannedStep>> plan(const spec::App& app) const override;
    Result<void> upgrade(const std::string& directory) override;
    void submit(api::OperationRequest request, const api::Peer& peer,
                api::OperationAnswer answer) override;

    std::vector<std::string> app_names() const override;
    std::optional<api::Records> records(const std::string& app) const override;
    void change_store(const api::StoreChange& change, const api::Peer& peer,
                      api::OperationAnswer answer) override;
    void deploy(const api::DeployRequest& request, const api::Peer& peer,
                api::DeployListener listener) override;

    std::string spec_json(const std::string& app) const override;
    api::ProxyView proxy(const std::string& app) const override;
    void change_proxy(const std::string& app, api::ProxyAct act,
                      api::OperationAnswer answer) override;

private:
    Daemon& daemon_;
};

}  // namespace reeve::daemon
