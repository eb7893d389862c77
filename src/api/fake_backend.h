#pragma once

#include <errno.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/backend.h"

namespace reeve::api {

/// A backend for tests: says what it was filled with, and keeps what it is asked to do.
class FakeBackend : public Backend {
public:
    std::vector<status::Instance> instances;
    std::vector<status::App> all_apps;
    std::vector<status::Job> all_jobs;
    std::vector<Process> process_list;
    std::vector<Finding> findings;
    DaemonInfo info;
    Moment moment;
    bool permitting = true;
    std::map<std::string, Records> stored;
    /// How often the instances were asked for.
    mutable int looks = 0;

    /// Changes of the store, answered as done at once.
    std::vector<StoreChange> changes;
    /// Deploys that were asked for, with those who follow them.
    std::vector<std::pair<DeployRequest, DeployListener>> deploys;

    /// What was submitted, with its answer still due.
    std::vector<std::pair<OperationRequest, OperationAnswer>> submitted;
    std::vector<Peer> peers;
    /// Questions to the ledger, with their answers still due.
    std::vector<std::pair<HistoryQuery, HistoryAnswer>> asked;

    /// Apps out of the peer's reach.
    std::set<std::string> hidden;
    std::vector<std::string> upgrades;

    bool permits(const Peer& /*peer*/, Access access, const std::string& app) const override {
        return (permitting || access == Access::View) && !hidden.contains(app);
    }
    Moment now() const override { return moment; }
    DaemonInfo daemon_info() const override { return info; }
    int scribe_pid() const override { return 12; }
    void visit_instances(const std::vector<spec::Target>& targets,
                         const std::function<void(status::Instance&)>& visit) const override {
        ++looks;
        for (status::Instance instance : instances) {
            bool meant = targets.empty();
            for (const spec::Target& target : targets)
                meant = meant || spec::matches(target, instance.name);
            if (meant) visit(instance);
        }
    }
    std::vector<status::App> apps() const override { return all_apps; }
    Result<status::Jobs> jobs(const status::JobQuery& query) const override {
        if (query.job.empty() || (!all_jobs.empty() && query.job == all_jobs.front().name)) {
            return status::Jobs{all_jobs, std::nullopt, {{"COLOUR", "red"}}};
        }
        return Error{"Unknown job: " + query.job, ENOENT};
    }
    std::string log_path(const spec::InstanceName& name) const override {
        return "/var/log/reeve/" + name.app + "/" + spec::path_component(name) + ".log";
    }
    std::vector<Process> processes(const status::Instance& /*instance*/) const override {
        return process_list;
    }
    std::vector<Finding> doctor() const override { return findings; }
    void query_history(const HistoryQuery& query, HistoryAnswer answer) override {
        asked.emplace_back(query, std::move(answer));
    }
    bool names_foreign_user(const Peer& /*peer*/, const spec::App& app) const override {
        return !app.services.empty() && app.services[0].credentials.user == "root";
    }
    Result<std::vector<PlannedStep>> plan(const spec::App& app) const override {
        return std::vector<PlannedStep>{{app.name, "keep", {}}};
    }
    Result<void> upgrade(const std::string& directory) override {
        upgrades.push_back(directory);
        return {};
    }
    void submit(OperationRequest request, const Peer& peer, OperationAnswer answer) override {
        peers.push_back(peer);
        submitted.emplace_back(std::move(request), std::move(answer));
    }
    std::vector<std::string> app_names() const override {
        std::vector<std::string> names;
        for (const auto& [name, records] : stored)
            names.push_back(name);
        return names;
    }
    std::optional<Records> records(const std::string& app) const override {
        const auto found = stored.find(app);
        return found == stored.end() ? std::nullopt : std::optional<Records>(found->second);
    }
    void change_store(const StoreChange& change, const Peer& peer,
                      OperationAnswer answer) override {
        peers.push_back(peer);
        changes.push_back(change);
        answer({});
    }
    void deploy(const DeployRequest& request, const Peer& peer, DeployListener listener) override {
        peers.push_back(peer);
        deploys.emplace_back(request, std::move(listener));
    }
};

/// A backend with the app `shop`: web.1 runs, web.2 starts, worker.1 waits for its next start.
inline FakeBackend shop_backend() {
    FakeBackend backend;
    backend.moment.steady = TimePoint(1000s);
    backend.moment.wall = WallTime{1'795'177'044'000'000'000};  // 2026-11-20T12:17:24Z
    backend.info.version = "0.1.0";
    backend.info.pid = 400;
    backend.info.mode = "cgroup v2";
    backend.info.since = TimePoint(0s);

    status::Instance web;
    web.name = {"shop", "web", 1, ""};
    web.state = status::State::Running;
    web.goal = status::Goal::Up;
    web.pid = 4711;
    web.ready = true;
    web.since = TimePoint(810s);
    web.reason = "accepts connections on port 20000";
    web.port = 20000;
    web.command = "python3 web.py";
    web.restart = "auto";
    web.runs = {{(std::uint64_t{7} << 32) | 1, "main", 4711, TimePoint(809s)}};
    backend.instances.push_back(web);

    web.name.index = 2;
    web.state = status::State::Starting;
    web.ready = false;
    web.pid = 4712;
    web.port = 20002;
    web.since = TimePoint(999s);
    web.reason = "waits until port 20002 accepts connections";
    backend.instances.push_back(web);

    status::Instance worker;
    worker.name = {"shop", "worker", 1, ""};
    worker.state = status::State::Backoff;
    worker.goal = status::Goal::Up;
    worker.restarts = 4;
    worker.since = TimePoint(998s);
    worker.reason = "exited with code 1 after 800ms; next start in 16s";
    worker.last_exit = status::ExitCode{1};
    worker.next_attempt = TimePoint(1014s);
    worker.command = "bash -c 'sleep 1; exit 1'";
    worker.restart = "auto";
    backend.instances.push_back(worker);

    status::App app;
    app.name = "shop";
    app.format = "procfile";
    app.source = "/srv/shop/Procfile";
    app.directory = "/srv/shop";
    app.formation = {{"web", 2, 1}, {"worker", 1, 0}};
    backend.all_apps.push_back(app);
    return backend;
}

}  // namespace reeve::api
