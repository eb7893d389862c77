#include "api/job_request.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

OperationRequest again(const Verb& verb) {
    OperationRequest request;
    request.id = 7;
    request.verb = verb;
    const auto read = operation_request_from_json(to_json(request));
    EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message);
    return read.ok() ? *read : OperationRequest{};
}

std::string refused(const std::string& members) {
    const auto read = operation_request_from_json("{\"id\":\"7\"," + members + "}");
    return read.ok() ? "taken" : read.error().message;
}

TEST(JobRequestTest, AnEventComesThrough) {
    const spec::NamedEvent event{"runlevel", {{"RUNLEVEL", "2"}, {"PREVLEVEL", ""}}};
    EXPECT_EQ(std::get<Emit>(again(Emit{event}).verb).event, event);
}

TEST(JobRequestTest, ACommandForAJobComesThrough) {
    for (const auto what : {JobCommand::What::Start, JobCommand::What::Stop,
                            JobCommand::What::Restart, JobCommand::What::Reload}) {
        const auto command = std::get<JobCommand>(
            again(JobCommand{what, "init", "net/web", {{"ID", "a=b"}}, "key"}).verb);
        EXPECT_EQ(command.what, what);
        EXPECT_EQ(command.app, "init");
        EXPECT_EQ(command.job, "net/web");
        EXPECT_EQ(command.variables, (spec::Variables{{"ID", "a=b"}}));
        EXPECT_EQ(command.key, "key");
    }
    const auto without_key =
        std::get<JobCommand>(again(JobCommand{.app = "init", .job = "web"}).verb);
    EXPECT_FALSE(without_key.key);
}

TEST(JobRequestTest, VariablesComeThrough) {
    SetVariables set{"init", "web", "k", true, {{"A", "1"}}, {"B"}, true};
    const auto read = std::get<SetVariables>(again(set).verb);
    EXPECT_EQ(read.app, "init");
    EXPECT_EQ(read.job, "web");
    EXPECT_EQ(read.key, "k");
    EXPECT_TRUE(read.reset && read.keep_existing);
    EXPECT_EQ(read.set, set.set);
    EXPECT_EQ(read.unset, set.unset);
}

TEST(JobRequestTest, RefusesWhatIsNone) {
    EXPECT_EQ(refused("\"verb\":\"emit\""), "Name may not be empty string");
    EXPECT_EQ(refused("\"verb\":\"emit\",\"event\":\"a\",\"variables\":[\"b\"]"),
              "Env must be KEY=VALUE pairs");
    EXPECT_EQ(refused("\"verb\":\"emit\",\"event\":7"), "event: a text is needed");
    EXPECT_EQ(refused("\"verb\":\"job-start\",\"app\":\"init\""), "job: app and job are needed");
    EXPECT_EQ(refused("\"verb\":\"job-jump\""), "verb: \"job-jump\" is none");
    EXPECT_EQ(refused("\"verb\":\"set-variables\""), "app: is needed");
    EXPECT_EQ(refused("\"verb\":\"set-variables\",\"app\":\"init\",\"reset\":1"),
              "reset: true or false is needed");
}

}  // namespace
}  // namespace reeve::api
