#include "daemon/release_plan.h"

#include <gtest/gtest.h>

namespace reeve::daemon {
namespace {

AppStore store_with(std::vector<api::StoreChange::Entry> entries) {
    AppStore store;
    api::StoreChange change;
    change.app = "shop";
    change.act = api::StoreAct::Create;
    change.entries = std::move(entries);
    EXPECT_TRUE(store.apply(change).ok());
    return store;
}

ReleaseInputs inputs_of(const std::string& procfile, const std::string& app_json) {
    ReleaseInputs inputs;
    inputs.app = "shop";
    inputs.directory = "/var/lib/reeve/apps/shop/releases/1";
    inputs.procfile_name = "Procfile";
    inputs.procfile = procfile;
    inputs.app_json_name = "app.json";
    if (!app_json.empty()) inputs.app_json = app_json;
    inputs.is_first = true;
    inputs.make_secret = [] { return std::string(64, 'a'); };
    return inputs;
}

std::string messages(const formats::Reading<ReleasePlan>& reading) {
    std::string text;
    for (const formats::Diagnostic& diagnostic : reading.diagnostics)
        text += diagnostic.message + "\n";
    return text;
}

TEST(ReleasePlanTest, OneWebAndNothingElseUnlessItWasScaled) {
    const AppStore store = store_with({{"scale/web", "1"}, {"config/A", "1"}});
    const auto reading = plan_release(inputs_of("web: a\nworker: b\nrelease: c\n", ""), store);
    ASSERT_TRUE(reading.ok()) << messages(reading);
    const spec::App& app = reading.value.app;
    EXPECT_EQ(spec::find_service(app, "web")->instances, 1U);
    EXPECT_EQ(spec::find_service(app, "worker")->instances, 0U);
    EXPECT_TRUE(app.release_command.has_value());
    EXPECT_EQ(app.environment.at("A"), "1");
    EXPECT_EQ(reading.value.scale.at("worker"), 0U);
    EXPECT_EQ(spec::to_text(spec::find_service(app, "web")->restart), "on-failure:10");
    EXPECT_EQ(spec::find_service(app, "web")->stop.steps.front().wait, Duration(30s));
}

TEST(ReleasePlanTest, AFormationTakesTheScaleOver) {
    const AppStore store = store_with({{"scale/web", "3"}});
    const auto reading = plan_release(
        inputs_of("web: a\nworker: b\n", R"({"formation": {"worker": {"quantity": 2}}})"), store);
    ASSERT_TRUE(reading.ok()) << messages(reading);
    EXPECT_TRUE(reading.value.app.formation_fixed);
    EXPECT_EQ(reading.value.scale.at("web"), 0U);
    EXPECT_EQ(reading.value.scale.at("worker"), 2U);
    EXPECT_EQ(messages(reading), "Scaling web to 0 as the formation does not name it\n");
}

TEST(ReleasePlanTest, AWebThatIsGivenNoInstanceIsWhatWasAskedFor) {
    const auto reading = plan_release(
        inputs_of("web: a\n", R"({"formation": {"web": {"quantity": 0}}})"), store_with({}));
    EXPECT_EQ(messages(reading), "");
}

TEST(ReleasePlanTest, WarnsOfWhatIsMissingFromTheProcfile) {
    const AppStore store = store_with({{"scale/web", "1"}});
    const auto reading = plan_release(inputs_of("worker: b\n", ""), store);
    ASSERT_TRUE(reading.ok());
    EXPECT_EQ(messages(reading), "Skipping web as it is missing from the current Procfile\n");
}

TEST(ReleasePlanTest, TakesTheEnvOfAppJsonAtTheFirstDeploy) {
    const AppStore store = store_with({{"scale/web", "1"}, {"config/KEPT", "mine"}});
    const char* json = R"({"env": {"PLAIN": "p", "KEPT": "theirs", "SYNCED": {"value": "s",
        "sync": true}, "SECRET": {"generator": "secret"}, "OPTIONAL": {"required": false}}})";
    ReleaseInputs inputs = inputs_of("web: a\n", json);
    const auto first = plan_release(inputs, store);
    ASSERT_TRUE(first.ok()) << messages(first);
    const std::map<std::string, std::string> expected = {
        {"PLAIN", "p"}, {"SYNCED", "s"}, {"SECRET", std::string(64, 'a')}};
    EXPECT_EQ(first.value.new_config, expected);
    EXPECT_EQ(first.value.app.environment.at("KEPT"), "mine");
    inputs.is_first = false;
    const auto later = plan_release(inputs, store);
    ASSERT_TRUE(later.ok());
    EXPECT_EQ(later.value.new_config.size(), 1U);
}

TEST(ReleasePlanTest, RefusesWhatCannotBeStarted) {
    const AppStore store = store_with({{"scale/web", "1"}});
    const auto required =
        plan_release(inputs_of("web: a\n", R"({"env": {"MUST": {"description": "x"}}})"), store);
    EXPECT_EQ(messages(required),
              "required env var MUST has no value, no default, and no TTY for prompt\n");
    EXPECT_FALSE(plan_release(inputs_of("<<<<<<< HEAD\nweb: a\n", ""), store).ok());
    ReleaseInputs none = inputs_of("", "");
    none.procfile.reset();
    EXPECT_FALSE(plan_release(none, store).ok());
    none.default_web = "bin/web";
    EXPECT_TRUE(plan_release(none, store).ok());
}

TEST(ReleasePlanTest, TakesAStopTimeoutAsLongAsCanBeSet) {
    const AppStore store = store_with({{"ps/stop-timeout-seconds", "604800"}});
    const auto reading = plan_release(inputs_of("web: a\n", ""), store);
    ASSERT_TRUE(reading.ok());
    EXPECT_EQ(reading.value.app.services.front().stop.steps.front().wait, Duration(168h));
}

TEST(ReleasePlanTest, FollowsTheProperties) {
    const AppStore store = store_with({{"scale/web", "2"},
                                       {"ps/restart-policy", "always"},
                                       {"ps/stop-timeout-seconds", "7"},
                                       {"ps/start-cmd", "bin/other"},
                                       {"checks/disabled", "web"},
                                       {"links/needs", "db cache/redis"}});
    const auto reading = plan_release(inputs_of("web: a\n", ""), store);
    ASSERT_TRUE(reading.ok());
    const spec::Service& web = *spec::find_service(reading.value.app, "web");
    EXPECT_EQ(spec::to_text(web.restart), "always");
    EXPECT_EQ(web.stop.steps.front().wait, Duration(7s));
    EXPECT_EQ(std::get<spec::ShellCommand>(web.command).text, "bin/other");
    EXPECT_EQ(web.rollout.order, spec::ReplaceOrder::StopFirst);
    ASSERT_EQ(web.needs.size(), 2U);
    EXPECT_EQ(web.needs[1], (spec::Need{"cache", "redis"}));
}

}  // namespace
}  // namespace reeve::daemon
