#include "api/bluepill_words.h"

#include <gtest/gtest.h>

namespace reeve::api::bluepill {
namespace {

std::vector<std::string> texts(const std::vector<LogLine>& lines) {
    std::vector<std::string> all;
    for (const LogLine& line : lines)
        all.push_back(line.level + (" " + line.text));
    return all;
}

using Texts = std::vector<std::string>;

TEST(BluepillWordsTest, EveryStateHasOneOfBluepillsSix) {
    EXPECT_EQ(state_word("running", "up", "started"), "up");
    EXPECT_EQ(state_word("starting", "up", ""), "starting");
    EXPECT_EQ(state_word("stopping", "up", "restart asked for"), "restarting");
    EXPECT_EQ(state_word("stopping", "up", "exited with code 1"), "stopping");
    EXPECT_EQ(state_word("backoff", "up", ""), "down");
    EXPECT_EQ(state_word("crash-looping", "up", ""), "unmonitored");
    EXPECT_EQ(state_word("failed", "up", ""), "unmonitored");
    EXPECT_EQ(state_word("running", "unmonitored", ""), "unmonitored");
    EXPECT_EQ(state_word("stopping", "down", "stop asked for"), "unmonitored");
    EXPECT_EQ(state_word("stopped", "down", ""), "unmonitored");
}

TEST(BluepillWordsTest, ACrashIsLoggedAsInBluepill) {
    EXPECT_EQ(texts(log_lines({"running", "backoff", "killed by SIGKILL", "exit", "", 7}, "x")),
              (Texts{"I Going from up => down", "D killed by SIGKILL"}));
    EXPECT_EQ(texts(log_lines({"backoff", "starting", "", "exit", "", 7}, "sleep 9")),
              (Texts{"W Executing start command: sleep 9", "I Going from down => starting"}));
    EXPECT_EQ(texts(log_lines({"starting", "running", "", "exit", "", 7}, "sleep 9")),
              (Texts{"I Going from starting => up"}));
}

TEST(BluepillWordsTest, AUsersStopGoesToUnmonitored) {
    const Change stop{"running", "stopping", "stop asked for", "operator", "uid 0", 7};
    EXPECT_EQ(texts(log_lines(stop, "x")).front(), "I Going from up => unmonitored");
    EXPECT_EQ(history_event(stop).event, "stop");
    EXPECT_EQ(history_event(stop).reason, "user initiated");
    const Change restart{"running", "stopping", "restart asked for", "operator", "uid 0", 7};
    EXPECT_EQ(texts(log_lines(restart, "x")).front(), "I Going from up => restarting");
    EXPECT_EQ(history_event(restart).event, "restart");
}

TEST(BluepillWordsTest, FlappingSaysWhenItIsTriedAgain) {
    const std::string reason = "exited with code 1; flapping, retrying in 7s; next start in 10s";
    const Change flapping{"starting", "crash-looping", reason, "exit", "", 0};
    EXPECT_EQ(texts(log_lines(flapping, "x")),
              (Texts{"I Flapping detected: retrying in 7 seconds",
                     "I Going from starting => unmonitored", "D " + reason}));
    EXPECT_EQ(history_event(flapping).event, "unmonitor");
    EXPECT_EQ(history_event(flapping).reason, "Flapping");
}

TEST(BluepillWordsTest, WhatIsToldOfACrashLoopIsNoChange) {
    const Change told{"crash-looping",
                      "crash-looping",
                      "it ends again and again; the end of its log:\na\nb",
                      "exit",
                      "",
                      0};
    EXPECT_EQ(texts(log_lines(told, "x")), Texts{"D it ends again and again; the end of its log:"});
    EXPECT_EQ(history_event(told).event, "");
}

TEST(BluepillWordsTest, ACheckIsTheReasonOfItsRestart) {
    const Change change{
        "running", "stopping", "restart by a check", "check", "web.1 mem_usage: 71MB*, 71MB*", 7};
    EXPECT_EQ(history_event(change).event, "restart");
    EXPECT_EQ(history_event(change).reason, "mem_usage: [71MB*, 71MB*]");
    EXPECT_EQ(texts(log_lines(change, "x")),
              (Texts{"I mem_usage: [71MB*, 71MB*]", "I mem_usage dispatched: restart",
                     "I Going from up => restarting", "D restart by a check"}));
}

TEST(BluepillWordsTest, AnEndThatNobodyAskedForIsNoEvent) {
    EXPECT_EQ(history_event({"running", "backoff", "exited", "exit", "", 7}).event, "");
}

TEST(BluepillWordsTest, LinesLookLikeThoseOfRubysLogger) {
    EXPECT_EQ(format_line({'I', "Going from up => down"}, "2026-11-20T09:43:13.916670", 28657,
                          {"demo", "", "web"}),
              "I, [2026-11-20T09:43:13.916670 #28657]  INFO -- : [demo:web] Going from up => "
              "down\n");
    EXPECT_EQ(format_line({'W', "x"}, "T", 1, {"demo", "workers", "a"}),
              "W, [T #1]  WARN -- : [demo:workers:a] x\n");
}

}  // namespace
}  // namespace reeve::api::bluepill
