"""Upstart's jobs as they live: where events come from, files that change, hooks, logs, ends."""

import os
import signal

from harness import is_alive, kill, main, read_or, wait_until
from upstart_case import UpstartTest

PROVIDERS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../packaging/upstart")


class SourcesTest(UpstartTest):
    def test_the_providers_of_the_package_tell_what_jobs_wait_for(self):
        names = [name for name in os.listdir(PROVIDERS) if name.endswith(".conf")]
        for name in names:
            self.write(name, read_or(os.path.join(PROVIDERS, name)))
        gone = self.path("gone")
        self.load(old="start on stopped rc RUNLEVEL=[2345]\nexec sleep 1000\n",
                  bus="start on started dbus\nexec sleep 1000\n",
                  halt=f"start on stopped rc RUNLEVEL=[06]\ntask\nexec touch {gone}\n")
        self.wait_for("start/running", "old")
        self.wait_for("start/running", "bus")
        self.reeve.cli("shutdown", "--wait")
        self.assertFalse(os.path.exists(gone), "nothing turns the machine off")

    def test_the_end_is_told_however_it_is_asked_for(self):
        said = self.path("said")
        jobs = {"web": "start on runlevel [2345]\nstop on stopped api\nexec sleep 1000\n"
                       f"post-stop exec sh -c 'echo web >> {said}'\n",
                "api": "start on runlevel [2345]\nstop on runlevel [06]\nexec sleep 1000\n"
                       f"post-stop exec sh -c 'echo api $RUNLEVEL >> {said}'\n"}
        self.load(**jobs)
        self.wait_for("start/running", "web")
        kill(self.reeve.keeper(), signal.SIGTERM)
        wait_until(lambda: not self.reeve.keeper(), "reeve has ended")
        self.assertEqual(read_or(said), "api 0\nweb\n")


class FilesTest(UpstartTest):
    def test_files_that_change_are_read_by_themselves_and_start_nothing(self):
        self.load(web="exec sleep 1000\n", old="exec sleep 1000\n")
        self.call("start", "web")
        self.call("start", "old")
        pids = [self.pid_of("web"), self.pid_of("old")]
        self.write("new.conf", "start on startup\nexec sleep 1000\n")
        wait_until(lambda: "new stop/waiting" in self.initctl("list"), "the new job is there")
        self.write("web.conf", "nonsense\n")
        os.unlink(self.path("init/old.conf"))
        self.write("last.conf", "exec true\n")
        wait_until(lambda: "last stop/waiting" in self.initctl("list"), "the last job is there")
        self.assertEqual([self.pid_of("web"), self.pid_of("old")], pids)
        self.call("stop", "web")
        self.assertEqual(self.call("stop", "old"), "old stop/waiting\n")
        self.assertEqual(self.call("start", "old", expect=1), "start: Unknown job: old\n")
        self.assertEqual(self.call("start", "web", expect=1), "start: Unknown job: web\n")
        wait_until(lambda: "web.conf:1: Unknown stanza" in read_or(self.reeve.own_log),
                   "what is wrong is said")

    def test_sighup_reads_all_again(self):
        # A link is followed when it is read, but its target is not watched.
        self.write("web.conf", "exec sleep 1000\n")
        elsewhere = self.path("elsewhere.conf")
        with open(elsewhere, "w", encoding="utf-8") as out:
            out.write("exec sleep 1000\n")
        os.symlink(elsewhere, self.path("init/linked.conf"))
        self.load()
        self.assertEqual(self.initctl("usage", "linked"), "Usage: \n")
        with open(elsewhere, "w", encoding="utf-8") as out:
            out.write("usage \"as it is now\"\nexec sleep 1000\n")
        kill(self.reeve.keeper(), signal.SIGHUP)
        wait_until(lambda: self.initctl("usage", "linked") == "Usage: as it is now\n",
                   "the new text counts")

    def test_an_override_makes_a_job_manual_and_goes_again(self):
        self.load(web="start on go\nexec sleep 1000\n")
        self.write("web.override", "manual\n")
        self.initctl("reload-configuration")
        self.initctl("emit", "go")
        self.assertEqual(self.status("web"), "web stop/waiting\n")
        os.unlink(self.path("init/web.override"))
        self.initctl("reload-configuration")
        self.initctl("emit", "go")
        self.wait_for("start/running", "web")

    def test_overrides_come_change_and_go(self):
        def usage_is(text):
            wait_until(lambda: self.initctl("usage", "web") == f"Usage: {text}\n", text,
                       diagnosis=lambda: self.initctl("usage", "web"))

        self.write("alone.override", "exec sleep 1000\n")
        self.load(web="usage own\nexec sleep 1000\n")
        self.assertEqual(self.initctl("list"), "web stop/waiting\n")
        self.write("web.override", "usage first\n")
        usage_is("first")
        self.write("web.override", "usage second\n")
        usage_is("second")
        self.write("web.override", "usage half\nnonsense\n")
        usage_is("own")
        wait_until(lambda: "web.override:2: Unknown stanza" in read_or(self.reeve.own_log),
                   "what is wrong is said")
        self.write("renamed", "usage renamed\n")
        os.rename(self.path("init/renamed"), self.path("init/web.override"))
        usage_is("renamed")
        os.unlink(self.path("init/web.override"))
        usage_is("own")

    def test_a_bad_file_is_told_and_a_new_directory_is_followed(self):
        self.load(web="exec sleep 1000\n")
        self.write("bad.conf", "nonsense\n")
        wait_until(lambda: "bad.conf:1: Unknown stanza" in read_or(self.reeve.own_log),
                   "what is wrong is said, though nothing is to be loaded")
        os.mkdir(self.path("init/new"))
        self.write("other.conf", "nonsense\n")
        wait_until(lambda: "other.conf:1: Unknown stanza" in read_or(self.reeve.own_log),
                   "the directory without jobs was read")
        self.write("new/job.conf", "exec sleep 1000\n")
        wait_until(lambda: "new/job stop/waiting" in self.initctl("list"), "its job is there")
        self.assertEqual(read_or(self.reeve.own_log).count("bad.conf:1:"), 1, "said once")

    def test_a_directory_that_goes_leaves_what_is_loaded_and_may_come_back(self):
        self.load(web="exec sleep 1000\n")
        self.call("start", "web")
        pid = self.pid_of("web")
        os.rename(self.path("init"), self.path("gone"))
        self.assertIn("init: No such file or directory",
                      self.initctl("reload-configuration", expect=1))
        self.assertEqual(self.pid_of("web"), pid)
        os.rename(self.path("gone"), self.path("init"))
        self.write("new.conf", "exec sleep 1000\n")
        self.initctl("reload-configuration")
        wait_until(lambda: "new stop/waiting" in self.initctl("list"), "the new job is there")
        self.assertEqual(self.pid_of("web"), pid)


class HooksTest(UpstartTest):
    def test_states_are_shown_while_hooks_run(self):
        go = self.path("go")
        wait = f"while [ ! -e {go}-$0 ]; do sleep 0.1; done"
        hooks = "".join(f"{hook} exec sh -c '{wait}' {hook}\n"
                        for hook in ("pre-start", "post-start", "pre-stop", "post-stop"))
        self.load(web=hooks + "exec sleep 1000\n")

        def pass_on(hook):
            with open(f"{go}-{hook}", "w", encoding="utf-8"):
                pass

        self.call("start", "--no-wait", "web")
        wait_until(lambda: self.status("web").startswith("web start/pre-start, process "),
                   "pre-start", diagnosis=lambda: self.status("web"))
        pass_on("pre-start")
        self.wait_for("start/post-start, process ", "web")
        self.assertRegex(self.status("web"), r"^web start/post-start, process \d+\n"
                                             r"\tpost-start process \d+\n$")
        pass_on("post-start")
        self.wait_for("start/running, process ", "web")
        self.call("stop", "--no-wait", "web")
        self.wait_for("stop/pre-stop, process ", "web")
        self.assertRegex(self.status("web"), r"\n\tpre-stop process \d+\n$")
        pass_on("pre-stop")
        self.wait_for("stop/post-stop, process ", "web")
        pass_on("post-stop")
        self.wait_for("stop/waiting", "web")

    def test_a_hook_has_a_limit_where_one_is_asked_for(self):
        self.load(web="#: hook timeout 1\npre-start exec sleep 1000\nexec sleep 1000\n")
        self.assertRegex(self.call("start", "web", expect=1),
                         r"^start: Job failed to start \(.*pre-start.*1s.*\)\n$")
        self.assertEqual(self.status("web"), "web stop/waiting\n")

    def test_a_stop_waits_for_a_hook_that_is_not_cut_short(self):
        done = self.path("done")
        self.load(web=f"pre-start exec sh -c 'sleep 2; touch {done}'\nexec sleep 1000\n")
        self.call("start", "--no-wait", "web")
        self.wait_for("pre-start", "web")
        self.assertEqual(self.call("stop", "web"), "web stop/waiting\n")
        self.assertTrue(os.path.exists(done))

    def test_post_start_and_pre_stop_fail_no_job(self):
        self.load(web="post-start exec false\npre-stop exec false\nexec sleep 1000\n")
        self.assertRegex(self.call("start", "web"), "^web start/running")
        self.assertEqual(self.call("stop", "web"), "web stop/waiting\n")

    def test_a_post_stop_that_fails_is_said(self):
        self.load(web="post-stop exec false\nexec sleep 1000\n")
        self.call("start", "web")
        self.assertIn("Job failed while stopping", self.call("stop", "web", expect=1))

    def test_the_variables_of_hooks(self):
        out = self.path("out")
        env = f"sh -c 'echo $0 $A $B $UPSTART_EVENTS $UPSTART_STOP_EVENTS $UPSTART_JOB >> {out}'"
        self.load(web="start on go\nstop on halt\nenv A=file\nenv B=file\n"
                      + "".join(f"{hook} exec {env} {hook}\n" for hook in
                                ("pre-start", "post-start", "pre-stop", "post-stop"))
                      + "exec sleep 1000\n")
        self.initctl("emit", "go", "A=start")
        self.initctl("emit", "halt", "B=stop")
        self.assertEqual(read_or(out), "pre-start start file go web\npost-start start file go web\n"
                                       "pre-stop start stop go halt web\n"
                                       "post-stop start stop go halt web\n")


class EndsTest(UpstartTest):
    def test_a_kill_timeout_of_zero_kills_at_once(self):
        self.load(web="kill timeout 0\nexec sh -c 'trap \"\" TERM; while :; do sleep 1; done'\n")
        self.call("start", "web")
        pid = self.pid_of("web")
        self.assertEqual(self.call("stop", "web"), "web stop/waiting\n")
        self.assertFalse(is_alive(pid))

    def test_a_job_that_ignores_its_signal_is_killed_after_its_timeout(self):
        self.load(web="kill timeout 1\nexec sh -c 'trap \"\" TERM; while :; do sleep 1; done'\n")
        self.call("start", "web")
        self.assertEqual(self.call("stop", "web"), "web stop/waiting\n")

    def test_signals_for_the_end_and_for_a_reload(self):
        out = self.path("out")
        self.load(web="kill signal INT\nreload signal USR2\nscript\n"
                      f"  trap 'echo USR2 >> {out}' USR2\n  trap 'echo INT >> {out}; exit 0' INT\n"
                      f"  echo up >> {out}\n  while :; do sleep 0.1 || :; done\nend script\n",
                  probe="reload signal 0\nexec sleep 1000\n")
        self.call("start", "web")
        wait_until(lambda: read_or(out) == "up\n", "it runs")
        self.assertEqual(self.call("reload", "web"), "")
        wait_until(lambda: "USR2" in read_or(out), "it was reloaded")
        self.call("stop", "web")
        self.assertEqual(read_or(out), "up\nUSR2\nINT\n")
        self.call("start", "probe")
        pid = self.pid_of("probe")
        self.assertEqual(self.call("reload", "probe"), "")
        self.assertEqual(self.pid_of("probe"), pid)
        self.call("stop", "probe")
        self.assertEqual(self.call("reload", "probe", expect=1), "reload: Unknown instance: \n")

    def test_a_crash_loop_ends_after_its_limit_and_says_so(self):
        self.load(web="respawn\nrespawn limit 2 60\nexec sh -c 'exit 3'\n",
                  after="start on stopped web RESULT=failed PROCESS=respawn\nexec sleep 1000\n")
        self.reeve.run("initctl", "start", "web")
        self.wait_for("stop/waiting", "web")
        self.wait_for("start/running", "after")

    def test_a_restart_with_a_pre_stop_restarts(self):
        self.load(web="pre-stop exec true\nexec sleep 1000\n")
        self.call("start", "web")
        pid = self.pid_of("web")
        self.call("restart", "web")
        self.assertNotEqual(self.pid_of("web"), pid)

    def test_a_missing_program_fails_the_start_and_respawns_nothing(self):
        self.load(web="respawn\nexec /does/not/exist\n")
        self.assertRegex(self.call("start", "web", expect=1),
                         r"^start: Job failed to start \(.*/does/not/exist.*\)\n$")
        self.assertEqual(self.status("web"), "web stop/waiting\n")


class SurroundingsTest(UpstartTest):
    SHOW = ("umask; nice; cat /proc/self/oom_score_adj; ulimit -Sn; ulimit -Hn; pwd; id -un; "
            "id -gn; echo ${HOME-no home}")

    def said_by(self, name, lines):
        """What a process has written, once these are all of its lines."""
        out = self.path(name + ".out")
        wait_until(lambda: read_or(out).count("\n") == lines, "it has said all",
                   diagnosis=lambda: read_or(out))
        return read_or(out).splitlines()

    def test_a_process_has_the_surroundings_that_its_job_says(self):
        os.chmod(self.directory, 0o777)
        out = self.path("web.out")
        self.load(web=f"umask 027\nnice 5\noom score 300\nlimit nofile 100 200\n"
                      f"chdir {self.directory}\nsetuid nobody\n"
                      f"exec sh -c '({self.SHOW}) > {out}; exec sleep 1000'\n")
        self.call("start", "web")
        self.assertEqual(self.said_by("web", 9), ["0027", "5", "300", "100", "200",
                                                  self.directory, "nobody", "nogroup", "no home"])

    def test_a_process_leads_a_session_and_has_three_descriptors(self):
        out = self.path("web.out")
        show = f"{out}.pl"
        with open(show, "w", encoding="utf-8") as script:
            script.write("opendir my $all, '/proc/self/fd'; my @fds = sort grep { /\\d/ && "
                         "$_ != fileno($all) } readdir $all;\nprint \"@fds\\n\";\n"
                         "open my $stat, '/proc/self/stat'; my @stat = split ' ', <$stat>;\n"
                         "print $stat[4] == $$ && $stat[5] == $$ ? \"leads\\n\" : \"no\\n\";\n"
                         "print readlink('/proc/self/fd/0'), \"\\n\";\n")
        self.load(web=f"console none\ntask\nscript\n  # of two lines\n"
                      f"  exec perl {show} > {out}\nend script\n")
        self.call("start", "web")
        self.assertEqual(self.said_by("web", 3), ["0 1 2", "leads", "/dev/null"])

    def test_what_cannot_be_had_fails_the_start_with_its_reason(self):
        for line, reason in (("chdir /does/not/exist", "/does/not/exist"),
                             ("setuid no-such-user", "no-such-user"),
                             ("setgid no-such-group", "no-such-group"),
                             ("chroot /does/not/exist", "/does/not/exist")):
            with self.subTest(line):
                self.load(web=f"{line}\nexec sleep 1000\n")
                self.assertRegex(self.call("start", "web", expect=1),
                                 rf"^start: Job failed to start \(.*{reason}.*\)\n$")
                self.assertEqual(self.status("web"), "web stop/waiting\n")

    def test_a_script_ends_at_the_first_command_that_fails(self):
        said = self.path("said")
        self.load(web=f"task\nscript\n  echo one >> {said}\n  false\n  echo two >> {said}\n"
                      "end script\n")
        self.call("start", "web", expect=1)
        self.assertEqual(read_or(said), "one\n")


class ConsoleTest(UpstartTest):
    def test_what_jobs_write_is_where_upstart_has_it(self):
        self.load(web="exec sh -c 'echo out; echo err >&2; sleep 1000'\n",
                  quiet="console none\nexec sh -c 'echo out; sleep 1000'\n",
                  silent="exec sleep 1000\n",
                  hooked="pre-start exec echo before\nexec sleep 1000\n",
                  many="instance $N\nexec sh -c 'echo $N; sleep 1000'\n")
        self.write("net/apache.conf", "exec sh -c 'echo served; sleep 1000'\n")
        self.load()
        for name in ("web", "quiet", "silent", "hooked", "net/apache"):
            self.call("start", name)
        self.call("start", "many", "N=a/b")
        for name, text in {"web": "out\nerr\n", "net_apache": "served\n", "hooked": "before\n",
                           "many-a_b": "a/b\n"}.items():
            wait_until(lambda name=name, text=text: read_or(self.log_of(name)) == text, name)
        self.assertFalse(os.path.exists(self.log_of("quiet")))
        self.assertFalse(os.path.exists(self.log_of("silent")))

    def test_names_that_are_too_long_for_a_file_are_harmless(self):
        self.load(many="instance $N\nexec sh -c 'echo up; sleep 1000'\n", web="exec sleep 1000\n")
        self.assertRegex(self.call("start", "many", "N=" + "x" * 250), "start/running")
        self.assertRegex(self.call("start", "web"), "start/running")
        self.call("stop", "many", "N=" + "x" * 250)

    def test_nothing_of_what_is_written_is_lost(self):
        bulk = self.path("bulk.pl")
        with open(bulk, "w", encoding="utf-8") as script:
            script.write("$| = 0; print sprintf('%09d', $_), \"\\n\" for 1 .. 100_000;\n")
        self.load(byte="task\nexec sh -c 'printf x; kill -9 $$'\n",
                  zero="task\nexec sh -c 'printf \"a\\\\0b\\\\n\"'\n",
                  bulk=f"task\nexec perl {bulk}\n",
                  daemon="expect fork\nscript\n  (sleep 0.5; echo child; exec sleep 1000) &\n"
                         "end script\n")
        self.call("start", "byte", expect=1)
        for name in ("zero", "bulk", "daemon"):
            self.call("start", name)
        for name, text in {"byte": "x", "zero": "a\0b\n", "daemon": "child\n"}.items():
            wait_until(lambda name=name, text=text: read_or(self.log_of(name)) == text, name,
                       diagnosis=lambda name=name: repr(read_or(self.log_of(name))))
        wait_until(lambda: read_or(self.log_of("bulk")).count("\n") == 100_000, "all lines")
        self.assertTrue(read_or(self.log_of("bulk")).endswith("\n000100000\n"))

    def test_a_log_that_was_moved_away_comes_anew(self):
        self.load(web="exec sh -c 'while :; do echo tick; sleep 0.1; done'\n")
        self.call("start", "web")
        wait_until(lambda: "tick" in read_or(self.log_of("web")), "it writes")
        os.unlink(self.log_of("web"))
        wait_until(lambda: "tick" in read_or(self.log_of("web")), "it writes to a new file")


if __name__ == "__main__":
    main()
