"""A real nginx in front of real apps, under constant load: restarts and crashes close nothing and
fail nothing; scaling and new versions fail nothing."""

import os
import shutil
import signal
import socket
import time
import unittest

import harness
from harness import LONG, PROGRAMS, kill, look_at, read_or
from load_generator import Load

CONNECTIONS = 200
RESTARTS = 100 if LONG else 6
CRASHES = 20 if LONG else 2
DEPLOYS = 20 if LONG else 3
COMMANDS = {"python": f"/usr/bin/python3 {PROGRAMS}/serve.py", "ruby": f"ruby {PROGRAMS}/serve.rb",
            "node": f"node {PROGRAMS}/serve.js"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@unittest.skipUnless(shutil.which("nginx") or os.path.exists("/usr/sbin/nginx"), "needs nginx")
class ProxiedTest(harness.ReeveTest):
    """A reeve whose own nginx listens on a port of loopback."""

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.reeve.cli("daemon", "--detach")
        self.reeve.cli("nginx:set", "--global", "bind-address-ipv4", "127.0.0.1")
        self.reeve.cli("nginx:set", "--global", "bind-address-ipv6", "none")
        self.reeve.cli("proxy:set", "--global", "proxy-port", str(self.port))

    def serve(self, kind, count=3):
        """An app of three instances behind nginx."""
        program = COMMANDS[kind].split()[0]
        if not shutil.which(program):
            self.skipTest(f"needs {program}")
        self.path = self.make_app("shop", {"web": COMMANDS[kind]}, {".env": "VERSION=1\n"})
        self.reeve.cli("load", self.path)
        self.reeve.cli("scale", "shop", f"web={count}")
        self.reeve.cli("domains:set", "shop", "shop.test")
        self.reeve.cli("proxy:enable", "shop")

    def workers(self):
        """The pids of nginx's workers: a reload makes new ones."""
        master = int(read_or(os.path.join(self.reeve.root, "run/reeve/nginx.pid")) or 0)
        text = read_or(f"/proc/{master}/task/{master}/children")
        return set(text.split())

    def reloads(self):
        """How often nginx has taken a configuration of the app."""
        done = 'app=shop reason="nginx has its new configuration"'
        return read_or(self.reeve.own_log).count(done)


class ZeroDowntimeTest(ProxiedTest):
    """Requests under constant load."""

    def load(self, **options):
        return Load(self.port, "shop.test", CONNECTIONS, **options).start()

    def wait_for_good(self, load, more=CONNECTIONS):
        """Until every connection was answered about once more."""
        aim = load.good + more
        self.reeve.wait_until(lambda: load.good >= aim or load.failures, "answers", 60)

    def crash(self, name):
        """Kills it. One that has served for ten seconds is started again at once."""
        pid = self.reeve.pids("shop/")[name]
        if LONG:
            ripe = time.monotonic() + 11
            self.reeve.wait_until(lambda: time.monotonic() > ripe, "ten seconds of service")
        kill(pid, signal.SIGKILL)
        self.reeve.wait_until(lambda: self.reeve.pids("shop/")[name] not in (pid, 0)
                              and name in self.reeve.running("shop/"), f"{name} runs again", 90)

    def check(self, load, closed=0):
        load.stop()
        self.assertEqual(load.failures[:5], [], f"{len(load.failures)} failed, {load.good} good")
        self.assertLessEqual(load.closed, closed)
        self.assertGreater(load.good, CONNECTIONS)
        print(f"{self.id()}: {load.good} good, {load.closed} closed between requests, "
              f"{len(load.failures)} failed", flush=True)

    def restart_and_crash(self, kind):
        self.serve(kind)
        workers = self.workers()
        load = self.load()
        self.wait_for_good(load)
        others = {name: self.reeve.pids("shop/")[name] for name in ("shop/web.1", "shop/web.3")}
        for _ in range(RESTARTS):
            self.reeve.cli("ps:restart", "shop", "web.2")
        self.wait_for_good(load)
        for _ in range(CRASHES):
            self.crash("shop/web.2")
            self.wait_for_good(load)
        self.check(load)
        self.assertEqual(self.workers(), workers, "nginx was reloaded")
        pids = self.reeve.pids("shop/")
        self.assertEqual({name: pids[name] for name in others}, others)

    def test_restarts_and_crashes_of_python_fail_nothing(self):
        self.restart_and_crash("python")

    def test_restarts_and_crashes_of_node_fail_nothing(self):
        self.restart_and_crash("node")

    def test_restarts_and_crashes_of_ruby_fail_nothing(self):
        self.restart_and_crash("ruby")

    def test_scaling_fails_nothing_and_touches_only_what_comes_or_goes(self):
        self.serve("python", 2)
        first = self.reeve.pids("shop/web.1")
        load = self.load(keep_alive=False)
        self.wait_for_good(load)
        for count in (4, 1, 3):
            self.reeve.cli("ps:scale", "shop", f"web={count}")
            self.reeve.wait_running("shop/web", count)
            self.wait_for_good(load)
        self.check(load)
        self.assertEqual(self.reeve.pids("shop/web.1"), first)

    def test_new_versions_fail_nothing(self):
        """Connections that are kept may be closed between two requests: those are counted apart."""
        self.serve("python")
        loads = [self.load(keep_alive=False), self.load()]
        for load in loads:
            self.wait_for_good(load)
        before = self.reloads()
        for version in range(2, 2 + DEPLOYS):
            with open(os.path.join(self.path, ".env"), "w", encoding="utf-8") as file:
                file.write(f"VERSION={version}\n")
            self.reeve.cli("load", self.path)
            for load in loads:
                self.wait_for_good(load)
        reloads = self.reloads() - before
        self.assertLessEqual(reloads, DEPLOYS * 3)
        self.check(loads[0])
        # Replacing an instance is one reload, which closes each connection once; nothing else does.
        self.check(loads[1], closed=reloads * CONNECTIONS)
        last = f"python {1 + DEPLOYS} "
        self.assertTrue(any(body.startswith(last) for body in loads[0].bodies), loads[0].bodies)


class ProxyTest(ProxiedTest):
    """What nginx does for an app, without load."""

    def ask(self, host="shop.test", port=None):
        with socket.create_connection(("127.0.0.1", port or self.port), 10) as client:
            client.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while True:
                piece = client.recv(65536)
                if not piece:
                    return answer.decode(errors="replace")
                answer += piece

    def test_a_stopped_app_is_a_502_and_a_started_one_answers(self):
        self.serve("python", 1)
        self.assertIn("200 OK", self.ask())
        self.assertEqual(self.reeve.cli("ps:stop", "shop").out, "-----> Stopping shop\n")
        self.assertIn("502 Bad Gateway", self.ask())
        self.reeve.cli("ps:start", "shop")
        self.assertIn("200 OK", self.ask())

    def test_an_app_without_code_is_a_502(self):
        self.reeve.cli("apps:create", "empty")
        self.reeve.cli("domains:set", "empty", "empty.test")
        self.reeve.cli("proxy:enable", "empty")
        self.assertIn("502 Bad Gateway", self.ask("empty.test"))

    def test_what_nginx_refuses_changes_nothing_and_is_shown(self):
        self.serve("python", 1)
        before = self.reeve.cli("nginx:show-config", "shop").out
        outcome = self.reeve.cli("nginx:set", "shop", "client-max-body-size", "big", expect=1)
        self.assertIn("client_max_body_size", outcome.err)
        self.assertEqual(self.reeve.cli("nginx:show-config", "shop").out, before)
        self.assertIn("200 OK", self.ask())
        self.assertIn("shop: ", self.reeve.cli("nginx:validate-config", expect=1).err)
        self.reeve.cli("nginx:set", "shop", "client-max-body-size", "5m")
        self.reeve.cli("nginx:validate-config")
        self.assertIn("client_max_body_size 5m;", self.reeve.cli("nginx:show-config", "shop").out)

    def test_domains_and_ports_lead_to_the_app(self):
        self.serve("python", 1)
        other = free_port()
        self.reeve.cli("domains:add", "shop", "www.shop.test")
        self.reeve.cli("ports:add", "shop", f"http:{self.port}:5000", f"http:{other}:5000")
        self.assertIn("200 OK", self.ask("www.shop.test", other))
        refused = self.reeve.cli("ports:add", "shop", "worker:80:5000", expect=1)
        self.assertIn("only the web process may be bound to an external port", refused.err)
        listed = self.reeve.cli("ports:list", "shop").out
        self.assertIn(f"http           {other}", listed)
        self.reeve.cli("ports:remove", "shop", str(other))
        self.assertNotIn(str(other), self.reeve.cli("ports:report", "shop", "--ports-map").out)

    def test_config_is_cleared_and_built_again(self):
        self.serve("python", 1)
        self.reeve.cli("proxy:clear-config", "shop")
        self.reeve.cli("nginx:show-config", "shop", expect=1)
        self.reeve.cli("proxy:build-config", "shop")
        self.assertIn("200 OK", self.ask())
        self.reeve.cli("proxy:disable", "shop")
        self.assertEqual(self.reeve.cli("proxy:report", "shop", "--proxy-enabled").out, "false\n")

    def test_an_apps_own_template_is_used_and_its_mistakes_are_named(self):
        self.serve("python", 1)
        os.chmod(self.path, 0o755)
        template = os.path.join(self.path, "nginx.conf.sigil")
        with open(template, "w", encoding="utf-8") as file:
            file.write("upstream {{ .APP }} {\n"
                       "{{ range $one := .DOKKU_APP_WEB_LISTENERS | split \" \" }}"
                       "  server {{ $one }};\n{{ end }}}\n"
                       "server {\n  listen 127.0.0.1:{{ .PROXY_PORT }};\n"
                       "  server_name {{ .NOSSL_SERVER_NAME }};\n"
                       "  location / { proxy_pass http://{{ .APP }}; add_header X-Own yes; }\n}\n")
        self.reeve.cli("proxy:build-config", "shop")
        self.assertIn("X-Own: yes", self.ask())
        with open(template, "a", encoding="utf-8") as file:
            file.write("{{ shell \"id\" }}\n")
        outcome = self.reeve.cli("proxy:build-config", "shop", expect=1)
        self.assertIn('line 9: function "shell" is not supported', outcome.err)
        self.assertIn("X-Own: yes", self.ask())

    @unittest.skipUnless(os.geteuid() == 0, "gives a file to somebody")
    def test_a_template_that_others_can_write_is_used_when_an_operator_says_so(self):
        self.serve("python", 1)
        os.chmod(self.path, 0o755)
        template = os.path.join(self.path, "nginx.conf.sigil")
        with open(template, "w", encoding="utf-8") as file:
            file.write("server {\n  listen 127.0.0.1:{{ .PROXY_PORT }};\n  return 204;\n}\n")
        os.chown(template, 65534, 65534)
        outcome = self.reeve.cli("proxy:build-config", "shop", expect=1)
        self.assertIn("whoever can write it would have root's rights", outcome.err)
        self.assertIn("200 OK", self.ask())
        self.reeve.cli("nginx:set", "shop", "disable-custom-config", "false")
        self.assertIn("204 No Content", self.ask())

    def test_nginx_and_its_files_outlive_reeved(self):
        self.serve("python", 1)
        workers = self.workers()
        old = self.reeve.reeved()
        kill(old)
        self.reeve.wait_for_new("reeved", old)
        self.reeve.wait_running("shop/web", 1)
        self.reeve.cli("proxy:build-config", "shop")
        self.assertIn("200 OK", self.ask())
        self.assertEqual(self.workers(), workers, "nginx was reloaded")

    def test_nginx_that_dies_comes_back_with_the_same_files(self):
        self.serve("python", 1)
        master = self.reeve.pids("reeve-nginx/")["reeve-nginx/nginx.1"]
        kill(master)
        self.reeve.wait_until(lambda: look_at(master) is None, "the old nginx is gone")
        self.reeve.wait_running("reeve-nginx/", 1)

        def answers():
            try:
                return "200 OK" in self.ask()
            except OSError:
                return False
        self.reeve.wait_until(answers, "nginx answers again")


if __name__ == "__main__":
    harness.main()
