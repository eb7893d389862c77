#!/usr/bin/env python3
"""Evaluates every tests/golden/pill/NAME.pill with the recorder, and compares what comes out with
NAME.json. REWRITE=1 writes these files anew; read the difference then.

A pill that Bluepill would refuse, or that fails, gives its exit code and the last line it said."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
PILLS = HERE / "pill"
RECORDER = HERE.parent.parent / "src/formats/pill/ruby/recorder.rb"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/root", "LANG": "C.UTF-8", "PILL_PORT": "4000",
               "BLUEPILL_BASE_DIR": "/var/run/bluepill"}


def evaluate(pill):
    """What the recorder hands over, with this machine's paths taken out."""
    read_end, write_end = os.pipe()
    command = ["ruby", "-r", str(RECORDER), str(pill)]
    child = subprocess.Popen(
        command, cwd=PILLS, env=ENVIRONMENT | {"REEVE_PILL_FD": str(write_end)}, umask=0o022,
        pass_fds=[write_end], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    os.close(write_end)
    with open(read_end, encoding="utf-8") as stream:
        text = stream.read()
    out, errors = child.communicate(timeout=60)
    if child.returncode not in (0, 6):
        assert text == "", f"a failed pill handed something over: {text}"
        return {"exit_code": child.returncode, "says": first_line(errors)}
    document = json.loads(text.replace(str(PILLS), "/pills"))
    if "uid" in document:
        document["uid"] = 0
    if child.returncode == 6:
        assert "error" in document and out == "" and errors == "", errors
    return document


def first_line(errors):
    lines = errors.replace(str(PILLS), "/pills").splitlines()
    # Ruby shows the inspected receiver in messages of NoMethodError: cut at its address.
    return lines[0].split("#<")[0].split(": ", 1)[-1] if lines else ""


class PillGoldenTest(unittest.TestCase):
    maxDiff = None

    def test_every_pill_comes_out_as_before(self):
        pills = sorted(PILLS.glob("*.pill"))
        self.assertGreaterEqual(len(pills), 50)
        for pill in pills:
            with self.subTest(pill=pill.name):
                text = json.dumps(evaluate(pill), indent=1, ensure_ascii=False) + "\n"
                golden = pill.with_suffix(".json")
                if os.environ.get("REWRITE"):
                    golden.write_text(text, encoding="utf-8")
                self.assertEqual(text, golden.read_text(encoding="utf-8"))


if __name__ == "__main__":
    if shutil.which("ruby") is None:
        print("skipped: there is no ruby on this machine")
        sys.exit(77)
    unittest.main()
