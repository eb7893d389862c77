"""Roles: who may do what, by the rules of reeve.toml, as real users over the real socket."""

import json
import os
import subprocess
import sys
import unittest

from harness import BIN, ReeveTest, main, program

ANN, BOB, EVE = 64001, 64002, 64003  # users that no database knows

# Sends requests to a socket, one after the other; prints the status of each answer.
ASK = """
import json, socket, sys
for method, path, body in json.load(sys.stdin):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(60)
    client.connect(sys.argv[1])
    client.sendall(f"{method} {path} HTTP/1.1\\r\\nConnection: close\\r\\n"
                   f"Content-Length: {len(body)}\\r\\n\\r\\n{body}".encode())
    print(client.makefile("rb").readline().split()[1].decode())
"""

ROLES = ("view", "operate", "deploy", "admin")


def operation(verb, **members):
    body = {"id": os.urandom(7).hex(), "verb": verb, **members}
    return "POST", "/v1/operations", json.dumps(body)


def load_as_root():
    _, path, head = operation("load")
    app = {"name": "evil", "format": "native", "source": "/x", "directory": "/", "services": [
        {"name": "one", "command": {"kind": "direct", "argv": ["sleep", "1000"]}}]}
    return "POST", path + "/load", head + "\n" + json.dumps(app)


def requests_by_role():
    """Every route and every verb, under the least role that may have it."""
    shop = {"targets": ["shop"]}
    job = {"app": "init", "job": "web"}
    return {
        "view": [("GET", "/v1/" + path, "") for path in (
            "status", "jobs?app=init", "explain?job=web", "logs?target=shop", "events",
            "why?target=shop", "doctor", "version", "proxy?app=shop")],
        "operate": [operation("signal", signal=28, **shop), operation("restart", **shop),
                    operation("scale", app="shop", counts={"worker": 2}),
                    operation("reload", **shop), operation("stop", **shop),
                    operation("start", **shop), operation("unmonitor", **shop),
                    operation("emit", event="go"), operation("job-start", **job),
                    operation("job-restart", **job), operation("job-reload", **job),
                    operation("job-stop", **job)],
        "deploy": [("GET", "/v1/store?app=shop", ""), ("POST", "/v1/store", "{}"),
                   ("POST", "/v1/deploys", "{}"), ("POST", "/v1/plan", "{}"),
                   ("GET", "/v1/spec?app=shop", ""), ("POST", "/v1/proxy?app=shop", ""),
                   operation("unload", app="shop")],
        "admin": [operation("emit", event="go", variables=["A=1"]),
                  operation("job-start", variables=["A=1"], **job),
                  operation("set-variables", app="init", set=["A=1"]), load_as_root(),
                  operation("shutdown"), ("POST", "/v1/upgrade", "")],
    }


@unittest.skipUnless(os.geteuid() == 0, "needs root to become other users")
class RolesTest(ReeveTest):
    def setUp(self):
        super().setUp()
        config = os.path.join(self.reeve.root, "etc/reeve")
        os.makedirs(config)
        self.rules = os.path.join(config, "reeve.toml")
        self.shop = self.make_app("shop", {"worker": program("counter.pl")})
        self.bank = self.make_app("bank", {"safe": program("counter.pl")})
        self.reeve.cli("load", self.shop)
        self.reeve.cli("load", self.bank)
        # The rules decide here, and not the mode of the socket.
        os.chmod(self.reeve.socket, 0o666)

    def allow(self, role, uid, apps=None):
        with open(self.rules, "a", encoding="utf-8") as file:
            file.write(f'[[allow]]\nrole = "{role}"\nusers = ["{uid}"]\n')
            if apps:
                file.write(f"apps = {apps!r}\n")

    def as_user(self, uid, *args):
        """The exit code and what was said."""
        outcome = subprocess.run([os.path.join(BIN, "reeve"), *args], user=uid, group=uid,
                                 extra_groups=[], env=self.reeve.environment(), check=False,
                                 capture_output=True, text=True, timeout=120)
        return outcome.returncode, outcome.stdout + outcome.stderr

    def may(self, uid, *args):
        code, said = self.as_user(uid, *args)
        self.assertIn(code, (0, 77), said)
        return code == 0

    def statuses(self, uid, requests):
        done = subprocess.run([sys.executable, "-c", ASK, self.reeve.socket], user=uid, group=uid,
                              extra_groups=[], input=json.dumps(requests), check=True,
                              capture_output=True, text=True, timeout=120)
        return done.stdout.split()

    def test_every_route_and_every_verb_has_its_role(self):
        jobs = os.path.join(self.directory, "init")
        os.mkdir(jobs)
        with open(os.path.join(jobs, "web.conf"), "w", encoding="utf-8") as out:
            out.write("exec sleep 1000\n")
        self.reeve.cli("load", jobs)
        for rank, role in enumerate(ROLES):
            self.allow(role, ANN + rank)
        all_requests = requests_by_role()
        for rank in range(-1, len(ROLES) - 1):  # what admin may is refused to all others
            uid = ANN + rank if rank >= 0 else 64999
            for needed, requests in enumerate(all_requests.values()):
                answers = self.statuses(uid, requests)
                for request, answer in zip(requests, answers, strict=True):
                    self.assertEqual(answer == "403", rank < needed, (rank, request, answer))
        answers = self.statuses(ANN + 3, all_requests["admin"][:4])
        self.assertEqual(answers, ["200"] * 4)

    def test_nobody_but_root_may_do_anything_unless_a_rule_says_so(self):
        for args in (("status",), ("why", "shop"), ("stop", "shop"), ("doctor",),
                     ("unload", "shop"), ("shutdown",), ("upgrade",)):
            self.assertFalse(self.may(EVE, *args), args)
        self.assertEqual(len(self.reeve.running()), 2)

    def test_every_verb_has_its_role(self):
        self.allow("view", ANN)
        self.allow("operate", BOB)
        view = (("status",), ("status", "shop"), ("why", "shop"), ("events",), ("doctor",))
        operate = (("signal", "WINCH", "shop"), ("restart", "shop"), ("scale", "shop", "worker=2"),
                   ("stop", "shop"), ("start", "shop"), ("unmonitor", "shop"), ("start", "shop"))
        for args in view:
            self.assertTrue(self.may(ANN, *args), args)
        for args in operate:
            self.assertFalse(self.may(ANN, *args), args)
            self.assertTrue(self.may(BOB, *args), args)
        for args in (("unload", "shop"), ("shutdown",), ("upgrade",)):
            self.assertFalse(self.may(BOB, *args), args)

    def test_deploy_loads_what_runs_as_somebody_already_and_admin_the_rest(self):
        self.allow("deploy", ANN)
        self.assertTrue(self.may(ANN, "reload", "shop", "--dry-run"))
        self.assertTrue(self.may(ANN, "reload", "shop"))
        # A new app that would run as root, or as anybody that Ann is not.
        evil = self.make_app("evil", {"worker": "exec sleep 1000"})
        code, said = self.as_user(ANN, "load", evil)
        self.assertEqual(code, 77, said)
        self.assertIn("load needs the role admin on the app evil, which uid 64001 does not have: "
                      "it would run as root or another user", said)
        self.assertTrue(self.may(ANN, "unload", "shop"))
        self.allow("admin", BOB)
        self.assertTrue(self.may(BOB, "load", evil))

    def test_a_rule_reaches_its_apps_only(self):
        self.allow("operate", ANN, ["sh*"])
        code, said = self.as_user(ANN, "status")
        self.assertEqual(code, 0)
        self.assertIn("shop", said)
        self.assertNotIn("bank", said)
        self.assertEqual(self.as_user(ANN, "status", "bank")[0], 4)
        self.assertNotIn("bank", self.as_user(ANN, "events", "-n", "1000")[1])
        self.assertTrue(self.may(ANN, "stop", "shop"))
        self.assertFalse(self.may(ANN, "stop", "bank"))
        self.assertFalse(self.may(ANN, "stop", "*"))
        self.assertEqual(len(self.reeve.running("bank")), 1)

    def test_whoever_has_no_reeve_of_their_own_reaches_the_systems(self):
        run = os.path.join(self.reeve.root, "run/reeve")
        own = os.path.join(self.directory, "own")
        os.makedirs(own, mode=0o777)
        os.chmod(own, 0o777)

        def as_user_of_the_system(uid, *args):
            script = ("mount -t tmpfs none /run && mkdir /run/reeve && "
                      f"mount --bind {run} /run/reeve && exec setpriv --reuid {uid} --regid {uid} "
                      f'--clear-groups env -i PATH="$PATH" XDG_STATE_HOME={own} "$@"')
            return subprocess.run(["unshare", "-m", "sh", "-c", script, "sh",
                                   os.path.join(BIN, "reeve"), *args], check=False,
                                  capture_output=True, text=True, timeout=120)

        if as_user_of_the_system(0, "version").returncode != 0:
            self.skipTest("no mount namespaces here")
        self.allow("operate", ANN)
        self.assertIn("shop", as_user_of_the_system(ANN, "status").stdout)
        self.assertEqual(as_user_of_the_system(ANN, "restart", "shop").returncode, 0)
        outcome = as_user_of_the_system(EVE, "status")
        self.assertIn(f"reeve is not running (connect to {own}/", outcome.stderr)

    def test_a_refusal_says_which_role_is_missing(self):
        self.allow("view", ANN)
        for args, role in ((("stop", "shop"), "operate"), (("unload", "shop"), "operate"),
                           (("upgrade",), "admin")):
            code, said = self.as_user(ANN, *args)
            self.assertEqual(code, 77, said)
            self.assertIn(f"this needs the role {role}, which uid {ANN} does not have", said)
        self.assertIn(f"the role view, which uid {EVE} does not have",
                      self.as_user(EVE, "status")[1])

    def test_what_is_wrong_with_the_rules_is_said_at_once(self):
        self.allow("operate", "no-such-user")
        for args in (("status",), ("doctor",)):
            self.assertIn("a rule for the user no-such-user, which does not exist",
                          self.reeve.cli(*args).out)
        outcome = self.reeve.cli("check", self.rules)
        self.assertIn("reeve's own settings are good", outcome.out)
        self.allow("operat", ANN)
        for args in (("status",), ("doctor",)):
            self.assertRegex(self.reeve.cli(*args).out, r'reeve.toml:\d+:\d+: `role`: "operat" is '
                                                        r'not known \(did you mean "operate"\?\)')
        outcome = self.reeve.cli("check", self.rules, expect=1)
        self.assertIn('"operat" is not known', outcome.err)

    def test_a_file_that_others_may_write_lets_nobody_in(self):
        self.allow("admin", ANN)
        self.assertTrue(self.may(ANN, "status"))
        os.chmod(self.rules, 0o666)
        self.assertFalse(self.may(ANN, "status"))
        self.assertIn("is not read", "".join(self.reeve.status()["daemon"]["warnings"]))


if __name__ == "__main__":
    main()
