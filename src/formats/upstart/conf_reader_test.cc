#include "formats/upstart/conf_reader.h"

#include <signal.h>
#include <sys/resource.h>

#include <gtest/gtest.h>
#include <string>

#include "formats/upstart/stanza_reader.h"

namespace reeve::formats::upstart {
namespace {

// `LINE: MESSAGE` of the first mistake; empty: none.
std::string mistake_in(std::string_view text) {
    const Conf conf = read_conf("job.conf", text, {});
    if (!conf.mistake) return "";
    return std::to_string(conf.mistake->line) + ": " + conf.mistake->message;
}

JobClass job_of(std::string_view text) {
    const Conf conf = read_conf("job.conf", text, {});
    EXPECT_FALSE(conf.mistake) << text << ": " << conf.mistake->message;
    return conf.job;
}

TEST(ConfReaderTest, AcceptsAnEmptyJob) {
    EXPECT_EQ(job_of(""), JobClass{});
    EXPECT_EQ(job_of(" \n# nothing\n\t\r\n  # still nothing"), JobClass{});
}

TEST(ConfReaderTest, ReadsFilesWithCarriageReturns) {
    const JobClass job = job_of("respawn\r\nexec foo bar\r\nscript\r\n  a\r\nend script\r\n");
    EXPECT_TRUE(job.respawn);
    EXPECT_EQ(job.main, (Process{"a\r\n", true}));
}

TEST(ConfReaderTest, TextsAreOneArgumentAndTheLastCounts) {
    const JobClass job = job_of(
        "description \"a b\"\nauthor me\nversion 1\nusage 'X=1'\ninstance $X\nchdir /a\n"
        "chdir /b # last\nchroot /c\nsetuid u\nsetgid g\n");
    EXPECT_EQ(job.description, "a b");
    EXPECT_EQ(job.author, "me");
    EXPECT_EQ(job.version, "1");
    EXPECT_EQ(job.usage, "X=1");
    EXPECT_EQ(job.instance, "$X");
    EXPECT_EQ(job.chdir, "/b");
    EXPECT_EQ(job.chroot, "/c");
    EXPECT_EQ(job.setuid, "u");
    EXPECT_EQ(job.setgid, "g");
    for (const char* name : {"description", "author", "version", "usage", "instance", "chdir",
                             "chroot", "setuid", "setgid"}) {
        EXPECT_EQ(mistake_in(std::string(name) + "\n"), "1: Expected token") << name;
        EXPECT_EQ(mistake_in(std::string(name) + " a b\n"), "1: Unexpected token") << name;
    }
}

TEST(ConfReaderTest, ListsGrow) {
    const JobClass job = job_of("emits a b\nemits c\nexport X\nexport Y Z\nenv A=1\nenv B\nenv A=");
    EXPECT_EQ(job.emits, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(job.exports, (std::vector<std::string>{"X", "Y", "Z"}));
    EXPECT_EQ(job.variables, (std::vector<Variable>{{"A", "1"}, {"B", std::nullopt}, {"A", ""}}));
    EXPECT_EQ(mistake_in("env A=1 B=2\n"), "1: Unexpected token");
    EXPECT_EQ(mistake_in("\nenv \"\"\n"), "2: Expected token");
    EXPECT_EQ(mistake_in("emits\n"), "1: Expected token");
    EXPECT_EQ(mistake_in("export # X\n"), "1: Expected token");
}

TEST(ConfReaderTest, ManualForgetsTheStartSoFar) {
    EXPECT_FALSE(job_of("start on a\nmanual\n").start_on);
    EXPECT_TRUE(job_of("manual\nstart on a\n").start_on);
    // The rest of the line is a stanza of its own.
    EXPECT_TRUE(job_of("manual start on a\n").start_on);
    EXPECT_TRUE(job_of("debug respawn\n").respawn);
}

TEST(ConfReaderTest, TheLastOfExecAndScriptIsTheMainProcess) {
    EXPECT_EQ(job_of("script\na\nend script\nexec b c\n").main, (Process{"b c", false}));
    EXPECT_EQ(job_of("exec b\nscript # why\n\ta\nend script\n").main, (Process{"a\n", true}));
    EXPECT_EQ(mistake_in("exec # nothing\n"), "1: Expected token");
    EXPECT_EQ(mistake_in("script foo\nend script\n"), "1: Unexpected token");
    EXPECT_EQ(mistake_in("script\na\n"), "3: Unterminated block");
}

TEST(ConfReaderTest, HooksAreCommandsOrScripts) {
    const JobClass job = job_of(
        "pre-start exec a\npost-start script\nb\nend script\npre-stop exec c\npost-stop exec d\n");
    EXPECT_EQ(job.pre_start, (Process{"a", false}));
    EXPECT_EQ(job.post_start, (Process{"b\n", true}));
    EXPECT_EQ(job.pre_stop, (Process{"c", false}));
    EXPECT_EQ(job.post_stop, (Process{"d", false}));
    for (const char* hook : {"pre-start", "post-start", "pre-stop", "post-stop"}) {
        EXPECT_EQ(mistake_in(std::string(hook) + "\n"), "1: Expected token");
        EXPECT_EQ(mistake_in(std::string(hook) + " run x\n"), "1: Unknown stanza");
        EXPECT_EQ(mistake_in(std::string(hook) + " \"exec\" x\n"), "1: Unknown stanza");
    }
}

TEST(ConfReaderTest, ReadsWhenAJobRuns) {
    const JobClass job = job_of("start on a\nstart on (b\n or c)\nstop on d\ntask\n");
    EXPECT_EQ(spec::to_text(*job.start_on), "(b or c)");
    EXPECT_EQ(spec::to_text(*job.stop_on), "d");
    EXPECT_TRUE(job.task);
    EXPECT_EQ(mistake_in("start a\n"), "1: Unknown stanza");
    EXPECT_EQ(mistake_in("start\n"), "1: Expected token");
    EXPECT_EQ(mistake_in("stop on\n"), "1: Expected token");
    EXPECT_EQ(mistake_in("\nstart on foo and\n"), "2: Expected event");
    EXPECT_EQ(mistake_in("start on (foo and\n bar) baz\n"), "2: Expected operator");
    EXPECT_EQ(mistake_in("task x\n"), "1: Unexpected token");
}

TEST(ConfReaderTest, ReadsExpect) {
    EXPECT_EQ(job_of("expect fork").expect, Expect::Fork);
    EXPECT_EQ(job_of("expect daemon").expect, Expect::Daemon);
    EXPECT_EQ(job_of("expect stop").expect, Expect::Stop);
    EXPECT_EQ(job_of("expect stop\nexpect none").expect, Expect::None);
    EXPECT_EQ(mistake_in("expect WHAT"), "1: Unknown stanza");
    EXPECT_EQ(mistake_in("expect #later"), "1: Expected token");
    EXPECT_EQ(mistake_in("expect fork daemon"), "1: Unexpected token");
}

TEST(ConfReaderTest, ReadsHowAJobRespawns) {
    EXPECT_TRUE(job_of("respawn\n").respawn);
    const JobClass job = job_of("respawn limit 3 30\n");
    EXPECT_FALSE(job.respawn);
    EXPECT_EQ(job.respawn_limit, (RespawnLimit{3, 30}));
    EXPECT_EQ(job_of("respawn limit unlimited").respawn_limit, (RespawnLimit{0, 0}));
    EXPECT_EQ(mistake_in("respawn foo"), "1: Unknown stanza");
    EXPECT_EQ(mistake_in("respawn limit"), "1: Expected token");
    EXPECT_EQ(mistake_in("respawn limit 3"), "1: Expected token");
    for (const char* count : {"foo", "3x", "-1", "2147483648"}) {
        EXPECT_EQ(mistake_in("respawn limit " + std::string(count) + " 5"),
                  "1: Illegal limit, expected 'unlimited' or integer");
        EXPECT_EQ(mistake_in("respawn limit 5 " + std::string(count)),
                  "1: Illegal interval, expected number of seconds");
    }
    EXPECT_EQ(mistake_in("respawn limit 3 30 5"), "1: Unexpected token");
    EXPECT_EQ(mistake_in("respawn limit unlimited 5"), "1: Unexpected token");
}

TEST(ConfReaderTest, ReadsNormalExits) {
    const JobClass job = job_of("normal exit 0 TERM\nnormal exit 143 SIGUSR1\n");
    EXPECT_EQ(job.normal_exits.codes, (std::vector<int>{0, 143}));
    EXPECT_EQ(job.normal_exits.signals, (std::vector<int>{SIGTERM, SIGUSR1}));
    EXPECT_EQ(mistake_in("normal"), "1: Expected token");
    EXPECT_EQ(mistake_in("normal end 1"), "1: Unknown stanza");
    EXPECT_EQ(mistake_in("normal exit"), "1: Expected token");
    for (const char* status : {"-1", "foo", "2147483648"}) {
        EXPECT_EQ(mistake_in("normal exit 0 " + std::string(status)),
                  "1: Illegal exit status, expected integer");
    }
}

TEST(ConfReaderTest, ReadsKillAndReload) {
    const JobClass job = job_of("kill timeout 60\nkill signal SIGINT\nreload signal USR1\n");
    EXPECT_EQ(job.kill_timeout_seconds, 60U);
    EXPECT_EQ(job.kill_signal, SIGINT);
    EXPECT_EQ(job.reload_signal, SIGUSR1);
    EXPECT_EQ(job_of("reload signal 0").reload_signal, 0);
    EXPECT_EQ(job_of("kill timeout 0").kill_timeout_seconds, 0U);
    EXPECT_EQ(mistake_in("kill"), "1: Expected token");
    EXPECT_EQ(mistake_in("kill hard 5"), "1: Unknown stanza");
    EXPECT_EQ(mistake_in("kill timeout"), "1: Expected token");
    for (const char* seconds : {"foo", "5s", "-5", "99999999999"}) {
        EXPECT_EQ(mistake_in("kill timeout " + std::string(seconds)),
                  "1: Illegal interval, expected number of seconds");
    }
    EXPECT_EQ(mistake_in("kill timeout 5 6"), "1: Unexpected token");
    for (const char* stanza : {"kill", "reload"}) {
        const std::string text = std::string(stanza) + " signal";
        EXPECT_EQ(mistake_in(text), "1: Expected token");
        EXPECT_EQ(mistake_in(text + " term"), "1: Illegal signal status, expected integer");
        EXPECT_EQ(mistake_in(text + " TERM TERM"), "1: Unexpected token");
    }
    EXPECT_EQ(mistake_in("reload slowly"), "1: Unknown stanza");
}

TEST(ConfReaderTest, ReadsTheConsole) {
    EXPECT_EQ(job_of("console none").console, Console::None);
    EXPECT_EQ(job_of("console log").console, Console::Log);
    EXPECT_EQ(job_of("console output").console, Console::Output);
    EXPECT_EQ(job_of("console owner").console, Console::Owner);
    EXPECT_EQ(mistake_in("console out"), "1: Unknown stanza");
    EXPECT_EQ(mistake_in("console"), "1: Expected token");
    EXPECT_EQ(mistake_in("console log x"), "1: Unexpected token");
}

TEST(ConfReaderTest, ReadsUmaskAndNice) {
    EXPECT_EQ(job_of("umask 0022").umask, 022);
    EXPECT_EQ(job_of("nice -20").nice, -20);
    for (const char* mask : {"099", "-1", "1777", "x"}) {
        EXPECT_EQ(mistake_in("umask " + std::string(mask)),
                  "1: Illegal file creation mask, expected octal integer");
    }
    for (const char* nice : {"-21", "20", "x"}) {
        EXPECT_EQ(mistake_in("nice " + std::string(nice)),
                  "1: Illegal nice value, expected -20 to 19");
    }
    EXPECT_EQ(mistake_in("umask 022 022"), "1: Unexpected token");
}

TEST(ConfReaderTest, ReadsWhoIsKilledWhenMemoryEnds) {
    EXPECT_EQ(job_of("oom score -500").oom_score_adjust, -500);
    EXPECT_EQ(job_of("oom score never").oom_score_adjust, -1000);
    EXPECT_EQ(job_of("oom never").oom_score_adjust, -1000);
    EXPECT_EQ(job_of("oom 15").oom_score_adjust, 1000);
    EXPECT_EQ(job_of("oom -17").oom_score_adjust, -1000);
    EXPECT_EQ(job_of("oom score 1\noom 3").oom_score_adjust, 200);
    EXPECT_EQ(mistake_in("oom"), "1: Expected token");
    EXPECT_EQ(mistake_in("oom score"), "1: Expected token");
    for (const char* value : {"16", "-18", "x"}) {
        EXPECT_EQ(mistake_in("oom " + std::string(value)),
                  "1: Illegal oom adjustment, expected -16 to 15 or 'never'");
    }
    for (const char* value : {"1001", "-1001", "x"}) {
        EXPECT_EQ(mistake_in("oom score " + std::string(value)),
                  "1: Illegal oom score adjustment, expected -999 to 1000 or 'never'");
    }
}

TEST(ConfReaderTest, ReadsLimits) {
    const JobClass job = job_of("limit nofile 1024 4096\nlimit core unlimited unlimited\n");
    EXPECT_EQ(job.limits.at(RLIMIT_NOFILE), (Limit{1024, 4096}));
    EXPECT_EQ(job.limits.at(RLIMIT_CORE), (Limit{UINT64_MAX, UINT64_MAX}));
    for (const char* name : {"as", "core", "cpu", "data", "fsize", "memlock", "msgqueue", "nice",
                             "nofile", "nproc", "rss", "rtprio", "sigpending", "stack"}) {
        EXPECT_EQ(mistake_in("limit " + std::string(name) + " 1 2"), "") << name;
    }
    EXPECT_EQ(mistake_in("limit"), "1: Expected token");
    EXPECT_EQ(mistake_in("limit foo 1 2"), "1: Unknown stanza");
    EXPECT_EQ(mistake_in("limit nofile 65536"), "1: Expected token");
    EXPECT_EQ(mistake_in("limit nofile 1 2 3"), "1: Unexpected token");
    for (const char* value : {"x", "1k", "99999999999999999999"}) {
        EXPECT_EQ(mistake_in("limit nofile " + std::string(value) + " 1"),
                  "1: Illegal limit, expected 'unlimited' or integer");
    }
}

TEST(ConfReaderTest, AcceptsWhatItCannotGive) {
    const JobClass job = job_of(
        "apparmor load /etc/p\napparmor switch prof\ncgroup memory $UPSTART_CGROUP limit 5\n"
        "cgroup cpu\n");
    EXPECT_EQ(job.apparmor_load, "/etc/p");
    EXPECT_EQ(job.apparmor_switch, "prof");
    EXPECT_EQ(job.cgroups, (std::vector<std::string>{"memory $UPSTART_CGROUP limit 5", "cpu"}));
    EXPECT_EQ(mistake_in("apparmor hug x"), "1: Unknown stanza");
    EXPECT_EQ(mistake_in("cgroup"), "1: Expected token");
    EXPECT_EQ(mistake_in("cgroup a b c d e"), "1: Unexpected token");
}

TEST(ConfReaderTest, RefusesWhatTheLanguageDoesNotHave) {
    EXPECT_EQ(mistake_in("\n\nrespwan\n"), "3: Unknown stanza");
    EXPECT_EQ(mistake_in("\"exec\" foo\n"), "1: Unknown stanza");
    EXPECT_EQ(mistake_in("exec foo\\"), "1: Trailing slash in file");
    EXPECT_EQ(mistake_in("exec \"foo\n\n"), "3: Unterminated quoted string");
    EXPECT_EQ(mistake_in(std::string(kConfigBytesMax + 1, '\n')),
              "0: the file is longer than 1 MiB");
    for (const char* word : {"", "exe", "execx", "limits"})
        EXPECT_EQ(find_stanza(word), nullptr) << word;
}

TEST(ConfReaderTest, AnOverrideChangesOnlyWhatItSays) {
    const JobClass base = job_of("start on a\nenv A=1\nrespawn\nexec x\n");
    const Conf conf = read_conf("job.override", "manual\nenv B=2\n", base);
    EXPECT_FALSE(conf.job.start_on);
    EXPECT_TRUE(conf.job.respawn);
    EXPECT_EQ(conf.job.main, (Process{"x", false}));
    EXPECT_EQ(conf.job.variables, (std::vector<Variable>{{"A", "1"}, {"B", "2"}}));
}

TEST(ConfReaderTest, MarksEveryStanza) {
    const Conf conf = read_conf("job.conf", "respawn\nrespawn limit 1 2\nstart on a\nexec x", {});
    const std::vector<Mark> expected = {
        {"respawn", 0}, {"respawn limit", 8}, {"start on", 26}, {"exec", 37}};
    EXPECT_EQ(conf.marks, expected);
}

}  // namespace
}  // namespace reeve::formats::upstart
