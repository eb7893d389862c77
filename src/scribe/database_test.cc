#include "scribe/database.h"

#include <fstream>
#include <gtest/gtest.h>
#include <string>

#include "base/test_directory.h"
#include "scribe/schema.h"

namespace reeve::scribe {
namespace {

class DatabaseTest : public testing::Test {
protected:
    static constexpr char kTables[] = "CREATE TABLE IF NOT EXISTS t (a INTEGER, b BLOB)";

    TestDirectory directory_;
    std::string path_ = directory_.path() + "/a.db";
};

TEST_F(DatabaseTest, KeepsBytesAsTheyAre) {
    Database database = Database::open(path_, Durability::Full).value();
    ASSERT_TRUE(prepare_schema(database, kTables, 1).ok());
    Statement insert = database.prepare("INSERT INTO t VALUES (?, ?)").value();
    insert.bind(1, -5);
    insert.bind_blob(2, std::string_view("\0x\n", 3));
    ASSERT_TRUE(insert.run().ok());
    Statement select = database.prepare("SELECT a, b FROM t").value();
    ASSERT_TRUE(select.step().value());
    EXPECT_EQ(select.number(0), -5);
    EXPECT_EQ(select.bytes(1), std::string("\0x\n", 3));
    EXPECT_FALSE(select.step().value());
}

TEST_F(DatabaseTest, ATransactionThatIsNotCommittedLeavesNothing) {
    Database database = Database::open(path_, Durability::Normal).value();
    ASSERT_TRUE(prepare_schema(database, kTables, 1).ok());
    {
        Transaction abandoned = Transaction::begin(database).value();
        ASSERT_TRUE(database.execute("INSERT INTO t VALUES (1, x'')").ok());
    }
    {
        Transaction kept = Transaction::begin(database).value();
        ASSERT_TRUE(database.execute("INSERT INTO t VALUES (2, x'')").ok());
        ASSERT_TRUE(kept.commit().ok());
    }
    EXPECT_EQ(database.query_number("SELECT count(*) FROM t").value(), 1);
    EXPECT_EQ(database.query_number("SELECT a FROM t").value(), 2);
}

TEST_F(DatabaseTest, TellsDamageFromOtherFailures) {
    { std::ofstream(path_) << std::string(5000, 'x'); }
    const Result<Database> damaged = Database::open(path_, Durability::Full);
    ASSERT_FALSE(damaged.ok());
    EXPECT_EQ(damaged.error().code, kDatabaseDamaged);
    const Result<Database> missing =
        Database::open(directory_.path() + "/no/such.db", Durability::Full);
    ASSERT_FALSE(missing.ok());
    EXPECT_NE(missing.error().code, kDatabaseDamaged);
}

TEST_F(DatabaseTest, TheSchemaOfALaterVersionKeepsItsNumber) {
    Database database = Database::open(path_, Durability::Full).value();
    ASSERT_TRUE(prepare_schema(database, kTables, 2).ok());
    ASSERT_TRUE(prepare_schema(database, kTables, 1).ok());
    EXPECT_EQ(database.query_number("SELECT version FROM schema_version").value(), 2);
    EXPECT_EQ(database.query_number("SELECT count(*) FROM schema_version").value(), 1);
}

}  // namespace
}  // namespace reeve::scribe
