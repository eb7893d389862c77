#include "formats/upstart/check_config.h"

#include <gtest/gtest.h>

#include "formats/upstart/conf_reader.h"

namespace reeve::formats::upstart {
namespace {

// What is said of a job `web` of this text, beside the jobs `db` and `net`, which emits `link-*`.
std::string check(std::string_view text, const CheckConfig& settings = {}) {
    JobClass base;
    base.name = "web";
    const JobClass web = read_conf("web.conf", text, base).job;
    JobClass db;
    db.name = "db";
    JobClass net;
    net.name = "net";
    net.emits = {"link-*"};
    return check_config(web, {&db, &net, &web}, settings);
}

TEST(CheckConfigTest, KnowsEventsThatSomebodyEmits) {
    for (const char* text :
         {"start on startup", "start on link-up", "start on started db", "stop on stopping JOB=net",
          "stop on stopping $JOB", "start on started d*", "start on starting"}) {
        EXPECT_EQ(check(text), "") << text;
    }
    EXPECT_EQ(check("start on runlevel [2]\nstop on stopped rabbit"),
              "web\n  start on: unknown event runlevel\n  stop on: unknown job rabbit\n");
}

TEST(CheckConfigTest, AndNeedsBothAndOrOneOfThem) {
    EXPECT_EQ(check("start on startup or x"), "");
    EXPECT_EQ(check("start on startup and x"), "web\n  start on: unknown event x\n");
    EXPECT_EQ(check("start on y or x"),
              "web\n  start on: unknown event y\n  start on: unknown event x\n");
    EXPECT_EQ(check("start on (startup or x) and link-up"), "");
    CheckConfig strict;
    strict.both_sides_of_or = true;
    EXPECT_EQ(check("start on startup or x", strict), "web\n  start on: unknown event x\n");
}

TEST(CheckConfigTest, IgnoresWhatItIsTold) {
    CheckConfig settings;
    settings.ignored_events = {"x"};
    EXPECT_EQ(check("start on x", settings), "");
    EXPECT_EQ(check("start on session-end", settings),
              "web\n  start on: unknown event session-end\n");
    settings.user_mode = true;
    EXPECT_EQ(check("start on session-end", settings), "");
}

}  // namespace
}  // namespace reeve::formats::upstart
