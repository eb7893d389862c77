#include "core/recording.h"

#include <gtest/gtest.h>

namespace reeve::core {
namespace {

std::vector<Event> one_of_each() {
    const spec::NamedEvent named{"go", {{"KEY", "1"}}};
    const status::Cause cause{status::CauseKind::Operator, 7, "uid 0: test"};
    spec::App app{.name = "shop", .directory = "/srv/shop"};
    const auto shared = std::make_shared<const spec::App>(app);
    std::vector<Event> events = {
        TimePassed{},
        Spawned{1, {42, 99}},
        Executed{2},
        SpawnFailed{3, "exec bin/web", 2},
        SpawnOverdue{4, "chdir /srv"},
        Exited{5, status::ExitCode{3}, true, {{{43, 100}, true, false, true}}, "last words"},
        RunEmptied{6},
        Ready{7, "accepts connections"},
        Sampled{8, 1, 2, true, "71MB"},
        NotifySaid{9, true, "serving"},
        RunLost{10},
        RestoreApp{shared, "f", cause},
        MainFound{11, {44, 101}},
        FoundRunning{12, {45, 102}},
        NothingRuns{13},
        Happened{named, "network"},
        EventSequence{{named, named}, "boot"}};
    JobCommand job;
    job.verb = JobCommand::Verb::Restart;
    job.job = "web";
    job.key = "1";
    SetVariables set;
    set.app = "init";
    set.unset = {"A"};
    set.set = {{"B", "2"}};
    const std::vector<spec::Target> targets = {{"shop", "web.1"}};
    const std::vector<CommandKind> kinds = {LoadApp{shared, false, true},
                                            UnloadApp{"shop"},
                                            Start{targets},
                                            Stop{targets},
                                            Restart{targets},
                                            Signal{targets, 15},
                                            Scale{"shop", {{"web", 3}}},
                                            Unmonitor{targets},
                                            Shutdown{named},
                                            Reload{targets},
                                            Emit{named, false},
                                            job,
                                            set};
    for (const CommandKind& kind : kinds)
        events.push_back(Command{events.size(), cause, kind});
    return events;
}

std::string recording_of(const std::vector<Event>& events) {
    std::string bytes = to_recording(RecordedStart{{7, 8, 9}, TimePoint{1s}, true, {{"m", "x"}}});
    for (const Event& event : events)
        bytes += to_recording(event, TimePoint{2s});
    return bytes;
}

TEST(RecordingTest, WhatIsReadIsWhatWasWritten) {
    const std::vector<Event> events = one_of_each();
    const std::string bytes = recording_of(events);
    const Result<std::vector<Recorded>> read = read_recording(bytes);
    ASSERT_TRUE(read.ok()) << read.error().message;
    ASSERT_EQ(read->size(), events.size() + 1);
    const RecordedStart& start = std::get<RecordedStart>(read->front());
    EXPECT_EQ(start.settings.epoch, 7U);
    EXPECT_EQ(start.settings.spawning_max, 9U);
    EXPECT_TRUE(start.restored);
    ASSERT_EQ(start.records.size(), 1U);
    EXPECT_EQ(start.records[0].value, "x");
    std::string again = to_recording(start);
    for (std::size_t i = 1; i < read->size(); ++i) {
        const RecordedEvent& event = std::get<RecordedEvent>((*read)[i]);
        EXPECT_EQ(event.event.index(), events[i - 1].index());
        again += to_recording(event.event, event.now);
    }
    EXPECT_EQ(again, bytes);
}

TEST(RecordingTest, AnEntryThatWasCutShortIsLeftOut) {
    const std::string bytes = recording_of({TimePassed{}, RunLost{1}});
    const auto read = read_recording(std::string_view(bytes).substr(0, bytes.size() - 1));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->size(), 2U);
}

TEST(RecordingTest, AnotherFileIsRefused) {
    EXPECT_FALSE(read_recording("[apps]\n").ok());
}

}  // namespace
}  // namespace reeve::core
