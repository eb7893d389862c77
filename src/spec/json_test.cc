#include <gtest/gtest.h>
#include <iterator>
#include <string>

#include "base/random.h"
#include "spec/app.h"

namespace reeve::spec {
namespace {

// Draws values of every type of the spec; also such that nobody would want.
class RandomSpec {
public:
    explicit RandomSpec(std::uint64_t seed) : random_(seed) {}

    App app() {
        App app;
        app.name = text();
        app.format = static_cast<Format>(random_.below(4));
        app.source = text();
        app.directory = text();
        app.environment = environment();
        app.release_command = maybe([this] { return command(); });
        app.formation_fixed = coin();
        app.change_log = maybe([this] { return ChangeLog{text()}; });
        for (std::uint64_t i = random_.below(4); i > 0; --i)
            app.services.push_back(service());
        return app;
    }

private:
    bool coin() { return random_.below(2) == 0; }
    Duration duration() { return Duration(static_cast<std::int64_t>(random_.next())); }
    int integer() { return static_cast<int>(random_.next()); }
    std::uint32_t count() { return static_cast<std::uint32_t>(random_.next()); }

    std::string text() {
        static const std::string kPieces[] = {
            "a",        "web", "\"",       "\\",        "\n", "\t", "/",      std::string(1, '\0'),
            "\x1b[31m", "é",   "\xff\xfe", "{\"hex\":", "=",  " ",  "\u2028", "\x7f"};
        std::string text;
        for (std::uint64_t i = random_.below(6); i > 0; --i)
            text += kPieces[random_.below(std::size(kPieces))];
        return text;
    }

    template <typename Make>
    auto maybe(Make make) -> std::optional<decltype(make())> {
        if (coin()) return std::nullopt;
        return make();
    }

    std::vector<std::string> texts() {
        std::vector<std::string> all;
        for (std::uint64_t i = random_.below(3); i > 0; --i)
            all.push_back(text());
        return all;
    }

    Environment environment() {
        Environment environment;
        for (std::uint64_t i = random_.below(3); i > 0; --i)
            environment[text()] = text();
        return environment;
    }

    Command command() {
        if (coin()) return DirectCommand{texts()};
        return ShellCommand{text(), static_cast<Shell>(random_.below(4))};
    }

    Hook hook() {
        return {command(), duration(), coin() ? HookFailure::Ignore : HookFailure::FailStart};
    }

    RestartSpec restart() {
        switch (random_.below(7)) {
            case 0: {
                AutoRestart restart{duration(), duration(), duration(), count()};
                restart.no_restart_codes = {integer(), integer()};
                restart.restart_after_success = coin();
                return restart;
            }
            case 1:
                return DockerRestart{static_cast<DockerMode>(random_.below(4)), count(),
                                     duration()};
            case 2:
                return UpstartRestart{coin(),     coin(),      count(),
                                      duration(), {integer()}, {integer()}};
            case 3:
                return SystemdRestart{static_cast<SystemdMode>(random_.below(6)),
                                      duration(),
                                      count(),
                                      duration(),
                                      count(),
                                      duration()};
            case 4:
                return SupervisordRestart{static_cast<SupervisordMode>(random_.below(3)),
                                          duration(),
                                          count(),
                                          {integer(), integer()},
                                          duration()};
            case 5: {
                BluepillRestart restart{duration(), duration(), {}};
                if (coin()) restart.flapping = Flapping{count(), duration(), duration()};
                return restart;
            }
            default:
                return NoRestart{};
        }
    }

    ReadinessSpec readiness() {
        switch (random_.below(5)) {
            case 3:
                return ReadyOnNotify{duration(), coin() ? NotReady::Proceed : NotReady::Fail};
            case 4:
                return ReadyOnFd{integer(), duration(), NotReady::Proceed};
            case 0:
                return ReadyOnPort{duration(), coin() ? NotReady::Proceed : NotReady::Fail};
            case 1:
                return ReadyAfter{duration()};
            default:
                return ReadyOnSpawn{};
        }
    }

    std::uint16_t port() { return static_cast<std::uint16_t>(random_.next()); }
    Measured measured() { return static_cast<Measured>(random_.below(3)); }

    HttpProbe http() {
        HttpProbe http;
        http.scheme = static_cast<HttpScheme>(random_.below(3));
        http.host = text();
        http.port = port();
        http.path = text();
        http.headers = {{text(), text()}};
        http.expected = {{count(), count()}};
        if (coin()) http.body = BodyContains{text()};
        if (coin()) http.body = BodyMatches{text(), coin()};
        http.redirects_max = count();
        return http;
    }

    Probe probe() {
        switch (random_.below(14)) {
            case 0:
                return CpuProbe{count(), coin() ? CpuMeasure::Lifetime : CpuMeasure::Recent,
                                measured()};
            case 1:
                return MemoryProbe{random_.next(), measured()};
            case 2:
                return RunningTimeProbe{duration()};
            case 3:
                return FileAgeProbe{text(), duration()};
            case 4:
                return http();
            case 5:
                return TcpProbe{text(), port()};
            case 6:
                return UnixProbe{text()};
            case 7:
                return ListeningProbe{port(), coin()};
            case 8:
                return ExecProbe{command()};
            case 9:
                return ZombieProbe{};
            case 10:
                return UptimeProbe{duration()};
            case 11:
                return WatchdogProbe{duration()};
            case 12:
                return AlwaysTrueProbe{};
            default:
                return CustomProbe{text(), text(), measured()};
        }
    }

    CheckStep step() {
        switch (random_.below(7)) {
            case 0:
                return {CheckNotify{}, count()};
            case 1:
                return {CheckRestart{}, count()};
            case 2:
                return {CheckStop{}, count()};
            case 3:
                return {CheckStart{}, count()};
            case 4:
                return {CheckSignal{integer()}, count()};
            case 5:
                return {CheckUnmonitor{}, count()};
            default:
                return {CheckExec{command()}, count()};
        }
    }

    Check check() {
        return {text(),
                probe(),
                static_cast<CheckRole>(random_.below(4)),
                duration(),
                duration(),
                duration(),
                {count(), count()},
                {step(), step()},
                coin()};
    }

    GroupLimits group_limits() {
        const auto number = [this] { return random_.next(); };
        const auto small = [this] { return count(); };
        return {maybe(number), maybe(number), maybe(number), maybe(number),
                maybe(small),  maybe(small),  maybe(number)};
    }

    StopSpec stop() {
        StopSpec stop;
        stop.steps.clear();
        for (std::uint64_t i = random_.below(3); i > 0; --i)
            stop.steps.push_back({integer(), duration()});
        stop.scope = static_cast<SignalScope>(random_.below(3));
        stop.command = maybe([this] { return command(); });
        stop.command_timeout = duration();
        stop.leftovers_wait = duration();
        return stop;
    }

    EventNode event_node() {
        switch (random_.below(3)) {
            case 0:
                return EventAnd{};
            case 1:
                return EventOr{};
            default:
                return EventMatch{text(),
                                  {{maybe([this] { return text(); }), text(), coin()},
                                   {std::nullopt, text(), coin()}}};
        }
    }

    EventExpr event_expr() {
        EventExpr expr;
        for (std::uint64_t i = random_.below(4); i > 0; --i)
            expr.nodes.push_back(event_node());
        return expr;
    }

    JobSpec job() {
        JobSpec job;
        job.start_on = maybe([this] { return event_expr(); });
        job.stop_on = maybe([this] { return event_expr(); });
        job.instance = text();
        job.inherited = texts();
        job.exports = texts();
        job.emits = texts();
        job.task = coin();
        job.has_main = coin();
        job.manual = coin();
        job.usage = text();
        job.description = text();
        job.author = text();
        job.version = text();
        return job;
    }

    TrackingSpec tracking() {
        switch (random_.below(4)) {
            case 0:
                return TrackForks{duration(), text()};
            case 1:
                return TrackStops{};
            case 2:
                return TrackPidFile{text(), coin() ? PidFileWriter::Program : PidFileWriter::Reeve,
                                    maybe([this] { return command(); }), coin(), duration()};
            default:
                return TrackForeground{};
        }
    }

    OutputFile output() {
        switch (random_.below(4)) {
            case 0:
                return NullFile{};
            case 1:
                return PathFile{text()};
            case 2:
                return ConsoleFile{};
            default:
                return LogFile{};
        }
    }

    StdioSpec stdio() {
        StdioSpec stdio;
        if (coin()) stdio.input = PathFile{text()};
        stdio.output = output();
        stdio.error = output();
        return stdio;
    }

    Service service() {
        Service service;
        service.name = text();
        service.listing = {text(), count(), {coin(), coin(), coin()}};
        service.command = command();
        service.working_dir = text();
        service.sets_pwd = coin();
        service.chroot = text();
        service.environment_base = static_cast<EnvironmentBase>(random_.below(3));
        service.environment = environment();
        service.credentials = {text(), text(), texts()};
        service.umask = maybe([this] { return static_cast<mode_t>(count()); });
        service.nice = maybe([this] { return integer(); });
        service.oom_score_adjust = maybe([this] { return integer(); });
        service.limits = {{integer(), random_.next(), UINT64_MAX}};
        service.ignores_hangup = coin();
        service.stdio = stdio();
        service.log = {text(), coin(), coin()};
        service.tracking = tracking();
        service.monitor_children = maybe([this] { return ChildrenSpec{stop()}; });
        service.restart_command = maybe([this] { return RestartCommand{command(), duration()}; });
        service.reload_signal = integer();
        service.instances = count();
        service.wants_port = coin();
        service.auto_start = coin();
        service.hooks.pre_start = maybe([this] { return hook(); });
        service.hooks.post_start = maybe([this] { return hook(); });
        service.hooks.pre_stop = maybe([this] { return hook(); });
        service.hooks.post_stop = maybe([this] { return hook(); });
        service.readiness = readiness();
        for (std::uint64_t i = random_.below(3); i > 0; --i)
            service.checks.push_back(check());
        service.group_limits = group_limits();
        service.needs = {{text(), text()}};
        service.stop = stop();
        service.restart = restart();
        service.rollout = {coin() ? ReplaceOrder::StopFirst : ReplaceOrder::StartFirst, count(),
                           duration(), duration(), duration()};
        service.on_change = coin() ? OnChange::NextStart : OnChange::Replace;
        service.on_remove = coin() ? OnRemove::Release : OnRemove::Stop;
        service.spawn_timeout = duration();
        service.job = maybe([this] { return job(); });
        return service;
    }

    Random random_;
};

std::string mistake_in(const std::string& json) {
    const Result<App> app = app_from_json(json);
    return app ? "" : app.error().message;
}

constexpr char kService[] = R"({"name":"web","command":{"kind":"shell","text":"x"})";

std::string with_service(const std::string& more) {
    return R"({"name":"a","services":[)" + std::string(kService) + more + "}]}";
}

TEST(AppJsonTest, WhatIsWrittenIsRead) {
    for (std::uint64_t seed = 0; seed < 500; ++seed) {
        const App app = RandomSpec(seed).app();
        const std::string json = to_json(app);
        const Result<App> read = app_from_json(json);
        ASSERT_TRUE(read.ok()) << "seed " << seed << ": " << read.error().message << "\n" << json;
        EXPECT_EQ(*read, app) << "seed " << seed << "\n" << json;
        EXPECT_EQ(to_json(*read), json) << "seed " << seed;
        const Result<App> read_in_full = app_from_json(to_json(app, Fields::All));
        ASSERT_TRUE(read_in_full.ok()) << "seed " << seed << ": " << read_in_full.error().message;
        EXPECT_EQ(*read_in_full, app) << "seed " << seed;
    }
}

App app_of_one_service() {
    App app;
    app.name = "a";
    app.services.emplace_back();
    app.services.back().name = "web";
    app.services.back().command = ShellCommand{"x"};
    return app;
}

TEST(AppJsonTest, WhatHasItsDefaultIsNotStored) {
    EXPECT_EQ(to_json(app_of_one_service()),
              R"({"name":"a","services":[{"name":"web","command":{"kind":"shell","text":"x"}}]})");
    App app = app_of_one_service();
    app.services.back().rollout.drain = 7s;
    EXPECT_NE(to_json(app).find(R"("rollout":{"drain_ns":7000000000})"), std::string::npos)
        << to_json(app);
}

constexpr char kDefaults[] =
    R"({"name":"a","format":"procfile","source":"","directory":"","environment":[],)"
    R"("release_command":null,"formation_fixed":false,"change_log":null,)"
    R"("services":[{"name":"web","listing":{"group":"","position":0,)"
    R"("waits":{"start":false,"stop":false,"restart":false}},"command":{"kind":"shell",)"
    R"("text":"x","shell":"bash"},"working_dir":"","sets_pwd":false,"chroot":"",)"
    R"("environment_base":"login","environment":[],"credentials":{"user":"","group":"",)"
    R"("supplementary_groups":[]},"umask":null,"nice":null,"oom_score_adjust":null,)"
    R"("limits":[],"ignores_hangup":false,"stdio":{"input":{"kind":"null"},)"
    R"("output":{"kind":"log"},"error":{"kind":"log"}},"log":{"path":"",)"
    R"("timestamps":true,"rotate":true},"tracking":{"kind":"foreground"},)"
    R"("monitor_children":null,"group_limits":{"memory_max_bytes":null,)"
    R"("memory_high_bytes":null,"memory_low_bytes":null,"swap_max_bytes":null,)"
    R"("cpu_percent_hundredths":null,"cpu_weight":null,"processes_max":null},)"
    R"("instances":1,"wants_port":false,"auto_start":true,"hooks":{"pre_start":null,)"
    R"("post_start":null,"pre_stop":null,"post_stop":null},"readiness":{"kind":"spawn"},)"
    R"("checks":[],"needs":[],"stop":{"steps":[{"signal":15,"wait_ns":10000000000}],)"
    R"("scope":"all","command":null,"command_timeout_ns":10000000000,)"
    R"("leftovers_wait_ns":2000000000},"restart":{"kind":"auto",)"
    R"("good_service_ns":10000000000,"first_pause_ns":100000000,)"
    R"("pause_unit_ns":1000000000,"jitter_percent":20,"cap_unstable_ns":60000000000,)"
    R"("cap_after_service_ns":10000000000,"forget_after_ns":60000000000,)"
    R"("crash_loop_ends":5,"crash_loop_within_ns":600000000000,)"
    R"("restart_after_success":true,"no_restart_codes":[78]},"restart_command":null,)"
    R"("reload_signal":1,"rollout":{"order":"stop-first","max_unavailable":1,)"
    R"("drain_ns":0,"proxy_wait_ns":0,"retire_wait_ns":0},"on_change":"replace",)"
    R"("on_remove":"stop","spawn_timeout_ns":5000000000,"job":null}]})";

// A default that changes would change what is stored by an older reeve. A new field is added here.
TEST(AppJsonTest, DefaultsStayWhatTheyAre) {
    EXPECT_EQ(to_json(app_of_one_service(), Fields::All), kDefaults);
}

TEST(AppJsonTest, FieldsOfALaterReeveAreSkippedAndMissingOnesKeepTheirDefault) {
    const Result<App> app = app_from_json(with_service(R"(,"colour":{"of":["the",1]})"));
    ASSERT_TRUE(app.ok()) << app.error().message;
    Service expected;
    expected.name = "web";
    expected.command = ShellCommand{"x"};
    EXPECT_EQ(app->services.at(0), expected);
}

TEST(AppJsonTest, MistakesAreNamedByTheirPath) {
    EXPECT_EQ(mistake_in("[]"), "app: an object is needed, not array");
    EXPECT_EQ(mistake_in(R"({"name":"a"})"), "services: is missing");
    EXPECT_EQ(mistake_in(R"({"name":7,"services":[]})"), "name: a text is needed, not number");
    EXPECT_EQ(mistake_in(with_service(R"(,"stop":{"steps":[{"signal":"TERM","wait_ns":1}]})")),
              "services[0].stop.steps[0].signal: a whole number is needed, not string");
    EXPECT_EQ(mistake_in(with_service(R"(,"stop":{"steps":[{"signal":1.5,"wait_ns":1}]})")),
              "services[0].stop.steps[0].signal: a whole number is needed, not number");
    EXPECT_EQ(mistake_in(with_service(R"(,"stop":{"steps":{}})")),
              "services[0].stop.steps: a list is needed, not object");
    EXPECT_EQ(mistake_in(with_service(R"(,"instances":-1)")),
              "services[0].instances: -1 is out of range");
    EXPECT_EQ(mistake_in(with_service(R"(,"nice":99999999999)")),
              "services[0].nice: 99999999999 is too large");
    EXPECT_EQ(mistake_in(with_service(R"(,"wants_port":1)")),
              "services[0].wants_port: true or false is needed, not number");
    EXPECT_EQ(mistake_in(with_service(R"(,"restart":{"kind":"maybe"})")),
              "services[0].restart.kind: \"maybe\" is not known");
    EXPECT_EQ(mistake_in(with_service(R"(,"restart":{"kind":"docker","mode":"later"})")),
              "services[0].restart.mode: \"later\" is not known");
    EXPECT_EQ(mistake_in(with_service(R"(,"environment":[["A","1"],["A","2"]])")),
              "services[0].environment[1]: the name is used twice");
    EXPECT_EQ(mistake_in(with_service(R"(,"working_dir":{"hex":"4"})")),
              "services[0].working_dir.hex: pairs of hexadecimal digits are needed");
}

TEST(AppJsonTest, OversizedAndMalformedTextIsRefusedBeforeItCosts) {
    EXPECT_EQ(mistake_in(std::string(100'000, '[')), "app: nested more than 16 deep");
    EXPECT_EQ(mistake_in(std::string(16 * 1024 * 1024 + 1, ' ')),
              "app: the text is longer than 16 MiB");
    EXPECT_EQ(mistake_in("{\"name\":\"\xff\"}").rfind("app: not JSON: ", 0), 0U);
    EXPECT_EQ(mistake_in("").rfind("app: not JSON: ", 0), 0U);
    EXPECT_EQ(mistake_in(R"({"name":"a","services":[],"source":"[[[[[[[[[[[[[[[[[[[[["})"), "");
}

TEST(AppJsonTest, BytesThatAreNotUnicodeSurvive) {
    App app;
    app.name = "a";
    app.environment["LATIN"] = "caf\xe9";
    EXPECT_NE(to_json(app).find(R"(["LATIN",{"hex":"636166e9"}])"), std::string::npos);
    EXPECT_EQ(app_from_json(to_json(app)).value(), app);
}

}  // namespace
}  // namespace reeve::spec
