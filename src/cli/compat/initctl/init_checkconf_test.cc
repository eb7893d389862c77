#include "cli/compat/initctl/init_checkconf.h"

#include <gtest/gtest.h>

#include "base/test_directory.h"

namespace reeve::cli::initctl {
namespace {

struct Outcome {
    int code = 0;
    std::string out;
    std::string err;
};

Outcome check(const std::vector<std::string>& args) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Outcome outcome;
    outcome.code = run_checkconf("init-checkconf", args);
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err = testing::internal::GetCapturedStderr();
    return outcome;
}

TEST(InitCheckconfTest, TakesAGoodJobAndWarnsOfPitfalls) {
    TestDirectory directory;
    directory.write("web.conf", "exec web\nrespawn limit 3 30\n");
    const std::string file = directory.path() + "/web.conf";
    const Outcome outcome = check({"-f", file});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_EQ(outcome.out, "File " + file + ": syntax ok\n");
    EXPECT_NE(outcome.err.find("lets nothing respawn"), std::string::npos);
}

TEST(InitCheckconfTest, RefusesWhatTheLanguageDoesNotHave) {
    TestDirectory directory;
    directory.write("web.conf", "exec web\n\nnonsense\n");
    const std::string file = directory.path() + "/web.conf";
    const Outcome outcome = check({file});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.err,
              "ERROR: File " + file + ": syntax invalid:\ninit:" + file + ":3: Unknown stanza\n");
}

TEST(InitCheckconfTest, ReadsScriptsWithTheShell) {
    TestDirectory directory;
    directory.write("web.conf", "pre-start script\n  if true; then\nend script\nexec web\n");
    const std::string file = directory.path() + "/web.conf";
    const Outcome outcome = check({file});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_NE(outcome.err.find("pre-start: "), std::string::npos);
    EXPECT_EQ(check({"--noscript", file}).code, 0);
}

TEST(InitCheckconfTest, NamesWhatIsNotDone) {
    TestDirectory directory;
    const std::string file = directory.path() + "/web.conf";
    directory.write("web.conf", "apparmor switch web\ncgroup freezer\nexec web\n");
    Outcome outcome = check({file});
    EXPECT_EQ(outcome.code, 0);
    EXPECT_NE(outcome.err.find("web.conf:1:1: warning: the job does not run in the AppArmor"),
              std::string::npos);
    EXPECT_NE(outcome.err.find("web.conf:2:1: warning: `cgroup freezer` is not applied"),
              std::string::npos);
    directory.write("web.conf", "limit nofile 10 5\nexec web\n");
    outcome = check({file});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_NE(outcome.err.find("a soft resource limit is above the hard one"), std::string::npos);
}

TEST(InitCheckconfTest, WantsOneFileThatIsAJobs) {
    TestDirectory directory;
    EXPECT_EQ(check({}).code, 1);
    EXPECT_EQ(check({"--help"}).code, 0);
    EXPECT_EQ(check({"web.txt"}).err, "ERROR: File must end in .conf\n");
    EXPECT_EQ(check({directory.path() + "/none.conf"}).code, 1);
    EXPECT_EQ(check({"--nonsense"}).err, "ERROR: invalid option: --nonsense\n");
}

}  // namespace
}  // namespace reeve::cli::initctl
