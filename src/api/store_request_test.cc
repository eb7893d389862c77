#include "api/store_request.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

StoreChange full_change() {
    StoreChange change;
    change.app = "shop";
    change.act = StoreAct::Rename;
    change.new_name = "market";
    change.entries = {{"config/KEY", "a \"quoted\"\nvalue = 1"}, {"ps/restart-policy", {}}};
    change.command_line = "dokku apps:rename shop market";
    return change;
}

TEST(StoreRequestTest, ComesBackAsItWasWritten) {
    const auto read = store_change_from_json(to_json(full_change()));
    ASSERT_TRUE(read.ok()) << read.error().message;
    EXPECT_EQ(*read, full_change());
}

TEST(StoreRequestTest, RefusesWhatIsNone) {
    for (const char* text :
         {"", "[]", "{}", R"({"app":"a"})", R"({"app":"a","act":"fly"})",
          R"({"app":"a","act":"rename"})", R"({"app":"a\nb","act":"create"})",
          R"({"app":"a","act":"change","entries":[1]})",
          R"({"app":"a","act":"change","entries":[{"key":"noarea"}]})",
          R"({"app":"a","act":"change","entries":[{"key":"a/b","value":1}]})",
          R"({"app":"a","act":"change","entries":[{"key":"a/b","value":"x\u0000"}]})"}) {
        EXPECT_FALSE(store_change_from_json(text).ok()) << text;
    }
}

TEST(StoreRequestTest, BoundsItsValues) {
    StoreChange change = full_change();
    change.entries = {{"config/KEY", std::string(kStoreValueMax + 1, 'x')}};
    EXPECT_FALSE(store_change_from_json(to_json(change)).ok());
}

TEST(StoreRequestTest, AnswersWithTheRecordsOfAnApp) {
    const Records records = {{"app/created", "1"}, {"config/A", "b"}};
    const auto read = records_from_json(records_json("shop", true, records));
    ASSERT_TRUE(read.ok());
    EXPECT_TRUE(read->exists);
    EXPECT_EQ(read->records, records);
    EXPECT_FALSE(records_from_json(records_json("other", false, {}))->exists);
    EXPECT_FALSE(records_from_json("{}").ok());
}

TEST(StoreRequestTest, AnswersWithTheNamesOfAllApps) {
    const std::vector<std::string> names = {"a", "b"};
    const auto read = app_names_from_json(app_names_json(names));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, names);
    EXPECT_FALSE(app_names_from_json("{\"apps\":[1]}").ok());
}

}  // namespace
}  // namespace reeve::api
