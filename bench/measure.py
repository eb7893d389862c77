"""What every measurement stands on: peers, the processes they consist of, and what those cost."""

import contextlib
import importlib
import math
import os
import shutil
import signal
import statistics
import struct
import subprocess
import tempfile
import time
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "..", "build", "bench")
PROGRAMS = os.path.abspath(os.path.join(BUILD, "programs"))
RECORD = struct.Struct("<IIQ")  # struct record of bench/programs/record.h
BARE = ("stamp", "empty")
OBSERVERS = {"stamp", "log_writer", "log_pump", "killer", "gone", "timed"}
FLAGS = ["-O2", "-static", "-Wall", "-Wextra"]


def build_programs():
    os.makedirs(PROGRAMS, exist_ok=True)
    folder = os.path.join(HERE, "programs")
    for source in sorted(os.listdir(folder)):
        name, kind = os.path.splitext(source)
        if kind != ".c":
            continue
        bare = ["-nostdlib", "-ffreestanding", "-fno-stack-protector"] if name in BARE else []
        subprocess.run(["cc", *FLAGS, *bare, "-o", program(name), os.path.join(folder, source)],
                       check=True)


def program(name):
    return os.path.join(PROGRAMS, name)


def now_ns():
    return time.monotonic_ns()


def wait_until(claim, what, timeout=60, pause=0.002):
    end = time.monotonic() + timeout
    while not claim():
        if time.monotonic() > end:
            raise TimeoutError(what)
        time.sleep(pause)


def read_or(path, otherwise=""):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return otherwise


def percentile(values, share):
    """The least value that so large a share of all does not exceed."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


median = statistics.median


class Process:
    """What /proc says of one process."""

    def __init__(self, pid):
        self.pid = pid
        text = read_or(f"/proc/{pid}/stat")
        self.parent, self.state = 0, "X"
        if text:
            rest = text[text.rindex(")") + 2:].split()
            self.state, self.parent = rest[0], int(rest[1])

    @property
    def program(self):
        try:
            return os.path.basename(os.readlink(f"/proc/{self.pid}/exe"))
        except OSError:
            return ""

    def has_environment(self, entry):
        try:
            with open(f"/proc/{self.pid}/environ", "rb") as file:
                return entry.encode() in file.read()
        except OSError:
            return False


def all_processes():
    return [Process(int(name)) for name in os.listdir("/proc") if name.isdigit()]


def cost_of(pids):
    """CPU seconds and context switches so far, of all threads."""
    cpu, switches = 0, 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for thread in os.listdir(f"/proc/{pid}/task"):
                place = f"/proc/{pid}/task/{thread}"
                cpu += int(read_or(place + "/schedstat", "0").split()[0])
                switches += sum(int(line.split()[1]) for line in read_or(place + "/status")
                                .splitlines() if "ctxt_switches" in line)
    return cpu / 1e9, switches


def memory_of(pids):
    """PSS in kB by program."""
    found = {}
    for pid in pids:
        for line in read_or(f"/proc/{pid}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                name = Process(pid).program
                found[name] = found.get(name, 0) + int(line.split()[1])
    return found


def cpu_pressure():
    """Microseconds that something waited for a CPU, so far."""
    fields = read_or("/proc/pressure/cpu").split()
    return int(fields[4].split("=")[1]) if len(fields) > 4 else 0


def wait_for_quiet(patience=5):
    """Waits, within bounds, until nothing else wants the CPUs."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        before, begun = cpu_pressure(), time.monotonic()
        time.sleep(0.25)
        if (cpu_pressure() - before) / 1e6 < 0.1 * (time.monotonic() - begun):
            return


class Peer:
    """One supervisor with COUNT services, below a directory of its own."""

    name = "?"
    start_timeout = 120

    def __init__(self, count, logs=True, command=None):
        self.count, self.logs, self.command = count, logs, command
        self.folder = tempfile.mkdtemp(prefix=f"reeve-bench-{self.name}-")
        self.stamps = os.path.join(self.folder, "stamps")
        self.mark = "REEVE_BENCH=" + uuid.uuid4().hex
        self.environment = dict(os.environ, REEVE_BENCH=self.mark.split("=")[1])
        self.started = []
        self.configure()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.clean_up()

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def child(self, index):
        return self.command or [program("stamp"), self.stamps, str(index)]

    def popen(self, *command, **options):
        options.setdefault("env", self.environment)
        options.setdefault("stdin", subprocess.DEVNULL)
        with open(self.path("output"), "ab") as output:
            options.setdefault("stdout", output)
            child = subprocess.Popen(command, stderr=subprocess.STDOUT, cwd=self.folder, **options)
        self.started.append(child)
        return child

    def run(self, *command, check=True):
        child = self.popen(*command)
        code = child.wait(300)
        self.started.remove(child)
        if check and code != 0:
            raise RuntimeError(f"{command}: {code}: {read_or(self.path('output'))[-2000:]}")

    # -- what each peer says of itself

    def configure(self):
        """Writes its configuration for `count` services."""

    def launch(self):
        """Starts it with all its services; need not wait for them."""
        raise NotImplementedError

    def stop(self):
        """Stops all services gracefully."""
        raise NotImplementedError

    def status_command(self, everything):
        """The command that shows one service, or all; None: it has none."""
        return None

    def answers(self):
        """Whether it can be talked to."""
        return True

    # -- what is measured

    def starts(self):
        with contextlib.suppress(OSError):
            return os.stat(self.stamps).st_size // RECORD.size
        return 0

    def records(self):
        with open(self.stamps, "rb") as file:
            data = file.read()
        return list(RECORD.iter_unpack(data[:len(data) // RECORD.size * RECORD.size]))

    def wait_for_starts(self, count):
        wait_until(lambda: self.starts() >= count, f"{self.name}: {count} starts",
                   self.start_timeout)

    def start_all(self):
        """Milliseconds from the launch to the first instruction of the last service."""
        begun = now_ns()
        self.launch()
        self.wait_for_starts(self.count)
        return (max(at for _, _, at in self.records()) - begun) / 1e6

    def own(self):
        """The pids of its own processes, without those of the services."""
        return [process.pid for process in all_processes() if process.pid != os.getpid()
                and process.state not in "ZX" and process.program not in OBSERVERS
                and process.has_environment(self.mark)]

    def clean_up(self):
        for child in self.started:
            child.terminate()
        end = time.monotonic() + 3
        while time.monotonic() < end and any(child.poll() is None for child in self.started):
            time.sleep(0.02)
        for _ in range(50):
            left = [process.pid for process in all_processes()
                    if process.state not in "ZX" and process.has_environment(self.mark)]
            if not left:
                break
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)
        for child in self.started:
            child.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def peer(name, kind=None):
    """The class of a peer: the first of bench/peers/NAME.py, or the one that is called `kind`."""
    module = importlib.import_module("peers." + name)
    if kind:
        return getattr(module, kind)
    return next(value for value in vars(module).values() if isinstance(value, type)
                and issubclass(value, Peer) and value.__module__ == module.__name__)
