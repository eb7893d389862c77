#include "cli/compat/bluepill/view.h"

#include <gtest/gtest.h>

namespace reeve::cli::compat::bluepill {
namespace {

std::string instance(const std::string& service, const std::string& group, int position, int pid,
                     const std::string& more) {
    return R"({"app":"re","service":")" + service + R"(","instance":")" + service +
           R"(.1","group":)" + (group.empty() ? "null" : "\"" + group + "\"") + R"(,"position":)" +
           std::to_string(position) + R"(,"pid":)" + (pid == 0 ? "null" : std::to_string(pid)) +
           R"(,"state":"running","goal":"up","reason":"started","command":"x")" + more + "}";
}

/// The example of Bluepill's own documentation: the status comes in the order of names.
World example() {
    const std::string children = R"(,"monitors_children":true)";
    const std::string status = R"({"instances":[)" + instance("ruby checks", "", 9, 1, "") + "," +
                               instance("solo", "", 0, 14200, "") + "," +
                               instance("symproc", "", 3, 0, "") + "," +
                               instance("unicorn", "web", 4, 14209, children) + "," +
                               instance("worker-a", "workers", 1, 14203, "") + "," +
                               instance("workers:worker-b", "workers", 2, 14206, "") +
                               R"(],"apps":[{"name":"re","format":"bluepill","source":"/re.pill"},)"
                               R"({"name":"shop","format":"procfile"}],"daemon":{"pid":77}})";
    Result<World> world = read_world(status);
    EXPECT_TRUE(world.ok());
    if (!world.ok()) return {};
    // Children and their children; another process's child; a circle that cannot be.
    find_children(*world, {{14212, 14209}, {14213, 14212}, {14300, 14200}, {2, 3}, {3, 2}});
    return *world;
}

const HistoryOf kNoHistory = [](const ProcessView& /*process*/) { return ""; };

TEST(BluepillViewTest, TheTreeIsThatOfBluepill) {
    const World world = example();
    ASSERT_EQ(world.apps.size(), 1U) << "only apps of pills";
    EXPECT_EQ(world.daemon_pid, 77);
    EXPECT_EQ(render_tree(world.apps[0], "", "", kNoHistory),
              "solo(pid:14200): up\n"
              "symproc(pid:): up\n"
              "\n"
              "workers:\n"
              "  worker-a(pid:14203): up\n"
              "  worker-b(pid:14206): up\n"
              "\n"
              "web:\n"
              "  unicorn(pid:14209): up\n"
              "    <child(pid:14212)>: up\n"
              "    <child(pid:14213)>: up\n"
              "\n");
}

TEST(BluepillViewTest, AGroupIsShownAlone) {
    EXPECT_EQ(render_tree(example().apps.at(0), "workers", "", kNoHistory),
              "workers:\n  worker-a(pid:14203): up\n  worker-b(pid:14206): up\n\n");
}

TEST(BluepillViewTest, AProcessIsShownWithItsHistoryAmongEmptyGroups) {
    const HistoryOf history = [](const ProcessView& process) {
        return "history of " + process.name + "\n";
    };
    EXPECT_EQ(render_tree(example().apps.at(0), "worker-b", "", history),
              "\n  worker-b(pid:14206): up\nhistory of worker-b\n\n\n");
    EXPECT_EQ(render_tree(example().apps.at(0), "solo", "", history),
              "solo(pid:14200): up\nhistory of solo\n\n\n\n");
}

TEST(BluepillViewTest, WordsMeanGroupsThenProcessesThenBoth) {
    const World world = example();
    const AppView& app = world.apps.at(0);
    EXPECT_EQ(select(app, "").size(), 5U);
    EXPECT_EQ(select(app, "workers").size(), 2U);
    ASSERT_EQ(select(app, "workers:worker-a").size(), 1U);
    EXPECT_EQ(select(app, "worker-b").at(0)->service, "workers:worker-b");
    EXPECT_TRUE(select(app, "nope").empty());
}

TEST(BluepillViewTest, WhatWasSentIsListed) {
    const World world = example();
    EXPECT_EQ(render_sent("stop", select(world.apps.at(0), "workers")),
              "Sent stop to:\n  workers:worker-a\n  workers:worker-b\n");
    EXPECT_EQ(render_sent("stop", select(world.apps.at(0), "solo")), "Sent stop to:\n  :solo\n");
    EXPECT_EQ(render_sent("stop", {}), "No processes effected\n");
}

TEST(BluepillViewTest, AnAnswerThatIsNoneIsAnError) {
    EXPECT_FALSE(read_world("nonsense").ok());
    EXPECT_FALSE(read_world("{}").ok());
}

ProcessView sleeping(const std::string& name) {
    ProcessView view;
    view.name = view.service = name;
    return view;
}

std::string text_of(const std::vector<Turn>& turns) {
    std::string text;
    for (const Turn& turn : turns) {
        for (const ProcessView* one : turn.processes)
            text += one->name;
        text += turn.must_end ? "! " : " ";
    }
    return text;
}

TEST(BluepillTurnsTest, AProcessThatBlocksItsGroupHasATurnOfItsOwn) {
    spec::App app;
    for (const char* name : {"a", "b", "c", "d", "e"}) {
        app.services.emplace_back();
        app.services.back().name = name;
    }
    app.services[2].listing.waits.stop = true;
    app.services[3].listing.waits.stop = true;
    const std::vector<ProcessView> all = {sleeping("a"), sleeping("b"), sleeping("c"),
                                          sleeping("d"), sleeping("e")};
    std::vector<const ProcessView*> processes;
    for (const ProcessView& one : all)
        processes.push_back(&one);
    EXPECT_EQ(text_of(in_turns(processes, app, "stop")), "ab c! d! e! ");
    EXPECT_EQ(text_of(in_turns(processes, app, "start")), "abcde! ");
    EXPECT_EQ(text_of(in_turns({}, app, "stop")), "");
}

}  // namespace
}  // namespace reeve::cli::compat::bluepill
