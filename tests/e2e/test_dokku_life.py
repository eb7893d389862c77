"""What becomes of deployed apps later: a process that is given up, and the next boot."""

import json
import os
import signal

import dokku
import harness
from harness import kill


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


if __name__ == "__main__":
    harness.main()
