#include "api/bluepill_words.h"

#include <signal.h>

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

spec::Service sleeper() {
    spec::Service service;
    service.command = spec::DirectCommand{{"sleep", "9"}};
    return service;
}

Texts told(const Change& change, const spec::Service& service = sleeper()) {
    return texts(log_lines(change, &service));
}

const Change kStop{"running", "stopping", "stop asked for", "operator", "uid 0", 7};
const Change kRestart{"running", "stopping", "restart asked for", "operator", "uid 0", 7};
const Change kRestartInPlace{"running", "running", "restart asked for", "operator", "uid 0", 7};

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
    EXPECT_EQ(told({"running", "backoff", "killed by SIGKILL", "exit", "", 7}),
              (Texts{"I Going from up => down", "D killed by SIGKILL"}));
    EXPECT_EQ(told({"backoff", "starting", "", "exit", "", 7}),
              (Texts{"W Executing start command: sleep 9", "I Going from down => starting"}));
    EXPECT_EQ(told({"starting", "running", "", "exit", "", 7}),
              (Texts{"I Going from starting => up"}));
}

TEST(BluepillWordsTest, AUsersStopGoesToUnmonitored) {
    EXPECT_EQ(told(kStop), (Texts{"W Executing default stop command. Sending TERM signal to 7",
                                  "I Going from up => unmonitored", "D stop asked for"}));
    EXPECT_EQ(history_event(kStop).event, "stop");
    EXPECT_EQ(history_event(kStop).reason, "user initiated");
    EXPECT_EQ(told({"stopping", "stopped", "killed by SIGTERM", "operator", "uid 0", 7}),
              Texts{"D killed by SIGTERM"});
    EXPECT_EQ(told({"stopped", "starting", "start asked for", "operator", "uid 0", 0}),
              (Texts{"W Executing start command: sleep 9", "I Going from unmonitored => starting",
                     "D start asked for"}));
}

TEST(BluepillWordsTest, AUsersRestartIsAStopAndAStart) {
    EXPECT_EQ(told(kRestart),
              (Texts{"W No restart_command specified. Must stop and start to restart",
                     "W Executing default stop command. Sending TERM signal to 7",
                     "I Going from up => restarting", "D restart asked for"}));
    EXPECT_EQ(history_event(kRestart).event, "restart");
}

TEST(BluepillWordsTest, StopCommandsAndSignalsAreTold) {
    spec::Service service = sleeper();
    service.stop.steps = {{SIGQUIT, 5s}, {SIGTERM, 10s}};
    EXPECT_EQ(told(kStop, service).front(), "W Sending stop signals to 7");
    service.stop.command = spec::DirectCommand{{"kill", "-QUIT", "{{PID}}"}};
    EXPECT_EQ(told(kStop, service).front(), "W Executing stop command: kill -QUIT 7");
}

TEST(BluepillWordsTest, ARestartCommandIsToldAndLeavesItUp) {
    spec::Service service = sleeper();
    service.restart_command =
        spec::RestartCommand{spec::ShellCommand{"kill -USR2 {{PID}}", spec::Shell::Sh}, 5s};
    EXPECT_EQ(told(kRestartInPlace, service),
              (Texts{"W Executing restart command: kill -USR2 7", "D restart asked for"}));
    EXPECT_EQ(history_event(kRestartInPlace).event, "restart");
    Change check{"running", "running", "check cpu: 9*", "check", "web.1 cpu: 9*", 7};
    EXPECT_EQ(told(check, service),
              (Texts{"I cpu: [9*]", "I cpu dispatched: restart",
                     "W Executing restart command: kill -USR2 7", "D check cpu: 9*"}));
    check.reason = "check passes again: cpu: 1";
    EXPECT_EQ(told(check, service), Texts{"D check passes again: cpu: 1"});
    EXPECT_EQ(history_event(check).event, "");
}

TEST(BluepillWordsTest, ACommandThatDoesNotEndIsToldAsInBluepill) {
    const std::string reason =
        "its start command did not end within 3s; does the program turn itself into a daemon?";
    EXPECT_EQ(told({"starting", "backoff", reason, "exit", "", 7}),
              (Texts{"E Execution is taking longer than expected.",
                     "E Did you forget to tell bluepill to daemonize this process?",
                     "I Going from starting => down", "D " + reason}));
}

TEST(BluepillWordsTest, FlappingSaysWhenItIsTriedAgain) {
    const std::string reason = "exited with code 1; flapping, retrying in 7s; next start in 10s";
    const Change flapping{"starting", "crash-looping", reason, "exit", "", 0};
    EXPECT_EQ(told(flapping), (Texts{"I Flapping detected: retrying in 7 seconds",
                                     "I Going from starting => unmonitored", "D " + reason}));
    EXPECT_EQ(history_event(flapping).event, "unmonitor");
    EXPECT_EQ(history_event(flapping).reason, "Flapping");
}

TEST(BluepillWordsTest, WhatIsToldOfACrashLoopIsNoChange) {
    const Change notice{"crash-looping",
                        "crash-looping",
                        "it ends again and again; the end of its log:\na\nb",
                        "exit",
                        "",
                        0};
    EXPECT_EQ(told(notice), Texts{"D it ends again and again; the end of its log:"});
    EXPECT_EQ(history_event(notice).event, "");
}

TEST(BluepillWordsTest, ASignalThatWasSentIsNoChange) {
    for (const char* state : {"starting", "running", "stopping"}) {
        const Change sent{state, state, "SIGUSR1 sent", "operator", "reeve signal USR1 shop", 7};
        EXPECT_EQ(told(sent), Texts{"D SIGUSR1 sent"});
        EXPECT_EQ(history_event(sent).event, "");
    }
}

TEST(BluepillWordsTest, ACheckIsTheReasonOfItsRestart) {
    const Change change{
        "running", "stopping", "restart by a check", "check", "web.1 mem_usage: 71MB*, 71MB*", 7};
    EXPECT_EQ(history_event(change).event, "restart");
    EXPECT_EQ(history_event(change).reason, "mem_usage: [71MB*, 71MB*]");
    EXPECT_EQ(told(change), (Texts{"I mem_usage: [71MB*, 71MB*]", "I mem_usage dispatched: restart",
                                   "W No restart_command specified. Must stop and start to restart",
                                   "W Executing default stop command. Sending TERM signal to 7",
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
