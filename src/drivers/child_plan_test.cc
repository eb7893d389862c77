#include "drivers/child_plan.h"

#include <unistd.h>

#include <algorithm>
#include <gtest/gtest.h>

#include "drivers/log_pipes.h"

namespace reeve::drivers {
namespace {

class ChildPlanTest : public ::testing::Test {
protected:
    ChildPlanTest() {
        app_->name = "shop";
        app_->environment = {{"FROM", "app"}, {"HOME", "/home/loader"}};
        app_->services.resize(1);
        service().name = "web";
        service().command = spec::DirectCommand{{"/bin/web"}};
    }

    spec::Service& service() { return app_->services[0]; }

    std::unique_ptr<os::ChildSetup> plan(core::RunRole role, spec::Command command) {
        core::SpawnRun run;
        run.role = role;
        run.instance = {"shop", "web", 1, ""};
        run.app = app_;
        run.service = &app_->services[0];
        run.command = std::move(command);
        run.main_pid = main_pid_;
        auto setup = planner_.plan(run, context_);
        EXPECT_TRUE(setup.ok()) << (setup ? "" : setup.error().message);
        return std::move(setup).value();
    }
    std::unique_ptr<os::ChildSetup> plan() { return plan(core::RunRole::Main, service().command); }

    static std::string variable(const os::ChildSetup& setup, const std::string& name) {
        for (const std::string& entry : setup.environment) {
            if (entry.starts_with(name + "=")) return entry.substr(name.size() + 1);
        }
        return "unset";
    }

    std::shared_ptr<spec::App> app_ = std::make_shared<spec::App>();
    ChildPlanner planner_;
    ChildContext context_;
    int main_pid_ = 4711;
};

TEST_F(ChildPlanTest, StopAndRestartCommandsNameTheMainProcess) {
    const spec::Command shell = spec::ShellCommand{"kill {{PID}}; wait {{PID}}", spec::Shell::Sh};
    EXPECT_EQ(plan(core::RunRole::StopCommand, shell)->arguments.back(), "kill 4711; wait 4711");
    const spec::Command direct = spec::DirectCommand{{"kill", "-QUIT", "{{PID}}"}};
    EXPECT_EQ(plan(core::RunRole::RestartCommand, direct)->arguments.back(), "4711");
    EXPECT_EQ(plan(core::RunRole::PreStart, direct)->arguments.back(), "{{PID}}");
    main_pid_ = 0;
    EXPECT_EQ(plan(core::RunRole::StopCommand, shell)->arguments.back(), "kill ; wait ");
}

TEST_F(ChildPlanTest, AnEnvironmentStartsFromWhatItsBaseSays) {
    service().environment = {{"OWN", "service"}};
    EXPECT_EQ(variable(*plan(), "DYNO"), "web.1");
    EXPECT_EQ(variable(*plan(), "HOME"), "/home/loader");
    service().environment_base = spec::EnvironmentBase::Nothing;
    EXPECT_EQ(variable(*plan(), "DYNO"), "unset");
    EXPECT_EQ(variable(*plan(), "USER"), "unset");
    EXPECT_EQ(variable(*plan(), "PATH"), "unset");
    EXPECT_EQ(variable(*plan(), "OWN"), "service");
    EXPECT_EQ(variable(*plan(), "REEVE_INSTANCE"), "web.1");
    service().environment_base = spec::EnvironmentBase::Home;
    EXPECT_EQ(variable(*plan(), "HOME"), "/home/loader") << "nobody is named";
    service().credentials.user = std::to_string(::geteuid());
    EXPECT_NE(variable(*plan(), "HOME"), "/home/loader");
    service().environment["HOME"] = "/srv/own";
    EXPECT_EQ(variable(*plan(), "HOME"), "/srv/own");
}

TEST_F(ChildPlanTest, PwdIsTheDirectoryAsItIsWritten) {
    service().working_dir = "/srv/current/";
    EXPECT_EQ(variable(*plan(), "PWD"), "unset");
    service().sets_pwd = true;
    EXPECT_EQ(variable(*plan(), "PWD"), "/srv/current/");
}

TEST_F(ChildPlanTest, AScriptIsHandedOverAsAFile) {
    const spec::Command script = spec::ShellCommand{"a\nb\n", spec::Shell::ShErrexitFile};
    const auto setup = plan(core::RunRole::Main, script);
    EXPECT_EQ(setup->arguments, (std::vector<std::string>{"/bin/sh", "-e", "/proc/self/fd/9"}));
    EXPECT_EQ(setup->script, "exec 9<&-\na\nb\n");
}

TEST_F(ChildPlanTest, ANotificationDescriptorIsTheLastFile) {
    service().readiness = spec::ReadyOnFd{.fd = 7};
    service().stdio.output = spec::PathFile{"log/web.log"};
    EXPECT_EQ(notification_fd(service()), 7);
    EXPECT_EQ(plan()->redirections.back().fd, STDOUT_FILENO) << "nothing without a pipe";
    context_.ready_pipe = "/run/reeve/notify/1.ready";
    const os::ChildSetup::Redirection last = plan()->redirections.back();
    EXPECT_EQ(last.fd, 7);
    EXPECT_EQ(last.path, "/run/reeve/notify/1.ready");
    service().readiness = spec::ReadyOnSpawn{};
    EXPECT_EQ(notification_fd(service()), -1);
}

TEST_F(ChildPlanTest, FilesOfTheMainProcessAreItsOwn) {
    service().stdio.output = spec::PathFile{"log/web.log"};
    service().stdio.error = spec::PathFile{"log/web.log"};
    const auto main = plan();
    ASSERT_EQ(main->redirections.size(), 2U);
    EXPECT_EQ(main->redirections[0].path, "log/web.log");
    EXPECT_EQ(main->redirections[1].copies, STDOUT_FILENO);
    EXPECT_FALSE(writes_to_log(service().stdio, core::RunRole::Main));
    EXPECT_TRUE(plan(core::RunRole::StopCommand, service().command)->redirections.empty());
    EXPECT_TRUE(writes_to_log(service().stdio, core::RunRole::StopCommand));
    service().stdio.error = spec::LogFile{};
    EXPECT_TRUE(writes_to_log(service().stdio, core::RunRole::Main));
    service().stdio = {spec::NullFile{}, spec::NullFile{}, spec::NullFile{}};
    EXPECT_FALSE(writes_to_log(service().stdio, core::RunRole::PreStart));
}

TEST_F(ChildPlanTest, SupplementaryGroupsAreAddedOnce) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root's rights";
    service().credentials = {"0", "", {"0", "4321", "4321"}};
    const auto setup = plan();
    const std::vector<gid_t>& groups = setup->identity->groups;
    EXPECT_EQ(std::count(groups.begin(), groups.end(), 0U), 1);
    EXPECT_EQ(std::count(groups.begin(), groups.end(), 4321U), 1);
}

TEST_F(ChildPlanTest, UsersOfAnotherRootAreLookedUpThere) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root's rights";
    service().credentials.user = "root";
    service().chroot = "/does/not/exist";
    core::SpawnRun run;
    run.app = app_;
    run.service = &app_->services[0];
    run.command = service().command;
    const auto setup = planner_.plan(run, context_);
    ASSERT_FALSE(setup.ok());
    EXPECT_EQ(setup.error().message, "find user root below /does/not/exist: there is no such user");
}

TEST(OwnLogPathTest, NamesTheInstance) {
    const spec::LogSpec log{"/var/log/upstart/puma-{instance}.log", false, false};
    EXPECT_EQ(own_log_path({"init", "puma", 0, "a/b"}, log), "/var/log/upstart/puma-a_b.log");
    EXPECT_EQ(own_log_path({"init", "puma", 3, ""}, log), "/var/log/upstart/puma-3.log");
    EXPECT_EQ(own_log_path({"init", "puma", 1, ""}, {"/var/log/puma.log", true, true}),
              "/var/log/puma.log");
    EXPECT_EQ(own_log_path({"init", "puma", 1, ""}, {}), "");
}

TEST(ProgramsOfTest, APlainPathIsTheProgramAndANameIsLookedForInPath) {
    spec::App app;
    spec::Service service;
    service.working_dir = "/srv/shop";
    const auto programs = [&](spec::Command command) {
        service.command = std::move(command);
        std::string text;
        for (const std::string& one : programs_of(app, service))
            text += one + " ";
        return text;
    };
    EXPECT_EQ(programs(spec::DirectCommand{{"bin/web", "8080"}}), "/srv/shop/bin/web ");
    EXPECT_EQ(programs(spec::ShellCommand{"exec ./web --port $PORT"}), "/srv/shop/./web ");
    EXPECT_EQ(programs(spec::ShellCommand{"/opt/web"}), "/opt/web ");
    EXPECT_EQ(programs(spec::ShellCommand{"$HOME/web"}), "");
    EXPECT_EQ(programs(spec::ShellCommand{"bundle exec puma"}), "");
    app.environment["PATH"] = "/opt/bin:/usr/bin";
    EXPECT_EQ(programs(spec::DirectCommand{{"web"}}), "/opt/bin/web /usr/bin/web ");
    service.environment["PATH"] = "vendor";
    service.chroot = "/jail";
    EXPECT_EQ(programs(spec::DirectCommand{{"web"}}), "/jail/srv/shop/vendor/web ");
}

}  // namespace
}  // namespace reeve::drivers
