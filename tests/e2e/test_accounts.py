"""Accounts that only other sources than /etc know, and sources that do not answer."""

import os
import subprocess
import time

from harness import BIN, ReeveTest, main, needs_root, read

# Knows nobody once the file `answers` is beside it; before, it fails.
GETENT = """#!/bin/sh
[ -e "$(dirname "$0")/answers" ] && exit 2
echo "the directory is out of order" >&2
exit 3
"""


class AccountsTest(ReeveTest):
    def start_with(self, getent):
        """reeve on a machine whose getent is this script; returns the script's directory."""
        folder = os.path.join(self.directory, "getent")
        os.mkdir(folder)
        path = os.path.join(folder, "getent")
        with open(path, "w", encoding="utf-8") as file:
            file.write(getent.replace("$(dirname \"$0\")", folder))
        os.chmod(path, 0o755)
        os.makedirs(os.path.dirname(self.reeve.own_log), exist_ok=True)
        with open(self.reeve.own_log, "ab") as log:
            self.reeve.foreground.append(subprocess.Popen(
                ["unshare", "--mount", "sh", "-c",
                 f"mount --bind {path} /usr/bin/getent && exec {BIN}/reeve daemon"],
                env=self.reeve.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True))
        self.reeve.wait_until(lambda: self.reeve.try_get("/v1/version"), "reeve answers")
        return folder

    @needs_root
    def test_an_app_does_not_run_as_root_because_nobody_says_who_else(self):
        if "\nreeve-app:" in read("/etc/passwd"):
            self.skipTest("/etc/passwd has a reeve-app")
        folder = self.start_with(GETENT)
        app = self.make_app("shop", {"web": "sleep 1000"})
        told = self.reeve.cli("load", app, expect=1).err
        self.assertIn("shop/web.1: ask getent for reeve-app in passwd (the directory is out of "
                      "order): Input/output error", told)
        self.assertEqual(self.reeve.running(), set())
        self.assertIn("out of order", self.reeve.run("doctor").out)
        with open(os.path.join(folder, "answers"), "w", encoding="utf-8"):
            pass
        self.reeve.wait_running("shop", 1)
        self.assertNotIn("out of order", self.reeve.run("doctor").out)

    @needs_root
    def test_a_source_that_hangs_holds_up_one_question_only(self):
        self.start_with("#!/bin/sh\nexec sleep 1000\n")
        apps = [self.make_app(name, {"web": "sleep 1000"},
                              {"reeve.toml": "[services.web]\ncommand = 'sleep 1000'\n"
                                             f"user = 'nobody-{name}'\n"})
                for name in ("one", "two", "three")]
        begun = time.monotonic()
        for app in apps:
            told = self.reeve.cli("load", app, expect=1).err
            self.assertRegex(told, "ask getent for .*: Connection timed out")
        self.assertLess(time.monotonic() - begun, 14, "of 5 s each it was waited for one")
        self.assertEqual(self.reeve.running(), set())


if __name__ == "__main__":
    main()
