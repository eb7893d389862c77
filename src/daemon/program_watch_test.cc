#include "daemon/program_watch.h"

#include <sys/stat.h>

#include <event2/event.h>
#include <filesystem>
#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::daemon {
namespace {

const spec::InstanceName kWeb{"shop", "web", 1, ""};

/// A directory of its own, a loop, and what was told.
struct Watched {
    TestDirectory directory;
    event_base* loop = ::event_base_new();
    std::string told;
    std::optional<ProgramWatch> programs;

    Watched() {
        programs.emplace(loop, [this](const spec::InstanceName& instance, const std::string& path) {
            told += spec::to_text(instance) + " " + path.substr(directory.path().size()) + "\n";
        });
    }
    ~Watched() {
        programs.reset();
        ::event_base_free(loop);
    }
    std::string path(const std::string& name) const { return directory.path(name); }
    void write(const std::string& name) const { directory.write(name, "#!/bin/sh\n"); }
    void make_program(const std::string& name) const {
        ASSERT_EQ(::chmod(path(name).c_str(), 0755), 0);
    }
    void listen() const { ::event_base_loop(loop, EVLOOP_NONBLOCK); }
};

TEST(ProgramWatchTest, TellsOnceWhenAProgramIsThereAndMayBeExecuted) {
    Watched watched;
    watched.programs->await(kWeb, {watched.path("bin/web")});
    std::filesystem::create_directory(watched.path("bin"));
    watched.write("bin/web");
    watched.listen();
    EXPECT_EQ(watched.told, "");
    watched.make_program("bin/web");
    watched.listen();
    EXPECT_EQ(watched.told, "shop/web.1 /bin/web\n");
    watched.write("bin/web");
    watched.listen();
    EXPECT_EQ(watched.told, "shop/web.1 /bin/web\n");
}

TEST(ProgramWatchTest, WhatIsThereAlreadyIsNoNewsUntilItChanges) {
    Watched watched;
    watched.write("web");
    watched.make_program("web");
    watched.programs->await(kWeb, {watched.path("missing"), watched.path("web")});
    watched.listen();
    EXPECT_EQ(watched.told, "");
    watched.write("web");
    watched.listen();
    EXPECT_EQ(watched.told, "shop/web.1 /web\n");
}

TEST(ProgramWatchTest, WhatIsForgottenIsNotTold) {
    Watched watched;
    watched.programs->await(kWeb, {watched.path("web")});
    watched.programs->forget(kWeb);
    watched.write("web");
    watched.make_program("web");
    watched.listen();
    EXPECT_EQ(watched.told, "");
}

}  // namespace
}  // namespace reeve::daemon
