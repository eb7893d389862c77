#include "formats/upstart/lint.h"

#include <gtest/gtest.h>

#include "formats/upstart/lint_events.h"
#include "formats/upstart/lint_process.h"
#include "formats/upstart/remark.h"

namespace reeve::formats::upstart {
namespace {

// `LINE:COLUMN: MESSAGE` of each warning and note.
std::string lint_of(std::string_view text) {
    const Conf conf = read_conf("job.conf", text, {});
    EXPECT_FALSE(conf.mistake) << text;
    std::string all;
    const MarkedText marked{SourceText("job.conf", text), conf.marks};
    for (const Diagnostic& diagnostic : lint(conf.job, {&marked, 1})) {
        if (!all.empty()) all += '\n';
        all += std::to_string(diagnostic.line) + ":" + std::to_string(diagnostic.column) + ": " +
               diagnostic.message;
    }
    return all;
}

TEST(LintTest, SaysNothingOfAGoodJob) {
    EXPECT_EQ(
        lint_of("start on runlevel [2345]\nstop on runlevel [!2345] or stopping $JOB\n"
                "respawn\nrespawn limit 3 30\nsetuid web\nenv HOME=/srv/web\nkill timeout 20\n"
                "pre-start script\n  [ -x /x ] || { stop; exit 0; }\nend script\n"
                "script\n  . /etc/default/web\n  exec web --foreground\nend script\n"),
        "");
}

TEST(LintTest, WarnsOfWhatDoesNotRespawn) {
    EXPECT_EQ(lint_of("exec x\nrespawn limit 3 30\n"),
              "2:1: `respawn limit` alone lets nothing respawn");
    EXPECT_EQ(lint_of("kill timeout 0"),
              "1:1: a timeout of 0 kills the job without asking it to stop");
}

TEST(LintTest, WarnsOfAStartThatReplacesAnother) {
    EXPECT_EQ(lint_of("start on a\n  start on b\nstop on c"),
              "2:3: this `start on` replaces the one before it");
}

TEST(LintTest, WarnsOfEventsThatNeverCome) {
    EXPECT_EQ(lint_of("\nstop on shutdown"), "2:1: there is no event `shutdown`");
    EXPECT_EQ(lint_of("stop on runlevel[06]"),
              "1:1: `runlevel[06]` is the name of an event that nobody emits");
    EXPECT_EQ(lint_of("start on runlevel [2,3]"),
              "1:1: the commas in `[2,3]` stand for themselves");
    EXPECT_EQ(lint_of("start on started [networking]"),
              "1:1: `[networking]` matches one single letter, and no job is called so");
    EXPECT_EQ(lint_of("start on started $DB"),
              "1:1: `$DB` never matches: `start on` knows no variables");
    for (const char* name : {"control-alt-delete", "dbus", "block-device-added"})
        EXPECT_EQ(lint_of(std::string("start on ") + name),
                  "1:1: `" + std::string(name) + "` is not told by reeve");
    EXPECT_EQ(lint_of("start on net-device-added INTERFACE=eth0"), "");
}

TEST(LintTest, WarnsOfWhatSetuidDoesNotDo) {
    EXPECT_EQ(lint_of("setuid web"), "1:1: HOME, USER and LANG are not set by `setuid`");
    EXPECT_EQ(lint_of("env HOME=/x\nsetuid 1000"),
              "2:1: `setuid` takes names: 1000 is looked up as one");
}

TEST(LintTest, WarnsOfWhatNoShellSees) {
    EXPECT_EQ(lint_of("env A=$B/c"), "1:1: the value of A is taken as it is, with its `$`");
    EXPECT_EQ(lint_of("chdir ~/app"),
              "1:1: the directory is taken as it is: `$` and `~` stand for themselves");
    EXPECT_EQ(lint_of("chdir app"), "1:1: the directory is looked for below /");
}

TEST(LintTest, WarnsOfCommandsThatDoNotDoWhatTheyLookLike) {
    EXPECT_EQ(lint_of("pre-start exec exit 0"),
              "1:1: `exit` is a word of the shell, and no program");
    EXPECT_EQ(lint_of("exec A=1 web"), "1:1: `A=1` is taken for the name of a program");
    EXPECT_EQ(lint_of("exec a; b"), "1:1: what follows `;` never runs");
    EXPECT_EQ(lint_of("exec sh -c 'a; b'"), "");
}

TEST(LintTest, WarnsOfExpectThatDoesNotFit) {
    EXPECT_EQ(lint_of("exec web --daemonize"),
              "1:1: `--daemonize` sends the program into the background");
    EXPECT_EQ(lint_of("expect fork\nexec web --nodaemon"),
              "1:1: `--nodaemon` keeps the program in the foreground: it will not fork");
    EXPECT_EQ(lint_of("expect daemon\nexec web --daemonize"), "");
    EXPECT_EQ(lint_of("exec web &"),
              "1:1: the program goes into the background, and the job ends at once");
    EXPECT_EQ(lint_of("script\n  web\nend script"),
              "1:1: the shell stays as the job's main process");
    EXPECT_EQ(lint_of("task\nscript\n  web\nend script"), "");
}

TEST(LintTest, WarnsOfACommandThatAHashCutsShort) {
    EXPECT_EQ(lint_of("exec web --color red#1 --fast"),
              "1:21: a `#` begins a comment: the command ends here");
    EXPECT_EQ(lint_of("exec web '#1' # a comment"), "");
}

TEST(LintTest, WarnsOfWrappersThatStayInBetween) {
    EXPECT_EQ(lint_of("exec su - web -c web"), "1:1: `su` stays between the job and its program");
    EXPECT_EQ(lint_of("script\n  cd /srv\n  exec /usr/bin/sudo -u web web\nend script"),
              "1:1: `sudo` stays between the job and its program");
}

TEST(LintTest, WarnsOfHooksThatWantToBeRoot) {
    EXPECT_EQ(lint_of("setuid web\nenv HOME=/x\npre-start script\n"
                      "  mkdir -p /var/run/web\nend script"),
              "3:1: this runs as web, too, who may not do it");
    EXPECT_EQ(lint_of("setuid web\nenv HOME=/x\npre-start exec mkdir -p /tmp/web"), "");
}

TEST(LintTest, WarnsOfJobsThatTurnTheMachineOffWhenReeveIsStopped) {
    const std::string what =
        "1:1: the job may turn the machine off when reeve is stopped: runlevel 0 is told then";
    EXPECT_EQ(lint_of("start on runlevel [06]\ntask\nexec /sbin/halt -p"), what);
    EXPECT_EQ(lint_of("start on runlevel [0123456]\ntask\nexec /etc/init.d/rc $RUNLEVEL"), what);
    EXPECT_EQ(lint_of("start on stopped rc RUNLEVEL=0\ntask\nexec poweroff"), what);
    EXPECT_EQ(lint_of("start on runlevel [!2345]\ntask\nexec reboot"), what);
    EXPECT_EQ(lint_of("start on runlevel [2345]\ntask\nexec /etc/init.d/rc 2"), "");
    EXPECT_EQ(lint_of("start on power-key\ntask\nexec shutdown -r now"), "");
    EXPECT_EQ(lint_of("start on runlevel RUNLEVEL!=0\ntask\nexec reboot"), "");
}

TEST(LintTest, WarnsOfSettingsThatReeveDoesNotHave) {
    EXPECT_EQ(lint_of("#: hook timeout 30\n#: hook timeout long\n"),
              "2:1: `hook timeout long` is no setting of reeve's");
    EXPECT_EQ(lint_of("# : an ordinary comment"), "");
}

TEST(LintTest, PointsAtTheLineThatIsMeant) {
    EXPECT_EQ(lint_of("env A=$B\nenv C=d\nenv E=$F"),
              "1:1: the value of A is taken as it is, with its `$`\n"
              "3:1: the value of E is taken as it is, with its `$`");
}

TEST(LintTest, ReadsAnOverrideWithItsJob) {
    const std::string text = "respawn limit 3 30\nenv A=$B\nexec a\n";
    const Conf conf = read_conf("web.conf", text, {});
    const std::string more = "respawn\nenv C=$D\nstart on a\nstart on shutdown\nexec a #b#c\n";
    const Conf with = read_conf("web.override", more, conf.job);
    const MarkedText texts[] = {{SourceText("web.conf", text), conf.marks},
                                {SourceText("web.override", more), with.marks}};
    std::string all;
    for (const Diagnostic& each : lint(with.job, texts))
        all +=
            std::string(each.file) + ":" + std::to_string(each.line) + ": " + each.message + "\n";
    EXPECT_EQ(all,
              "web.override:4: this `start on` replaces the one before it\n"
              "web.conf:2: the value of A is taken as it is, with its `$`\n"
              "web.override:2: the value of C is taken as it is, with its `$`\n"
              "web.override:4: there is no event `shutdown`\n");
}

TEST(RemarkTest, IsPlacedAtItsStanza) {
    const std::string text = "env A\nenv B\n";
    const std::string more = "env C\n";
    const Conf conf = read_conf("job.conf", text, {});
    const Conf with = read_conf("job.override", more, conf.job);
    const MarkedText texts[] = {{SourceText("job.conf", text), conf.marks},
                                {SourceText("job.override", more), with.marks}};
    const auto place_of = [&texts](const Remark& remark) {
        const Diagnostic diagnostic = place(remark, texts);
        return std::string(diagnostic.file) + ":" + std::to_string(diagnostic.line);
    };
    EXPECT_EQ(place_of({Severity::Warning, "env", "m", "h"}), "job.override:1");
    EXPECT_EQ(place_of({Severity::Warning, "env", "m", "h", 0}), "job.conf:1");
    EXPECT_EQ(place_of({Severity::Warning, "env", "m", "h", 1}), "job.conf:2");
    EXPECT_EQ(place_of({Severity::Warning, "env", "m", "h", 2}), "job.override:1");
    EXPECT_EQ(place_of({Severity::Note, "exec", "m", ""}), "job.conf:0");
    EXPECT_TRUE(lint_events({}).empty());
    EXPECT_TRUE(lint_processes({}).empty());
}

}  // namespace
}  // namespace reeve::formats::upstart
