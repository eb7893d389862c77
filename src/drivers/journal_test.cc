#include "drivers/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>
#include <map>

namespace reeve::drivers {
namespace {

std::vector<core::Record> reread(const Journal& journal) {
    std::vector<core::Record> records;
    auto again = Journal::resume(os::duplicate(journal.fd()).value(), records);
    EXPECT_TRUE(again.ok());
    return records;
}

TEST(JournalTest, KeepsTheLastRecordOfEachKeyAndForgetsTheErased) {
    Journal journal = Journal::create("").value();
    ASSERT_TRUE(journal.append({{"a", "1", false}, {"b", "2", false}}).ok());
    ASSERT_TRUE(journal.append({{"a", "3", false}, {"b", "", true}, {"c", "4", false}}).ok());
    const auto records = reread(journal);
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].key, "a");
    EXPECT_EQ(records[0].value, "3");
    EXPECT_EQ(records[1].key, "c");
}

TEST(JournalTest, KeysOfAnyLengthAreToldApart) {
    Journal journal = Journal::create("").value();
    // Lengths around those at which the length itself takes a byte more.
    for (const std::size_t size : {0U, 1U, 127U, 128U, 129U, 16'383U, 16'384U, 16'385U}) {
        const std::string key(size, 'k');
        ASSERT_TRUE(journal.append({{key, "old", false}, {key + "+", "other", false}}).ok());
        ASSERT_TRUE(journal.append({{key, std::string(size, 'v'), false}}).ok());
    }
    std::map<std::string, std::string> values;
    for (const core::Record& record : reread(journal))
        EXPECT_TRUE(values.emplace(record.key, record.value).second) << record.key.size();
    EXPECT_EQ(values.size(), 16U);
    for (const std::size_t size : {0U, 1U, 127U, 128U, 129U, 16'383U, 16'384U, 16'385U}) {
        EXPECT_EQ(values[std::string(size, 'k')], std::string(size, 'v'));
        EXPECT_EQ(values[std::string(size, 'k') + "+"], "other");
    }
}

TEST(JournalTest, LeavesOutATornEndAndGoesOnBehindWhatIsWhole) {
    Journal journal = Journal::create("").value();
    ASSERT_TRUE(journal.append({{"a", "1", false}}).ok());
    const off_t whole = ::lseek(journal.fd(), 0, SEEK_END);
    const std::vector<core::Record> longer = {{"b", std::string(100, 'x'), false}};
    for (off_t cut = whole; cut < whole + 100; ++cut) {
        ASSERT_EQ(::ftruncate(journal.fd(), whole), 0);
        std::vector<core::Record> records;
        Journal writer = Journal::resume(os::duplicate(journal.fd()).value(), records).value();
        ASSERT_TRUE(writer.append(longer).ok());
        ASSERT_EQ(::ftruncate(journal.fd(), cut), 0);
        records.clear();
        Journal resumed = Journal::resume(os::duplicate(journal.fd()).value(), records).value();
        ASSERT_EQ(records.size(), 1U) << "cut at " << cut;
        ASSERT_TRUE(resumed.append({{"c", "3", false}}).ok());
        const auto after = reread(journal);
        ASSERT_EQ(after.size(), 2U) << "cut at " << cut;
        EXPECT_EQ(after[1].key, "c");
    }
}

TEST(JournalTest, ADamagedRecordEndsTheReading) {
    Journal journal = Journal::create("").value();
    ASSERT_TRUE(journal.append({{"a", "1", false}, {"b", "2", false}, {"c", "3", false}}).ok());
    const off_t middle = ::lseek(journal.fd(), 0, SEEK_END) / 2;
    ASSERT_EQ(::pwrite(journal.fd(), "\xFF", 1, middle), 1);
    EXPECT_LT(reread(journal).size(), 3U);
}

TEST(JournalTest, AsksForCompactionOnceMostOfItIsOutdated) {
    Journal journal = Journal::create("").value();
    ASSERT_TRUE(journal.append({{"a", std::string(1000, 'x'), false}}).ok());
    int writes = 0;
    while (!journal.wants_compaction()) {
        ASSERT_TRUE(journal.append({{"a", std::string(1000, 'x'), false}}).ok());
        ASSERT_LT(++writes, 10'000);
    }
    EXPECT_GT(writes, 100);
}

TEST(JournalTest, ReplacesAnEarlierOneOnlyWhenItIsPublished) {
    const std::string path = "/tmp/reeve-journal-test-" + std::to_string(::getpid());
    Journal first = Journal::create(path).value();
    ASSERT_TRUE(first.append({{"a", "1", false}}).ok());
    ASSERT_TRUE(first.publish().ok());
    Journal second = Journal::create(path).value();
    ASSERT_TRUE(second.append({{"a", "2", false}}).ok());
    const auto value_at_path = [&] {
        std::vector<core::Record> records;
        (void)Journal::resume(os::open_file(path, O_RDWR).value(), records);
        return records.empty() ? "" : records[0].value;
    };
    EXPECT_EQ(value_at_path(), "1");
    ASSERT_TRUE(second.publish().ok());
    EXPECT_EQ(value_at_path(), "2");
    ::unlink(path.c_str());
}

}  // namespace
}  // namespace reeve::drivers
