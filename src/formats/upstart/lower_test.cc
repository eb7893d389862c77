#include "formats/upstart/lower.h"

#include <signal.h>
#include <sys/resource.h>

#include <gtest/gtest.h>

#include "formats/upstart/conf_reader.h"

namespace reeve::formats::upstart {
namespace {

using namespace std::chrono_literals;

Lowered lowered(std::string_view text, const Surroundings& surroundings = {}) {
    JobClass base;
    base.name = "net/web";
    const Conf conf = read_conf("web.conf", text, base);
    EXPECT_FALSE(conf.mistake) << text;
    return lower(conf.job, surroundings);
}

// The remarks on a job, one to a line.
std::string remarks_on(std::string_view text) {
    std::string all;
    for (const Remark& remark : lowered(text).remarks)
        all += remark.stanza + ": " + remark.message + "\n";
    return all;
}

TEST(LowerTest, UpstartsDefaultsBecomeValues) {
    const spec::Service service = lowered("exec web").service;
    EXPECT_EQ(service.name, "net/web");
    EXPECT_EQ(service.credentials.user, "root");
    EXPECT_EQ(service.working_dir, "/");
    EXPECT_EQ(service.umask, mode_t{022});
    EXPECT_EQ(service.environment_base, spec::EnvironmentBase::Nothing);
    EXPECT_EQ(service.stop.scope, spec::SignalScope::Group);
    EXPECT_EQ(service.stop.steps, (std::vector<spec::StopStep>{{SIGTERM, 5s}}));
    EXPECT_EQ(service.reload_signal, SIGHUP);
    const auto& restart = std::get<spec::UpstartRestart>(service.restart);
    EXPECT_FALSE(restart.respawn);
    EXPECT_EQ(restart.limit, 10U);
    EXPECT_EQ(restart.interval, 5s);
    EXPECT_EQ(service.log.path, "/var/log/upstart/net_web.log");
    EXPECT_FALSE(service.log.timestamps);
    ASSERT_TRUE(service.job);
    EXPECT_TRUE(service.job->has_main);
    EXPECT_FALSE(service.job->start_on);
}

TEST(LowerTest, AJobWithoutAProcessIsAState) {
    EXPECT_FALSE(lowered("start on startup").service.job->has_main);
}

TEST(LowerTest, HooksHaveNoTimeAndTwoOfThemCanFailAJob) {
    const spec::Hooks hooks =
        lowered("pre-start exec a\npost-start exec b\npre-stop exec c\npost-stop exec d\n")
            .service.hooks;
    EXPECT_EQ(hooks.pre_start->on_failure, spec::HookFailure::FailStart);
    EXPECT_EQ(hooks.post_start->on_failure, spec::HookFailure::Ignore);
    EXPECT_EQ(hooks.pre_stop->on_failure, spec::HookFailure::Ignore);
    EXPECT_EQ(hooks.post_stop->on_failure, spec::HookFailure::FailStart);
    EXPECT_EQ(hooks.pre_start->timeout, 0s);
}

TEST(LowerTest, RespawnAndNormalExits) {
    const auto restart = std::get<spec::UpstartRestart>(
        lowered("respawn\ntask\nrespawn limit 3 30\nnormal exit 0 TERM 512\n").service.restart);
    EXPECT_TRUE(restart.respawn);
    EXPECT_TRUE(restart.task);
    EXPECT_EQ(restart.limit, 3U);
    EXPECT_EQ(restart.interval, 30s);
    EXPECT_EQ(restart.normal_codes, std::vector<int>{0});
    EXPECT_EQ(restart.normal_signals, (std::vector<int>{SIGTERM, SIGINT}));
    EXPECT_EQ(remarks_on("normal exit 300"), "normal: no process ends with 300\n");
}

TEST(LowerTest, StopsAndReloads) {
    const spec::Service service =
        lowered("kill signal INT\nkill timeout 60\nreload signal USR1").service;
    EXPECT_EQ(service.stop.steps, (std::vector<spec::StopStep>{{SIGINT, 60s}}));
    EXPECT_EQ(service.reload_signal, SIGUSR1);
    EXPECT_TRUE(lowered("kill timeout 0").service.stop.steps.empty());
    EXPECT_EQ(lowered("reload signal 0").service.reload_signal, 0);
    EXPECT_EQ(remarks_on("kill signal 0"), "kill signal: there is no signal 0\n");
    EXPECT_EQ(remarks_on("reload signal 99"), "reload: there is no signal 99\n");
}

TEST(LowerTest, ExpectSaysHowTheMainProcessIsFound) {
    EXPECT_TRUE(std::holds_alternative<spec::TrackForeground>(lowered("exec x").service.tracking));
    for (const char* text : {"expect fork", "expect daemon"})
        EXPECT_TRUE(std::holds_alternative<spec::TrackForks>(lowered(text).service.tracking));
    EXPECT_TRUE(std::holds_alternative<spec::TrackStops>(lowered("expect stop").service.tracking));
}

TEST(LowerTest, TheEnvironmentIsTheJobsOwn) {
    Surroundings surroundings;
    surroundings.environment = {{"LANG", "C"}, {"TERM", "xterm"}};
    const spec::Service service =
        lowered("env A\nenv A=1\nenv LANG\nenv B=$A\nenv A=2\nenv B\nenv =x\n", surroundings)
            .service;
    EXPECT_EQ(service.environment, (spec::Environment{{"A", "2"}, {"LANG", "C"}}));
    EXPECT_EQ(service.job->inherited, (std::vector<std::string>{"LANG", "B"}));
    EXPECT_EQ(base_environment(surroundings).at("TERM"), "xterm");
    EXPECT_EQ(base_environment(surroundings).count("LANG"), 0U);
    EXPECT_EQ(base_environment({}).at("TERM"), "linux");
    surroundings.user_mode = true;
    EXPECT_EQ(base_environment(surroundings).at("LANG"), "C");
    const spec::Service own = lowered("exec x", surroundings).service;
    EXPECT_EQ(own.umask, std::nullopt);
    EXPECT_EQ(own.credentials.user, "");
}

TEST(LowerTest, JobsFindTheCommandsTheyCallEachOtherBy) {
    Surroundings surroundings;
    surroundings.environment = {{"PATH", "/mine"}, {"REEVE_ROOT", "/r"}};
    surroundings.command_directory = "/usr/lib/reeve/compat";
    const spec::Environment environment = base_environment(surroundings);
    EXPECT_TRUE(environment.at("PATH").starts_with("/usr/local/sbin:"));
    EXPECT_TRUE(environment.at("PATH").ends_with(":/bin:/usr/lib/reeve/compat"));
    EXPECT_EQ(environment.at("REEVE_ROOT"), "/r");
    surroundings.user_mode = true;
    EXPECT_EQ(base_environment(surroundings).at("PATH"), "/mine:/usr/lib/reeve/compat");
}

TEST(LowerTest, TheSurroundingsOfAProcess) {
    const spec::Service service =
        lowered(
            "umask 027\nnice 5\noom score -100\nlimit nofile 1 2\nchroot /r\nchdir app\n"
            "setuid www\nsetgid web\ninstance $ID\n")
            .service;
    EXPECT_EQ(service.umask, mode_t{027});
    EXPECT_EQ(service.nice, 5);
    EXPECT_EQ(service.oom_score_adjust, -100);
    EXPECT_EQ(service.limits, (std::vector<spec::ResourceLimit>{{RLIMIT_NOFILE, 1, 2}}));
    EXPECT_EQ(service.chroot, "/r");
    EXPECT_EQ(service.working_dir, "/app");
    EXPECT_EQ(service.credentials.user, "www");
    EXPECT_EQ(service.credentials.group, "web");
    EXPECT_EQ(service.job->instance, "$ID");
    EXPECT_EQ(service.log.path, "/var/log/upstart/net_web-{instance}.log");
}

TEST(LowerTest, TheConsole) {
    EXPECT_EQ(lowered("console log").service.stdio, spec::StdioSpec{});
    EXPECT_TRUE(
        std::holds_alternative<spec::NullFile>(lowered("console none").service.stdio.output));
    EXPECT_TRUE(
        std::holds_alternative<spec::ConsoleFile>(lowered("console output").service.stdio.input));
    Surroundings quiet;
    quiet.console = Console::None;
    EXPECT_TRUE(
        std::holds_alternative<spec::NullFile>(lowered("exec x", quiet).service.stdio.error));
}

TEST(LowerTest, HooksHaveALimitWhereOneIsAskedFor) {
    const auto hooks =
        lowered("#: hook timeout 30\npre-start exec a\npost-stop exec b\nexec x").service.hooks;
    EXPECT_EQ(hooks.pre_start->timeout, 30s);
    EXPECT_EQ(hooks.post_stop->timeout, 30s);
    EXPECT_EQ(
        lowered("pre-start exec a\nexec x # : hook timeout 9").service.hooks.pre_start->timeout,
        0s);
}

TEST(LowerTest, TheDocumentedNameOfASocketsPathIsTaken) {
    const spec::Service service =
        lowered("start on socket PROTO=unix PATH=/run/a or file PATH=x").service;
    EXPECT_EQ(spec::to_text(*service.job->start_on),
              "(socket PROTO=unix SOCKET_PATH=/run/a or file PATH=x)");
}

TEST(LowerTest, LimitsOfControlGroupsAreTaken) {
    const spec::GroupLimits limits =
        lowered(
            "cgroup memory limit_in_bytes 50M\ncgroup pids $UPSTART_CGROUP pids.max 20\n"
            "cgroup cpu shares 512")
            .service.group_limits;
    EXPECT_EQ(limits.memory_max_bytes, 50U << 20);
    EXPECT_EQ(limits.processes_max, 20U);
    EXPECT_EQ(limits.cpu_weight, 50U);
}

TEST(LowerTest, SettingsOfControlGroupsThatAreNotTakenAreReportedOneByOne) {
    EXPECT_EQ(
        remarks_on("cgroup memory shared limit_in_bytes 50M\ncgroup memory limit_in_bytes -1\n"
                   "cgroup cpu shares 1\ncgroup blkio weight 5\ncgroup freezer"),
        "cgroup: `cgroup memory shared limit_in_bytes 50M` is not applied\n"
        "cgroup: `cgroup memory limit_in_bytes -1` is not applied\n"
        "cgroup: `cgroup blkio weight 5` is not applied\n"
        "cgroup: `cgroup freezer` is not applied\n");
}

TEST(LowerTest, WhatCannotBeHadIsReported) {
    EXPECT_EQ(
        remarks_on("apparmor load /p\napparmor switch x\ncgroup cpu\ndebug\nconsole owner\nenv =1"),
        "env: a variable without a name is left out\n"
        "console: the console does not become the job's controlling terminal\n"
        "apparmor load: the AppArmor profile /p is not loaded\n"
        "apparmor switch: the job does not run in the AppArmor profile x\n"
        "cgroup: `cgroup cpu` is not applied\n"
        "debug: the job is not stopped before its program is executed\n");
}

}  // namespace
}  // namespace reeve::formats::upstart
