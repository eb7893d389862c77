#include "formats/native/fields.h"

#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <string>

#include "formats/native/reference.h"

namespace reeve::formats::native {
namespace {

TEST(FieldsTest, EveryFieldOfTheSpecHasARow) {
    // A row says what the field is for and what a change of it does: src/formats/native/fields.cc.
    EXPECT_EQ(fields_without_row(), std::vector<std::string>{});
}

TEST(FieldsTest, KeysComeFromTheNamesOfFields) {
    EXPECT_EQ(find_field("Service", "spawn_timeout_ns").key, "spawn_timeout");
    EXPECT_EQ(find_field("Service", "wants_port").key, "port");
    const Field unknown = find_field("Service", "memory_max_bytes");
    EXPECT_EQ(unknown.key, "memory_max");
    EXPECT_EQ(unknown.as, As::Size);
}

TEST(FieldsTest, TheReferencePageIsUpToDate) {
    constexpr const char* kPath = "docs/reference/reeve.toml.md";
    const std::string wanted = write_reference();
    if (std::getenv("REWRITE") != nullptr) std::ofstream(kPath, std::ios::binary) << wanted;
    std::ostringstream found;
    found << std::ifstream(kPath, std::ios::binary).rdbuf();
    EXPECT_EQ(found.str(), wanted) << "run: REWRITE=1 build/dev/formats_test or bin/formats_test";
}

}  // namespace
}  // namespace reeve::formats::native
