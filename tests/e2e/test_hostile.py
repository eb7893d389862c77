"""Hostile input: refused or bounded, with the reason, and reeve goes on serving everybody else."""

import contextlib
import json
import os
import random
import re
import resource
import socket
import time

from harness import SANITIZED, ReeveTest, main, program, read

MEMORY_BOUND_KIB = (600 if SANITIZED else 120) * 1024  # what reeved may grow to, whatever comes


class HostileTest(ReeveTest):
    def setUp(self):
        super().setUp()
        self.app = self.make_app("shop", {"worker": program("counter.pl")})
        self.reeve.cli("load", self.app)
        self.pid = self.reeve.reeved()

    def memory_kib(self):
        return int(re.search(r"VmRSS:\s+(\d+)", read(f"/proc/{self.pid}/status"))[1])

    def assert_unharmed(self):
        self.assertEqual(self.reeve.reeved(), self.pid, "reeved was not replaced")
        self.assertEqual(self.reeve.running(), {"shop/worker.1"})
        self.assertLess(self.memory_kib(), MEMORY_BOUND_KIB)

    def connect(self):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(60)
        client.connect(self.reeve.socket)
        return client

    def load(self, app):
        head = {"id": "%016x" % random.randrange(1, 2**64), "verb": "load", "timeout_ms": 20_000}
        body = json.dumps(head) + "\n" + json.dumps(app)
        return self.reeve.request("POST", "/v1/operations/load", body)

    def test_names_that_are_paths_or_no_text_are_refused(self):
        service = {"name": "web", "command": {"kind": "direct", "argv": ["true"]}}
        for name in ("a/b", "../../etc", "a\x00b", "a\nb", "", {"hex": "fffe"}, "x" * 5000, "init"):
            status, body = self.load({"name": name, "services": [service]})
            self.assertEqual(status, 400, (name, body))
            self.assertNotIn('"message": ""', body)
        for name in ("a\x00b", "\x1b[2J", {"hex": "ff"}, "", "y" * 200):
            bad = dict(service, name=name)
            self.assertEqual(self.load({"name": "evil", "services": [bad]})[0], 400, name)
        outside = os.listdir(self.directory)
        self.assertEqual(sorted(outside), ["root", "shop"])
        self.assert_unharmed()

    def test_a_name_with_dots_and_slashes_stays_inside(self):
        command = {"kind": "direct", "argv": ["sh", "-c", "echo here; exec sleep 1000"]}
        service = {"name": "../x/..", "command": command}
        app = {"name": "..", "directory": "/", "services": [service]}
        status, body = self.load(app)
        self.assertEqual(status, 200, body)
        logs = os.path.join(self.reeve.root, "var/log/reeve")
        self.reeve.wait_until(lambda: len(os.listdir(logs)) >= 2, "its log")
        for name in os.listdir(logs):
            self.assertNotIn(name, (".", ".."))
        self.reeve.cli("unload", "..")
        self.assert_unharmed()

    def test_a_procfile_of_ten_megabytes_is_refused(self):
        huge = self.make_app("huge", "web: true\n" + "# filler\n" * (10 * 1024 * 1024 // 9))
        outcome = self.reeve.cli("load", huge, expect=1)
        self.assertIn("longer than 1 MiB", outcome.err)
        with open(os.path.join(huge, "reeve.toml"), "w", encoding="utf-8") as file:
            file.write("# filler\n" * (10 * 1024 * 1024 // 9))
        self.assertIn("longer than 1 MiB", self.reeve.cli("load", huge, expect=1).err)
        self.assert_unharmed()

    def test_files_of_odd_bytes_are_refused_with_their_place(self):
        for text in (b"web: a\x00b\n", b"web: \xff\xfe\n", b"\x00" * 100, b"[" * 100_000):
            path = self.make_app("odd", "")
            for name in ("Procfile", "reeve.toml"):
                with open(os.path.join(path, name), "wb") as file:
                    file.write(text)
                outcome = self.reeve.run("check", os.path.join(path, name))
                self.assertIn(outcome.code, (0, 1), outcome)
        self.assert_unharmed()

    def test_deep_json_is_refused(self):
        for body in ("[" * 200_000, '{"a":' * 200_000, '{"id":"1","verb":' + "[" * 500_000):
            for path in ("/v1/operations", "/v1/operations/load", "/v1/plan", "/v1/store"):
                status, _ = self.reeve.request("POST", path, body)
                self.assertIn(status, (400, 413), path)
        self.assert_unharmed()

    def test_large_bodies_and_heads_are_refused(self):
        for head, code in (("POST /v1/operations HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n",
                            b"413"),
                           ("GET /" + "x" * 100_000 + " HTTP/1.1\r\n\r\n", b"431"),
                           ("GET / HTTP/1.1\r\n" + "A: b\r\n" * 10_000 + "\r\n", b"431"),
                           ("NONSENSE\r\n\r\n", b"400")):
            with contextlib.closing(self.connect()) as client:
                with contextlib.suppress(OSError):  # it is closed while we talk
                    client.sendall(head.encode())
                with contextlib.suppress(ConnectionResetError):
                    answer = client.recv(4096)
                    self.assertIn(code, answer.split(b"\r\n")[0], head[:40])
        self.assert_unharmed()

    def allow_many_descriptors(self):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, limit)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))

    def test_half_requests_and_a_thousand_idle_clients_hold_up_nobody(self):
        self.allow_many_descriptors()
        idle = []
        try:
            for number in range(1000):
                client = self.connect()
                idle.append(client)
                if number % 2:
                    with contextlib.suppress(OSError):  # it has made room already
                        client.send(b"GET /v1/sta")
            begun = time.monotonic()
            for _ in range(5):
                self.reeve.cli("status")
            took = (time.monotonic() - begun) / 5
            print(f"beside {len(idle)} idle clients `status` took {took:.3f} s")
            # Idle ones are closed after 60 s: who had to wait for that would take longer.
            self.assertLess(took, 15)
            self.reeve.cli("restart", "shop")
        finally:
            for client in idle:
                client.close()
        self.assertIn("makes room", read(self.reeve.own_log))
        self.assert_unharmed()

    def test_a_client_that_never_reads_is_bounded_and_closed(self):
        clients = []
        try:
            for _ in range(20):
                client = self.connect()
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.sendall(b"GET /v1/events?follow=1 HTTP/1.1\r\n\r\n")
                clients.append(client)
                asker = self.connect()
                asker.setblocking(False)
                with contextlib.suppress(OSError):
                    asker.send(b"GET /v1/status HTTP/1.1\r\n\r\n" * 5000)
                clients.append(asker)
            for _ in range(10):
                self.reeve.cli("restart", "shop")
            self.assert_unharmed()
            self.reeve.wait_until(
                lambda: "does not read what it asked for: closed" in read(self.reeve.own_log),
                "it is closed, with the reason", 60)
        finally:
            for client in clients:
                client.close()


if __name__ == "__main__":
    main()
