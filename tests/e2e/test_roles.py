"""Roles: who may do what, by the rules of reeve.toml, as real users over the real socket."""

import os
import subprocess
import unittest

from harness import BIN, ReeveTest, main, program

ANN, BOB, EVE = 64001, 64002, 64003  # users that no database knows


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
        self.assertIn("needs the role admin", said)
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

    def test_a_file_that_others_may_write_lets_nobody_in(self):
        self.allow("admin", ANN)
        self.assertTrue(self.may(ANN, "status"))
        os.chmod(self.rules, 0o666)
        self.assertFalse(self.may(ANN, "status"))
        self.assertIn("is not read", "".join(self.reeve.status()["daemon"]["warnings"]))


if __name__ == "__main__":
    main()
