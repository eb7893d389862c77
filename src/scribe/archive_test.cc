#include "scribe/archive.h"

#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <variant>
#include <vector>

#include "base/test_directory.h"

namespace reeve::scribe {
namespace {

constexpr WallTime kNow{1'795'177'044'123'456'000};

class ArchiveTest : public testing::Test {
protected:
    /// The replies since the last call, each in a word or two.
    std::vector<std::string> take_replies() {
        std::vector<std::string> words;
        for (const link::ScribeReply& reply : std::exchange(replies_, {})) {
            if (const auto* durable = std::get_if<link::IntentDurable>(&reply)) {
                words.push_back("durable " + std::to_string(durable->sequence));
            } else if (const auto* failed = std::get_if<link::IntentFailed>(&reply)) {
                words.push_back("failed " + std::to_string(failed->sequence));
            } else if (const auto* stored = std::get_if<link::LedgerStored>(&reply)) {
                words.push_back("stored " + std::to_string(stored->sequence));
            } else if (const auto* rows = std::get_if<link::LedgerRows>(&reply)) {
                words.push_back("rows " + std::to_string(rows->rows.size()) + rows->failure);
            } else if (const auto* trouble = std::get_if<link::Trouble>(&reply)) {
                words.push_back(trouble->stage == link::TroubleStage::Begun  ? "trouble"
                                : trouble->stage == link::TroubleStage::Over ? "over"
                                                                             : "note");
            }
        }
        return words;
    }

    using Words = std::vector<std::string>;

    TestDirectory directory_;
    std::string state_dir_ = directory_.path() + "/state";
    std::vector<link::ScribeReply> replies_;
    Archive archive_{state_dir_,
                     [this](const link::ScribeReply& reply) { replies_.push_back(reply); }};
};

TEST_F(ArchiveTest, OneImpossibleIntentDoesNotSpoilTheOthers) {
    std::filesystem::create_directories(state_dir_);
    archive_.take(link::PutIntent{1, {"a", "1"}});
    archive_.take(link::PutIntent{2, {"b", std::string(kIntentValueBytesMax + 1, 'x')}});
    archive_.take(link::PutIntent{3, {"c", "3"}});
    archive_.work(kNow, true);
    EXPECT_EQ(take_replies(), (Words{"durable 1", "failed 2", "trouble", "durable 3", "over"}));
}

TEST_F(ArchiveTest, TellsATroubleOnceAndItsEnd) {
    archive_.take(link::PutIntent{1, {"a", "1"}});  // there is no such directory yet
    archive_.take(link::AppendLedger{1, 1, {link::LedgerRow{}}});
    archive_.work(kNow, true);
    EXPECT_EQ(take_replies(), (Words{"failed 1", "trouble", "trouble", "stored 1"}));
    archive_.take(link::PutIntent{2, {"a", "1"}});
    archive_.work(kNow, true);
    EXPECT_EQ(take_replies(), Words{"failed 2"});
    std::filesystem::create_directories(state_dir_);
    archive_.take(link::PutIntent{3, {"a", "1"}});
    archive_.take(link::AppendLedger{1, 2, {link::LedgerRow{}}});
    archive_.work(kNow, true);
    EXPECT_EQ(take_replies(), (Words{"durable 3", "over", "over", "stored 2"}));
}

TEST_F(ArchiveTest, WhatTheLedgerIsOwedIsWrittenWithoutAnythingNew) {
    archive_.take(link::AppendLedger{1, 1, {link::LedgerRow{}, link::LedgerRow{}}});
    archive_.work(kNow, true);
    EXPECT_EQ(take_replies(), (Words{"trouble", "stored 1"}));
    EXPECT_TRUE(archive_.owes_ledger());
    std::filesystem::create_directories(state_dir_);
    archive_.work(kNow, true);
    EXPECT_EQ(take_replies(), Words{}) << "not tried without a pause";
    archive_.work(WallTime{kNow.nanoseconds + kLedgerRetryPause.count()}, true);
    EXPECT_EQ(take_replies(), Words{"over"});
    EXPECT_FALSE(archive_.owes_ledger());
    archive_.take(link::QueryLedger{1, {}});
    archive_.work(kNow, true);
    EXPECT_EQ(take_replies(), Words{"rows 2"});
}

TEST_F(ArchiveTest, WhatTheLedgerIsOwedIsBounded) {
    const std::vector<link::LedgerRow> rows(kLedgerRowsOwedMax / 2);
    for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
        archive_.take(link::AppendLedger{1, sequence, rows});
        archive_.work(kNow, true);
    }
    std::filesystem::create_directories(state_dir_);
    replies_.clear();
    archive_.work(WallTime{kNow.nanoseconds + kLedgerRetryPause.count()}, true);
    ASSERT_EQ(replies_.size(), 1U);
    EXPECT_EQ(std::get<link::Trouble>(replies_[0]).message,
              std::to_string(rows.size()) + " transitions are missing from the ledger");
}

TEST_F(ArchiveTest, ANewReevedIsToldOfATroubleThatLasts) {
    archive_.take(link::PutIntent{1, {"a", "1"}});
    archive_.work(kNow, true);
    archive_.peer_replaced();
    EXPECT_EQ(take_replies(), (Words{"failed 1", "trouble"}));
    archive_.take(link::PutIntent{1, {"a", "1"}});
    archive_.work(kNow, true);
    EXPECT_EQ(take_replies(), (Words{"failed 1", "trouble"}));
}

TEST_F(ArchiveTest, RefusesMoreQuestionsThanItCanKeep) {
    std::filesystem::create_directories(state_dir_);
    for (std::uint64_t i = 0; i <= kQueriesMax; ++i)
        archive_.take(link::QueryLedger{i, {}});
    EXPECT_EQ(take_replies(), Words{"rows 0too many questions at once"});
    while (archive_.has_answers_to_give())
        archive_.work(kNow, true);
    EXPECT_EQ(take_replies().size(), kQueriesMax);
}

TEST_F(ArchiveTest, GivesNoAnswersToOneWhoDoesNotRead) {
    std::filesystem::create_directories(state_dir_);
    archive_.take(link::QueryLedger{1, {}});
    archive_.work(kNow, false);
    EXPECT_EQ(take_replies(), Words{});
    archive_.work(kNow, true);
    EXPECT_EQ(take_replies(), Words{"rows 0"});
}

TEST_F(ArchiveTest, TriesToTakeTheReserveNowAndThen) {
    archive_.keep_reserve(kNow);
    EXPECT_FALSE(archive_.reserve_held());
    std::filesystem::create_directories(state_dir_);
    archive_.keep_reserve(kNow);
    EXPECT_FALSE(archive_.reserve_held());
    archive_.keep_reserve(WallTime{kNow.nanoseconds + kReservePause.count()});
    EXPECT_TRUE(archive_.reserve_held());
    EXPECT_EQ(std::filesystem::file_size(state_dir_ + "/reserve"), kReserveBytes);
}

}  // namespace
}  // namespace reeve::scribe
