"""The lesser ways to keep processes together, and the reeve of a user without root's rights."""

import ctypes
import json
import os
import pwd
import subprocess
import unittest

from harness import (Reeve, ReeveTest, is_alive, kill, main, needs_root, program, read, read_or,
                     wait_until)

NOBODY = 65534
OPERATORS = 64123


def can_v1():
    return any(os.path.isdir(f"/sys/fs/cgroup/{name}") for name in ("systemd", "pids", "freezer"))


class ModesTest(ReeveTest):
    def live_through(self, mode):
        """Start, scale, crash, a death of reeved, and a stop with forked children."""
        reeve = self.new_reeve(mode, containment=mode)
        os.makedirs(reeve.root)
        reeve.start_foreground()
        app = self.make_app("app", {"worker": program("counter.pl"),
                                    "forks": program("stubborn.pl") + " forks fork",
                                    "leaves": program("stubborn.pl") + " leaves setsid",
                                    "daemon": program("stubborn.pl") + " daemon daemon"})
        reeve.cli("load", app)
        pids_file = os.path.join(app, "pids")
        wait_until(lambda: len(read_or(pids_file).splitlines()) == 6, "all processes noted")
        reeve.cli("scale", "app", "worker=4")
        before = reeve.pids()
        kill(before["app/worker.2"])
        reeve.wait_until(lambda: reeve.instances()["app/worker.2"]["restarts"] == 1
                         and len(reeve.running()) == 7, "the crashed one runs again")
        reeved = reeve.reeved()
        kill(reeved)
        reeve.wait_until(lambda: reeve.get("/v1/version")["pid"] != reeved, "a new reeved")
        after = reeve.pids()
        for name, pid in before.items():
            self.assertEqual(after[name] != pid, name == "app/worker.2", name)
        kill(after["app/worker.3"])
        reeve.wait_until(lambda: reeve.instances()["app/worker.3"]["restarts"] == 1
                         and len(reeve.running()) == 7, "the second one runs again")
        doctor = reeve.cli("doctor").out
        reeve.cli("stop", "app", timeout=90)
        noted = [int(line.split()[1]) for line in read_or(pids_file).splitlines()]
        self.assertEqual([pid for pid in noted if is_alive(pid)], [])
        self.assertEqual(reeve.members(), [])
        return doctor

    @needs_root
    @unittest.skipUnless(can_v1(), "no hierarchy of cgroup v1 here")
    def test_cgroup_v1_keeps_processes_together(self):
        self.assertIn("cgroup v1", self.live_through("v1"))

    def test_without_cgroups_processes_are_found_by_their_mark(self):
        self.assertIn("no cgroup", self.live_through("none"))


class UserReeve(Reeve):
    """A reeve of the user nobody, without REEVE_ROOT: everything is in its XDG directories."""

    def __init__(self, home, runtime):
        super().__init__(home, user=(NOBODY, NOBODY), environment={
            "HOME": home, "XDG_RUNTIME_DIR": runtime, "REEVE_ROOT": None,
            "USER": pwd.getpwuid(NOBODY).pw_name})
        self.home, self.runtime = home, runtime

    @property
    def socket(self):
        return os.path.join(self.runtime, "reeve/reeve.sock")

    @property
    def own_log(self):
        return os.path.join(self.home, ".local/state/reeve/log/reeve.log")

    def own(self, name):
        status = self.try_get("/v1/status?format=json")
        key = {"reeved": "pid", "reeve-keeper": "keeper_pid", "reeve-scribe": "scribe_pid"}[name]
        return status["daemon"][key] or 0 if status else 0


@needs_root
class UserModeTest(ReeveTest):
    def user_reeve(self):
        home = os.path.join(self.directory, "home")
        os.makedirs(home)
        os.chown(home, NOBODY, NOBODY)
        runtime = os.path.join(self.directory, "xdg-run")
        os.makedirs(runtime, mode=0o700)
        os.chown(runtime, NOBODY, NOBODY)
        reeve = UserReeve(home, runtime)
        self.reeves.append(reeve)
        return reeve

    def mount_privately(self, *arguments):
        """For this process and its children alone, until the end of the test."""
        unshare_mounts = 0x00020000
        if ctypes.CDLL(None).unshare(unshare_mounts) != 0:
            self.skipTest("no mounts of its own")
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)
        subprocess.run(["mount", *arguments], check=True)
        self.addCleanup(subprocess.run, ["umount", arguments[-1]], check=True)

    def add_operators_group(self):
        """The machine has the group `reeve`, as the package makes it."""
        path = os.path.join(self.directory, "group")
        others = [line for line in read("/etc/group").splitlines(True)
                  if not line.startswith("reeve:")]
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(others) + f"reeve:x:{OPERATORS}:\n")
        self.mount_privately("--bind", path, "/etc/group")

    def test_roots_reeve_gives_its_socket_and_its_logs_to_the_operators(self):
        self.add_operators_group()
        reeve = self.new_reeve("root")
        reeve.cli("daemon", "--detach")
        info = os.stat(reeve.socket)
        self.assertEqual((info.st_gid, info.st_mode & 0o777), (OPERATORS, 0o660))
        reeve.cli("load", self.make_app("app", {"worker": program("counter.pl")}))
        log = reeve.log_of("app", "worker.1")
        wait_until(lambda: read_or(log), "it has written a line")
        self.assertEqual(os.stat(log).st_gid, OPERATORS)

    def test_operators_whom_no_file_names_get_the_socket_after_the_start(self):
        if not os.path.isdir("/run/userdb"):
            os.mkdir("/run/userdb")
            self.addCleanup(os.rmdir, "/run/userdb")
        self.mount_privately("-t", "tmpfs", "tmpfs", "/run/userdb")
        for name in ("reeve", OPERATORS):
            with open(f"/run/userdb/{name}.group", "w", encoding="utf-8") as file:
                json.dump({"groupName": "reeve", "gid": OPERATORS}, file)
        found = subprocess.run(["getent", "group", "reeve"], stdout=subprocess.PIPE, check=False)
        if f":{OPERATORS}:".encode() not in found.stdout:
            self.skipTest("no source of groups but /etc/group here")
        reeve = self.new_reeve("root")
        reeve.cli("daemon", "--detach")
        wait_until(lambda: os.stat(reeve.socket).st_gid == OPERATORS, "the operators have it")

    def test_a_user_who_is_no_operator_of_the_machine_runs_a_reeve_too(self):
        self.add_operators_group()
        reeve = self.user_reeve()
        reeve.cli("load", self.make_app("app", {"worker": program("counter.pl")}))
        self.assertEqual(reeve.running(), {"app/worker.1"})
        self.assertEqual(os.stat(reeve.socket).st_gid, NOBODY)

    def test_a_user_runs_a_reeve_of_their_own_in_their_own_directories(self):
        reeve = self.user_reeve()
        app = self.make_app("app", {"worker": program("counter.pl")})
        reeve.cli("load", app)
        reeve.cli("scale", "app", "worker=2")
        pids = reeve.pids()
        for pid in pids.values():
            self.assertEqual(os.stat(f"/proc/{pid}").st_uid, NOBODY)
        self.assertIn("no cgroup", reeve.cli("doctor").out)
        kill(pids["app/worker.1"])
        reeve.wait_until(lambda: reeve.instances()["app/worker.1"]["restarts"] == 1
                         and len(reeve.running()) == 2, "the crashed one runs again")
        state = os.path.join(reeve.home, ".local/state/reeve")
        self.assertTrue(os.path.exists(os.path.join(state, "intent.db")))
        self.assertTrue(os.path.exists(os.path.join(state, "log/app/worker.1.log")))
        reeve.cli("stop", "app")
        self.assertEqual([pid for pid in pids.values() if is_alive(pid)], [])
        reeve.cli("start", "app")
        self.assertEqual(len(reeve.running()), 2)
        reeve.cli("shutdown")
        reeve.cli("daemon", "--detach")
        reeve.wait_running("app/worker", 2)


@needs_root
class RightsTest(ReeveTest):
    def test_a_user_without_rights_gets_77_and_changes_nothing(self):
        app = self.make_app("app", {"worker": program("counter.pl")})
        self.reeve.cli("load", app)
        before = self.reeve.instances()
        stranger = self.new_reeve("root")
        stranger.user = (NOBODY, NOBODY)
        for command in (["status"], ["stop", "app"], ["scale", "app", "worker=3"],
                        ["restart", "app"], ["load", app], ["unload", "app"],
                        ["signal", "KILL", "app"], ["why", "app"], ["events"], ["doctor"],
                        ["logs", "app"], ["shutdown"], ["daemon", "--detach"]):
            with self.subTest(command=command):
                outcome = stranger.run(*command)
                self.assertEqual(outcome.code, 77, outcome)
                self.assertTrue(outcome.err.startswith("reeve: "), outcome)
                self.assertEqual(outcome.out, "")
        after = self.reeve.instances()
        for name, one in before.items():
            self.assertEqual(after[name]["pid"], one["pid"])
            self.assertEqual(after[name]["since"][:21], one["since"][:21])
        self.assertEqual(len(after), len(before))
        self.reeves.remove(stranger)


if __name__ == "__main__":
    main()
