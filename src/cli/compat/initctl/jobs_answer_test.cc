#include "cli/compat/initctl/jobs_answer.h"

#include <gtest/gtest.h>

namespace reeve::cli::initctl {
namespace {

TEST(JobsAnswerTest, ReadsWhatTheDaemonTells) {
    const Result<JobsAnswer> answer = jobs_from_json(
        R"({"key":"1","variables":["A=1"],"jobs":[{"app":"init","job":"worker","usage":"ID=N",)"
        R"("instances":[{"key":"1","goal":"start","state":"running","reason":"started",)"
        R"("processes":[{"name":"main","pid":7},{"name":"odd"}],"environment":["ID=1"]}]}]})");
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->key, "1");
    EXPECT_EQ(answer->variables, (std::vector<std::string>{"A=1"}));
    ASSERT_EQ(answer->jobs.size(), 1U);
    const Job& job = answer->jobs[0];
    EXPECT_EQ(job.name, "worker");
    EXPECT_EQ(job.usage, "ID=N");
    ASSERT_EQ(job.instances.size(), 1U);
    EXPECT_EQ(job.instances[0].state, "running");
    EXPECT_EQ(job.instances[0].processes, (std::vector<JobProcess>{{"main", 7}}));
    EXPECT_EQ(job.instances[0].environment, (std::vector<std::string>{"ID=1"}));
}

TEST(JobsAnswerTest, TakesWhatIsMissingOrOddForNothing) {
    EXPECT_FALSE(jobs_from_json("nonsense").ok());
    EXPECT_FALSE(jobs_from_json("[]").ok());
    const Result<JobsAnswer> odd = jobs_from_json(R"({"key":null,"jobs":[1,{"instances":{}}]})");
    ASSERT_TRUE(odd.ok());
    EXPECT_EQ(odd->key, std::nullopt);
    EXPECT_EQ(odd->jobs.size(), 1U);
}

TEST(JobsAnswerTest, FindsWhereTheJobsCameFrom) {
    EXPECT_EQ(jobs_source_from_json(
                  R"({"apps":[{"name":"shop","source":"/x"},{"name":"init","source":"/a:/b"}]})"),
              "/a:/b");
    EXPECT_EQ(jobs_source_from_json(R"({"apps":[]})"), "");
    EXPECT_EQ(jobs_source_from_json("{"), "");
}

}  // namespace
}  // namespace reeve::cli::initctl
