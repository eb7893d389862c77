#include "base/result.h"

#include <errno.h>

#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace reeve {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return Error{"odd", 7};
    return number / 2;
}

Result<std::string> quarter(int number) {
    const int once = TRY(half(number));
    return std::to_string(TRY(half(once)));
}

Result<void> only_even(int number) {
    TRY(half(number));
    return {};
}

TEST(ResultTest, TryHandsOnTheValueOrTheError) {
    EXPECT_EQ(quarter(8).value(), "2");
    EXPECT_EQ(quarter(6).error().message, "odd");
    EXPECT_EQ(quarter(6).error().code, 7);
    EXPECT_TRUE(only_even(2).ok());
    EXPECT_FALSE(only_even(3).ok());
}

TEST(ResultTest, MovesWhatCannotBeCopied) {
    Result<std::unique_ptr<int>> result(std::make_unique<int>(3));
    EXPECT_EQ(*std::move(result).value(), 3);
}

TEST(ResultDeathTest, TheValueOfAFailureIsABug) {
    EXPECT_DEATH((void)half(1).value(), "ok\\(\\)");
    EXPECT_DEATH((void)half(2).error(), "ok\\(\\)");
}

TEST(ResultTest, SystemErrorsSayWhatAndWhy) {
    EXPECT_EQ(system_error("open x", ENOENT).message, "open x: No such file or directory");
    EXPECT_EQ(system_error("open x", ENOENT).code, ENOENT);
    errno = EACCES;
    EXPECT_EQ(system_error("open y").message, "open y: Permission denied");
}

}  // namespace
}  // namespace reeve
