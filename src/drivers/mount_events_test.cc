#include "drivers/mount_events.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>
#include <gtest/gtest.h>

namespace reeve::drivers {
namespace {

constexpr char kRoot[] = "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n";

std::string mounts_in(const std::vector<spec::NamedEvent>& events) {
    std::string text;
    for (const spec::NamedEvent& event : events)
        text += to_text(event) + "\n";
    return text;
}

TEST(MountEventsTest, OnlyWhatIsNewIsTold) {
    const std::string root = kRoot;
    const std::string data = "40 22 8:2 / /data rw - xfs /dev/sdb rw\n";
    EXPECT_EQ(mounts_in(new_mounts(root, root + data)),
              "mounted MOUNTPOINT=/data TYPE=xfs DEVICE=/dev/sdb OPTIONS=rw\n");
    EXPECT_EQ(mounts_in(new_mounts(root + data, root + data)), "");
    EXPECT_EQ(mounts_in(new_mounts(root + data, root)), "");
}

TEST(MountEventsTest, OtherOptionsMakeNoNewMount) {
    EXPECT_EQ(
        mounts_in(new_mounts(kRoot, "22 1 8:1 / / ro,relatime shared:1 - ext4 /dev/sda1 ro\n")),
        "");
}

TEST(MountEventsTest, ANumberThatIsUsedAgainIsANewMount) {
    EXPECT_EQ(mounts_in(new_mounts("40 22 8:2 / /data rw - xfs /dev/sdb rw\n",
                                   "40 22 0:9 / /mnt rw - tmpfs none rw\n")),
              "mounted MOUNTPOINT=/mnt TYPE=tmpfs DEVICE=none OPTIONS=rw\n");
}

/// 0: told of it; 77: this machine lets nobody mount.
int mount_and_hear() {
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return 77;
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return 77;
    event_base* loop = ::event_base_new();
    std::string heard;
    auto events = MountEvents::create(
        loop, [&heard](const spec::NamedEvent& event) { heard += to_text(event) + "\n"; });
    if (!events) return 1;
    if (::mount("none", "/tmp", "tmpfs", 0, nullptr) != 0) return 77;
    while (heard.empty())
        ::event_base_loop(loop, EVLOOP_ONCE);
    return heard.starts_with("mounted MOUNTPOINT=/tmp TYPE=tmpfs") ? 0 : 2;
}

TEST(MountEventsTest, HearsOfAMount) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(mount_and_hear());
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77) GTEST_SKIP() << "mounts are not permitted here";
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace reeve::drivers
