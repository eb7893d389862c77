#include "api/permitted_backend.h"

#include <gtest/gtest.h>
#include <set>
#include <variant>

#include "api/fake_backend.h"

namespace reeve::api {
namespace {

/// A peer with one role, everywhere but for the app `bank`.
class RoleBackend : public FakeBackend {
public:
    explicit RoleBackend(Access role) : FakeBackend(shop_backend()), role_(role) {
        status::App bank;
        bank.name = "bank";
        all_apps.push_back(bank);
        status::Instance instance;
        instance.name = {"bank", "safe", 1, ""};
        instances.push_back(instance);
    }
    bool permits(const Peer&, Access access, const std::string& app) const override {
        return access <= role_ && app != "bank";
    }

private:
    Access role_;
};

Load load_as(const std::string& user) {
    spec::App app;
    app.name = "shop";
    app.services.resize(1);
    app.services[0].credentials.user = user;
    return Load{std::make_shared<const spec::App>(app), true};
}

struct VerbCase {
    Verb verb;
    Access needs;
};

std::vector<VerbCase> every_verb() {
    const std::vector<spec::Target> shop = {{"shop", ""}};
    return {{load_as(""), Access::Deploy},
            {load_as("root"), Access::Admin},
            {Unload{"shop"}, Access::Deploy},
            {Start{shop}, Access::Operate},
            {Stop{shop}, Access::Operate},
            {Restart{shop}, Access::Operate},
            {Signal{shop, 1}, Access::Operate},
            {Scale{"shop", {}}, Access::Operate},
            {Reload{shop}, Access::Operate},
            {Emit{}, Access::Operate},
            {JobCommand{JobCommand::What::Start, "shop", "web", {}, {}}, Access::Operate},
            {SetVariables{.app = "shop"}, Access::Admin},
            {Unmonitor{shop}, Access::Operate},
            {Shutdown{}, Access::Admin}};
}

TEST(PermittedBackendTest, EveryVerbNeedsItsRole) {
    std::set<std::size_t> kinds;
    for (const VerbCase& one : every_verb())
        kinds.insert(one.verb.index());
    EXPECT_EQ(kinds.size(), std::variant_size_v<Verb>) << "a verb is missing above";
    for (const Access role : {Access::View, Access::Operate, Access::Deploy, Access::Admin}) {
        const RoleBackend backend(role);
        for (const VerbCase& one : every_verb()) {
            EXPECT_EQ(check_permission(backend, Peer{}, one.verb).ok(), one.needs <= role)
                << name(one.verb) << " with role " << static_cast<int>(role);
        }
    }
}

TEST(PermittedBackendTest, APatternMustNotReachFurtherThanTheRole) {
    const RoleBackend backend(Access::Operate);
    const Result<void> refused = check_permission(backend, Peer{}, Stop{{{"*", ""}}});
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().message.find("on the app bank"), std::string::npos);
    EXPECT_TRUE(check_permission(backend, Peer{}, Stop{{{"sh*", ""}}}).ok());
    EXPECT_FALSE(check_permission(backend, Peer{}, Stop{{{"bank", "safe.1"}}}).ok());
}

TEST(PermittedBackendTest, WhatMayNotBeSeenIsNotThere) {
    RoleBackend backend(Access::View);
    const Peer peer;
    PermittedBackend view(backend, peer);
    EXPECT_EQ(view.apps().size(), 1U);
    int seen = 0;
    view.visit_instances({}, [&](const status::Instance& instance) {
        EXPECT_EQ(instance.name.app, "shop");
        ++seen;
    });
    EXPECT_EQ(seen, 3);
    EXPECT_EQ(view.log_path({"bank", "safe", 1, ""}), "");
    std::size_t told = 0;
    view.query_history({}, [&](const auto& found) { told = found->size(); });
    std::vector<status::Transition> history(2);
    history[0].instance.app = "bank";
    history[1].instance.app = "shop";
    backend.asked.at(0).second(history);
    EXPECT_EQ(told, 1U);
}

TEST(PermittedBackendTest, TheEnvironmentOfAJobIsForWhoMayConfigureIt) {
    status::Job job;
    job.app = "shop";
    job.name = "web";
    job.instances.resize(1);
    job.instances[0].environment = {{"SECRET", "x"}};
    for (const Access role : {Access::Operate, Access::Deploy}) {
        RoleBackend backend(role);
        backend.all_jobs = {job};
        const Peer peer;
        const auto seen = PermittedBackend(backend, peer).jobs({.app = "shop", .job = "web"});
        EXPECT_EQ(seen->jobs.at(0).instances.at(0).environment.empty(), role == Access::Operate);
    }
}

TEST(PermittedBackendTest, ARefusedOperationIsNotSubmitted) {
    RoleBackend backend(Access::View);
    const Peer peer;
    PermittedBackend view(backend, peer);
    OperationRequest request;
    request.verb = Stop{{{"shop", ""}}};
    Code code = Code::Done;
    view.submit(std::move(request), peer, [&](const OperationReply& reply) { code = reply.code; });
    EXPECT_EQ(code, Code::NotPermitted);
    EXPECT_TRUE(backend.submitted.empty());
}

}  // namespace
}  // namespace reeve::api
