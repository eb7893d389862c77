#include "scribe/intent_store.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <string>

#include "base/test_directory.h"
#include "base/text.h"
#include "scribe/reserve_file.h"

namespace reeve::scribe {
namespace {

constexpr WallTime kNow{1'795'177'044'123'456'000};

class IntentStoreTest : public testing::Test {
protected:
    std::map<std::string, std::string> everything(IntentStore& store) {
        std::map<std::string, std::string> all;
        std::string after;
        for (;;) {
            const auto part = store.read(after, 100, kNow).value();
            if (part.empty()) return all;
            for (const link::IntentEntry& entry : part)
                all[entry.key] = entry.value;
            after = part.back().key;
        }
    }

    TestDirectory directory_;
    std::string path_ = directory_.path() + "/intent.db";
    ReserveFile reserve_{directory_.path() + "/reserve"};
    IntentStore store_{path_, reserve_};
};

TEST_F(IntentStoreTest, RemembersOverALaterOpening) {
    std::map<std::string, std::string> expected;
    for (int i = 0; i < 700; ++i) {
        const std::string key = "app/" + std::to_string(i);
        const std::string value(static_cast<std::size_t>(i % 90), static_cast<char>(i));
        ASSERT_TRUE(store_.write({{key, value}, {"gone", "x"}}, kNow).ok());
        expected[key] = value;
    }
    ASSERT_TRUE(store_.write({{"gone", std::nullopt}, {"app/1", "newer"}}, kNow).ok());
    expected["app/1"] = "newer";
    EXPECT_EQ(everything(store_), expected);
    IntentStore later(path_ + "-copy", reserve_);
    std::filesystem::copy_file(path_, path_ + "-copy");
    std::filesystem::copy_file(path_ + "-wal", path_ + "-copy-wal");
    EXPECT_EQ(everything(later), expected);
}

TEST_F(IntentStoreTest, ReadingCreatesNothing) {
    EXPECT_TRUE(everything(store_).empty());
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(IntentStoreTest, IsReadableByItsOwnerOnly) {
    ASSERT_TRUE(store_.write({{"a", "1"}}, kNow).ok());
    for (const char* suffix : {"", "-wal"}) {
        struct stat info {};
        ASSERT_EQ(::stat((path_ + suffix).c_str(), &info), 0);
        EXPECT_EQ(info.st_mode & 0777U, 0600U);
    }
}

TEST_F(IntentStoreTest, SetsADamagedFileAsideAndSaysSo) {
    { std::ofstream(path_) << std::string(10'000, 'x'); }
    ASSERT_TRUE(store_.write({{"a", "1"}}, kNow).ok());
    EXPECT_EQ(everything(store_), (std::map<std::string, std::string>{{"a", "1"}}));
    const std::optional<std::string> note = store_.take_note();
    ASSERT_TRUE(note.has_value());
    const std::string aside = path_ + ".broken-2026-11-20T12:17:24.123456Z";
    EXPECT_NE(note->find(aside), std::string::npos) << *note;
    EXPECT_EQ(content(aside), std::string(10'000, 'x'));
    EXPECT_FALSE(store_.take_note().has_value());
}

TEST_F(IntentStoreTest, UnderstandsTheFileOfALaterVersion) {
    {
        Database database = Database::open(path_, Durability::Full).value();
        ASSERT_TRUE(
            database
                .execute("CREATE TABLE schema_version (version INTEGER NOT NULL);"
                         "INSERT INTO schema_version VALUES (2);"
                         "CREATE TABLE intent (key TEXT PRIMARY KEY NOT NULL, value BLOB NOT NULL,"
                         " added INTEGER NOT NULL DEFAULT 7) WITHOUT ROWID;"
                         "INSERT INTO intent (key, value, added) VALUES ('old', 'v', 9)")
                .ok());
    }
    ASSERT_TRUE(store_.write({{"new", "w"}}, kNow).ok());
    EXPECT_EQ(everything(store_), (std::map<std::string, std::string>{{"new", "w"}, {"old", "v"}}));
}

TEST_F(IntentStoreTest, RefusesAValueThatIsTooLongAndStaysUsable) {
    const std::string large(kIntentValueBytesMax + 1, 'x');
    EXPECT_FALSE(store_.write({{"a", large}}, kNow).ok());
    EXPECT_TRUE(store_.write({{"a", "small"}}, kNow).ok());
}

/// Writes pairs for ever, both keys in one change, and tells through `told` what is durable.
[[noreturn]] void write_pairs(const std::string& directory, std::int64_t from, int told) {
    ReserveFile reserve(directory + "/reserve");
    IntentStore store(directory + "/intent.db", reserve);
    for (std::int64_t n = from;; ++n) {
        const std::string text = std::to_string(n);
        if (!store.write({{"a", text}, {"b", text}}, kNow).ok()) ::_exit(1);
        if (::write(told, &n, sizeof n) != sizeof n) ::_exit(2);
    }
}

TEST_F(IntentStoreTest, AKillAtAnyPointLeavesTheOldIntentOrTheNewOne) {
    std::int64_t stored = 0;
    for (int round = 0; round < 30; ++round) {
        int told[2];
        ASSERT_EQ(::pipe(told), 0);
        const pid_t writer = ::fork();
        if (writer == 0) write_pairs(directory_.path(), stored + 1, told[1]);
        ::close(told[1]);
        std::int64_t durable = stored;
        for (int i = 0; i <= round % 7; ++i)
            ASSERT_EQ(::read(told[0], &durable, sizeof durable), static_cast<ssize_t>(8));
        ::kill(writer, SIGKILL);
        std::int64_t later = 0;
        while (::read(told[0], &later, sizeof later) == sizeof later)
            durable = later;
        ::close(told[0]);
        ::waitpid(writer, nullptr, 0);

        IntentStore after(path_, reserve_);
        const std::map<std::string, std::string> all = everything(after);
        ASSERT_EQ(all.size(), 2U);
        EXPECT_EQ(all.at("a"), all.at("b"));
        stored = parse_integer(all.at("a")).value();
        EXPECT_GE(stored, durable);
        EXPECT_LE(stored, durable + 1);
        EXPECT_FALSE(after.take_note().has_value());
    }
}

/// Runs `test` in a child process on a small disk of its own, mounted at `directory`. Returns the
/// failure it reports, "skip" where mounting is not permitted.
std::string on_a_small_disk(const std::string& directory, const char* size,
                            const std::function<std::string()>& test) {
    int answer[2];
    if (::pipe(answer) != 0) return "pipe";
    const pid_t child = ::fork();
    if (child == 0) {
        std::string failure = "skip";
        const std::string options = std::string("size=") + size;
        if (::unshare(CLONE_NEWNS) == 0 &&
            ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
            ::mount("none", directory.c_str(), "tmpfs", 0, options.c_str()) == 0) {
            failure = test();
        }
        (void)::write(answer[1], failure.data(), failure.size());
        ::_exit(0);
    }
    ::close(answer[1]);
    char text[1000];
    std::string failure;
    for (ssize_t got = 1; got > 0;) {
        got = ::read(answer[0], text, sizeof text);
        if (got > 0) failure.append(text, static_cast<std::size_t>(got));
    }
    ::close(answer[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    return status == 0 ? failure : failure + " (it crashed)";
}

TEST_F(IntentStoreTest, IsWrittenOnAFullDiskByGivingUpTheReserve) {
    const std::string failure = on_a_small_disk(directory_.path(), "3m", [this]() -> std::string {
        if (!reserve_.take().ok()) return "the reserve was not taken";
        if (!store_.write({{"a", "old"}}, kNow).ok()) return "the first write failed";
        {
            std::ofstream filler(directory_.path() + "/filler");
            while (filler << std::string(4096, 'x') << std::flush) {
            }
        }
        const std::string large(100'000, 'v');
        const Result<void> written = store_.write({{"a", "new"}, {"large", large}}, kNow);
        if (!written) return written.error().message;
        if (reserve_.held()) return "the reserve was not needed: the disk is not full";
        if (everything(store_).at("large") != large) return "what was written is not there";
        ReserveFile again(directory_.path() + "/reserve");
        std::ofstream(directory_.path() + "/more") << std::string(2'000'000, 'x');
        if (again.take().ok()) return "the reserve was taken from a full disk";
        if (std::filesystem::exists(directory_.path() + "/reserve")) return "half a reserve";
        const Result<void> refused = store_.write({{"b", std::string(1'000'000, 'w')}}, kNow);
        if (refused) return "written to a full disk";
        if (everything(store_).at("a") != "new") return "a failed write changed something";
        std::filesystem::remove(directory_.path() + "/more");
        std::filesystem::remove(directory_.path() + "/filler");
        if (!store_.write({{"b", "w"}}, kNow).ok()) return "space is back, and writing is not";
        if (!again.take().ok()) return "space is back, and the reserve is not";
        return "";
    });
    if (failure == "skip") GTEST_SKIP() << "mounting a tmpfs is not permitted";
    EXPECT_EQ(failure, "");
}

}  // namespace
}  // namespace reeve::scribe
