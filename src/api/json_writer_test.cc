#include "api/json_writer.h"

#include <gtest/gtest.h>

namespace reeve::api {
namespace {

TEST(JsonWriterTest, EscapesWhatMustBe) {
    JsonWriter json;
    json.begin_object();
    json.member("a", "q\" b\\ n\n t\t \x7F \xFF \xE2\x82\xAC");
    json.key("l");
    json.begin_list();
    json.number(-5);
    json.flag(true);
    json.null();
    json.end_list();
    json.end_object();
    EXPECT_EQ(json.take(),
              "{\"a\":\"q\\\" b\\\\ n\\n t\\u0009 \\u007f \xEF\xBF\xBD \xE2\x82\xAC\","
              "\"l\":[-5,true,null]}");
}

}  // namespace
}  // namespace reeve::api
