#include "scribe/ledger_store.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "base/test_directory.h"

namespace reeve::scribe {
namespace {

constexpr WallTime kNow{1'795'177'044'123'456'000};

class LedgerStoreTest : public testing::Test {
protected:
    static link::LedgerRow row(const std::string& app, const std::string& service,
                               std::uint32_t index, const std::string& reason) {
        link::LedgerRow row;
        row.wall = kNow;
        row.time = TimePoint(3s);
        row.app = app;
        row.service = service;
        row.index = index;
        row.from = 1;
        row.to = 2;
        row.reason = reason;
        row.cause_kind = 3;
        row.cause_id = ~0ULL;
        row.cause_text = "cause";
        row.pid = 5;
        return row;
    }

    std::vector<link::LedgerRow> find(LedgerStore& store, const link::LedgerQuery& query) {
        std::vector<link::LedgerRow> rows;
        std::int64_t id = 0;
        do {
            LedgerStore::Step step = store.step(query, id, kNow).value();
            rows.insert(rows.end(), step.rows.begin(), step.rows.end());
            id = step.next_id;
        } while (id != 0);
        return rows;
    }

    TestDirectory directory_;
    std::string path_ = directory_.path() + "/ledger.db";
};

TEST_F(LedgerStoreTest, GivesBackWhatItWasGivenNewestFirst) {
    const std::vector<link::LedgerRow> rows = {row("shop", "web", 1, "first"),
                                               row("shop", "web", 2, "second")};
    {
        LedgerStore store(path_, 1000);
        ASSERT_TRUE(store.append({{1, 1, {rows[0]}}, {1, 2, {rows[1]}}}, kNow).ok());
    }
    LedgerStore later(path_, 1000);
    EXPECT_EQ(find(later, {}), (std::vector<link::LedgerRow>{rows[1], rows[0]}));
}

TEST_F(LedgerStoreTest, StoresABatchThatIsSentTwiceOnce) {
    LedgerStore store(path_, 1000);
    const link::AppendLedger first{1, 5, {row("a", "s", 1, "one")}};
    const link::AppendLedger second{1, 6, {row("a", "s", 1, "two")}};
    const link::AppendLedger other{2, 5, {row("a", "s", 1, "of another reeved")}};
    ASSERT_TRUE(store.append({first}, kNow).ok());
    ASSERT_TRUE(store.append({first, second, second, other}, kNow).ok());
    EXPECT_EQ(find(store, {}).size(), 3U);
}

TEST_F(LedgerStoreTest, WhatTheNextReevedRepeatsIsStoredOnce) {
    LedgerStore store(path_, 1000);
    const link::LedgerRow told = row("a", "s", 1, "told before the death");
    ASSERT_TRUE(store.append({{1, 5, {told}}}, kNow).ok());
    link::LedgerRow again = told;
    again.wall.nanoseconds += 1;
    link::LedgerRow later = told;
    later.time += 1ns;
    ASSERT_TRUE(store.append({{2, 1, {again, later}}, {2, 2, {later}}}, kNow).ok());
    EXPECT_EQ(find(store, {}), (std::vector<link::LedgerRow>{later, later, told}))
        << "only its first words may repeat what was said";
}

TEST_F(LedgerStoreTest, FindsByTargetCauseAndTime) {
    LedgerStore store(path_, 1000);
    link::LedgerRow old = row("shop", "web", 1, "old");
    old.wall.nanoseconds -= 100;
    link::LedgerRow caused = row("shop", "worker", 1, "caused");
    caused.cause_id = 42;
    link::LedgerRow keyed = row("init", "puma", 0, "keyed");
    keyed.key = "3";
    ASSERT_TRUE(
        store.append({{1, 1, {old, caused, keyed, row("blog", "web", 2, "b")}}}, kNow).ok());
    const auto reasons = [&](const link::LedgerQuery& query) {
        std::string all;
        for (const link::LedgerRow& found : find(store, query))
            all += found.reason + " ";
        return all;
    };
    EXPECT_EQ(reasons({{{"shop", ""}}}), "caused old ");
    EXPECT_EQ(reasons({{{"*", "web"}}}), "b old ");
    EXPECT_EQ(reasons({{{"", "w*.[12]"}}}), "b caused old ");
    EXPECT_EQ(reasons({{{"init", "puma (3)"}, {"blog", "web.2"}}}), "b keyed ");
    EXPECT_EQ(reasons({{}, 42}), "caused ");
    EXPECT_EQ(reasons({{{"shop", ""}}, 0, kNow}), "caused ");
    EXPECT_EQ(reasons({{{"nobody", ""}}}), "");
}

TEST_F(LedgerStoreTest, StaysWithinItsBounds) {
    LedgerStore store(path_, 2000);
    std::uint64_t sequence = 0;
    link::LedgerRow ancient = row("a", "s", 1, "ancient");
    ancient.wall.nanoseconds -= (kLedgerSecondsKept + 1) * 1'000'000'000;
    ASSERT_TRUE(store.append({{1, ++sequence, {ancient, row("a", "s", 1, "0")}}}, kNow).ok());
    for (int i = 1; i <= 10; ++i) {
        const std::vector<link::LedgerRow> rows(1000, row("a", "s", 1, std::to_string(i)));
        ASSERT_TRUE(store.append({{1, ++sequence, rows}}, kNow).ok());
        if (i == 1) {
            EXPECT_EQ(find(store, {}).size(), 1001U);  // not the ancient one
        }
    }
    const std::vector<link::LedgerRow> kept = find(store, {});
    EXPECT_EQ(kept.size(), 2000U);
    EXPECT_EQ(kept.front().reason, "10");
    EXPECT_EQ(kept.back().reason, "9");
}

TEST_F(LedgerStoreTest, BeginsAnewWhenItIsDamaged) {
    { std::ofstream(path_) << std::string(10'000, 'x'); }
    LedgerStore store(path_, 1000);
    ASSERT_TRUE(store.append({{1, 1, {row("a", "s", 1, "one")}}}, kNow).ok());
    EXPECT_EQ(find(store, {}).size(), 1U);
    ASSERT_TRUE(store.take_note().has_value());
    EXPECT_TRUE(std::filesystem::exists(path_ + ".broken-2026-11-20T12:17:24.123456Z"));
}

TEST_F(LedgerStoreTest, CutsTextsThatAreTooLong) {
    LedgerStore store(path_, 1000);
    ASSERT_TRUE(store.append({{1, 1, {row("a", "s", 1, std::string(100'000, 'r'))}}}, kNow).ok());
    EXPECT_EQ(find(store, {}).front().reason.size(), kLedgerTextBytesMax);
}

}  // namespace
}  // namespace reeve::scribe
