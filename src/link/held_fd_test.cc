#include "link/held_fd.h"

#include <gtest/gtest.h>

namespace reeve::link {
namespace {

TEST(HeldFdTest, AListComesBackAsItWasWritten) {
    const std::vector<HeldFd> held = {{"log/shop/web.1", 70'000, 1ULL << 40}, {"", 0, 0}};
    ByteWriter out;
    write_held_fds(out, held);
    ByteReader in(out.bytes());
    EXPECT_EQ(read_held_fds(in), held);
    EXPECT_TRUE(in.finished());
}

TEST(HeldFdTest, AnOlderKeeperNamesNoNumber) {
    ByteWriter out;
    out.text("lock");
    ByteReader in(out.bytes());
    EXPECT_EQ(read_held_fd(in), (HeldFd{"lock", -1, 0}));
}

TEST(HeldFdTest, AMessageWithoutTheListHasAnEmptyOne) {
    ByteReader in("");
    EXPECT_TRUE(read_held_fds(in).empty());
}

TEST(HeldFdTest, AFalseCountEndsWithWhatIsThere) {
    ByteWriter out;
    out.number(~0ULL);
    write_held_fd(out, {"log/a", 7, 8});
    ByteReader in(out.bytes());
    EXPECT_EQ(read_held_fds(in), (std::vector<HeldFd>{{"log/a", 7, 8}}));
}

}  // namespace
}  // namespace reeve::link
