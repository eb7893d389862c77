#include "api/job_view.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

status::Jobs web_and_worker() {
    status::Job web;
    web.app = "init";
    web.name = "web";
    web.usage = "none";
    web.start_on = status::Hearing{
        "(runlevel [2345] and started db)", {"runlevel RUNLEVEL=2 PREVLEVEL=N"}, "started db"};
    status::JobInstance waiting;
    waiting.seen.name = {"init", "web", 0, ""};
    waiting.seen.reason = "not started";
    web.instances = {waiting};

    status::Job worker;
    worker.app = "init";
    worker.name = "worker";
    worker.instance = "$ID";
    worker.task = true;
    worker.manual = true;
    status::JobInstance running;
    running.seen.name = {"init", "worker", 0, "3"};
    running.seen.reason = "event go ID=3";
    running.seen.phase = status::Phase::PostStart;
    running.seen.direction = status::Direction::Start;
    running.seen.runs = {{1, "main", 71, {}}, {2, "post-start", 72, {}}, {3, "helper", 73, {}}};
    running.variables = {{"ID", "3"}};
    running.stop_on = status::Hearing{"stopping web", {}, "stopping web"};
    running.holds = {"go ID=3"};
    worker.instances = {running};
    return {{web, worker}, "3", {{"COLOUR", "red"}}};
}

TEST(JobViewTest, IsExplainedInPlainWords) {
    EXPECT_EQ(explanation(web_and_worker()),
              "init/web\n"
              "  web is stop/waiting: not started\n"
              "  starts on (runlevel [2345] and started db)\n"
              "    has come: runlevel RUNLEVEL=2 PREVLEVEL=N, which waits until the rest comes\n"
              "    still missing: started db\n"
              "  usage: none\n"
              "init/worker (a task)\n"
              "  worker (3) is start/post-start: event go ID=3\n"
              "    holds up go ID=3\n"
              "  stops on stopping web\n"
              "    waits for: stopping web\n"
              "  starts by hand only: its configuration says `manual`\n");
    EXPECT_EQ(explanation({}), "no job is loaded\n");
}

TEST(JobViewTest, IsJsonForPrograms) {
    status::Jobs jobs = web_and_worker();
    jobs.jobs.erase(jobs.jobs.begin());
    EXPECT_EQ(jobs_json(jobs),
              "{\"key\":\"3\",\"variables\":[\"COLOUR=red\"],\"jobs\":[{\"app\":\"init\","
              "\"job\":\"worker\",\"description\":\"\",\"usage\":\"\",\"instance\":\"$ID\","
              "\"task\":true,\"manual\":true,\"start_on\":null,\"instances\":[{\"instance\":"
              "\"worker (3)\",\"key\":\"3\",\"goal\":\"start\",\"state\":\"post-start\",\"reason\":"
              "\"event go ID=3\",\"processes\":[{\"name\":\"main\",\"pid\":71},{\"name\":"
              "\"post-start\",\"pid\":72}],\"variables\":[\"ID=3\"],\"stop_on\":{\"expression\":"
              "\"stopping web\",\"come\":[],\"missing\":\"stopping web\"},\"holds\":[\"go ID=3\"]}"
              "]}]}\n");
}

}  // namespace
}  // namespace reeve::api
