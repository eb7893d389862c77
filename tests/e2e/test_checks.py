"""Readiness and checks as programs live with them: who says ready, what is seen, what hangs."""

import json
import os
import shutil
import signal
import socket
import time
import unittest

from harness import SLOWNESS, Prober, ReeveTest, is_alive, kill, main, wait_until

# Serves on a port, at a unix socket and with a file; USR1 ends the service, and not the process.
SERVER = """#!/usr/bin/python3
import os, signal, socket, sys, time
name = sys.argv[1]
port, unix = socket.socket(), socket.socket(socket.AF_UNIX)
port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
port.bind(("127.0.0.1", int(os.environ["PORT"])))
port.listen()
if os.path.exists(name + ".sock"):
    os.unlink(name + ".sock")
unix.bind(name + ".sock")
unix.listen()
open(name + ".good", "w").close()
def end(*_):
    port.close()
    unix.close()
    os.unlink(name + ".good")
signal.signal(signal.SIGUSR1, end)
signal.signal(signal.SIGUSR2, lambda *_: open(name + ".warned", "w").close())
while True:
    time.sleep(1000)
"""


class ChecksTest(ReeveTest):
    def write_app(self, services, name="shop"):
        """An app of `services`: settings in TOML by name."""
        path = os.path.join(self.directory, name)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, 0o777)
        files = {"server.py": SERVER, "reeve.toml": "".join(
            f"[services.{service}]\n{text}\n" for service, text in services.items())}
        for file, text in files.items():
            with open(os.path.join(path, file), "w", encoding="utf-8") as out:
                out.write(text)
        os.chmod(os.path.join(path, "server.py"), 0o755)
        return path

    def state(self, instance):
        return self.reeve.instances().get(instance, {}).get("state")

    def reasons(self, instance):
        return " ".join(row["reason"] for row in self.reeve.history(instance))

    @unittest.skipUnless(shutil.which("systemd-notify"), "needs systemd-notify")
    def test_systemd_notify_says_that_a_service_is_ready_and_how_it_is(self):
        path = self.write_app({
            "web": 'command = "while ! [ -e go ]; do sleep 0.05; done; systemd-notify --ready '
                   '--status=three_clients; exec sleep 1000"\nready = "notify"',
            "mute": 'command = "exec sleep 1000"\nready = { kind = "notify", timeout = "1s" }'})
        self.reeve.cli("load", path, "--no-wait")
        self.reeve.wait_until(lambda: self.state("shop/web.1") == "starting", "it starts")
        self.reeve.wait_until(lambda: "READY=1" in self.reasons("shop/mute.1"),
                              "the other one is no success")
        self.assertEqual(self.state("shop/web.1"), "starting")
        with open(os.path.join(path, "go"), "w", encoding="utf-8"):
            pass
        self.reeve.wait_running("shop/web", 1)
        self.reeve.wait_until(
            lambda: "three_clients" in self.reeve.cli("status", "shop/web.1").out, "its status")

    @unittest.skipUnless(shutil.which("systemd-notify"), "needs systemd-notify")
    def test_who_reports_no_more_to_its_watchdog_is_restarted(self):
        path = self.write_app({
            "web": 'command = "systemd-notify --ready; while ! [ -e hang ]; do systemd-notify '
                   'WATCHDOG=1; sleep 0.2; done; rm hang; sleep 1000"\nready = "notify"\n'
                   'checks = [{ name = "beat", probe = { kind = "watchdog", within = "10s" }, '
                   'steps = [{ action = "restart" }] }]'})
        self.reeve.cli("load", path)
        pid = self.reeve.pids()["shop/web.1"]
        with open(os.path.join(path, "hang"), "w", encoding="utf-8"):
            pass
        self.reeve.wait_until(lambda: self.reeve.pids()["shop/web.1"] not in (0, pid),
                              "it was restarted", 60)
        self.reeve.wait_running("shop/web", 1)

    def test_each_check_sees_its_service_end_and_restarts_it(self):
        probes = {"listening": '{ kind = "listening" }', "tcp": '{ kind = "tcp" }',
                  "unix": '{ kind = "unix", path = "%s/shop/unix.sock" }' % self.directory,
                  "exec": '{ kind = "exec", command = "test -e %s/shop/exec.good" }'
                          % self.directory}
        path = self.write_app({
            name: f'command = "./server.py {name}"\nport = true\nready = "port"\n'
                  f'checks = [{{ name = "serves", probe = {probe}, every = "200ms", '
                  'times = { failures = 2, of = 2 }, steps = [{ action = { kind = "signal", '
                  'signal = "USR2" } }, { action = "restart", from_firing = 2 }] }]'
            for name, probe in probes.items()})
        self.reeve.cli("load", path)
        before = self.reeve.pids()
        self.assertEqual(self.reeve.running(), {f"shop/{name}.1" for name in probes})
        for pid in before.values():
            kill(pid, signal.SIGUSR1)
        for name in probes:
            self.reeve.wait_until(
                lambda name=name: self.reeve.pids()[f"shop/{name}.1"]
                not in (0, before[f"shop/{name}.1"]), f"{name} was restarted", 60)
            self.assertIn("serves", self.reasons(f"shop/{name}.1"))
            self.assertTrue(os.path.exists(os.path.join(path, name + ".warned")),
                            "it had its signal first")
        self.reeve.wait_running("shop/", len(probes))

    def test_what_hangs_blocks_nobody(self):
        deaf = socket.socket()  # takes connections, and never answers
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(1000)
        self.addCleanup(deaf.close)
        port = deaf.getsockname()[1]
        hung = (f'checks = [{{ name = "page", probe = {{ kind = "http", port = {port} }}, every = '
                '"300ms", timeout = "1s" }, { name = "command", probe = { kind = "exec", command ='
                ' "sleep 1000" }, every = "300ms", timeout = "1s" }]')
        services = {f"deaf{number}": f'command = "exec sleep 1000"\n{hung}'
                    for number in range(20)}
        services["web"] = ('command = "./server.py web"\nport = true\nready = "port"\n'
                           'checks = [{ name = "serves", probe = { kind = "tcp" }, '
                           'every = "200ms", steps = [{ action = "restart" }] }]')
        self.reeve.cli("load", self.write_app(services))
        pids = self.reeve.pids()
        self.reeve.wait_until(lambda: "no answer within 1s" in json.dumps(self.reeve.get(
            "/v1/status?format=json")) or "no answer within 1s" in self.reeve.cli(
                "status", "shop/deaf0.1").out, "what hangs has been seen")
        prober = Prober(self.reeve)
        prober.start()
        begun = time.monotonic()
        kill(pids["shop/web.1"])
        wait_until(lambda: not is_alive(pids["shop/web.1"]), "it is gone")
        self.reeve.wait_running("shop/web", 1)
        self.assertLess(time.monotonic() - begun, 10 * SLOWNESS)
        kill(self.reeve.pids()["shop/web.1"], signal.SIGUSR1)
        self.reeve.wait_until(lambda: "serves" in self.reasons("shop/web.1"),
                              "the check of the other service goes on")
        prober.finish()
        self.assertEqual(prober.refused, [])
        self.assertLess(max(prober.waits), 5 * SLOWNESS)
        for name, pid in pids.items():
            if "deaf" in name:
                self.assertTrue(is_alive(pid), "what only hangs is left alone")


if __name__ == "__main__":
    main()
