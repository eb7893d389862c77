"""What becomes of deployed apps: their names, their links, checks by hand, given-up processes, and
the next boot."""

import fcntl
import json
import os
import signal

import dokku
import harness
import test_zero_downtime
from harness import kill


class Checks(dokku.DokkuTest):
    def test_checks_are_asked_again(self):
        flag = os.path.join(self.directory, "flag")
        with open(flag, "w", encoding="utf-8"):
            pass
        settings = {"healthchecks": {"web": [
            {"type": "startup", "name": "answers", "path": "/health", "content": "warm", "wait": 1},
            {"type": "startup", "name": "flag", "command": ["test", "-e", flag], "attempts": 1}]}}
        self.deploy("shop", self.make_source("shop", "one", "warm.py", app_json=settings,
                                             procfile={"web": "exec python3 warm.py"}))
        said = self.dokku("checks:run", "shop").out
        self.assertIn("-----> Running pre-flight checks (web.1)\n       Executing 2 healthchecks\n",
                      said)
        for name in ("answers", "flag"):
            self.assertIn(f"Healthcheck succeeded name='{name}'", said)
        os.unlink(flag)
        outcome = self.dokku("checks:run", "shop", "web.1", expect=1)
        self.assertIn("Healthcheck succeeded name='answers'", outcome.out)
        self.assertIn("Failure in name='flag': exited with code 1", outcome.err)


class Links(dokku.DokkuTest):
    def setUp(self):
        super().setUp()
        self.reeve.cli("load", self.make_app("db", {"server": "exec sleep 1000"}))
        self.create("shop")
        self.scale("shop", "web", 1)

    def source(self):
        web = "echo earlier; exec python3 web.py"
        return self.make_source("shop", "one", procfile={"web": web})

    def test_what_an_app_needs_is_started_first(self):
        self.dokku("links:add", "shop", "db/server")
        self.reeve.cli("stop", "db")
        self.deploy("shop", self.source())
        self.assertEqual(self.reeve.running(), {"db/server.1", "shop/web.1"})
        self.dokku("ps:stop", "shop")
        self.reeve.cli("stop", "db")
        self.dokku("ps:start", "shop")
        self.assertEqual(self.reeve.running(), {"db/server.1", "shop/web.1"})

    def test_what_is_missing_fails_the_start_by_its_name(self):
        free = test_zero_downtime.free_port()
        self.dokku("links:add", "shop", "a;b", expect=1)
        for link, name in (("nothing", "needs nothing, which is not loaded"),
                           ("systemd:reeve-test-nothing.service",
                            "the linked systemd unit reeve-test-nothing.service does not run")):
            with self.subTest(link=link):
                self.dokku("links:add", "shop", link)
                outcome = self.deploy("shop", self.source(), expect=1, timeout=120)
                self.assertIn(name, outcome.out + outcome.err)
                self.dokku("links:remove", "shop", link)
        self.deploy("shop", self.source())
        missing = f"tcp:127.0.0.1:{free}"
        self.dokku("links:add", "--no-restart", "shop", missing)
        self.dokku("ps:stop", "shop")
        said = self.dokku("ps:start", "shop", expect=1, timeout=120).err
        self.assertIn(f"the linked address 127.0.0.1:{free} accepts no connection", said)
        self.assertNotIn("earlier", said, "the last words of another life")
        self.assertEqual(self.reeve.running("shop/"), set())
        self.dokku("links:remove", "shop", missing)
        self.dokku("ps:start", "shop")
        self.reeve.wait_running("shop/web", 1)

    def test_an_address_is_waited_for(self):
        self.reeve.cli("load", self.make_app("other", {"web": "exec " + harness.program("web.py")}))
        port = self.reeve.instances()["other/web.1"]["port"]
        self.dokku("links:add", "shop", f"tcp:127.0.0.1:{port}")
        self.deploy("shop", self.source())
        self.reeve.wait_running("shop/web", 1)


class GivenUp(dokku.DokkuTest):
    def test_an_app_whose_process_is_given_up_is_built_anew_until_it_works(self):
        good = os.path.join(self.directory, "good")
        with open(good, "w", encoding="utf-8"):
            pass
        self.create("shop")
        self.scale("shop", "web", 0)
        self.scale("shop", "worker", 1)
        self.dokku("ps:set", "shop", "restart-policy", "on-failure:2")
        self.deploy("shop", self.make_source("shop", "one", procfile={
            "worker": f"test -e {good} || exit 7; exec sleep 1000"}))
        os.unlink(good)
        kill(self.reeve.pids("shop/")["shop/worker.1"], signal.SIGKILL)
        self.reeve.wait_until(lambda: "rebuil" in self.reeve.cli("status").out, "why it is down")
        self.assertIn("exited with code 7", self.reeve.cli("status").out)
        with open(good, "w", encoding="utf-8"):
            pass
        self.reeve.wait_until(lambda: "shop/worker.1" in self.reeve.running(), "it runs again",
                              120)
        self.assertIn("the daemon rebuilds, as a process was given up",
                      json.dumps(self.reeve.history("shop/worker.1")))


class Names(dokku.DokkuTest):
    def test_an_app_that_runs_gets_another_name(self):
        self.deploy("shop", self.make_source("shop", "one"))
        self.dokku("config:set", "--no-restart", "shop", "GREETING=hello")
        outcome = self.dokku("apps:rename", "shop", "market")
        self.assertIn("-----> Renaming shop to market\n", outcome.out)
        self.assertEqual(self.answer("market/web.1")[::2], ["one", "hello"])
        self.assertEqual(self.dokku("--quiet", "apps:list").out, "market\n")
        self.reeve.wait_until(lambda: not self.reeve.instances("shop/"), "the old one has gone")

    def test_a_name_stays_where_the_new_app_does_not_start(self):
        self.deploy("shop", self.make_source("shop", "one"))
        pids = self.reeve.pids("shop/")
        self.dokku("ps:set", "shop", "start-cmd", "exit 3")
        outcome = self.dokku("apps:rename", "shop", "market", expect=1)
        self.assertIn("shop keeps its name", outcome.err)
        self.assertEqual(self.dokku("--quiet", "apps:list").out, "shop\n")
        self.assertEqual(self.reeve.pids("shop/"), pids)

    def test_a_clone_is_deployed_from_the_same_source(self):
        self.deploy("shop", self.make_source("shop", "one"))
        self.dokku("apps:clone", "--skip-deploy", "shop", "later")
        self.assertEqual(self.reeve.instances("later/"), {})
        self.dokku("apps:clone", "shop", "copy")
        self.assertEqual(self.answer("copy/web.1")[0], "one")
        self.assertEqual(self.answer("shop/web.1")[0], "one")
        self.dokku("ps:rebuild", "later")
        self.assertEqual(self.answer("later/web.1")[0], "one")


class Boot(dokku.DokkuTest):
    def test_ten_apps_come_back_and_a_broken_one_keeps_nobody(self):
        names = [f"app-{number}" for number in range(10)]
        for name in names:
            self.deploy(name, self.make_source(name, name))
        ports = {name: self.port_of(f"{name}/web.1") for name in names}
        self.reeve.cli("shutdown")
        broken = os.path.join(self.reeve.root, "var/lib/reeve/apps/app-3/releases/1/web.py")
        with open(broken, "w", encoding="utf-8") as file:
            file.write("raise SystemExit(5)\n")
        self.reeve.cli("daemon", "--detach")
        up = {f"{name}/web.1" for name in names if name != "app-3"}
        self.reeve.wait_until(lambda: self.reeve.running() == up, "nine of ten run", 120)
        for name in names:
            if name == "app-3":
                continue
            self.assertEqual(self.port_of(f"{name}/web.1"), ports[name])
            self.assertEqual(self.answer(f"{name}/web.1")[0], name)


class Retirement(dokku.DokkuTest):
    def test_one_retirement_at_a_time(self):
        holder = self.reeve.popen("dokku", "ps:retire")
        self.assertEqual(holder.wait(60), 0)
        lock = os.open(os.path.join(self.reeve.root, "run/reeve"), os.O_RDONLY)
        self.addCleanup(os.close, lock)
        fcntl.flock(lock, fcntl.LOCK_EX)
        outcome = self.dokku("ps:retire", expect=137)
        self.assertEqual(outcome.err, " !     Failed to acquire ps:retire lock\n")


class Domains(test_zero_downtime.ProxiedTest):
    def test_domains_can_be_left_out(self):
        self.serve("python", 1)
        self.reeve.cli("domains:disable", "shop")
        self.assertIn("server_name _;", self.reeve.cli("nginx:show-config", "shop").out)
        self.assertIn("200 OK", test_zero_downtime.ProxyTest.ask(self, "anything.test"))
        shown = self.reeve.cli("domains:report", "shop", "--domains-app-enabled").out
        self.assertEqual(shown, "false\n")
        self.reeve.cli("domains:enable", "shop")
        self.assertIn("server_name shop.test;", self.reeve.cli("nginx:show-config", "shop").out)


if __name__ == "__main__":
    harness.main()
