#include "cli/git_hook.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

TEST(GitHookTest, HandsTheArchiveOver) {
    const std::string hook = push_hook("/usr/bin/reeve", "/tmp/it's", "shop");
    EXPECT_TRUE(hook.starts_with("#!/bin/sh\n"));
    EXPECT_NE(hook.find("export REEVE_ROOT='/tmp/it'\\''s'\n"), std::string::npos);
    EXPECT_NE(hook.find("git archive \"$new\" | '/usr/bin/reeve' dokku git:receive 'shop'"),
              std::string::npos);
    EXPECT_NE(hook.find(" \"$new\" \"${name#refs/heads/}\" || exit 1\n"), std::string::npos);
    EXPECT_EQ(push_hook("/r", "", "shop").find("REEVE_ROOT"), std::string::npos);
}

}  // namespace
}  // namespace reeve::cli
