#include "spec/validate_checks.h"

#include <functional>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "spec/app.h"

namespace reeve::spec {
namespace {

// What is said against a service with one check after `spoil` changed it.
std::string objection_after(const std::function<void(Service&, Check&)>& spoil) {
    App app;
    app.name = "shop";
    app.services.resize(1);
    Service& service = app.services[0];
    service.name = "web";
    service.command = DirectCommand{{"bin/web"}};
    Check check;
    check.name = "health";
    check.probe = TcpProbe{"127.0.0.1", 80};
    spoil(service, check);
    service.checks.push_back(check);
    const Result<void> verdict = validate(app);
    return verdict ? "" : verdict.error().message;
}

TEST(ValidateChecksTest, TakesEveryKindWithItsDefaults) {
    EXPECT_EQ(objection_after([](Service&, Check&) {}), "");
    const Probe kProbes[] = {CpuProbe{},
                             MemoryProbe{1024},
                             RunningTimeProbe{1h},
                             FileAgeProbe{"/tmp/x", 1s},
                             TcpProbe{},
                             HttpProbe{},
                             UnixProbe{"/run/x"},
                             ListeningProbe{},
                             ExecProbe{ShellCommand{"true"}},
                             ZombieProbe{},
                             AlwaysTrueProbe{},
                             CustomProbe{"ruby", "{}"}};
    for (const Probe& probe : kProbes) {
        EXPECT_EQ(objection_after([&](Service& service, Check& check) {
                      service.wants_port = true;
                      check.probe = probe;
                  }),
                  "")
            << to_text(probe);
    }
}

struct Spoiled {
    const char* objection;
    std::function<void(Service&, Check&)> spoil;
};

void expect_objections(const std::vector<Spoiled>& cases) {
    for (const Spoiled& test : cases) {
        const std::string said = objection_after(test.spoil);
        EXPECT_NE(said.find(test.objection), std::string::npos) << test.objection << "\n" << said;
    }
}

TEST(ValidateChecksTest, RefusesAWindowThatNeverFills) {
    expect_objections({
        {"has no name", [](Service&, Check& c) { c.name = ""; }},
        {"control character", [](Service&, Check& c) { c.name = "a\nb"; }},
        {"is there twice", [](Service& s, Check& c) { s.checks = {c}; }},
        {"more than 64 checks", [](Service& s, Check& c) { s.checks.assign(64, c); }},
        {"10 times/s", [](Service&, Check& c) { c.every = 99ms; }},
        {"no time for an answer", [](Service&, Check& c) { c.timeout = 0s; }},
        {"no more failures than samples",
         [](Service&, Check& c) {
             c.times = {2, 1};
         }},
        {"needs 1 to 100 samples",
         [](Service&, Check& c) {
             c.times = {1, 101};
         }},
        {"needs 1 to 100 samples",
         [](Service&, Check& c) {
             c.times = {0, 1};
         }},
        {"not absolute",
         [](Service&, Check& c) {
             c.probe = FileAgeProbe{"x", 1s};
         }},
        {"107 bytes", [](Service&, Check& c) { c.probe = UnixProbe{"/" + std::string(107, 'x')}; }},
        {"gets no port", [](Service&, Check& c) { c.probe = HttpProbe{}; }},
        {"begin with \"/\"",
         [](Service&, Check& c) { c.probe = HttpProbe{.port = 80, .path = "up"}; }},
        {"blank or a control",
         [](Service&, Check& c) { c.probe = HttpProbe{.port = 80, .path = "/a b"}; }},
        {"bad name",
         [](Service&, Check& c) {
             c.probe = HttpProbe{.port = 80, .headers = {{"X: y", "z"}}};
         }},
        {"header with a control",
         [](Service&, Check& c) {
             c.probe = HttpProbe{.port = 80, .headers = {{"X", "z\r\nY: 1"}}};
         }},
        {"does not exist",
         [](Service&, Check& c) {
             c.probe = HttpProbe{.port = 80, .expected = {{299, 200}}};
         }},
        {"empty pattern",
         [](Service&, Check& c) { c.probe = HttpProbe{.port = 80, .body = BodyMatches{""}}; }},
        {"command of check \"health\" is empty",
         [](Service&, Check& c) { c.probe = ExecProbe{DirectCommand{}}; }},
        {"startup check", [](Service&, Check& c) { c.probe = UptimeProbe{1s}; }},
        {"liveness check",
         [](Service&, Check& c) {
             c.probe = WatchdogProbe{1s};
             c.role = CheckRole::Startup;
         }},
        {"names no evaluator", [](Service&, Check& c) { c.probe = CustomProbe{}; }},
        {"sends signal 99",
         [](Service&, Check& c) {
             c.steps = {{CheckSignal{99}, 1}};
         }},
        {"firing before 1",
         [](Service&, Check& c) {
             c.steps = {{CheckNotify{}, 0}};
         }},
    });
}

TEST(ValidateChecksTest, RefusesLimitsAndNeedsThatMakeNoSense) {
    expect_objections({
        {"memory limit", [](Service& s, Check&) { s.group_limits.memory_max_bytes = 1; }},
        {"CPU limit", [](Service& s, Check&) { s.group_limits.cpu_percent_hundredths = 1; }},
        {"CPU weight", [](Service& s, Check&) { s.group_limits.cpu_weight = 0; }},
        {"limit of processes", [](Service& s, Check&) { s.group_limits.processes_max = 0; }},
        {"descriptor", [](Service& s, Check&) { s.readiness = ReadyOnFd{.fd = 2}; }},
        {"names nothing",
         [](Service& s, Check&) {
             s.needs = {{"", ""}};
         }},
        {"it needs \"db\"",
         [](Service& s, Check&) {
             s.needs = {{"", "db"}};
         }},
        {"web needs web",
         [](Service& s, Check&) {
             s.needs = {{"shop", "web"}};
         }},
    });
}

}  // namespace
}  // namespace reeve::spec
