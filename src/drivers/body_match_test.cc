#include "drivers/body_match.h"

#include <gtest/gtest.h>

namespace reeve::drivers {
namespace {

TEST(BodyMatchTest, FindsATextOrAPattern) {
    EXPECT_EQ(body_problem(spec::BodyContains{"ok"}, "all ok here"), "");
    EXPECT_EQ(body_problem(spec::BodyContains{"ok"}, "no"), "the body does not contain \"ok\"");
    EXPECT_EQ(body_problem(spec::BodyMatches{"^o+k$"}, "x\nook\ny"), "");
    EXPECT_EQ(body_problem(spec::BodyMatches{"OK", true}, "ok"), "");
    EXPECT_EQ(body_problem(spec::BodyMatches{"OK"}, "ok"), "the body does not match /OK/");
}

TEST(BodyMatchTest, APatternThatTakesForEverIsGivenUp) {
    const std::string body(64 * 1024, 'a');
    EXPECT_NE(body_problem(spec::BodyMatches{"(a*)*(a*)*b"}, body), "");
    EXPECT_NE(body_problem(spec::BodyMatches{"(?=(a+))a*b\\1"}, body), "");
}

TEST(BodyMatchTest, AWrongPatternIsSaidToBe) {
    EXPECT_NE(pattern_problem({"a("}).find("wrong at 2"), std::string::npos);
    EXPECT_EQ(pattern_problem({"a(b)"}), "");
    EXPECT_NE(body_problem(spec::BodyMatches{"\\C"}, "x"), "");
}

}  // namespace
}  // namespace reeve::drivers
