"""The Debian package: built, unpacked into a root of its own, and used there."""

import json
import os
import pty
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import time
import unittest

from harness import BIN, ReeveTest, Reeve, kill, main, program, read

BUILD = os.path.dirname(BIN)


def is_release():
    """Whether the package is what users get: `make test` asks that one, too, what it needs."""
    return "CMAKE_BUILD_TYPE:STRING=Release\n" in read(os.path.join(BUILD, "CMakeCache.txt"))


class PackagedReeve(Reeve):
    """A reeve whose programs are those of the package."""

    programs = ""

    def popen(self, *args, **options):
        options.setdefault("env", self.environment())
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.DEVNULL)
        return subprocess.Popen([os.path.join(self.programs, "reeve"), *args], **options)


@unittest.skipUnless(shutil.which("cpack") and shutil.which("dpkg-shlibdeps"),
                     "no cpack or dpkg-dev here")
class PackagingTest(ReeveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.work = subprocess.run(["mktemp", "-d", "/tmp/reeve-package-XXXXXX"], check=True,
                                  capture_output=True, text=True).stdout.strip()
        outcome = subprocess.run(
            ["cpack", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-G", "DEB",
             "-B", cls.work], cwd=cls.work, capture_output=True, text=True, check=False)
        cls.packages = [os.path.join(cls.work, name) for name in os.listdir(cls.work)
                        if name.endswith(".deb")]
        if outcome.returncode != 0 or not cls.packages:
            raise AssertionError(outcome.stdout + outcome.stderr)
        cls.root = os.path.join(cls.work, "root")
        subprocess.run(["dpkg-deb", "-x", cls.packages[0], cls.root], check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.work, ignore_errors=True)
        super().tearDownClass()

    def path(self, name):
        return os.path.join(self.root, name)

    def field(self, name):
        return subprocess.run(["dpkg-deb", "-f", self.packages[0], name], check=True,
                              capture_output=True, text=True).stdout.strip()

    def test_it_declares_what_it_needs(self):
        self.assertEqual(self.field("Package"), "reeve")
        needed = self.field("Depends")
        for library in ("libc6", "libevent-openssl", "libsqlite3", "libssl"):
            self.assertIn(library, needed)
        if is_release():
            for library in ("libstdc++6", "libgcc-s1", "libevent-core", "libpcre2"):
                self.assertNotIn(library, needed, "it is linked statically (decision 0020)")
        scripts = os.path.join(self.work, "control")
        subprocess.run(["dpkg-deb", "-e", self.packages[0], scripts], check=True)
        for name in ("postinst", "prerm"):
            subprocess.run(["sh", "-n", os.path.join(scripts, name)], check=True)

    def test_what_it_installs_is_well_formed(self):
        unit = read(self.path("usr/lib/systemd/system/reeve.service"))
        self.assertIn("ExecStart=/usr/bin/reeve-keeper\n", unit)
        for line in ("Type=notify", "NotifyAccess=all", "Delegate=yes", "KillMode=process"):
            self.assertIn(line + "\n", unit)
        autoload = read(self.path("usr/lib/systemd/system/reeve-bluepill.service"))
        self.assertIn("ExecStart=/usr/bin/reeve bluepill autoload\n", autoload)
        self.assertIn("g reeve", read(self.path("usr/lib/sysusers.d/reeve.conf")))
        self.assertIn("/run/reeve", read(self.path("usr/lib/tmpfiles.d/reeve.conf")))
        subprocess.run(["sh", "-n", self.path("usr/share/reeve/reeve.openrc")], check=True)
        subprocess.run(["bash", "-n", self.path("usr/share/bash-completion/completions/reeve")],
                       check=True)
        for shell, name in (("zsh", "usr/share/zsh/vendor-completions/_reeve"),
                            ("fish", "usr/share/fish/vendor_completions.d/reeve.fish")):
            if shutil.which(shell):
                subprocess.run([shell, "-n", self.path(name)], check=True)
        for manual, word in (("man1/reeve.1", "upgrade"), ("man5/reeve.toml.5", "memory_max"),
                             ("man8/reeved.8", "SIGHUP")):
            page = self.path("usr/share/man/" + manual)
            self.assertIn(word, read(page).replace("\\-", "-"))
            if shutil.which("groff"):
                said = subprocess.run(["groff", "-k", "-man", "-Tutf8", page], check=True,
                                      capture_output=True, text=True)
                self.assertEqual(said.stderr, "")
                # Bold letters are struck twice.
                self.assertIn(word, re.sub(".\b", "", said.stdout))
        for link in ("bluepill", "dokku", "initctl"):
            target = os.path.realpath(self.path(f"usr/lib/reeve/compat/{link}"))
            self.assertEqual(target, os.path.realpath(self.path("usr/bin/reeve")))

    def test_it_works_where_it_is_unpacked(self):
        PackagedReeve.programs = self.path("usr/bin")
        self.reeve = PackagedReeve(os.path.join(self.directory, "packaged"))
        self.reeves.append(self.reeve)
        app = self.make_app("shop", {"worker": program("counter.pl")})
        self.assertIn("loaded shop", self.reeve.cli("load", app).out)
        exe = os.readlink(f"/proc/{self.reeve.reeved()}/exe")
        self.assertTrue(exe.startswith(self.root), exe)
        targets = self.reeve.cli("completion", "targets").out.split()
        self.assertEqual(targets, ["shop", "shop/worker", "shop/worker.1"])
        place = os.path.join(self.directory, "sbin")
        os.mkdir(place)
        self.reeve.cli("personality", "enable", "bluepill", "--at", place)
        self.assertEqual(os.readlink(os.path.join(place, "bluepill")), self.path("usr/bin/reeve"))
        self.reeve.cli("personality", "enable", "bluepill", "--at", place)
        self.reeve.cli("personality", "disable", "bluepill", "--at", place)
        self.assertEqual(os.listdir(place), [])
        with open(os.path.join(place, "dokku"), "w", encoding="utf-8"):
            pass
        outcome = self.reeve.cli("personality", "enable", "dokku", "--at", place, expect=1)
        self.assertIn("something else", outcome.err)
        self.reeve.cli("personality", "disable", "dokku", "--at", place, expect=1)
        self.reeve.cli("personality", "enable", "runit", "--at", place, expect=2)

    def load_named(self, name):
        head = {"id": "%016x" % random.randrange(1, 2**64), "verb": "load", "timeout_ms": 20_000}
        service = {"name": "one", "command": {"kind": "direct", "argv": ["sleep", "1000"]}}
        status, body = self.reeve.request(
            "POST", "/v1/operations/load",
            json.dumps(head) + "\n" + json.dumps({"name": name, "services": [service]}))
        self.assertEqual(status, 200, body)

    def test_bash_completes_commands_options_and_live_names(self):
        PackagedReeve.programs = self.path("usr/bin")
        self.reeve = PackagedReeve(os.path.join(self.directory, "completed"))
        self.reeves.append(self.reeve)
        self.reeve.cli("load", self.make_app("shop", {"worker": "exec sleep 1000"}))

        def complete(*words):
            script = (f"source {self.path('usr/share/bash-completion/completions/reeve')}\n"
                      f"COMP_WORDS=({' '.join(repr(word) for word in words)})\n"
                      f"COMP_CWORD={len(words) - 1}\n_reeve 2>/dev/null\n"
                      'printf "%s\\n" "${COMPREPLY[@]}"')
            environment = self.reeve.environment()
            environment["PATH"] = self.path("usr/bin") + ":" + environment["PATH"]
            return subprocess.run(["bash", "-c", script], check=True, env=environment,
                                  cwd=self.directory, capture_output=True,
                                  text=True).stdout.splitlines()

        self.load_named("$(touch expanded)")
        quoted = "\\$\\(touch\\ expanded\\)"
        self.assertEqual(complete("reeve", "stop", "$"),
                         [quoted, quoted + "/one", quoted + "/one.1"])
        self.assertNotIn("expanded", os.listdir(self.directory), "a name is no command")
        self.assertEqual(complete("reeve", "upg"), ["upgrade"])
        self.assertEqual(complete("reeve", "stop", "shop/"), ["shop/worker", "shop/worker.1"])
        self.assertIn("--dry-run", complete("reeve", "reload", "--d"))

    def load_for_completion(self):
        PackagedReeve.programs = self.path("usr/bin")
        self.reeve = PackagedReeve(os.path.join(self.directory, "completed"))
        self.reeves.append(self.reeve)
        self.reeve.cli("load", self.make_app("shop", {"worker": "exec sleep 1000"}))
        environment = self.reeve.environment()
        environment["PATH"] = self.path("usr/bin") + ":" + environment["PATH"]
        environment["HOME"] = self.directory
        return environment

    @unittest.skipUnless(shutil.which("fish"), "needs fish")
    def test_fish_completes_commands_options_and_live_names(self):
        environment = self.load_for_completion()
        script = self.path("usr/share/fish/vendor_completions.d/reeve.fish")

        def complete(line):
            command = f"source {script}; complete -C {line!r}"
            said = subprocess.run(["fish", "--no-config", "-c", command], check=True,
                                  env=environment, cwd=self.directory, capture_output=True,
                                  text=True, timeout=60).stdout
            return [one.split("\t")[0] for one in said.splitlines()]

        self.assertEqual(complete("reeve upg"), ["upgrade"])
        self.assertEqual(complete("reeve stop shop/"), ["shop/worker", "shop/worker.1"])
        self.assertEqual(complete("reeve load sho"), ["shop/"])
        self.assertIn("--dry-run", complete("reeve reload --d"))

    @unittest.skipUnless(shutil.which("zsh"), "needs zsh")
    def test_zsh_completes_commands_options_and_live_names(self):
        environment = self.load_for_completion()
        environment["TERM"] = "xterm"
        functions = self.path("usr/share/zsh/vendor-completions")
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.directory)
            os.execvpe("zsh", ["zsh", "-f", "-i"], environment)
        try:
            os.write(terminal, f"fpath=({functions} $fpath); autoload -Uz compinit; "
                               "compinit -u -D; PS1=; show() { print -r -- \"<$BUFFER>\"; }; "
                               "zle -N show; bindkey '^X' show; echo rea''dy\n".encode())
            self.read_until(terminal, "ready\r\n")
            for typed, completed in (("reeve upg", "reeve upgrade "),
                                     ("reeve stop shop/worker.", "reeve stop shop/worker.1 "),
                                     ("reeve stop sh", "reeve stop shop"),
                                     ("reeve load sho", "reeve load shop/"),
                                     ("reeve reload --dr", "reeve reload --dry-run ")):
                os.write(terminal, f"{typed}\t\x18".encode())
                self.assertIn(f"<{completed}>", self.read_until(terminal, ">\r\n"))
                os.write(terminal, b"\x15")
        finally:
            os.close(terminal)
            kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def read_until(self, terminal, end):
        said = b""
        until = time.monotonic() + 60
        while end.encode() not in said:
            self.assertLess(time.monotonic(), until, said)
            if select.select([terminal], [], [], 1)[0]:
                said += os.read(terminal, 4096)
        return said.decode(errors="replace")

    def test_a_service_manager_is_told_that_reeve_serves(self):
        path = os.path.join(self.directory, "notify")
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.bind(path)
        manager.settimeout(60)
        self.reeve.more_environment["NOTIFY_SOCKET"] = path
        daemon = self.reeve.start_foreground()
        told = manager.recv(4096).decode()
        self.assertTrue(re.match(r"READY=1\nMAINPID=\d+$", told), told)
        self.assertIn(f"MAINPID={daemon.pid}", told)
        reeved = read(f"/proc/{self.reeve.reeved()}/environ")
        self.assertNotIn("NOTIFY_SOCKET", reeved)


if __name__ == "__main__":
    main()
