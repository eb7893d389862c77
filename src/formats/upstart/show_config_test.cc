#include "formats/upstart/show_config.h"

#include <gtest/gtest.h>

#include "formats/upstart/conf_reader.h"
#include "formats/upstart/events_of.h"

namespace reeve::formats::upstart {
namespace {

JobClass job_of(std::string_view text) {
    JobClass base;
    base.name = "web";
    return read_conf("web.conf", text, base).job;
}

TEST(ShowConfigTest, PrintsEventsWithEveryParenthesis) {
    EXPECT_EQ(show_config(job_of("")), "web\n");
    EXPECT_EQ(show_config(job_of("emits a b\nstart on (x A=1 or y) and z\nstop on s\n")),
              "web\n  emits a\n  emits b\n  start on ((x A=1 or y) and z)\n  stop on s\n");
}

TEST(ShowConfigTest, EnumeratesEventsAndNamesJobs) {
    EXPECT_EQ(
        show_config_enumerated(job_of(
            "emits a\nstart on started db and (runlevel [2] A!=b or stopped RESULT=ok JOB=x)\n"
            "stop on starting\n")),
        "web\n  emits a\n"
        "  start on started (job: db, env:)\n"
        "  start on runlevel (job:, env: [2] A!=b)\n"
        "  start on stopped (job: x, env: RESULT=ok)\n"
        "  stop on starting (job:, env:)\n");
}

TEST(EventsOfTest, TheJobIsNamedByPlaceOrByVariable) {
    EXPECT_EQ(job_argument({"started", {{std::nullopt, "db", false}}}), 0U);
    EXPECT_EQ(job_argument({"started", {{"RESULT", "ok", false}, {"JOB", "db", false}}}), 1U);
    EXPECT_EQ(job_argument({"started", {{"JOB", "db", true}}}), std::nullopt);
    EXPECT_EQ(job_argument({"runlevel", {{std::nullopt, "2", false}}}), std::nullopt);
    EXPECT_TRUE(is_job_event("stopping"));
    EXPECT_FALSE(is_job_event("startup"));
}

}  // namespace
}  // namespace reeve::formats::upstart
