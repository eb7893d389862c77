#include "formats/systemd/unit_writer.h"

#include <signal.h>

#include <gtest/gtest.h>

namespace reeve::formats::systemd {
namespace {

spec::App app_with(spec::Service service) {
    spec::App app;
    app.name = "shop";
    app.directory = "/srv/shop";
    service.name = "web";
    app.services = {std::move(service)};
    return app;
}

TEST(UnitWriterTest, WritesAUnitForEachServiceAndATarget) {
    spec::Service service;
    service.command = spec::DirectCommand{{"bin/web", "50% $HOME"}};
    service.working_dir = "/srv/shop";
    service.credentials.user = "shop";
    service.environment = {{"A", "x \"y\""}};
    service.umask = 022;
    service.limits = {{7, 1024, UINT64_MAX}};
    service.restart = spec::SystemdRestart{};
    const WrittenFiles written = write_units(app_with(service));
    EXPECT_EQ(written.problems, std::vector<std::string>{});
    ASSERT_EQ(written.files.size(), 2U);
    EXPECT_EQ(written.files[0].name, "shop-web.service");
    EXPECT_EQ(written.files[0].text,
              "[Unit]\nDescription=shop web\nPartOf=shop.target\n"
              "StartLimitIntervalSec=10s\nStartLimitBurst=5\n\n"
              "[Service]\nType=exec\nExecStart=\"/srv/shop/bin/web\" \"50%% $$HOME\"\n"
              "WorkingDirectory=/srv/shop\nUser=shop\nEnvironment=\"A=x \\\"y\\\"\"\n"
              "UMask=0022\nLimitNOFILE=1024:infinity\nKillSignal=SIGTERM\nTimeoutStopSec=10s\n"
              "Restart=on-failure\nRestartSec=100ms\n\n"
              "[Install]\nWantedBy=shop.target\n");
    EXPECT_EQ(written.files[1].text,
              "[Unit]\nDescription=shop\nWants=shop-web.service\n\n"
              "[Install]\nWantedBy=multi-user.target\n");
}

TEST(UnitWriterTest, SeveralInstancesBecomeATemplate) {
    spec::Service service;
    service.command = spec::ShellCommand{"a | b"};
    service.instances = 2;
    service.restart = spec::NoRestart{};
    const WrittenFiles written = write_units(app_with(service));
    EXPECT_EQ(written.files[0].name, "shop-web@.service");
    EXPECT_NE(written.files[0].text.find("ExecStart=/bin/bash -c \"a | b\"\n"), std::string::npos);
    EXPECT_NE(written.files[1].text.find("Wants=shop-web@1.service shop-web@2.service\n"),
              std::string::npos);
}

TEST(UnitWriterTest, WritesWhatSystemdHasItsOwnWordsFor) {
    spec::Service db;
    db.name = "db";
    db.command = spec::DirectCommand{{"/bin/db"}};
    db.instances = 2;
    spec::Service service;
    service.command = spec::DirectCommand{{"/bin/web"}};
    service.restart = spec::NoRestart{};
    service.readiness = spec::ReadyOnNotify{5s};
    service.reload_signal = SIGUSR1;
    service.needs = {{"", "db"}, {"mail", ""}, {"mail", "smtp"}};
    service.group_limits.memory_max_bytes = 1024;
    service.group_limits.swap_max_bytes = UINT64_MAX;
    service.group_limits.cpu_percent_hundredths = 15005;
    service.group_limits.processes_max = 50;
    spec::App app = app_with(service);
    app.services.push_back(db);
    const WrittenFiles written = write_units(app);
    EXPECT_EQ(written.files[0].text,
              "[Unit]\nDescription=shop web\nPartOf=shop.target\n"
              "Requires=shop-db@1.service shop-db@2.service mail.target mail-smtp.service\n"
              "After=shop-db@1.service shop-db@2.service mail.target mail-smtp.service\n"
              "StartLimitIntervalSec=0\n\n"
              "[Service]\nType=notify\nNotifyAccess=all\nTimeoutStartSec=5s\n"
              "ExecStart=\"/bin/web\"\nMemoryMax=1024\nMemorySwapMax=infinity\n"
              "CPUQuota=150.05%\nTasksMax=50\nExecReload=/bin/kill -s USR1 $MAINPID\n"
              "KillSignal=SIGTERM\nTimeoutStopSec=10s\nRestart=no\n\n"
              "[Install]\nWantedBy=shop.target\n");
    for (const std::string& problem : written.problems)
        EXPECT_EQ(problem.rfind("web: ", 0), std::string::npos) << problem;
}

TEST(UnitWriterTest, SaysWhatAUnitCannotExpress) {
    spec::Service service;
    service.command = spec::DirectCommand{{"bin/web"}};
    service.wants_port = true;
    service.readiness = spec::ReadyOnPort{};
    service.stop.steps.push_back({9, 1s});
    service.rollout.order = spec::ReplaceOrder::StartFirst;
    service.restart = spec::NoRestart{};
    EXPECT_EQ(write_units(app_with(service)).problems.size(), 4U);
}

}  // namespace
}  // namespace reeve::formats::systemd
