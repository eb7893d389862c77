#include "formats/systemd/unit_writer.h"

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
