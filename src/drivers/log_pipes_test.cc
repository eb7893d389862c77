#include "drivers/log_pipes.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <event2/event.h>
#include <gtest/gtest.h>
#include <memory>
#include <utility>
#include <vector>

#include "link/channel.h"

namespace reeve::drivers {
namespace {

/// A keeper and a scribe that only listen.
class LogPipesTest : public ::testing::Test {
protected:
    std::vector<link::LogId> logs() const {
        std::vector<link::LogId> found;
        pipes_.visit_logs([&](link::LogId log) { found.push_back(log); });
        return found;
    }

    struct Freer {
        void operator()(event_base* loop) const { ::event_base_free(loop); }
    };
    std::unique_ptr<event_base, Freer> loop_{::event_base_new()};
    os::Paths paths_ = [] {
        os::Paths paths;
        paths.log_dir = "/logs";
        paths.user_mode = true;
        return paths;
    }();
    std::pair<os::UniqueFd, os::UniqueFd> link_ = link::make_link().value();
    KeeperClient keeper_{std::move(link_.first)};
    ScribeClient scribe_{loop_.get(), 1, [](const link::Trouble&) {}};
    LogPipes pipes_{paths_, keeper_, scribe_};
    const spec::InstanceName web_{"shop", "web", 1, ""};
    const spec::InstanceName clock_{"shop", "clock", 1, ""};
};

TEST_F(LogPipesTest, TellsOfEachLogByItsNumber) {
    const int web = pipes_.pipe_of(web_, {}, 0).value();
    (void)pipes_.pipe_of(clock_, {}, 0).value();
    ASSERT_EQ(logs().size(), 2U);
    for (const link::LogId log : logs()) {
        const OpenedLog opened = pipes_.find_log(log).value();
        EXPECT_EQ(opened.settings.path, "/logs/" + pipes_.name_of(log) + ".log");
        EXPECT_EQ(opened.pipe == web, pipes_.name_of(log) == "shop/web.1");
        EXPECT_EQ(opened.age, link::PipeAge::Fresh);
        pipes_.note_told(log);
        EXPECT_EQ(pipes_.find_log(log)->age, link::PipeAge::Continued);
    }
}

TEST_F(LogPipesTest, AnotherFileIsWrittenFromTheSamePipe) {
    const int pipe = pipes_.pipe_of(web_, {}, 0).value();
    spec::LogSpec elsewhere;
    elsewhere.path = "/elsewhere";
    EXPECT_EQ(pipes_.pipe_of(web_, elsewhere, 0).value(), pipe);
    ASSERT_EQ(logs().size(), 1U);
    EXPECT_EQ(pipes_.find_log(logs()[0])->settings.path, "/elsewhere");
    EXPECT_EQ(pipes_.path_of(web_), "/elsewhere");
    EXPECT_EQ(pipes_.pipe_of(web_, {}, 0).value(), pipe);
    EXPECT_EQ(pipes_.find_log(logs()[0])->settings.path, "/logs/shop/web.1.log");
}

TEST_F(LogPipesTest, WhoIsForgottenLeavesWhatItShared) {
    const os::UniqueFd shared = os::make_log_pipe().value();
    const pid_t writer = ::fork();
    if (writer == 0) {
        ::dup2(shared.get(), STDOUT_FILENO);
        ::write(STDOUT_FILENO, "!", 1);
        for (;;)
            ::pause();
    }
    pollfd it_is_there{shared.get(), POLLIN, 0};
    ASSERT_EQ(::poll(&it_is_there, 1, 60'000), 1);
    const auto takes_pipe = [&](const spec::InstanceName& name) {
        return pipes_.pipe_of(name, {}, writer).ok();
    };
    EXPECT_TRUE(takes_pipe(web_) && takes_pipe(clock_));
    pipes_.forget(web_);
    ASSERT_EQ(logs().size(), 1U);
    EXPECT_EQ(pipes_.name_of(logs()[0]), "shop/clock.1");
    pipes_.forget(clock_);
    EXPECT_TRUE(logs().empty());
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
}

}  // namespace
}  // namespace reeve::drivers
