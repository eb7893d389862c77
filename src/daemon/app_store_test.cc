#include "daemon/app_store.h"

#include <gtest/gtest.h>

namespace reeve::daemon {
namespace {

using api::StoreAct;
using api::StoreChange;

StoreChange change(const std::string& app, StoreAct act,
                   std::vector<StoreChange::Entry> entries = {}) {
    StoreChange result;
    result.app = app;
    result.act = act;
    result.entries = std::move(entries);
    return result;
}

TEST(AppStoreTest, KeepsWhatItIsTold) {
    AppStore store;
    ASSERT_TRUE(store.apply(change("shop", StoreAct::Create, {{"config/A", "1"}})).ok());
    EXPECT_EQ(store.names(), std::vector<std::string>{"shop"});
    ASSERT_NE(store.find("shop", "config/A"), nullptr);
    EXPECT_EQ(*store.find("shop", "config/A"), "1");
    ASSERT_TRUE(store.apply(change("shop", StoreAct::Change, {{"config/A", {}}})).ok());
    EXPECT_EQ(store.find("shop", "config/A"), nullptr);
    EXPECT_TRUE(store.exists("shop"));
}

TEST(AppStoreTest, PrefersTheAppsValueToTheOneForAll) {
    AppStore store;
    const std::string all(api::kGlobalApp);
    ASSERT_TRUE(store.apply(change("shop", StoreAct::Create)).ok());
    EXPECT_EQ(store.effective("shop", "ps/restart-policy", "on-failure:10"), "on-failure:10");
    ASSERT_TRUE(store.apply(change(all, StoreAct::Change, {{"ps/restart-policy", "no"}})).ok());
    EXPECT_EQ(store.effective("shop", "ps/restart-policy", "x"), "no");
    ASSERT_TRUE(
        store.apply(change("shop", StoreAct::Change, {{"ps/restart-policy", "always"}})).ok());
    EXPECT_EQ(store.effective("shop", "ps/restart-policy", "x"), "always");
    EXPECT_EQ(store.names(), std::vector<std::string>{"shop"});
}

TEST(AppStoreTest, ListsAnAreaByName) {
    AppStore store;
    ASSERT_TRUE(store
                    .apply(change("shop", StoreAct::Create,
                                  {{"config/B", "2"}, {"config/A", "1"}, {"configx/C", "3"}}))
                    .ok());
    const std::map<std::string, std::string> expected = {{"A", "1"}, {"B", "2"}};
    EXPECT_EQ(store.area("shop", "config"), expected);
}

TEST(AppStoreTest, RefusesAndChangesNothing) {
    AppStore store;
    EXPECT_EQ(store.apply(change("shop", StoreAct::Change, {{"a/b", "c"}})).error().code, 404);
    EXPECT_EQ(store.apply(change("shop", StoreAct::Destroy)).error().code, 404);
    ASSERT_TRUE(store.apply(change("shop", StoreAct::Create)).ok());
    EXPECT_EQ(store.apply(change("shop", StoreAct::Create)).error().code, 409);
    EXPECT_FALSE(store.apply(change(std::string(api::kGlobalApp), StoreAct::Create)).ok());
    EXPECT_FALSE(store.apply(change(std::string(api::kGlobalApp), StoreAct::Destroy)).ok());
}

TEST(AppStoreTest, MovesEverythingToANewName) {
    AppStore store;
    ASSERT_TRUE(store.apply(change("shop", StoreAct::Create, {{"config/A", "1"}})).ok());
    StoreChange rename = change("shop", StoreAct::Rename);
    rename.new_name = "market";
    ASSERT_TRUE(store.apply(rename).ok());
    EXPECT_FALSE(store.exists("shop"));
    EXPECT_EQ(store.effective("market", "config/A", ""), "1");
}

TEST(AppStoreTest, ComesBackOutOfItsChanges) {
    AppStore store;
    AppStore copy;
    const auto carry = [&] {
        for (const auto& [name, value] : store.take_changes()) {
            if (value) copy.restore(name, *value);
        }
    };
    ASSERT_TRUE(store.apply(change("shop.a", StoreAct::Create, {{"config/A=B", "1"}})).ok());
    carry();
    EXPECT_EQ(copy.entries(), store.entries());
    EXPECT_TRUE(store.take_changes().empty());
    ASSERT_TRUE(store.apply(change("shop.a", StoreAct::Destroy)).ok());
    EXPECT_EQ(store.take_changes().size(), 2U);
    EXPECT_TRUE(store.entries().empty());
}

}  // namespace
}  // namespace reeve::daemon
