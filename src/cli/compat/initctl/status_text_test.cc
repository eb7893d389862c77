#include "cli/compat/initctl/status_text.h"

#include <gtest/gtest.h>

namespace reeve::cli::initctl {
namespace {

// The status of `web` in this state with these processes.
std::string status(const std::string& state, const std::vector<JobProcess>& processes) {
    JobInstance instance;
    instance.goal = "start";
    instance.state = state;
    instance.processes = processes;
    return status_text("web", instance);
}

TEST(StatusTextTest, NamesTheProcessThatMatters) {
    EXPECT_EQ(status("running", {}), "web start/running\n");
    EXPECT_EQ(status("running", {{"main", 12}}), "web start/running, process 12\n");
    EXPECT_EQ(status("pre-start", {{"pre-start", 9}}), "web start/pre-start, process 9\n");
    EXPECT_EQ(status("post-stop", {{"post-stop", 9}}), "web start/post-stop, process 9\n");
    EXPECT_EQ(status("post-start", {{"post-start", 9}}),
              "web start/post-start, (post-start) process 9\n");
    EXPECT_EQ(status("pre-stop", {{"pre-stop", 9}}), "web start/pre-stop, (pre-stop) process 9\n");
    EXPECT_EQ(status("post-start", {{"post-start", 13}, {"main", 12}}),
              "web start/post-start, process 12\n\tpost-start process 13\n");
}

TEST(StatusTextTest, NamesInstances) {
    Job job{"worker", "", {}};
    EXPECT_EQ(list_text(job), "worker stop/waiting\n");
    job.instances = {{"1", "start", "running", {{"main", 5}}, {}},
                     {"a/b", "stop", "killed", {{"main", 6}}, {}}};
    EXPECT_EQ(list_text(job),
              "worker (1) start/running, process 5\nworker (a/b) stop/killed, process 6\n");
    EXPECT_EQ(idle_text("net/apache"), "net/apache stop/waiting\n");
}

}  // namespace
}  // namespace reeve::cli::initctl
