#include "link/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace reeve::link {
namespace {

struct Pair {
    Channel near;
    Channel far;
    Pair() {
        auto ends = make_link().value();
        near = Channel(std::move(ends.first));
        far = Channel(std::move(ends.second));
    }
};

Message text_message(std::uint32_t type, std::string text) {
    Message message;
    message.type = type;
    message.payload = std::move(text);
    return message;
}

TEST(ChannelTest, CarriesTypePayloadAndDescriptors) {
    Pair pair;
    Message message = text_message(7, "hello");
    message.fds.push_back(os::open_file("/dev/null", O_RDWR).value());
    message.fds.push_back(os::open_file("/dev/zero", O_RDONLY).value());
    ASSERT_TRUE(pair.near.send(std::move(message)).ok());
    Message got;
    ASSERT_EQ(pair.far.receive(got), Channel::Received::Message);
    EXPECT_EQ(got.type, 7U);
    EXPECT_EQ(got.payload, "hello");
    ASSERT_EQ(got.fds.size(), 2U);
    struct stat null {};
    struct stat received {};
    ::stat("/dev/null", &null);
    ::fstat(got.fds[0].get(), &received);
    EXPECT_EQ(null.st_rdev, received.st_rdev);
    EXPECT_EQ(pair.far.receive(got), Channel::Received::Nothing);
}

TEST(ChannelTest, CarriesALongPayloadInAMemoryFile) {
    Pair pair;
    std::string text(5'000'000, 'x');
    text[4'999'999] = 'y';
    ASSERT_TRUE(pair.near.send(text_message(1, text)).ok());
    Message got;
    ASSERT_EQ(pair.far.receive(got), Channel::Received::Message);
    EXPECT_EQ(got.payload, text);
    EXPECT_EQ(got.type, 1U);
    EXPECT_TRUE(got.fds.empty());
}

TEST(ChannelTest, QueuesWhatThePeerDoesNotReadAndKeepsTheOrder) {
    Pair pair;
    const int count = 5000;
    for (int i = 0; i < count; ++i) {
        const std::string payload =
            std::to_string(i) + std::string(i % 100 == 0 ? 40'000 : 50, '.');
        ASSERT_TRUE(pair.near.send(text_message(static_cast<std::uint32_t>(i + 1), payload)).ok());
    }
    EXPECT_TRUE(pair.near.wants_write());
    int seen = 0;
    while (seen < count) {
        Message got;
        const Channel::Received received = pair.far.receive(got);
        if (received == Channel::Received::Nothing) {
            ASSERT_TRUE(pair.near.flush().ok());
            continue;
        }
        ASSERT_EQ(received, Channel::Received::Message);
        ASSERT_EQ(got.type, static_cast<std::uint32_t>(seen + 1));
        ASSERT_TRUE(got.payload.starts_with(std::to_string(seen) + "."));
        ++seen;
    }
    EXPECT_FALSE(pair.near.wants_write());
}

TEST(ChannelTest, RefusesToQueueWithoutEnd) {
    Pair pair;
    Result<void> sent;
    std::size_t queued = 0;
    while (sent.ok() && queued < 10 * kQueuedBytesMax) {
        queued += 30'000;
        sent = pair.near.send(text_message(1, std::string(30'000, 'x')));
    }
    ASSERT_FALSE(sent.ok());
    EXPECT_EQ(sent.error().code, ENOBUFS);
}

TEST(ChannelTest, TellsThatThePeerHasGone) {
    Pair pair;
    pair.far = Channel();
    Message got;
    EXPECT_EQ(pair.near.receive(got), Channel::Received::Closed);
    EXPECT_FALSE(pair.near.send(text_message(1, "x")).ok());
}

TEST(ChannelTest, GivesWhatAPeerSentBeforeItEndedWithoutReading) {
    Pair pair;
    ASSERT_TRUE(pair.near.send(text_message(1, "never read")).ok());
    ASSERT_TRUE(pair.far.send(text_message(2, "last words")).ok());
    pair.far = Channel();
    Message got;
    ASSERT_EQ(pair.near.receive(got), Channel::Received::Message);
    EXPECT_EQ(got.payload, "last words");
    EXPECT_EQ(pair.near.receive(got), Channel::Received::Closed);
}

TEST(ChannelTest, TakesAForeignMessageForTheEnd) {
    auto ends = make_link().value();
    Channel channel(std::move(ends.first));
    ASSERT_EQ(::write(ends.second.get(), "abc", 3), 3);
    Message got;
    EXPECT_EQ(channel.receive(got), Channel::Received::Closed);
}

}  // namespace
}  // namespace reeve::link
