#include "drivers/listeners.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <gtest/gtest.h>
#include <netinet/in.h>

#include "os/fd.h"

namespace reeve::drivers {
namespace {

TEST(ListenersTest, ReadsTheKernelsTables) {
    const std::vector<Listener> found = parse_listeners(
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
        "   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 4711 1 "
        "0\n"
        "   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 4712 1 "
        "0\n"
        "   2: 0100007F:1388 0100007F:9999 01 00000000:00000000 00:00000000 00000000  0 0 4713 1 "
        "0\n"
        "   3: 00000000000000000000000001000000:1389 00000000000000000000000000000000:0000 0A "
        "00000000:00000000 00:00000000 00000000 0 0 4714 1 0\n"
        "garbage\n");
    const std::vector<Listener> expected = {
        {5000, true, 4711}, {80, false, 4712}, {5001, true, 4714}};
    EXPECT_EQ(found, expected);
}

TEST(ListenersTest, FindsTheListenerOfThisProcess) {
    const os::UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(::listen(socket.get(), 1), 0);
    socklen_t size = sizeof address;
    ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
    const std::set<std::uint64_t> mine = sockets_of({::getpid()});
    const std::vector<Listener> all = read_listeners();
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Listener& listener) {
        return listener.port == ntohs(address.sin_port) && listener.loopback_only &&
               mine.contains(listener.inode);
    }));
}

}  // namespace
}  // namespace reeve::drivers
