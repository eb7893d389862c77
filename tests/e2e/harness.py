"""What every end-to-end test stands on: a reeve of its own, below a temporary directory.

A test talks to it as people do (the program `reeve`) and as programs do (HTTP over the API's
socket). Nothing here sleeps for luck: `wait_until` looks until a claim holds, within a bound, and
fails with what it saw last. `tearDown` ends everything and asserts that nothing was left behind.
"""

import collections
import contextlib
import http.client
import json
import os
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, "programs")
LONG = os.environ.get("REEVE_E2E_LONG") == "1"
OWN_NAMES = ("reeve-keeper", "reeved", "reeve-scribe")
CGROUP_ROOT = "/sys/fs/cgroup"
POLL = 0.02


def find_binaries():
    """REEVE_BIN, or the build directory with the newest `reeve`."""
    if os.environ.get("REEVE_BIN"):
        return os.path.abspath(os.environ["REEVE_BIN"])
    build = os.path.join(HERE, "..", "..", "build")
    found = [os.path.join(build, name, "bin") for name in os.listdir(build)]
    needed = ("reeve", *OWN_NAMES)
    found = [path for path in found
             if all(os.path.exists(os.path.join(path, name)) for name in needed)]
    if not found:
        raise SystemExit("no build of reeve: set REEVE_BIN to the directory of its programs")
    return os.path.abspath(max(found, key=lambda path: os.path.getmtime(path + "/reeve")))


BIN = find_binaries()


def is_sanitized():
    with open(os.path.join(BIN, "reeved"), "rb") as program:
        return b"__asan_init" in program.read()


SANITIZED = is_sanitized()
# Sanitizers make everything slower, and a loaded machine too: bounds are for finding what hangs.
SLOWNESS = (2 if SANITIZED else 1) * int(os.environ.get("REEVE_E2E_SLOWNESS", "1"))


def program(name):
    """A helper program as a Procfile names it."""
    kind = "perl" if name.endswith(".pl") else "python3" if name.endswith(".py") else "sh"
    return f"{kind} {os.path.join(PROGRAMS, name)}"


def seeded(test):
    """A source of chance whose seed is printed, so that a failure can be tried again."""
    seed = int(os.environ.get("REEVE_E2E_SEED", random.SystemRandom().randrange(10**6)))
    print(f"{test.id()}: REEVE_E2E_SEED={seed}", file=sys.stderr, flush=True)
    return random.Random(seed)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def read_or(path, otherwise=""):
    try:
        return read(path)
    except OSError:
        return otherwise


def is_tmpfs(path):
    """Whether a directory lies on a file system in memory."""
    for line in read("/proc/mounts").splitlines():
        _, place, kind = line.split()[:3]
        if place == path:
            return kind == "tmpfs"
    return False


# ---- Processes, as /proc shows them

ProcessStat = collections.namedtuple("ProcessStat", "pid name state parent start")


def look_at(pid):
    """What /proc says of a process, or None when there is none."""
    text = read_or(f"/proc/{pid}/stat")
    if not text:
        return None
    name = text[text.index("(") + 1:text.rindex(")")]
    rest = text[text.rindex(")") + 2:].split()
    return ProcessStat(int(pid), name, rest[0], int(rest[1]), int(rest[19]))


def all_pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def is_alive(pid):
    found = look_at(pid)
    return found is not None and found.state not in "ZX"


def children_of(pid):
    return [found for found in map(look_at, all_pids()) if found and found.parent == pid]


def kill(pid, number=signal.SIGKILL):
    """Signals a process that may have gone."""
    assert pid > 0, "there is no such process (0 is one's own group, -1 is everybody)"
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


# ---- HTTP over the API's socket

class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("reeve", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def crowding():
    """How many programs want each CPU, over the last minutes; 1 where each has one of its own."""
    return max(1, max(os.getloadavg()[:2]) / os.cpu_count())


class Outcome:
    """How a command of the CLI ended."""

    def __init__(self, args, code, out, err, seconds):
        self.args, self.code, self.out, self.err, self.seconds = args, code, out, err, seconds

    def __repr__(self):
        return (f"`reeve {' '.join(self.args)}` ended with {self.code} after {self.seconds:.2f} s"
                f"\nstdout: {self.out}\nstderr: {self.err}")


class Reeve:
    """One reeve with a root of its own."""

    def __init__(self, root, containment="", user=None, environment=None):
        self.root = root
        self.containment = containment
        self.user = user  # (uid, gid) of commands and of the daemon, or None: as the test
        self.more_environment = environment or {}
        self.foreground = []

    # -- where things are

    @property
    def socket(self):
        return os.path.join(self.root, "run/reeve/reeve.sock")

    @property
    def own_log(self):
        return os.path.join(self.root, "var/log/reeve/reeve.log")

    def log_of(self, app, instance):
        return os.path.join(self.root, "var/log/reeve", app, instance + ".log")

    @property
    def group_name(self):
        """The name of this reeve's directory in every hierarchy of cgroups."""
        return "reeve-%08x" % zlib.crc32(os.path.join(self.root, "run/reeve").encode())

    def cgroups(self):
        """The directories of cgroups that belong to this reeve."""
        found = []
        for directory, names, _ in os.walk(CGROUP_ROOT):
            if self.group_name in names:
                found.append(os.path.join(directory, self.group_name))
            if directory.count("/") > CGROUP_ROOT.count("/") + 4:
                names.clear()
        return found

    # -- commands

    def environment(self):
        environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"),
                       "REEVE_ROOT": self.root, "LANG": "C.UTF-8", "TERM": "dumb"}
        if self.containment:
            environment["REEVE_CONTAINMENT"] = self.containment
        environment.update(self.more_environment)
        return {name: value for name, value in environment.items() if value is not None}

    def popen(self, *args, **options):
        options.setdefault("env", self.environment())
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.DEVNULL)
        if self.user:
            uid, gid = self.user
            options.update(user=uid, group=gid, extra_groups=[])
        return subprocess.Popen([os.path.join(BIN, "reeve"), *args], **options)

    def run(self, *args, timeout=60, **options):
        """Runs a command to its end; any exit code will do."""
        begun = time.monotonic()
        child = self.popen(*args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           **options)
        try:
            out, err = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            out, err = child.communicate()
            raise AssertionError(f"`reeve {' '.join(args)}` did not end within {timeout} s\n"
                                 f"stdout: {out}\nstderr: {err}\n{self.diagnosis()}") from None
        return Outcome(args, child.returncode, out, err, time.monotonic() - begun)

    def cli(self, *args, expect=0, timeout=60, **options):
        """Runs a command that must end with `expect`; returns its outcome."""
        outcome = self.run(*args, timeout=timeout, **options)
        if outcome.code != expect:
            raise AssertionError(f"expected exit code {expect}: {outcome}\n{self.diagnosis()}")
        return outcome

    def start_foreground(self):
        """`reeve daemon` in the foreground: the way to hand it an environment."""
        os.makedirs(os.path.dirname(self.own_log), exist_ok=True)
        with open(self.own_log, "ab") as log:
            daemon = self.popen("daemon", stdout=log, stderr=log, start_new_session=True)
        self.foreground.append(daemon)
        self.wait_until(lambda: self.try_get("/v1/version"), "reeve answers")
        return daemon

    # -- the API

    def request(self, method, path, body=None, timeout=30):
        connection = UnixConnection(self.socket, timeout)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def get(self, path, timeout=30):
        """GET as JSON. A reeved that is replaced meanwhile is asked again."""
        until = time.monotonic() + timeout
        while True:
            try:
                status, body = self.request("GET", path, timeout=timeout)
                if status == 200:
                    return json.loads(body)
                failure = f"{status} {body}"
            except (OSError, http.client.HTTPException) as error:
                failure = repr(error)
            if time.monotonic() > until:
                raise AssertionError(f"GET {path}: {failure}\n{self.diagnosis()}")
            time.sleep(POLL)

    def try_get(self, path):
        try:
            status, body = self.request("GET", path, timeout=5)
            return json.loads(body) if status == 200 else None
        except (OSError, http.client.HTTPException):
            return None

    def status(self):
        return self.get("/v1/status?format=json")

    def instances(self, pattern=""):
        """The instances, by `app/service.N`, whose name begins with `pattern`."""
        named = {f"{one['app']}/{one['instance']}": one for one in self.status()["instances"]}
        return {name: one for name, one in named.items() if name.startswith(pattern)}

    def pids(self, pattern=""):
        return {name: one["pid"] for name, one in self.instances(pattern).items()}

    def running(self, pattern=""):
        return {name for name, one in self.instances(pattern).items()
                if one["state"] == "running"}

    def run_again(self, names, count):
        """Whether `count` instances run, and each of `names` for the second time: in one look."""
        instances = self.instances()
        return (all(instances[name]["restarts"] == 1 for name in names)
                and sum(one["state"] == "running" for one in instances.values()) == count)

    def history(self, target, limit=1000):
        """The transitions of a target, oldest first."""
        return self.get(f"/v1/why?format=json&target={target}&n={limit}")["transitions"]

    # -- reeve's own processes

    def own(self, name):
        """The pid of one of reeve's own live processes, 0 if there is none."""
        for pid in all_pids():
            found = look_at(pid)
            if not found or found.name != name or found.state in "ZX":
                continue
            # A run between its clone and its exec looks like reeved, but for its cgroup.
            if f"/{self.group_name}/" in read_or(f"/proc/{pid}/cgroup"):
                continue
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    if b"REEVE_ROOT=" + self.root.encode() in file.read().split(b"\0"):
                        return pid
            except OSError:
                continue
        return 0

    def keeper(self):
        return self.own("reeve-keeper")

    def reeved(self):
        return self.own("reeved")

    def scribe(self):
        return self.own("reeve-scribe")

    def wait_for_new(self, name, old):
        """The pid of the process that took the place of `old`."""
        return self.wait_until(lambda: (lambda pid: pid if pid not in (0, old) else 0)(
            self.own(name)), f"a new {name}")

    def members(self):
        """All live processes below this reeve, but its own three and their commands."""
        found = []
        for pid in all_pids():
            text = read_or(f"/proc/{pid}/cgroup")
            if f"/{self.group_name}/" in text and is_alive(pid):
                found.append(pid)
        return found

    # -- waiting

    def wait_until(self, claim, what="the claim", timeout=30):
        """Looks until `claim()` is true, and returns it."""
        return wait_until(claim, what, timeout, self.diagnosis)

    def wait_running(self, pattern, count, timeout=30):
        self.wait_until(lambda: len(self.running(pattern)) == count,
                        f"{count} of {pattern} running", timeout)

    def diagnosis(self):
        """What a person wants to see after a failure."""
        lines = read_or(self.own_log).splitlines()[-40:]
        try:
            shown = self.request("GET", "/v1/status?format=text", timeout=5)[1]
        except (OSError, http.client.HTTPException) as error:
            shown = f"no status: {error!r}"
        return "\n".join(["reeve.log ends with:", *lines, shown])


def wait_until(claim, what="the claim", timeout=30, diagnosis=lambda: ""):
    until = time.monotonic() + timeout * SLOWNESS
    while True:
        result = claim()
        if result:
            return result
        if time.monotonic() > until:
            raise AssertionError(f"{what}: not within {timeout * SLOWNESS} s (last: {result!r})\n"
                                 + diagnosis())
        time.sleep(POLL)


class ReeveTest(unittest.TestCase):
    """A test with a directory of its own and any number of reeves in it."""

    sweeper = None

    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="reeve-e2e-")
        os.chmod(self.directory, 0o755)
        if self.sweeper:
            self.sweeper.tell(self.directory)
        self.reeves = []
        self.children = []  # commands that go on; ended before the reeves are
        self.reeve = self.new_reeve("root")

    def new_reeve(self, name, **options):
        reeve = Reeve(os.path.join(self.directory, name), **options)
        self.reeves.append(reeve)
        return reeve

    def make_app(self, name, procfile, files=None, parent=""):
        """An app's directory; `procfile` maps process types to commands, or is the text itself."""
        path = os.path.join(self.directory, parent, name)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, 0o777)
        if isinstance(procfile, dict):
            procfile = "".join(f"{kind}: {command}\n" for kind, command in procfile.items())
        for file, text in {"Procfile": procfile, **(files or {})}.items():
            with open(os.path.join(path, file), "w", encoding="utf-8") as out:
                out.write(text)
        return path

    def left_processes(self):
        """Live processes that have anything to do with this test's directory."""
        mark = self.directory.encode()
        groups = [f"/{reeve.group_name}" for reeve in self.reeves]
        left = []
        for pid in all_pids():
            if pid == os.getpid() or not is_alive(pid):
                continue
            try:
                with open(f"/proc/{pid}/environ", "rb") as file:
                    marked = mark in file.read()
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    command = file.read()
                marked = marked or mark in command
                marked = marked or os.readlink(f"/proc/{pid}/cwd").startswith(self.directory)
                group = read_or(f"/proc/{pid}/cgroup")
                marked = marked or any(name in group for name in groups)
            except OSError:
                continue
            if marked:
                left.append((pid, command.replace(b"\0", b" ").decode(errors="replace")))
        return left

    def shut_down(self):
        """Ends every reeve that still answers, as its operator would."""
        for reeve in self.reeves:
            if os.path.exists(reeve.socket) and reeve.keeper():
                outcome = reeve.run("shutdown", "--timeout", "60s", timeout=90)
                self.assertEqual(outcome.code, 0, f"{outcome}\n{reeve.diagnosis()}")
            for daemon in reeve.foreground:
                daemon.wait(30)

    def tearDown(self):
        failures = []
        for child in self.children:
            child.kill()
            child.wait()
        try:
            self.shut_down()
            with contextlib.suppress(AssertionError):  # told of below
                wait_until(lambda: not self.left_processes(), "no process is left", 3)
            left = self.left_processes()
            if left:
                failures.append(f"processes are left: {left}")
        except AssertionError as error:
            failures.append(str(error))
        for pid, _ in self.left_processes():
            kill(pid)
        with contextlib.suppress(AssertionError):
            wait_until(lambda: not self.left_processes(), "processes end", 10)
        for reeve in self.reeves:
            failures += self.remains_of(reeve)
        self.remove_directory()
        if failures:
            self.fail("\n".join(failures))

    def remains_of(self, reeve):
        failures = []
        for group in reeve.cgroups():
            failures.append(f"a cgroup is left: {group}")
            for directory, _, _ in os.walk(group, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(directory)
        text = read_or(reeve.own_log)
        for line in text.splitlines():
            if re.search(r"Sanitizer|runtime error:|CHECK|ended \(signal (?!9\))", line):
                failures.append(f"in {reeve.own_log}: {line}\n{text[-4000:]}")
                break
        run = os.path.join(reeve.root, "run/reeve")
        # The lock files are for ever: to remove one is to let two keepers in.
        names = set(os.listdir(run)) if os.path.isdir(run) else set()
        left = names - {"lock", "scribe.lock", "scribe.in-flight"}
        if left:
            failures.append(f"{run} still has {sorted(left)}")
        return failures

    def remove_directory(self):
        if os.environ.get("REEVE_E2E_KEEP") == "1":
            print(f"kept: {self.directory}", file=sys.stderr)
            return
        shutil.rmtree(self.directory, ignore_errors=True)
        if os.path.exists(self.directory):
            raise AssertionError(f"{self.directory} cannot be removed")


def needs_root(test):
    return unittest.skipUnless(os.geteuid() == 0, "needs root's rights")(test)


class Prober(threading.Thread):
    """Asks the API without a pause, from a thread: nobody may be refused, or wait for long."""

    def __init__(self, reeve, pause=0.005):
        super().__init__(daemon=True)
        self.reeve, self.pause = reeve, pause
        self.stop_asked = threading.Event()
        self.waits, self.refused, self.broken = [], [], 0

    def run(self):
        while not self.stop_asked.is_set():
            begun = time.monotonic()
            while not self.ask():
                if time.monotonic() - begun > 60:
                    break
            self.waits.append(time.monotonic() - begun)
            self.stop_asked.wait(self.pause)

    def ask(self):
        connection = UnixConnection(self.reeve.socket, 60)
        try:
            connection.connect()
        except OSError as error:
            self.refused.append(repr(error))
            time.sleep(POLL)
            return False
        try:
            connection.request("GET", "/v1/version")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            self.broken += 1  # reeved died while it held the request: the client asks again
            return False
        finally:
            connection.close()

    def finish(self):
        self.stop_asked.set()
        self.join(90)
        return self


# ---- What remains of a test that was killed

class Sweeper:
    """A process that is told of every test's directory, and ends and removes what is left of those
    when the test process has died before its tearDown. It is nobody's child: ctest ends a test that
    takes too long together with all its descendants."""

    def __init__(self):
        child = subprocess.Popen([sys.executable, os.path.abspath(__file__), "--sweep"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 start_new_session=True, text=True)
        child.wait()  # it has left its work to a child of its own
        self.told, self.until_done = child.stdin, child.stdout

    def tell(self, directory):
        self.told.write(directory + "\n")
        self.told.flush()

    def finish(self):
        self.told.close()
        if not select.select([self.until_done], [], [], 60)[0]:
            raise AssertionError("what the tests have left is not swept within 60 s")


def sweep():
    if os.fork() != 0:
        os._exit(0)
    for directory in [line.strip() for line in sys.stdin]:
        if not os.path.isdir(directory):
            continue
        test = ReeveTest()
        test.directory = directory
        test.reeves = [Reeve(os.path.join(directory, name)) for name in os.listdir(directory)]
        for name in OWN_NAMES:  # the keeper first, as it starts the others again
            for pid, command in test.left_processes():
                if command.startswith(name):
                    kill(pid)
        while test.left_processes():
            for pid, _ in test.left_processes():
                kill(pid)
        for reeve in test.reeves:
            test.remains_of(reeve)
        subprocess.run(["umount", "-l", os.path.join(directory, "root/var")],
                       stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(directory, ignore_errors=True)


def main():
    ReeveTest.sweeper = Sweeper()
    try:
        program_of_tests = unittest.main(module="__main__", verbosity=2, exit=False)
    finally:
        ReeveTest.sweeper.finish()
    sys.exit(not program_of_tests.result.wasSuccessful())


if __name__ == "__main__":
    sweep()
