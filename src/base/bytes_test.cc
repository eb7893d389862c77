#include "base/bytes.h"

#include <gtest/gtest.h>
#include <string>

namespace reeve {
namespace {

TEST(BytesTest, WhatIsWrittenIsRead) {
    const std::uint64_t numbers[] = {0, 1, 127, 128, 300, UINT32_MAX, UINT64_MAX};
    const std::int64_t signed_numbers[] = {0, -1, 1, 63, -64, INT64_MIN, INT64_MAX};
    const std::string text("a\0b\xff", 4);
    ByteWriter writer;
    for (const std::uint64_t number : numbers)
        writer.number(number);
    for (const std::int64_t number : signed_numbers)
        writer.signed_number(number);
    writer.flag(true);
    writer.flag(false);
    writer.text(text);
    writer.text("");
    writer.time(TimePoint(5s));
    writer.duration(-3ms);
    writer.deadline(std::nullopt);
    writer.deadline(TimePoint(7s));

    const std::string bytes = writer.take();
    EXPECT_TRUE(writer.bytes().empty());
    ByteReader reader(bytes);
    for (const std::uint64_t number : numbers)
        EXPECT_EQ(reader.number(), number);
    for (const std::int64_t number : signed_numbers)
        EXPECT_EQ(reader.signed_number(), number);
    EXPECT_TRUE(reader.flag());
    EXPECT_FALSE(reader.flag());
    EXPECT_EQ(reader.text(), text);
    EXPECT_EQ(reader.text(), "");
    EXPECT_EQ(reader.time(), TimePoint(5s));
    EXPECT_EQ(reader.duration(), -3ms);
    EXPECT_EQ(reader.deadline(), Deadline());
    EXPECT_FALSE(reader.finished());
    EXPECT_EQ(reader.deadline(), Deadline(TimePoint(7s)));
    EXPECT_TRUE(reader.finished());
}

TEST(BytesTest, AReadPastTheEndFailsForGood) {
    ByteWriter writer;
    writer.text("hello");
    const std::string bytes = writer.take();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        ByteReader reader(std::string_view(bytes).substr(0, size));
        EXPECT_EQ(reader.text(), "");
        EXPECT_FALSE(reader.ok());
        EXPECT_EQ(reader.number(), 0U);
        EXPECT_FALSE(reader.finished());
    }
}

TEST(BytesTest, MalformedNumbersFail) {
    ByteReader endless(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 11));
    EXPECT_EQ(endless.number(), 0U);
    EXPECT_FALSE(endless.ok());
}

TEST(BytesTest, Crc32IsTheOneOfZlib) {
    EXPECT_EQ(crc32("123456789"), 0xCBF43926U);
    EXPECT_EQ(crc32(""), 0U);
    // Bit by bit, at every length around what is taken at once.
    std::string bytes;
    std::uint32_t value = 0xFFFFFFFFU;
    for (unsigned i = 0; i < 40; ++i) {
        const auto byte = static_cast<unsigned char>(i * 37 + 200);
        bytes += static_cast<char>(byte);
        value ^= byte;
        for (int bit = 0; bit < 8; ++bit)
            value = (value & 1) != 0 ? 0xEDB88320U ^ (value >> 1) : value >> 1;
        EXPECT_EQ(crc32(bytes), value ^ 0xFFFFFFFFU) << bytes.size();
    }
}

}  // namespace
}  // namespace reeve
