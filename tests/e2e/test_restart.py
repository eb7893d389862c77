"""Restarts that roll, crashes after good service, and what is remembered over a new start."""

import os
import threading
import time
import urllib.error
import urllib.request

from harness import ReeveTest, kill, main, program, wait_until

WEBS = 3


class Visitor(threading.Thread):
    """Asks every web instance, over and over, at the ports that its status shows."""

    def __init__(self, ports):
        super().__init__(daemon=True)
        self.ports = ports
        self.enough = threading.Event()
        self.least, self.rounds, self.pids = len(ports), 0, set()

    def run(self):
        while not self.enough.is_set():
            answering = sum(any(self.ask(port) for port in pair) for pair in self.ports)
            self.least = min(self.least, answering)
            self.rounds += 1

    def ask(self, port):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5) as answer:
                self.pids.add(int(answer.read()))
                return True
        except (OSError, urllib.error.URLError):
            return False


class RestartTest(ReeveTest):
    def load_web(self, **more):
        self.app = self.make_app("shop", {"web": program("web.py"), **more})
        self.reeve.cli("load", self.app)
        self.reeve.cli("scale", "shop", f"web={WEBS}")
        self.reeve.wait_running("shop/web", WEBS)

    def ports(self):
        return {name: one["port"] for name, one in self.reeve.instances("shop/web").items()}

    def test_a_restart_of_web_rolls_and_the_others_answer_all_the_time(self):
        self.load_web()
        before = self.reeve.pids()
        first = self.ports()
        self.reeve.cli("restart", "shop/web")
        second = self.ports()
        for name in first:
            self.assertNotEqual(first[name], second[name], "old and new overlap on two ports")
        # Both ports of each instance are known now: behind a proxy both stand in its upstream.
        visitor = Visitor([(first[name], second[name]) for name in first])
        visitor.start()
        for _ in range(3):
            self.reeve.cli("restart", "shop/web")
        visitor.enough.set()
        visitor.join(30)
        after = self.reeve.pids()
        self.assertEqual(set(before) & set(after), set(before))
        self.assertFalse(set(before.values()) & set(after.values()))
        self.assertGreater(visitor.rounds, 10)
        # An instance whose ports are asked one after the other may just change sides.
        self.assertGreaterEqual(visitor.least, WEBS - 1)
        self.assertGreater(len(visitor.pids), 2 * WEBS)
        self.assertEqual(set(self.reeve.members()), set(after.values()))

    def test_a_restart_replaces_one_instance_at_a_time(self):
        self.load_web()
        self.reeve.cli("restart", "shop/web")
        rows = self.reeve.history("shop/web.*")
        replaced = [(row["instance"], row["from"], row["to"]) for row in rows
                    if "reeve restart" in row["cause"]["text"]]
        self.assertEqual(replaced, [(f"web.{number}", "running", "running")
                                    for number in range(1, WEBS + 1)])
        for row in rows[-WEBS:]:
            self.assertRegex(row["reason"], r"^replaced pid \d+: accepts connections on port")

    def test_a_crash_after_ten_seconds_of_service_is_restarted_at_once(self):
        self.load_web(young=program("counter.pl"))
        since = time.monotonic()
        one = self.reeve.instances()["shop/web.1"]
        # The rule looks at the length of a life, so a life of ten seconds it takes.
        wait_until(lambda: time.monotonic() - since > 10.5, "ten seconds of service", 20)
        kill(one["pid"])
        kill(self.reeve.pids()["shop/young.1"])
        self.reeve.cli("restart", "shop/young")
        self.reeve.wait_until(
            lambda: self.reeve.instances()["shop/web.1"]["restarts"] == 1
            and len(self.reeve.running()) == WEBS + 1, "both run again")
        after = [row for row in self.reeve.history("shop/web.1") if row["from"] == "running"]
        self.assertEqual([row["to"] for row in after], ["starting"], "no pause")

    def test_what_was_up_comes_up_again_and_what_was_stopped_stays_stopped(self):
        self.load_web(worker=program("counter.pl"), clock="exec sleep 1000",
                      other="exec sleep 1001")
        self.reeve.cli("scale", "shop", "worker=4")
        self.reeve.cli("stop", "shop/clock", "shop/worker.2")
        ports, before = self.ports(), self.reeve.pids()
        up = self.reeve.running()
        for _ in range(3):
            self.reeve.cli("shutdown")
            # At once: whoever starts reeve again need not wait for the old one's last breath.
            self.reeve.cli("daemon", "--detach")
            self.reeve.wait_until(lambda: self.reeve.running() == up, f"these run: {sorted(up)}")
            instances = self.reeve.instances()
            for name in ("shop/clock.1", "shop/worker.2"):
                self.assertEqual(instances[name]["state"], "stopped", name)
                self.assertEqual(instances[name]["goal"], "down", name)
            self.assertEqual(set(instances), set(before))
            self.assertEqual(self.ports(), ports)
            self.assertFalse(set(before.values()) & set(self.reeve.pids().values()) - {None})
        told = self.reeve.cli("why", "shop/worker.1").out
        self.assertIn("boot", told)

    def test_a_restart_whose_new_program_fails_leaves_the_others_as_they_are(self):
        app = self.make_app("app", {"worker": "./worker"}, {"worker": "#!/bin/sh\nexec sleep 1000"})
        os.chmod(app + "/worker", 0o755)
        self.reeve.cli("load", app)
        self.reeve.cli("scale", "app", "worker=3")
        before = self.reeve.pids()
        os.unlink(app + "/worker")
        failed = self.reeve.run("restart", "app/worker", "--timeout", "20s")
        self.assertEqual(failed.code, 1, failed)
        self.assertIn("app/worker.1", failed.err)
        after = self.reeve.pids()
        self.assertEqual([after[name] for name in ("app/worker.2", "app/worker.3")],
                         [before[name] for name in ("app/worker.2", "app/worker.3")])

    def test_what_lacks_its_program_starts_when_that_comes(self):
        # Each has its program missing: one is executed, and one a shell looks for.
        app = self.make_app("late", "", {"reeve.toml": """
[services.direct]
command = ["bin/direct"]
[services.shell]
command = "exec bin/shell --loud"
[services.stopped]
command = ["bin/direct"]
"""})
        os.unlink(app + "/Procfile")
        self.reeve.run("load", app, "--no-wait")
        self.reeve.wait_until(
            lambda: self.reeve.instances()["late/direct.1"]["state"] == "failed"
            and self.reeve.instances()["late/stopped.1"]["state"] == "failed"
            and self.reeve.instances()["late/shell.1"]["state"] == "crash-looping", "no program",
            60)
        self.reeve.cli("stop", "late/stopped")
        kill(self.reeve.wait_for_new("reeved", 0))  # its successor looks for them, too
        self.reeve.wait_until(lambda: self.reeve.try_get("/v1/version"), "a new reeved")
        os.mkdir(app + "/bin")
        for name in ("direct", "shell"):
            with open(f"{app}/bin/{name}", "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\nexec sleep 1000\n")
            os.chmod(f"{app}/bin/{name}", 0o755)
        self.reeve.wait_until(
            lambda: self.reeve.running() == {"late/direct.1", "late/shell.1"}, "both run", 10)
        told = self.reeve.cli("why", "late/direct").out
        self.assertIn(f"{app}/bin/direct has changed", told)
        self.assertEqual(self.reeve.instances()["late/stopped.1"]["goal"], "down")


if __name__ == "__main__":
    main()
