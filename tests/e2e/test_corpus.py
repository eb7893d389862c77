"""Jobs of real packages are executed as they are, with harmless programs in the place of theirs,
where nothing that they do can be felt (sandbox.py): three of each repository; with
REEVE_E2E_CORPUS=all every one of the thousand.

The files lie beside the sources, as they have licences of their own; without them, or without
root's rights, there is nothing to test.
"""

import collections
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

import sandbox
from harness import LONG, ReeveTest, main, read

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/corpus/upstart")
INSIDE = "REEVE_CORPUS_INSIDE"
STUBS = "/stubs"
ALL = os.environ.get("REEVE_E2E_CORPUS") == "all"
JOBS_MIN = 700 if ALL else 70      # that are there: files of the same name are taken once
RUNNING_MIN = 300 if ALL else 20   # that have a process
PER_REPOSITORY = 3
REST = 5                           # seconds without a change
PATIENCE = 300 if ALL else 60      # seconds: some respawn for ever, as they would under Upstart

# In the place of a program that is not installed. Where it is the job's own process it stays, in
# the way that the job expects; else it has done its work.
STUB = r"""#!/bin/sh
name=${0##*/}
read -r stat < /proc/$$/stat
set -- ${stat#*) }
[ "$4" = $$ ] || exit 0
[ ! -e /stubs/hook/"$name" ] || exit 0
case $(cat "/stubs/expect/${UPSTART_JOB:-none}" 2> /dev/null) in
    fork|daemon) sleep 1000 > /dev/null 2>&1 & exit 0 ;;
    stop) kill -STOP $$ ;;
esac
exec sleep 1000
"""


def names_of_programs(text):
    """Programs that a job calls, as they are written: by path, or by a name at a line's begin."""
    found = set(re.findall(r"(?:^|[\s;&|(\"'=])(/(?:[\w.+-]+/)*s?bin/[\w.+-]+|/(?:opt|usr/lib|usr/"
                           r"share|etc/init\.d|srv)/[\w./+-]+)(?=[\s;&|)\"']|$)", text, re.M))
    for line in text.splitlines():
        line = re.sub(r"^\s*(?:pre-start|post-start|pre-stop|post-stop)\s+exec\s+", "", line)
        line = re.sub(r"^\s*exec\s+", "", line)
        word = re.match(r"\s*([a-z][\w.+-]*)(?:\s|$)", line)
        if word:
            found.add(word.group(1))
    return found


def stub(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(STUB)
    os.chmod(path, 0o755)


class Stage:
    """What jobs find: users, directories, and programs in the place of those that are missing."""

    def __init__(self, jobs):
        for name in ("hook", "expect"):
            os.makedirs(os.path.join(STUBS, name))
        self.keywords = set(subprocess.run(
            ["bash", "-c", "compgen -b -k"], stdout=subprocess.PIPE, text=True,
            check=True).stdout.split())
        self.users = set()
        for name, text in jobs.items():
            self.prepare(name, text)
        with open("/etc/passwd", "a", encoding="utf-8") as passwd, \
                open("/etc/group", "a", encoding="utf-8") as group:
            for number, name in enumerate(sorted(self.users - self.known_users()), 20000):
                passwd.write(f"{name}:x:{number}:{number}::/:/bin/sh\n")
                group.write(f"{name}:x:{number}:\n")

    @staticmethod
    def known_users():
        return {line.split(":")[0] for path in ("/etc/passwd", "/etc/group")
                for line in read(path).splitlines()}

    def prepare(self, name, text):
        self.users |= set(re.findall(r"^\s*set[ug]id\s+([\w-]+)", text, re.M))
        self.users |= set(re.findall(r"--chuid[ =]([\w-]+)", text))
        for directory in re.findall(r"^\s*chdir\s+(/[\w./+-]*)\s*$", text, re.M):
            os.makedirs(directory, exist_ok=True)
        expect = re.search(r"^\s*expect\s+(fork|daemon|stop)", text, re.M)
        if expect:
            path = os.path.join(STUBS, "expect", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as out:
                out.write(expect.group(1))
        for hook in re.findall(r"^\s*p\w+-\w+\s+exec\s+([^\s;]+)", text, re.M):
            with open(os.path.join(STUBS, "hook", os.path.basename(hook) or "none"), "w",
                      encoding="utf-8"):
                pass
        for program in names_of_programs(text):
            if program.startswith("/"):
                with contextlib.suppress(NotADirectoryError, FileExistsError):
                    if not program.endswith("/") and not os.path.lexists(program):
                        stub(program)
            elif program not in self.keywords and not shutil.which(program):
                stub(os.path.join("/usr/local/bin", program))


def chosen_jobs():
    """The texts by name; of two files with one name the first."""
    jobs, taken = {}, collections.Counter()
    directory = os.path.join(CORPUS, "confs")
    refused = read(os.path.join(CORPUS, "expected-parse-errors.txt"))
    for file in sorted(os.listdir(directory)):
        repository = file.split("_")[0]
        if file in refused or (taken[repository] == PER_REPOSITORY and not ALL):
            continue
        taken[repository] += 1
        name = re.sub(r"\.(conf|upstart)$", "", file[:-len(".conf")].split("__")[-1])
        jobs.setdefault(name, read(os.path.join(directory, file)))
    return jobs


class CorpusTest(ReeveTest):
    def states(self):
        """Goal and state by job and instance."""
        return {(one["job"], each["instance"]): f"{each['goal']}/{each['state']}"
                for one in self.reeve.get("/v1/jobs?app=init")["jobs"] for each in one["instances"]}

    def settle(self):
        """The states, once nothing changes any more, or that has taken long enough."""
        last, since, begun = None, time.monotonic(), time.monotonic()
        while time.monotonic() - since < REST and time.monotonic() - begun < PATIENCE:
            states = self.states()
            if states != last:
                last, since = states, time.monotonic()
            time.sleep(1)
        return last

    def start(self, name, number, text):
        instance = re.search(r"^\s*instance\s+(.+)$", text, re.M)
        names = re.findall(r"\$\{?(\w+)", instance.group(1)) if instance else []
        body = {"id": f"{number + 1:x}00000", "verb": "job-start", "app": "init", "job": name,
                "answer_when": "accepted", "timeout_ms": 1,
                "variables": [f"{each}=1" for each in names]}
        return self.reeve.request("POST", "/v1/operations", json.dumps(body), timeout=60)

    def test_jobs_of_real_packages_run(self):
        jobs = chosen_jobs()
        Stage(jobs)
        for name, text in jobs.items():
            path = os.path.join("/etc/init", name + ".conf")
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
        self.reeve.containment = "none"
        self.reeve.run("load", "/etc/init", timeout=600)
        reeved = self.reeve.reeved()
        loaded = self.states()
        self.assertGreater(len(loaded), JOBS_MIN)
        booted = self.settle()
        for number, name in enumerate(sorted(jobs)):
            if booted.get((name, "")) != "start/running":
                self.start(name, number, jobs[name])
        rested = self.settle()
        counts = collections.Counter(rested.values())
        print(f"{len(loaded)} jobs: {dict(counts)}", file=sys.stderr, flush=True)
        processes = [one for one in self.reeve.instances("init/").values() if one.get("pid")]
        print(f"{len(processes)} have a process", file=sys.stderr, flush=True)
        self.assertGreater(len(processes), RUNNING_MIN)
        for name, one in self.reeve.instances("init/").items():
            self.assertTrue(one["pid"] or one["reason"], f"{name} does not run, and says not why")
        self.assertEqual(self.reeve.reeved(), reeved, "reeved was not replaced")
        self.reeve.cli("shutdown", "--timeout", "240s", timeout=300)


def run_inside():
    environment = dict(os.environ, **{INSIDE: "1", "TMPDIR": "/tmp"})
    done = sandbox.run([sys.executable, os.path.abspath(__file__)], env=environment)
    sys.exit(done.returncode)


if __name__ == "__main__":
    CAN = LONG and os.geteuid() == 0 and os.path.isdir(CORPUS) and shutil.which("unshare")
    if not CAN:
        print("skipped: it takes REEVE_E2E_LONG=1, root's rights, and the files", file=sys.stderr)
        sys.exit(0)
    if INSIDE not in os.environ:
        run_inside()
    main()
