#include "core/job_life.h"

#include <signal.h>

#include <gtest/gtest.h>

namespace reeve::core {
namespace {

struct Job {
    spec::App app;
    spec::Service service;
    JobLife life;

    Job() {
        app.format = spec::Format::Upstart;
        service.name = "web";
        service.job.emplace();
        service.job->exports = {"COLOUR", "JOB", "UNSET", "SIZE"};
        service.environment = {{"COLOUR", "red"}, {"SIZE", "1"}};
        life.variables = {{"SIZE", "2"}};
    }
    std::string event(const std::string& moment, const std::string& key) const {
        return to_text(life_event(moment, service, app, key, life));
    }
};

TEST(JobLifeTest, TellsOfAStart) {
    EXPECT_EQ(Job().event("starting", ""), "starting JOB=web INSTANCE= COLOUR=red SIZE=2");
    EXPECT_EQ(Job().event("started", "3"), "started JOB=web INSTANCE=3 COLOUR=red SIZE=2");
}

TEST(JobLifeTest, TellsHowItEnded) {
    Job job;
    job.service.job->exports.clear();
    EXPECT_EQ(job.event("stopped", ""), "stopped JOB=web INSTANCE= RESULT=ok");
    job.life.failure = LifeFailure{"main", status::ExitCode{3}};
    EXPECT_EQ(job.event("stopping", ""),
              "stopping JOB=web INSTANCE= RESULT=failed PROCESS=main EXIT_STATUS=3");
    job.life.failure = LifeFailure{"pre-start", status::ExitSignal{SIGSEGV, true}};
    EXPECT_EQ(job.event("stopped", ""),
              "stopped JOB=web INSTANCE= RESULT=failed PROCESS=pre-start EXIT_SIGNAL=SEGV");
    job.life.failure = LifeFailure{"main", status::ExitSignal{99, false}};
    EXPECT_EQ(job.event("stopped", ""),
              "stopped JOB=web INSTANCE= RESULT=failed PROCESS=main EXIT_SIGNAL=99");
    job.life.failure = LifeFailure{"respawn", std::nullopt};
    EXPECT_EQ(job.event("stopped", ""), "stopped JOB=web INSTANCE= RESULT=failed PROCESS=respawn");
    EXPECT_EQ(job.event("starting", ""), "starting JOB=web INSTANCE=");
}

TEST(JobLifeTest, GivesStopVariablesToStopSideHooksOnly) {
    Job job;
    job.life.variables = {{"A", "1"}, {"UPSTART_EVENTS", "go"}};
    job.life.stop_variables = {{"A", "2"}, {"UPSTART_STOP_EVENTS", "halt"}};
    EXPECT_EQ(run_variables(job.service, job.app, "", RunRole::Main, job.life),
              (spec::Variables{{"A", "1"},
                               {"UPSTART_EVENTS", "go"},
                               {"UPSTART_JOB", "web"},
                               {"UPSTART_INSTANCE", ""}}));
    EXPECT_EQ(run_variables(job.service, job.app, "k", RunRole::PostStop, job.life),
              (spec::Variables{{"A", "2"},
                               {"UPSTART_EVENTS", "go"},
                               {"UPSTART_STOP_EVENTS", "halt"},
                               {"UPSTART_JOB", "web"},
                               {"UPSTART_INSTANCE", "k"}}));
}

TEST(JobLifeTest, VariablesComeBack) {
    ByteWriter writer;
    const spec::Variables variables = {{"A", "1"}, {"B", ""}};
    write_variables(writer, variables);
    ByteReader reader(writer.bytes());
    EXPECT_EQ(read_variables(reader), variables);
    EXPECT_TRUE(reader.finished());
}

}  // namespace
}  // namespace reeve::core
