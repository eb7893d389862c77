#include "drivers/log_pipes.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <event2/event.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "link/channel.h"
#include "link/held_fd.h"
#include "link/keeper_protocol.h"

namespace reeve::drivers {
namespace {

/// A scribe that only listens, and a keeper that is this process: what it holds can be opened.
class LogPipesTest : public ::testing::Test {
protected:
    std::vector<link::LogId> logs() const {
        std::vector<link::LogId> found;
        pipes_.visit_logs([&](link::LogId log) { found.push_back(log); });
        return found;
    }

    /// The greeting of a keeper that holds a lock, and says its number.
    void greet() {
        link::Message hello;
        hello.type = static_cast<std::uint32_t>(link::FromKeeper::Hello);
        ByteWriter words;
        words.number(link::kKeeperProtocolVersion);
        words.number(1);
        words.text("boot");
        words.number(1);
        words.number(0);
        hello.payload = words.take();
        ASSERT_TRUE(keepers_end_.send(std::move(hello)).ok());
        const os::UniqueFd lock = os::make_memory_file("lock").value();
        link::Message stored;
        stored.type = static_cast<std::uint32_t>(link::FromKeeper::StoredFd);
        link::write_held_fd(words, described("lock", lock));
        stored.payload = words.take();
        stored.fds.push_back(os::duplicate(lock.get()).value());
        ASSERT_TRUE(keepers_end_.send(std::move(stored)).ok());
        ASSERT_TRUE(keeper_.receive_greeting().ok());
    }
    static link::HeldFd described(const std::string& name, const os::UniqueFd& fd) {
        struct stat info {};
        ::fstat(fd.get(), &info);
        return {name, fd.get(), static_cast<std::uint64_t>(info.st_ino)};
    }
    /// Reads what the keeper was told: it holds what was stored, and forgets what was dropped.
    void keeper_reads() {
        link::Message message;
        while (keepers_end_.receive(message) == link::Channel::Received::Message) {
            ByteReader in(message.payload);
            const std::string name = in.text();
            if (message.fds.empty()) {
                held_.erase(name);
            } else {
                held_[name] = std::move(message.fds.front());
            }
        }
    }
    /// And says so; a scribe was told before.
    void keeper_holds() {
        for (const link::LogId log : logs())
            pipes_.note_told(log);
        keeper_reads();
        for (const auto& [name, fd] : held_)
            pipes_.note_held(described(name, fd));
    }
    /// How many descriptors are open here for pipes, beside those of the keeper.
    int own_copies() const {
        int copies = 0;
        pipes_.visit([&](const std::string&, int fd) { copies += fd >= 0 ? 1 : 0; });
        return copies;
    }
    static std::string content(const os::UniqueFd& pipe) {
        char text[64];
        const ssize_t size = ::read(pipe.get(), text, sizeof text);
        return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
    }
    void write_as_child(const spec::InstanceName& name, const std::string& text) {
        const Result<os::UniqueFd> end = pipes_.open_for_child(name, {});
        ASSERT_TRUE(end.ok()) << end.error().message;
        ASSERT_EQ(::fcntl(end->get(), F_GETFL) & O_NONBLOCK, 0);
        ASSERT_EQ(::write(end->get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
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
    KeeperClient keeper_{std::move(link_.first), ::getpid()};
    link::Channel keepers_end_{std::move(link_.second)};
    std::map<std::string, os::UniqueFd> held_;
    ScribeClient scribe_{loop_.get(), 1, [](const link::Trouble&) {}};
    LogPipes pipes_{paths_, keeper_, scribe_};
    const spec::InstanceName web_{"shop", "web", 1, ""};
    const spec::InstanceName clock_{"shop", "clock", 1, ""};
};

TEST_F(LogPipesTest, TellsOfEachLogByItsNumber) {
    ASSERT_TRUE(pipes_.keep(web_, {}, 0).ok() && pipes_.keep(clock_, {}, 0).ok());
    write_as_child(web_, "from web");
    ASSERT_EQ(logs().size(), 2U);
    for (const link::LogId log : logs()) {
        const OpenedLog opened = pipes_.find_log(log).value();
        EXPECT_EQ(opened.settings.path, "/logs/" + pipes_.name_of(log) + ".log");
        EXPECT_EQ(opened.age, link::PipeAge::Fresh);
        EXPECT_EQ(content(pipes_.open_pipe(log).value()),
                  pipes_.name_of(log) == "shop/web.1" ? "from web" : "");
        pipes_.note_told(log);
        EXPECT_EQ(pipes_.find_log(log)->age, link::PipeAge::Continued);
    }
}

TEST_F(LogPipesTest, AnotherFileIsWrittenFromTheSamePipe) {
    greet();
    for (const bool is_held : {false, true}) {
        ASSERT_TRUE(pipes_.keep(web_, {}, 0).ok());
        const link::LogId pipe = logs().at(0);
        if (is_held) keeper_holds();
        spec::LogSpec elsewhere;
        elsewhere.path = "/elsewhere";
        ASSERT_TRUE(pipes_.keep(web_, elsewhere, 0).ok());
        EXPECT_EQ(logs(), std::vector<link::LogId>{pipe});
        EXPECT_EQ(pipes_.find_log(pipe)->settings.path, "/elsewhere");
        EXPECT_EQ(pipes_.path_of(web_), "/elsewhere");
        keeper_reads();
        EXPECT_EQ(held_.size(), 1U);
        EXPECT_TRUE(held_.contains("log/shop/web.1\ntr/elsewhere"));
        ASSERT_TRUE(pipes_.keep(web_, {}, 0).ok());
        EXPECT_EQ(pipes_.find_log(pipe)->settings.path, "/logs/shop/web.1.log");
    }
}

TEST_F(LogPipesTest, WhatTheKeeperHoldsIsNotHeldHere) {
    greet();
    write_as_child(web_, "one ");
    EXPECT_EQ(own_copies(), 1);
    keeper_holds();
    EXPECT_EQ(own_copies(), 0);
    write_as_child(web_, "two ");
    const os::UniqueFd own = pipes_.open_for_reeved(web_, {}).value();
    EXPECT_NE(::fcntl(own.get(), F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(content(held_.at("log/shop/web.1")), "one two ");
    EXPECT_EQ(logs().size(), 1U);
}

TEST_F(LogPipesTest, ACopyIsKeptUntilAScribeWasTold) {
    greet();
    ASSERT_TRUE(pipes_.keep(web_, {}, 0).ok());
    keeper_reads();
    pipes_.note_held(described("log/shop/web.1", held_.at("log/shop/web.1")));
    EXPECT_EQ(own_copies(), 1);
    pipes_.note_told(logs().at(0));
    EXPECT_EQ(own_copies(), 0);
    write_as_child(web_, "web");
    EXPECT_EQ(content(held_.at("log/shop/web.1")), "web");
}

TEST_F(LogPipesTest, AKeeperThatCannotBeLookedAtLeavesThePipesHere) {
    write_as_child(web_, "one ");  // no greeting said a number
    keeper_holds();
    EXPECT_EQ(own_copies(), 1);
    write_as_child(web_, "two");
    EXPECT_EQ(content(held_.at("log/shop/web.1")), "one two");
}

TEST_F(LogPipesTest, AnEarlierWordOfTheKeeperIsNotBelieved) {
    greet();
    ASSERT_TRUE(pipes_.keep(web_, {}, 0).ok());
    keeper_reads();
    const link::HeldFd earlier = described("log/shop/web.1", held_.at("log/shop/web.1"));
    spec::LogSpec elsewhere;
    elsewhere.path = "/elsewhere";
    ASSERT_TRUE(pipes_.keep(web_, elsewhere, 0).ok());
    pipes_.note_told(logs().at(0));
    pipes_.note_held(earlier);  // of the log as it was kept before
    EXPECT_EQ(own_copies(), 1);
    pipes_.forget(web_);
    ASSERT_TRUE(pipes_.keep(web_, {}, 0).ok());
    pipes_.note_told(logs().at(0));
    pipes_.note_held(earlier);  // of an earlier pipe
    EXPECT_EQ(own_copies(), 1);
}

TEST_F(LogPipesTest, APipeThatTheKeeperHasLostIsTakenFromTheScribe) {
    greet();
    write_as_child(web_, "one ");
    keeper_holds();
    const os::UniqueFd scribes = std::move(held_.at("log/shop/web.1"));
    held_.clear();
    pipes_.note_held({"log/shop/web.1", keepers_end_.fd(), logs().at(0)});  // something else
    pipes_.note_scribe(::getpid());
    write_as_child(web_, "two");
    EXPECT_EQ(content(scribes), "one two");
    EXPECT_EQ(own_copies(), 1);
}

TEST_F(LogPipesTest, APipeThatNobodyHasIsMadeAnew) {
    greet();
    write_as_child(web_, "one ");
    keeper_holds();
    held_.clear();
    const link::LogId lost = logs().at(0);
    write_as_child(web_, "two");
    ASSERT_EQ(logs().size(), 1U);
    EXPECT_NE(logs()[0], lost);
    keeper_reads();
    EXPECT_EQ(content(held_.at("log/shop/web.1")), "two");
}

TEST_F(LogPipesTest, ARestoredPipeNeedsNoDescriptor) {
    greet();
    const os::UniqueFd web = os::make_log_pipe().value();
    std::map<std::string, os::UniqueFd> stored;
    stored["log/shop/clock.1"] = os::make_log_pipe().value();
    const os::UniqueFd clock = os::duplicate(stored["log/shop/clock.1"].get()).value();
    pipes_.restore(stored, {described("lock", clock), described("log/shop/clock.1", clock),
                            described("log/shop/web.1", web)});
    EXPECT_EQ(logs().size(), 2U);
    EXPECT_EQ(own_copies(), 0);
    write_as_child(web_, "web");
    write_as_child(clock_, "clock");
    EXPECT_EQ(content(web), "web");
    EXPECT_EQ(content(clock), "clock");
}

TEST_F(LogPipesTest, WhenTheKeeperHasGoneTheScribeGivesThemBack) {
    greet();
    write_as_child(web_, "web");
    write_as_child(clock_, "clock");
    keeper_holds();
    std::map<std::string, os::UniqueFd> scribes = std::move(held_);
    held_.clear();
    pipes_.note_scribe(::getpid());
    pipes_.take_back();
    scribes.clear();
    EXPECT_EQ(own_copies(), 2);
    pipes_.visit([](const std::string& name, int fd) {
        char text[8];
        const ssize_t size = ::read(fd, text, sizeof text);
        EXPECT_EQ(name.substr(9), std::string(text, static_cast<std::size_t>(size)) + ".1");
    });
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
        return pipes_.keep(name, {}, writer).ok();
    };
    EXPECT_TRUE(takes_pipe(web_) && takes_pipe(clock_));
    EXPECT_EQ(own_copies(), 2);
    greet();
    keeper_holds();
    EXPECT_EQ(own_copies(), 0);
    pipes_.note_scribe(::getpid());
    pipes_.take_back();  // each has its own again
    EXPECT_EQ(own_copies(), 2);
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
