#include "drivers/port_book.h"

#include <sys/socket.h>

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "os/fd.h"

namespace reeve::drivers {
namespace {

spec::InstanceName web(std::uint32_t index) {
    return {"shop", "web", index, ""};
}

os::UniqueFd listen_on(int port) {
    os::UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket.get(), 1), 0);
    return socket;
}

TEST(PortBookTest, GivesEverySlotOfEveryInstanceItsOwnPort) {
    PortBook book(1);
    std::set<int> seen;
    for (std::uint32_t index = 1; index <= 20; ++index) {
        for (int slot = 0; slot < core::kPortSlots; ++slot) {
            EXPECT_TRUE(seen.insert(book.port_for_start(web(index), slot).value()).second);
        }
    }
}

TEST(PortBookTest, ReservesBothPortsBeforeAnyStart) {
    PortBook book(1);
    const std::pair<int, int> both = book.pair_of(web(1), 1).value();
    EXPECT_NE(both.first, both.second);
    EXPECT_EQ(book.take_changes().size(), 1U);
    EXPECT_EQ(book.port_for_start(web(1), 1).value(), both.second);
    EXPECT_EQ(book.pair_of(web(1), 1).value(), both);
    EXPECT_TRUE(book.take_changes().empty());
}

TEST(PortBookTest, TheOtherPairHasOtherPorts) {
    PortBook book(1);
    const std::pair<int, int> first = book.pair_of(web(1), 1).value();
    const std::pair<int, int> second = book.pair_of(web(1), 2).value();
    EXPECT_EQ(std::set<int>({first.first, first.second, second.first, second.second}).size(), 4U);
    EXPECT_EQ(book.port_for_start(web(1), 3).value(), second.second);
}

TEST(PortBookTest, TakesWhatAnEarlierVersionRemembered) {
    PortBook book(1);
    book.restore("shop/web.1", "20100 20101");
    EXPECT_EQ(book.port_of(web(1), 1), 20101);
    EXPECT_EQ(book.port_of(web(1), 2), 0);
    EXPECT_NE(book.port_for_start(web(1), 2).value(), 20101);
}

TEST(PortBookTest, KeepsThePortOverRestartsAndAReplacedDaemon) {
    PortBook book(1);
    const int port = book.port_for_start(web(1), 0).value();
    EXPECT_EQ(book.port_for_start(web(1), 0).value(), port);
    PortBook successor(2);
    for (const auto& [instance, ports] : book.entries())
        successor.restore(instance, ports);
    EXPECT_EQ(successor.port_for_start(web(1), 0).value(), port);
}

TEST(PortBookTest, TakesAnotherPortWhereSomethingForeignListens) {
    PortBook book(1);
    const int port = book.port_for_start(web(1), 0).value();
    const os::UniqueFd foreign = listen_on(port);
    const int other = book.port_for_start(web(1), 0).value();
    EXPECT_NE(other, port);
    EXPECT_EQ(book.port_of(web(1), 0), other);
}

TEST(PortBookTest, TellsWhatChangedOnce) {
    PortBook book(1);
    (void)book.port_for_start(web(1), 0).value();
    EXPECT_EQ(book.take_changes().size(), 1U);
    EXPECT_TRUE(book.take_changes().empty());
    book.forget(web(1));
    const auto changes = book.take_changes();
    ASSERT_EQ(changes.size(), 1U);
    EXPECT_EQ(changes.begin()->second, "");
    EXPECT_EQ(book.port_of(web(1), 0), 0);
}

}  // namespace
}  // namespace reeve::drivers
