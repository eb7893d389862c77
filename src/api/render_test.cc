#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "api/fake_backend.h"
#include "api/status_json.h"
#include "api/status_text.h"
#include "api/utf8.h"

namespace reeve::api {
namespace {

const TextStyle kEighty{80, false};

TEST(StatusTextTest, ShowsATableInEightyColumns) {
    FakeBackend backend = shop_backend();
    backend.info.warnings = {"the disk is full"};
    EXPECT_EQ(status_table(backend, instances_of(backend, {}), kEighty),
              "APP   INSTANCE  STATE     SINCE   PID   PORT  RESTARTS  REASON\n"
              "shop  web.1     running   3m10s  4711  20000         0\n"
              "shop  web.2     starting     1s  4712  20002         0  waits until port 20002 …\n"
              "shop  worker.1  backoff      2s     -      -         4  exited with code 1 afte…\n"
              "warning: the disk is full\n");
}

TEST(StatusTextTest, SaysWhatToDoWhereThereIsNothing) {
    FakeBackend backend;
    EXPECT_EQ(status_table(backend, instances_of(backend, {}), kEighty),
              "No app is loaded. Load one with: reeve load DIR\n");
}

TEST(StatusTextTest, ShowsAPageForOneInstance) {
    FakeBackend backend = shop_backend();
    backend.process_list = {{4713, 4711, 2'000'000, 40ms, "sh -c helper"},
                            {4711, 1, 12'345'678, 1200ms, "python3 web.py"}};
    EXPECT_EQ(status_page(backend, backend.instances[0], kEighty),
              "shop/web.1: running for 3m10s, since 2026-11-20 12:14:14Z\n"
              "  reason      accepts connections on port 20000\n"
              "  goal        up\n"
              "  command     python3 web.py\n"
              "  port        20000\n"
              "  restarts    0, policy auto\n"
              "  run         main, pid 4711, for 3m11s\n"
              "  processes   4711 python3 web.py (12.3 MB, cpu 1s)\n"
              "                4713 sh -c helper (2.0 MB, cpu 40ms)\n"
              "  log         /var/log/reeve/shop/web.1.log\n");
    backend.process_list.clear();
    EXPECT_EQ(status_page(backend, backend.instances[2], kEighty),
              "shop/worker.1: backoff for 2s, since 2026-11-20 12:17:22Z\n"
              "  reason      exited with code 1 after 800ms; next start in 16s\n"
              "  goal        up\n"
              "  next start  in 14s\n"
              "  command     bash -c 'sleep 1; exit 1'\n"
              "  restarts    4, policy auto\n"
              "  last exit   exit code 1\n"
              "  log         /var/log/reeve/shop/worker.1.log\n");
}

TEST(StatusTextTest, GathersTransitionsUnderTheirCauses) {
    status::Transition first;
    first.wall = WallTime{1'795'177'044'000'000'000};
    first.instance = {"shop", "web", 1, ""};
    first.from = status::State::Running;
    first.to = status::State::Stopping;
    first.reason = "asked to restart";
    first.cause = {status::CauseKind::Operator, 9, "uid 0 pid 4: reeve restart shop"};
    status::Transition second = first;
    second.wall.nanoseconds += 1'500'000'000;
    second.from = status::State::Stopping;
    second.to = status::State::Starting;
    second.reason = "the old run has ended";
    EXPECT_EQ(history_text({first, second}, kEighty),
              "2026-11-20 12:17:24Z  operator: uid 0 pid 4: reeve restart shop\n"
              "  12:17:24.000  shop/web.1  running -> stopping  asked to restart\n"
              "  12:17:25.500  shop/web.1  stopping -> starting  the old run has ended\n");
    second.cause.id = 10;
    second.cause.kind = status::CauseKind::ProcessExit;
    EXPECT_NE(history_text({first, second}, kEighty).find("12:17:25Z  exit: uid"),
              std::string::npos);
    EXPECT_EQ(history_text({}, kEighty), "Nothing is recorded.\n");
}

TEST(StatusTextTest, AReasonOfSeveralLinesStandsBelowItsFirst) {
    status::Transition told;
    told.wall = WallTime{1'795'177'044'000'000'000};
    told.instance = {"shop", "web", 1, ""};
    told.from = told.to = status::State::CrashLooping;
    told.reason = "the end of its log:\nno\tdatabase\nbye";
    told.cause = {status::CauseKind::ProcessExit, 9, "web.1 exited"};
    EXPECT_EQ(history_text({told}, kEighty),
              "2026-11-20 12:17:24Z  exit: web.1 exited\n"
              "  12:17:24.000  shop/web.1  crash-looping -> crash-looping  the end of its log:\n"
              "      | " +
                  printable("no\tdatabase") + "\n      | bye\n");
    EXPECT_EQ(transition_line(told, kEighty),
              "2026-11-20T12:17:24.000000Z shop/web.1 crash-looping -> crash-looping: the end of "
              "its log: [exit: web.1 exited]\n  | " +
                  printable("no\tdatabase") + "\n  | bye");
}

TEST(StatusTextTest, ShowsTheFormation) {
    EXPECT_EQ(formation_table(shop_backend().all_apps, kEighty),
              "APP   SERVICE  WANTED  RUNNING\n"
              "shop  web           2        1\n"
              "shop  worker        1        0\n");
}

TEST(StatusTextTest, SaysBytesInPowersOfAThousand) {
    EXPECT_EQ(bytes_text(0), "0 B");
    EXPECT_EQ(bytes_text(999), "999 B");
    EXPECT_EQ(bytes_text(1000), "1.0 kB");
    EXPECT_EQ(bytes_text(999'999), "1.0 MB");
    EXPECT_EQ(bytes_text(12'345'678), "12.3 MB");
}

TEST(StatusJsonTest, HasTheDocumentedShape) {
    const FakeBackend backend = shop_backend();
    const auto status = nlohmann::json::parse(status_json(backend, {}, backend.instances));
    const auto& web = status["instances"][0];
    EXPECT_EQ(web["app"], "shop");
    EXPECT_EQ(web["service"], "web");
    EXPECT_EQ(web["instance"], "web.1");
    EXPECT_EQ(web["index"], 1);
    EXPECT_EQ(web["state"], "running");
    EXPECT_EQ(web["goal"], "up");
    EXPECT_EQ(web["pid"], 4711);
    EXPECT_EQ(web["ready"], true);
    EXPECT_EQ(web["restarts"], 0);
    EXPECT_EQ(web["since"], "2026-11-20T12:14:14.000000Z");
    EXPECT_EQ(web["reason"], "accepts connections on port 20000");
    EXPECT_EQ(web["port"], 20000);
    EXPECT_EQ(web["log"], "/var/log/reeve/shop/web.1.log");
    EXPECT_TRUE(web["next_attempt"].is_null());
    EXPECT_TRUE(web["last_exit"].is_null());
    EXPECT_EQ(web["command"], "python3 web.py");
    EXPECT_EQ(web["restart_policy"], "auto");
    EXPECT_EQ(web["runs"][0]["id"], "0000000700000001");
    EXPECT_EQ(web["runs"][0]["role"], "main");

    const auto& worker = status["instances"][2];
    EXPECT_TRUE(worker["pid"].is_null());
    EXPECT_EQ(worker["next_attempt"], "2026-11-20T12:17:38.000000Z");
    EXPECT_EQ(worker["last_exit"]["code"], 1);
    EXPECT_EQ(status["apps"][0]["formation"][0]["wanted"], 2);
    EXPECT_EQ(status["daemon"]["version"], "0.1.0");
    EXPECT_EQ(status["daemon"]["since"], "2026-11-20T12:00:44.000000Z");
}

TEST(StatusJsonTest, ShowsTheSamplesOfChecks) {
    FakeBackend backend = shop_backend();
    backend.instances.front().checks = {
        {"mem_usage", "plain", "memory", status::CheckVerdict::Fired, "71MB*, 80MB*"}};
    backend.instances.front().said = "serving";
    const auto status = nlohmann::json::parse(status_json(backend, {}, backend.instances));
    const auto& check = status["instances"][0]["checks"][0];
    EXPECT_EQ(check["name"], "mem_usage");
    EXPECT_EQ(check["verdict"], "fired");
    EXPECT_EQ(check["samples"], "71MB*, 80MB*");
    EXPECT_EQ(status["instances"][0]["said"], "serving");
    const std::string page = status_page(backend, backend.instances.front(), kEighty);
    EXPECT_NE(page.find("mem_usage (plain, memory) fired: 71MB*, 80MB*"), std::string::npos)
        << page;
}

TEST(StatusJsonTest, ShowsOnlyWhatIsMeant) {
    FakeBackend backend = shop_backend();
    backend.all_apps.push_back({});
    backend.all_apps.back().name = "other";
    const std::vector<spec::Target> worker = {{"shop", "worker"}};
    const auto status =
        nlohmann::json::parse(status_json(backend, worker, instances_of(backend, worker)));
    EXPECT_EQ(status["instances"].size(), 1U);
    EXPECT_EQ(status["apps"].size(), 1U);
}

}  // namespace
}  // namespace reeve::api
