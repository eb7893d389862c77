"""Releases: built, started beside the old, switched to all together or not at all."""

import json
import os
import shutil
import subprocess
import tarfile
import unittest
import zipfile

import harness
from dokku import RUNTIMES, DokkuTest, runtime_of


class Deploys(DokkuTest):
    def test_a_release_takes_the_place_of_the_one_before(self):
        first = self.deploy("shop", self.make_source("shop", "one"))
        self.assertIn("-----> Building shop", first.out)
        self.assertIn("=====> Application deployed:", first.out)
        self.assertEqual(self.answer("shop/web.1")[0], "one")
        self.deploy("shop", self.make_source("shop", "two"))
        self.assertEqual(self.answer("shop/web.1")[0], "two")
        listed = self.reeve.cli("releases", "shop").out
        self.assertIn("2 now", listed)
        self.reeve.cli("rollback", "shop")
        self.assertEqual(self.answer("shop/web.1")[0], "one")
        self.assertIn("(the code of 1)", self.reeve.cli("releases", "shop").out)

    def test_every_language(self):
        for program in RUNTIMES:
            if runtime_of(program) is None:
                print(f"{program}: skipped, {RUNTIMES[program]} is not installed")
                continue
            with self.subTest(program=program):
                name = "app-" + program.replace(".", "-")
                self.deploy(name, self.make_source(name, "one", program))
                self.assertEqual(self.answer(f"{name}/web.1")[0], "one")

    def test_a_reboot_brings_the_latest_release_up(self):
        self.deploy("shop", self.make_source("shop", "one"))
        self.deploy("shop", self.make_source("shop", "two"))
        self.dokku("config:set", "--no-restart", "shop", "KEPT=yes")
        self.reeve.cli("shutdown")
        self.reeve.cli("daemon", "--detach")
        self.reeve.wait_running("shop/web", 1)
        self.reeve.wait_until(lambda: self.answer("shop/web.1")[0] == "two", "the second release")
        self.assertEqual(self.dokku("config:get", "shop", "KEPT").out, "yes\n")
        self.assertIn("2 now", self.reeve.cli("releases", "shop").out)


    def release_file(self, app, number, name):
        path = os.path.join(self.reeve.root, "var/lib/reeve/apps", app, "releases", str(number))
        return harness.read_or(os.path.join(path, name), None)

    def test_what_predeploy_makes_is_in_the_release(self):
        self.deploy("shop", self.make_source("shop", "one", app_json={
            "healthchecks": {"web": [{"type": "startup", "uptime": 1}]},
            "scripts": {"dokku": {"predeploy": "echo made >made"}}}))
        self.assertEqual(self.release_file("shop", 1, "made"), "made\n")

    def test_files_of_other_names_are_read_where_they_were_set(self):
        self.create("shop")
        self.dokku("ps:set", "shop", "procfile-path", "deploy/Procfile")
        self.dokku("app-json:set", "--global", "appjson-path", "deploy/app.json")
        shown = self.dokku("app-json:report", "shop", "--app-json-computed-appjson-path").out
        self.assertEqual(shown, "deploy/app.json\n")
        self.dokku("app-json:report", "shop", "--app-json-selected", expect=1)
        self.dokku("app-json:set", "shop", "appjson-path", "../app.json", expect=1)
        source = self.make_source("shop", "one", procfile={"web": "exit 3"},
                                  files={"CHECKS": "/health ok\n"})
        said = self.deploy("shop", source, expect=1)
        self.assertIn("deploy/Procfile", said.err)
        self.assertIn("CHECKS is not read: write its checks as `healthchecks` into "
                      "deploy/app.json", said.out + said.err)
        os.makedirs(os.path.join(source, "deploy"))
        os.rename(os.path.join(source, "app.json"), os.path.join(source, "deploy/app.json"))
        with open(os.path.join(source, "deploy/Procfile"), "w", encoding="utf-8") as file:
            file.write("web: python3 web.py\n")
        self.deploy("shop", source)
        self.assertEqual(self.answer("shop/web.1")[0], "one")

    def test_so_many_releases_are_kept_as_were_set(self):
        self.create("shop")
        self.dokku("releases:set", "shop", "keep", "1", expect=1)
        self.dokku("releases:set", "shop", "keep", "2")
        for version in ("one", "two", "three"):
            self.deploy("shop", self.make_source("shop", version))
        self.assertIsNone(self.release_file("shop", 1, "version"))
        self.assertEqual(self.release_file("shop", 2, "version"), "two")
        self.reeve.cli("rollback", "shop", "1", expect=1)

    def test_a_changed_config_leaves_a_stopped_app_down(self):
        self.deploy("shop", self.make_source("shop", "one"))
        self.dokku("ps:stop", "shop")
        self.assertNotIn("Restarting", self.dokku("config:set", "shop", "GREETING=hey").out)
        self.assertEqual(self.reeve.running(), set())

    def test_a_start_and_a_restart_take_up_what_was_changed_before(self):
        self.deploy("shop", self.make_source("shop", "one"))
        self.dokku("ps:stop", "shop")
        self.dokku("config:set", "shop", "GREETING=hey")
        self.dokku("ps:start", "shop")
        self.assertEqual(self.answer("shop/web.1")[::2], ["one", "hey"])
        self.dokku("config:set", "--no-restart", "shop", "GREETING=ho")
        self.dokku("ps:scale", "--skip-deploy", "shop", "web=2")
        self.dokku("ps:restart", "shop")
        self.assertEqual(self.reeve.running(), {"shop/web.1", "shop/web.2"})
        self.assertEqual(self.answer("shop/web.2")[::2], ["one", "ho"])
        releases = self.reeve.cli("releases", "shop").out
        pids = self.reeve.pids("shop/")
        self.dokku("ps:restart", "shop", "web.2")
        self.assertEqual(self.reeve.pids("shop/")["shop/web.1"], pids["shop/web.1"])
        self.assertNotEqual(self.reeve.pids("shop/")["shop/web.2"], pids["shop/web.2"])
        self.assertEqual(self.reeve.cli("releases", "shop").out, releases)

    def test_what_happened_is_told(self):
        self.deploy("shop", self.make_source("shop", "one"))
        self.assertIn("shop/web.1", self.dokku("events").out)


class Failures(DokkuTest):
    """Wherever a deploy fails, what ran keeps its pid and answers."""

    def setUp(self):
        super().setUp()
        self.lines = {"web": "python3 web.py", "worker": "exec sleep 1000"}
        self.dokku("apps:create", "shop")
        self.scale("shop", "worker", 1)
        self.deploy("shop", self.make_source("shop", "one", procfile=self.lines))
        self.pids = self.reeve.pids("shop/")

    def assert_untouched(self, outcome, *texts):
        said = outcome.out + outcome.err
        for text in texts:
            self.assertIn(text, said)
        self.assertEqual(self.reeve.pids("shop/"), self.pids)
        self.assertEqual(self.answer("shop/web.1")[0], "one")
        self.assertIn("1 now", self.reeve.cli("releases", "shop").out)

    def fails(self, *texts, procfile=None, app_json=None, uptime=1):
        settings = {"healthchecks": {kind: [{"type": "startup", "uptime": uptime}]
                                     for kind in ("web", "worker")}, **(app_json or {})}
        source = self.make_source("shop", "two", procfile={**self.lines, **(procfile or {})},
                                  app_json=settings)
        self.assert_untouched(self.deploy("shop", source, expect=1), *texts)

    def test_in_its_build(self):
        self.fails("stage build", "exit code 3", "no compiler",
                   app_json={"scripts": {"build": "echo no compiler; exit 3"}})

    def test_before_its_release(self):
        self.fails("Execution of predeploy task failed: echo cannot; exit 4", "stage predeploy",
                   "code 4", "cannot",
                   app_json={"scripts": {"dokku": {"predeploy": "echo cannot; exit 4"}}})

    def test_in_its_release(self):
        self.fails("Execution of release task failed", "stage release", "code 5", "no database",
                   procfile={"release": "echo no database; exit 5"})

    def test_at_exec(self):
        self.fails("stage start", "./no-such-program: No such file or directory",
                   procfile={"web": "./no-such-program"})

    def test_at_a_startup_check(self):
        check = {"type": "startup", "name": "flag", "command": ["sh", "-c", "echo no flag; exit 8"],
                 "attempts": 1, "timeout": 5, "wait": 1}
        self.fails("stage start", "exited with code 8: no flag",
                   app_json={"healthchecks": {"web": [check]}})

    def test_at_a_port_that_is_never_opened(self):
        check = {"type": "startup", "listening": True, "attempts": 1, "timeout": 1, "wait": 1}
        self.fails("stage start", "listens nowhere", "last words",
                   procfile={"web": "echo last words; exec sleep 1000"},
                   app_json={"healthchecks": {"web": [check]}})

    def test_five_seconds_after_its_start(self):
        self.fails("stage start", "exited with code 6", "last words",
                   procfile={"web": "python3 web.py & sleep 5; echo last words; exit 6"},
                   uptime=7)

    def test_with_a_procfile_that_is_none(self):
        source = self.make_source("shop", "two", files={"Procfile": "<<<<<<< HEAD\nweb: x\n"})
        self.assert_untouched(self.deploy("shop", source, expect=1), "invalid line in procfile")


class Sources(DokkuTest):
    def test_archives(self):
        self.create("shop")
        source = self.make_source("shop", "tar")
        plain = os.path.join(self.directory, "shop.tar.gz")
        with tarfile.open(plain, "w:gz") as archive:
            archive.add(source, arcname=".")
        self.dokku("git:from-archive", "shop", plain)
        self.assertEqual(self.answer("shop/web.1")[0], "tar")
        zipped = os.path.join(self.directory, "shop.zip")
        source = self.make_source("shop", "zip")
        with zipfile.ZipFile(zipped, "w") as archive:
            for file in os.listdir(source):
                archive.write(os.path.join(source, file), "shop-1.0/" + file)
        self.dokku("git:from-archive", "shop", zipped)
        self.assertEqual(self.answer("shop/web.1")[0], "zip")
        broken = os.path.join(self.directory, "broken.tar")
        with open(broken, "w", encoding="utf-8") as file:
            file.write("this is no archive")
        self.dokku("git:from-archive", "shop", broken, expect=1)
        self.assertEqual(self.answer("shop/web.1")[0], "zip")

    def git(self, directory, *args):
        environment = {"PATH": os.environ["PATH"], "HOME": self.directory, "REEVE_ROOT": "",
                       "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.org",
                       "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@example.org"}
        return subprocess.run(["git", "-C", directory, *args], env=environment, check=False,
                              capture_output=True, text=True, timeout=60)

    @unittest.skipUnless(shutil.which("git"), "git is not installed")
    def test_a_push_and_a_sync(self):
        self.create("shop")
        bare = os.path.join(self.directory, "shop.git")
        self.dokku("git:initialize", "shop", bare)
        source = self.make_source("shop", "pushed")
        self.git(source, "init", "-q", "-b", "main")
        self.git(source, "add", "-A")
        self.git(source, "commit", "-q", "-m", "one")
        pushed = self.git(source, "push", bare, "main")
        self.assertEqual(pushed.returncode, 0, pushed.stderr)
        self.assertIn("Application deployed", pushed.stderr)
        self.assertEqual(self.answer("shop/web.1")[0], "pushed")
        with open(os.path.join(source, "Procfile"), "w", encoding="utf-8") as file:
            file.write("nonsense\n")
        self.git(source, "commit", "-qam", "broken")
        self.assertNotEqual(self.git(source, "push", bare, "main").returncode, 0)
        self.assertEqual(self.answer("shop/web.1")[0], "pushed")
        self.git(source, "checkout", "-q", "-b", "other", "HEAD~1")
        with open(os.path.join(source, "version"), "w", encoding="utf-8") as file:
            file.write("synced")
        self.git(source, "commit", "-qam", "synced")
        self.dokku("git:sync", "--build", "shop", source, "other")
        self.assertEqual(self.answer("shop/web.1")[0], "synced")
        pids = self.reeve.pids("shop/")
        said = self.dokku("git:sync", "--build-if-changes", "shop", source, "other")
        self.assertIn("Skipping build as no changes were detected", said.out + said.err)
        self.assertEqual(self.reeve.pids("shop/"), pids)
        shown = json.loads(self.dokku("git:report", "shop", "--format", "json").out)
        self.assertEqual(shown["git-computed-deploy-branch"], "main master")
        self.assertEqual(shown["git-sha"], self.git(source, "rev-parse", "HEAD").stdout.strip())
        self.reeve.cli("rollback", "shop")
        said = self.dokku("git:sync", "--build-if-changes", "shop", source, "other")
        self.assertIn("Skipping build as no changes were detected", said.out + said.err)
        self.assertEqual(self.answer("shop/web.1")[0], "pushed")
        pids = self.reeve.pids("shop/")
        kept = self.git(source, "push", bare, "other")
        self.assertEqual(kept.returncode, 0, kept.stderr)
        self.assertIn("other is kept, and not deployed: push to main or master", kept.stderr)
        self.assertEqual(self.reeve.pids("shop/"), pids)
        self.dokku("git:set", "shop", "deploy-branch", "live")
        shown = self.dokku("git:report", "shop", "--git-deploy-branch").out
        self.assertEqual(shown, "live\n")
        with open(os.path.join(source, "version"), "w", encoding="utf-8") as file:
            file.write("live")
        self.git(source, "commit", "-qam", "live")
        pushed = self.git(source, "push", bare, "other:live")
        self.assertEqual(pushed.returncode, 0, pushed.stderr)
        self.assertEqual(self.answer("shop/web.1")[0], "live")

    def test_images_are_refused_with_what_to_do(self):
        self.create("shop")
        for command in ("git:from-image", "git:load-image"):
            outcome = self.dokku(command, "shop", "nginx:latest", expect=1)
            self.assertIn("git:sync", outcome.err)
        source = self.make_source("shop", "one", files={"Dockerfile": "FROM scratch\n"})
        os.unlink(os.path.join(source, "Procfile"))
        self.assertIn("Procfile", self.deploy("shop", source, expect=1).err)


class Jobs(DokkuTest):
    def test_cron_jobs_are_listed_and_run(self):
        job = {"command": "touch ran", "schedule": "@daily"}
        self.deploy("shop", self.make_source("shop", "one", app_json={
            "healthchecks": {"web": [{"type": "startup", "uptime": 1}]}, "cron": [job]}))
        listed = json.loads(self.dokku("cron:list", "shop", "--format", "json").out)
        self.assertEqual([(one["command"], one["schedule"]) for one in listed],
                         [("touch ran", "@daily")])
        self.assertIn("touch ran", self.dokku("cron:list", "shop").out)
        self.assertEqual(self.dokku("cron:report", "shop", "--cron-task-count").out, "1\n")
        self.dokku("cron:run", "shop", listed[0]["id"])
        self.assertTrue(os.path.exists(os.path.join(
            self.reeve.root, "var/lib/reeve/apps/shop/releases/1/ran")))
        self.dokku("cron:run", "shop", "nothing", expect=1)

    def deploy_with_job(self, **job):
        self.deploy("shop", self.make_source("shop", "one", app_json={
            "healthchecks": {"web": [{"type": "startup", "uptime": 1}]},
            "cron": [{"schedule": "@yearly", **job}]}))
        return self.listed_job()["id"]

    def listed_job(self):
        return json.loads(self.dokku("cron:list", "shop", "--format", "json").out)[0]

    def test_a_job_is_suspended_and_resumed(self):
        job = self.deploy_with_job(command="sleep 1000")
        self.dokku("cron:suspend", "shop", job)
        self.assertEqual(self.listed_job()["task-in-maintenance"], True)
        self.deploy("shop", os.path.join(self.directory, "source", "shop"))
        self.assertEqual(self.listed_job()["maintenance"], True, "over a deploy as well")
        self.dokku("cron:resume", "shop", job)
        self.assertEqual(self.listed_job()["maintenance"], False)
        self.dokku("cron:suspend", "shop", "nothing", expect=1)
        self.dokku("cron:set", "--global", "maintenance", "true")
        self.assertEqual(self.listed_job()["app-in-maintenance"], True)
        self.dokku("cron:set", "shop", "maintenance", "false")
        self.assertEqual(self.listed_job()["app-in-maintenance"], False)
        self.dokku("cron:set", "shop", "mailto", "ann@example.org")
        shown = self.dokku("cron:report", "shop", "--cron-computed-mailto").out
        self.assertEqual(shown, "ann@example.org\n")
        self.dokku("cron:set", "shop", "colour", "red", expect=1)

    def test_a_job_that_must_not_overlap_does_not(self):
        begun = os.path.join(self.directory, "begun")
        job = self.deploy_with_job(command=f"sh -c 'touch {begun} && exec sleep 1000'",
                                   concurrency_policy="forbid")
        first = self.reeve.popen("dokku", "cron:run", "shop", job)
        try:
            self.reeve.wait_until(lambda: os.path.exists(begun), "the job runs")
            outcome = self.dokku("cron:run", "shop", job, expect=1)
        finally:
            first.kill()
            first.wait()
        self.assertIn(f"shop currently has a cron lock in place for {job}. Exiting...", outcome.err)

    def test_a_job_beside_the_caller_that_must_not_overlap_does_not(self):
        begun = os.path.join(self.directory, "begun")
        job = self.deploy_with_job(command=f"sh -c 'touch {begun} && exec sleep 1000'",
                                   concurrency_policy="forbid")
        name = self.dokku("cron:run", "--detach", "shop", job).out.strip()
        self.reeve.wait_until(lambda: os.path.exists(begun), "the job runs")
        for how in ([], ["--detach"]):
            outcome = self.dokku("cron:run", *how, "shop", job, expect=1)
            self.assertIn(f"shop currently has a cron lock in place for {job}.", outcome.err)
        self.assertEqual({one for one in self.reeve.running() if ".cron." in one},
                         {f"{name}/cron.1"})
        self.dokku("run:stop", "--container", name)
        self.assertRegex(self.dokku("cron:run", "--detach", "shop", job).out, r"^shop\.cron\.\d+$")

    def test_a_job_is_run_beside_the_caller(self):
        job = self.deploy_with_job(command="sleep 1000")
        name = self.dokku("cron:run", "--detach", "shop", job).out.strip()
        self.assertRegex(name, r"^shop\.cron\.\d+$")
        self.reeve.wait_until(lambda: f"{name}/cron.1" in self.reeve.running(), "it runs")
        self.assertEqual(self.dokku("--quiet", "apps:list").out, "shop\n")
        self.dokku("ps:stop", "shop")
        self.assertEqual(self.reeve.running(), set())

    def test_a_job_with_shell_syntax_is_refused(self):
        source = self.make_source("shop", "one", app_json={
            "cron": [{"command": "a; b", "schedule": "@daily"}]})
        self.assertIn("contains shell operators", self.deploy("shop", source, expect=1).err)

    def test_a_port_in_the_config_does_not_win(self):
        self.create("shop")
        said = self.dokku("config:set", "shop", "PORT=1").err
        self.assertEqual(said, " !     PORT has no effect of its own: use the port that reeve "
                               "gives to each process\n")
        self.deploy("shop", self.make_source("shop", "one"))
        self.assertEqual(self.answer("shop/web.1")[0], "one")

    def test_a_command_beside_an_instance_has_its_environment(self):
        self.deploy("shop", self.make_source("shop", "one"))
        self.dokku("config:set", "--no-restart", "shop", "GREETING=hey")
        self.assertEqual(self.dokku("enter", "shop", "web", "printenv", "DYNO", "GREETING").out,
                         "web.1\nhey\n")
        self.assertEqual(self.dokku("enter", "shop", "web.1", "printenv", "PORT").out,
                         f"{self.port_of('shop/web.1')}\n")
        self.assertIn("Available types for app (shop): web",
                      self.dokku("enter", "shop", expect=1).err)
        self.dokku("enter", "shop", "web.2", "true", expect=1)


class Detached(DokkuTest):
    """Commands that go on without the one who has begun them."""

    def setUp(self):
        super().setUp()
        self.deploy("shop", self.make_source("shop", "one"))

    def begin(self, *words):
        name = self.dokku("run:detached", *words).out.strip()
        self.assertRegex(name, r"^shop\.run\.\d+$")
        return name

    def list(self):
        return json.loads(self.dokku("run:list", "shop", "--format", "json").out)

    def test_one_is_listed_shown_and_stopped(self):
        name = self.begin("-e", "X=$(id)", "shop", "sh", "-c", "echo $X $DYNO; exec sleep 1000")
        other = self.begin("shop", "sleep", "1001")
        dyno = name.removeprefix("shop.")
        self.assertEqual({one["name"]: one["state"] for one in self.list()},
                         {name: "running", other: "running"})
        shown = self.dokku("run:list", "shop").out
        self.assertRegex(shown, r"^=====> shop run containers\nNAMES +COMMAND +CREATED\n"
                                r"(shop\.run\.\d+ +.*\n){2}$")
        said = "$(id) run.1\n"
        self.reeve.wait_until(
            lambda: self.dokku("run:logs", "--container", name, "-q").out == said, "what it says")
        self.assertIn(f"app[{dyno}]: $(id)", self.dokku("run:logs", "shop").out)
        self.dokku("run:stop", "--container", name)
        self.assertEqual([one["name"] for one in self.list()], [other])
        self.dokku("run:stop", "shop")
        self.assertEqual(self.list(), [])
        self.dokku("run:stop", "--container", name, expect=1)
        for command in ("run:logs", "run:stop"):
            refused = self.dokku(command, "nobody", expect=20)
            self.assertIn("App nobody does not exist", refused.err)
        self.assertEqual(self.reeve.running(), {"shop/web.1"})

    def test_one_that_ends_is_gone(self):
        mark = os.path.join(self.directory, "mark")
        self.begin("shop", "touch", mark)
        self.reeve.wait_until(lambda: os.path.exists(mark) and not self.list(), "it has ended")
        self.begin("--ttl-seconds", "1", "shop", "sleep", "1000")
        self.reeve.wait_until(lambda: not self.list(), "its time is over")
        outcome = self.dokku("run:detached", "--ttl-seconds", "$(id)", "shop", "true", expect=1)
        self.assertIn("--ttl-seconds must be a positive integer", outcome.err)
        self.dokku("run:detached", "shop", "./no-such-program", expect=1)
        self.reeve.wait_until(lambda: not self.list(), "it has not begun")

    def test_one_outlives_reeved_and_not_the_machine(self):
        name = self.begin("shop", "sleep", "1000")
        pid = self.reeve.pids(name)[f"{name}/run.1"]
        old = self.reeve.reeved()
        harness.kill(old)
        self.reeve.wait_for_new("reeved", old)
        self.assertEqual(self.reeve.pids(name)[f"{name}/run.1"], pid)
        self.reeve.cli("shutdown")
        self.reeve.cli("daemon", "--detach")
        self.reeve.wait_running("shop/web", 1)
        self.assertEqual(self.reeve.running(), {"shop/web.1"})
        self.assertEqual(self.list(), [])

    def test_those_of_an_app_end_with_it(self):
        self.begin("shop", "sleep", "1000")
        self.dokku("ps:stop", "shop")
        self.assertEqual(self.reeve.running(), set())
        self.begin("shop", "sleep", "1000")
        self.dokku("--force", "apps:destroy", "shop")
        self.assertEqual(self.reeve.running(), set())


class Builds(DokkuTest):
    def test_buildpacks_and_a_build_command_are_set(self):
        self.create("shop")
        for pack in ("https://example.org/a.git", "/srv/b"):
            self.dokku("buildpacks:add", "shop", pack)
        self.dokku("buildpacks:add", "shop", "/srv/b", expect=1)
        self.dokku("buildpacks:add", "--index", "1", "shop", "/srv/c")
        self.assertEqual(self.dokku("buildpacks:report", "shop", "--buildpacks-list").out,
                         "/srv/c,https://example.org/a.git,/srv/b\n")
        self.dokku("buildpacks:remove", "shop", "/srv/c")
        self.dokku("buildpacks:set", "--index", "2", "shop", "/srv/d")
        self.assertEqual(self.dokku("buildpacks:list", "shop").out,
                         "=====> shop buildpack urls\n       https://example.org/a.git\n"
                         "       /srv/d\n")
        self.dokku("buildpacks:clear", "shop")
        self.dokku("builder:set", "shop", "build-command", "echo", "built", ">", "built")
        self.deploy("shop", self.make_source("shop", "one"))
        self.assertEqual(harness.read(os.path.join(
            self.reeve.root, "var/lib/reeve/apps/shop/releases/1/built")), "built\n")

    def test_a_buildpack_of_a_directory(self):
        pack = os.path.join(self.directory, "pack", "bin")
        os.makedirs(pack)
        scripts = {"detect": "#!/bin/sh\necho Test\n",
                   "compile": "#!/bin/sh\necho compiling\nmkdir -p \"$1/.profile.d\"\n"
                              "echo 'export GREETING=hello' >\"$1/.profile.d/greet.sh\"\n"
                              "test \"$(cat \"$3/FLAVOUR\")\" = mint\n",
                   "release": "#!/bin/sh\necho '---'\necho 'default_process_types:'\n"
                              "echo '  web: python3 web.py'\n"}
        for name, text in scripts.items():
            with open(os.path.join(pack, name), "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(os.path.join(pack, name), 0o755)
        self.create("shop")
        self.dokku("config:set", "shop", "FLAVOUR=mint")
        source = self.make_source("shop", "one",
                                  files={".buildpacks": os.path.dirname(pack) + "\n"})
        os.unlink(os.path.join(source, "Procfile"))
        outcome = self.deploy("shop", source)
        self.assertIn("-----> Test app detected", outcome.out)
        self.assertIn("compiling", outcome.out)
        self.assertEqual(self.answer("shop/web.1")[2], "hello")

    def test_a_rebuild_and_a_changed_config(self):
        source = self.make_source("shop", "one", app_json={
            "healthchecks": {"web": [{"type": "startup", "uptime": 1}]},
            "scripts": {"build": "date +%s%N >built"}})
        self.deploy("shop", source)
        first = self.answer("shop/web.1")
        self.dokku("ps:rebuild", "shop")
        second = self.answer("shop/web.1")
        self.assertNotEqual(first[1], second[1])
        outcome = self.dokku("config:set", "shop", "GREETING=hey")
        self.assertIn("-----> Restarting app shop", outcome.out)
        self.assertEqual(self.answer("shop/web.1")[2], "hey")
        self.assertIn("hey", self.dokku("run", "shop", "printenv", "GREETING").out)
        self.dokku("run", "shop", "sh", "-c", "exit 9", expect=9)


if __name__ == "__main__":
    harness.main()
