#include "drivers/network_events.h"

#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <netinet/in.h>

namespace reeve::drivers {
namespace {

std::string texts(const std::vector<spec::NamedEvent>& events) {
    std::string text;
    for (const spec::NamedEvent& event : events)
        text += to_text(event) + "\n";
    return text;
}

TEST(NetworkEventsTest, ADeviceIsUpWhenItIsUpAndHasAnAddress) {
    NetworkState network;
    EXPECT_EQ(texts(network.link(2, "eth0", false)), "net-device-added INTERFACE=eth0\n");
    EXPECT_EQ(texts(network.address(2, AF_INET, "a")), "");
    EXPECT_EQ(texts(network.link(2, "eth0", true)),
              "net-device-up IFACE=eth0 LOGICAL=eth0 ADDRFAM=inet METHOD=static\n"
              "static-network-up\n");
    EXPECT_EQ(texts(network.address(2, AF_INET, "b")), "");
    EXPECT_EQ(texts(network.address(2, AF_INET6, "c")),
              "net-device-up IFACE=eth0 LOGICAL=eth0 ADDRFAM=inet6 METHOD=static\n");
    EXPECT_EQ(texts(network.address_gone(2, AF_INET6, "c")), "");
    EXPECT_EQ(texts(network.link(2, "eth0", false)), "net-device-down IFACE=eth0 LOGICAL=eth0\n");
    EXPECT_EQ(texts(network.link(2, "eth0", true)),
              "net-device-up IFACE=eth0 LOGICAL=eth0 ADDRFAM=inet METHOD=static\n");
    EXPECT_EQ(texts(network.link_gone(2)),
              "net-device-down IFACE=eth0 LOGICAL=eth0\nnet-device-removed INTERFACE=eth0\n");
}

TEST(NetworkEventsTest, TheLoopbackDeviceIsNoNetwork) {
    NetworkState network;
    network.link(1, "lo", true);
    EXPECT_EQ(texts(network.address(1, AF_INET, "a")),
              "net-device-up IFACE=lo LOGICAL=lo ADDRFAM=inet METHOD=loopback\n");
}

TEST(NetworkEventsTest, IgnoresBrokenMessages) {
    NetworkState network;
    std::vector<spec::NamedEvent> events;
    take_netlink_messages(std::string(3, '\xFF'), network, events);
    take_netlink_messages(std::string(64, '\xFF'), network, events);
    take_netlink_messages(std::string(64, '\0'), network, events);
    EXPECT_TRUE(events.empty());
}

/// Takes the loopback device of this network namespace up, and looks whether that was heard.
int hear_loopback_come_up() {
    event_base* loop = ::event_base_new();
    std::string heard;
    auto network = NetworkEvents::create(
        loop, [&](const spec::NamedEvent& event) { heard += to_text(event) + "\n"; });
    if (!network) return 2;
    if (texts(network->initial()) != "net-device-added INTERFACE=lo\n") return 3;
    const os::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request{};
    ::memcpy(request.ifr_name, "lo", 3);
    request.ifr_flags = IFF_UP;
    if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) return 4;
    while (heard.find("ADDRFAM=inet ") == std::string::npos)
        ::event_base_loop(loop, EVLOOP_ONCE);
    const bool well = heard.find("net-device-up IFACE=lo LOGICAL=lo") != std::string::npos;
    return well ? 0 : 5;
}

TEST(NetworkEventsTest, HearsTheKernel) {
    const pid_t child = ::fork();
    if (child == 0) {
        if (::unshare(CLONE_NEWNET) != 0) ::_exit(1);
        ::alarm(20);
        ::_exit(hear_loopback_come_up());
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 1) GTEST_SKIP() << "no rights for a network namespace";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace reeve::drivers
