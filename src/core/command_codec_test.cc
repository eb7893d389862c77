#include "core/command_codec.h"

#include <gtest/gtest.h>

namespace reeve::core {
namespace {

TEST(CommandCodecTest, AKindThatIsUnknownIsNone) {
    ByteWriter writer;
    writer.number(std::variant_size_v<CommandKind>);
    const std::string bytes = writer.take();
    ByteReader reader(bytes);
    EXPECT_FALSE(read_command_kind(reader).has_value());
}

TEST(CommandCodecTest, WhatWasTornReadsAsTorn) {
    ByteWriter writer;
    write_command_kind(writer, Signal{{spec::Target{"shop", "web.1"}}, 15});
    const std::string bytes = writer.take();
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        ByteReader reader(std::string_view(bytes).substr(0, size));
        (void)read_command_kind(reader);  // whatever it is, it is not believed
        EXPECT_FALSE(reader.ok()) << size;
    }
    ByteReader reader(bytes);
    const std::optional<CommandKind> read = read_command_kind(reader);
    ASSERT_TRUE(read && std::holds_alternative<Signal>(*read));
    EXPECT_EQ(std::get<Signal>(*read).signal, 15);
    EXPECT_TRUE(reader.finished());
}

}  // namespace
}  // namespace reeve::core
