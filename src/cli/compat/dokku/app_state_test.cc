#include "cli/compat/dokku/app_state.h"

#include <gtest/gtest.h>

namespace reeve::cli::compat::dokku {
namespace {

constexpr const char* kStatus = R"({"apps":[{"name":"shop","directory":"/srv/shop",
"formation_fixed":true,"formation":[{"service":"web","wanted":2,"running":1}]},
{"name":"other","formation":[]}],
"instances":[
{"app":"shop","service":"web","instance":"web.1","state":"running","pid":12,"port":20001,
 "runs":[{"id":"00000001000000ff","role":"retiring"},{"id":"0000000100000100","role":"main"}]},
{"app":"shop","service":"web","instance":"web.2","state":"crash-looping","pid":null},
{"app":"other","service":"web","instance":"web.1","state":"running"}]})";

TEST(AppStateTest, IsReadFromTheStatusOfItsApp) {
    const auto state = app_state_from_json(kStatus, "shop");
    ASSERT_TRUE(state.ok());
    EXPECT_TRUE(state->deployed);
    EXPECT_TRUE(state->scale_is_fixed);
    ASSERT_EQ(state->instances.size(), 2U);
    EXPECT_EQ(state->instances[0].run, "0000000100000100");
    EXPECT_EQ(state->instances[0].port, 20001);
    ASSERT_NE(state->find_type("web"), nullptr);
    EXPECT_EQ(state->find_type("web")->wanted, 2U);
    EXPECT_EQ(state->find_type("worker"), nullptr);
}

TEST(AppStateTest, RunningIsSaidAsDokkuCounts) {
    AppState state;
    EXPECT_EQ(state.running(), "false");
    state.instances.resize(2);
    state.instances[0].state = "running";
    EXPECT_EQ(state.running(), "mixed");
    state.instances[1].state = "running";
    EXPECT_EQ(state.running(), "true");
}

TEST(AppStateTest, WhatIsNotThereIsNotDeployed) {
    EXPECT_FALSE(app_state_from_json(kStatus, "nobody")->deployed);
    EXPECT_FALSE(app_state_from_json("[]", "shop").ok());
}

TEST(AppStateTest, StatesHaveDockersWords) {
    InstanceState one;
    for (const auto& [state, word] :
         std::vector<std::pair<std::string, std::string>>{{"running", "running"},
                                                          {"stopping", "running"},
                                                          {"starting", "created"},
                                                          {"crash-looping", "restarting"},
                                                          {"stopped", "exited"},
                                                          {"failed", "exited"},
                                                          {"stuck", "dead"}}) {
        one.state = state;
        EXPECT_EQ(docker_word(one), word) << state;
    }
}

}  // namespace
}  // namespace reeve::cli::compat::dokku
