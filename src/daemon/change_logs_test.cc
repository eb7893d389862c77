#include "daemon/change_logs.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::daemon {
namespace {

constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

spec::App shop() {
    spec::App app;
    app.name = "shop";
    spec::Service service;
    service.name = "workers:web";
    service.listing.group = "workers";
    service.command = spec::DirectCommand{{"/bin/web", "-p", "80"}};
    app.services = {service};
    return app;
}

status::Transition transition(status::State from, status::State to) {
    status::Transition change;
    change.wall = {1'800'000'000 * kNanosecondsPerSecond + 123'456'789};
    change.instance = {"shop", "workers:web", 1, ""};
    change.from = from;
    change.to = to;
    return change;
}

class ChangeLogsTest : public testing::Test {
protected:
    ChangeLogsTest() {
        ::setenv("TZ", "UTC", 1);
        ::tzset();
    }
};

TEST_F(ChangeLogsTest, AFileIsGivenTheLinesOfRubysLogger) {
    const std::string pid = std::to_string(::getpid());
    EXPECT_EQ(change_log_lines(transition(status::State::Stopped, status::State::Starting), shop()),
              "W, [2027-01-15T08:00:00.123456 #" + pid +
                  "]  WARN -- : [shop:workers:web] Executing start command: /bin/web -p 80\n"
                  "I, [2027-01-15T08:00:00.123456 #" +
                  pid + "]  INFO -- : [shop:workers:web] Going from down => starting\n");
}

TEST_F(ChangeLogsTest, SyslogIsGivenOneDatagramForEachLineAtLocal6) {
    const std::vector<std::string> datagrams =
        change_log_datagrams(transition(status::State::Starting, status::State::Running), shop());
    ASSERT_EQ(datagrams.size(), 1U);
    EXPECT_EQ(datagrams.front(), "<182>Jan 15 08:00:00 bluepilld[" + std::to_string(::getpid()) +
                                     "]: [shop:workers:web] Going from starting => up");
}

TEST_F(ChangeLogsTest, WhoeverListensForSyslogHearsOfItAndNobodyIsWaitedFor) {
    const TestDirectory directory;
    const std::string path = directory.path("log");
    SyslogSocket syslog(path);
    syslog.send("nobody listens yet");
    const os::UniqueFd listener(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    ::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address),
              0);
    syslog.send("first");
    syslog.send("second");
    char text[100];
    EXPECT_EQ(::recv(listener.get(), text, sizeof text, 0), 5);
    EXPECT_EQ(::recv(listener.get(), text, sizeof text, 0), 6);
    EXPECT_EQ(::recv(listener.get(), text, sizeof text, 0), -1) << "there are two";
}

TEST_F(ChangeLogsTest, WhatIsNoProcessOfThePillIsNotToldOf) {
    spec::App app = shop();
    app.services[0].name = "ruby checks";
    status::Transition change = transition(status::State::Stopped, status::State::Starting);
    EXPECT_EQ(change_log_lines(change, app), "") << "it is not in the app";
    change.instance.service = "ruby checks";
    EXPECT_EQ(change_log_lines(change, app), "") << "it is reeve's own";
}

}  // namespace
}  // namespace reeve::daemon
