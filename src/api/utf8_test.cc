#include "api/utf8.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

TEST(Utf8Test, MakesTextsHarmlessForTerminals) {
    EXPECT_EQ(printable("a\x1b[31m\tb\n"), "a [31m b ");
    EXPECT_EQ(printable("caf\xC3\xA9 \xFF \xC0\x80"), "caf\xC3\xA9 ? ??");
    EXPECT_EQ(printable("\xC2\x9B"
                        "31m"),
              " 31m");                            // the one-byte form of ESC [
    EXPECT_EQ(printable("\xED\xA0\x80"), "???");  // half a surrogate pair
}

TEST(Utf8Test, CutsAtCharactersAndNotInside) {
    EXPECT_EQ(fit("caf\xC3\xA9s", 5), "caf\xC3\xA9s");
    EXPECT_EQ(fit("caf\xC3\xA9s", 4), "caf…");
    EXPECT_EQ(fit("\xC3\xA9\xC3\xA9\xC3\xA9", 2), "\xC3\xA9…");
    EXPECT_EQ(fit("abc", 1), "…");
    EXPECT_EQ(fit("abc", 0), "");
}

}  // namespace
}  // namespace reeve::api
