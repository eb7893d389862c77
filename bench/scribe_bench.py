#!/usr/bin/env python3
"""Measures the scribe's log capture (CPU seconds per GB) against a pump in C that writes the same.

Usage: bench/scribe_bench.py PATH/TO/reeve-scribe [ROUNDS]

Both take turns on the same input; the table shows the medians and their ratio. The scribe runs as
users run it: with rotation and stamps, below a REEVE_ROOT of its own.
"""
import array
import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = [("64 KiB writes", 1 << 30, 65536), ("100 B writes", 100_000_000, 100)]


def number(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def signed(value):
    return number((value << 1) ^ (value >> 63))


def send(link, kind, payload, fds):
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))]
    link.sendmsg([struct.pack("=IIQ", kind, 0, len(payload)), payload], rights if fds else [])


def cpu_of(pid):
    with open(f"/proc/{pid}/schedstat") as stat:
        return int(stat.read().split()[0]) / 1e9


def build(name, folder):
    program = os.path.join(folder, name)
    source = os.path.join(HERE, "programs", name + ".c")
    subprocess.run(["cc", "-O2", "-o", program, source], check=True)
    return program


class Scribe:
    """A scribe whose keeper and reeved are this script."""

    def __init__(self, program, root):
        self.root = root
        os.makedirs(root + "/run/reeve")
        self.keeper, control = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.reeved, link = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

        def hand_over():
            os.dup2(control.fileno(), 3)

        self.process = subprocess.Popen([program], env={"REEVE_ROOT": root}, preexec_fn=hand_over,
                                        close_fds=False)
        send(self.keeper, 1, b"", [link.fileno()])
        control.close()
        link.close()
        self.reeved.recv(65536)
        self.logs = 0

    def open_log(self):
        """Returns the write end of a new log's pipe, and its name."""
        read_end, write_end = os.pipe()
        self.logs += 1
        pipe = os.open(f"/proc/self/fd/{read_end}", os.O_RDWR | os.O_NONBLOCK)
        os.close(read_end)
        path = f"{self.root}/log/{self.logs}.log".encode()
        payload = (number(self.logs) + number(len(path)) + path + number(0) +
                   number(10 * 1024 * 1024) + number(5) + signed(-1) + signed(-1) + number(0))
        send(self.reeved, 2, payload, [pipe])
        os.close(pipe)
        return write_end, self.logs

    def close_log(self, log):
        """Waits until everything is written."""
        send(self.reeved, 3, number(log), [])
        self.reeved.recv(65536)

    def end(self):
        self.reeved.close()
        self.keeper.close()
        self.process.wait()


def by_scribe(scribe, writer, total, chunk):
    stdout, log = scribe.open_log()
    before = cpu_of(scribe.process.pid)
    began = time.monotonic()
    subprocess.run([writer, str(total), str(chunk)], stdout=stdout, check=True)
    scribe.close_log(log)
    took = time.monotonic() - began
    os.close(stdout)
    return cpu_of(scribe.process.pid) - before, took


def by_pump(pump, writer, total, chunk, path):
    began = time.monotonic()
    source = subprocess.Popen([writer, str(total), str(chunk)], stdout=subprocess.PIPE)
    sink = subprocess.Popen([pump, path], stdin=source.stdout)
    source.stdout.close()
    source.wait()
    _, _, usage = os.wait4(sink.pid, 0)
    took = time.monotonic() - began
    os.unlink(path)
    return usage.ru_utime + usage.ru_stime, took


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    folder = tempfile.mkdtemp(prefix="reeve-bench-")
    try:
        writer, pump = build("log_writer", folder), build("log_pump", folder)
        scribe = Scribe(os.path.abspath(sys.argv[1]), folder + "/root")
        print(f"{'':14} {'scribe':>16} {'C pump':>16}  ratio of CPU")
        for name, total, chunk in CASES:
            ours, limit = [], []
            for _ in range(rounds):
                limit.append(by_pump(pump, writer, total, chunk, folder + "/pump.log"))
                ours.append(by_scribe(scribe, writer, total, chunk))
            gigabytes = total / 1e9
            row = []
            for runs in (ours, limit):
                row.append((statistics.median(cpu for cpu, _ in runs) / gigabytes,
                            statistics.median(took for _, took in runs)))
            print(f"{name:14} {row[0][0]:5.2f} s/GB {row[0][1]:4.1f} s {row[1][0]:5.2f} s/GB "
                  f"{row[1][1]:4.1f} s  {row[0][0] / row[1][0]:.2f}")
        with open(f"/proc/{scribe.process.pid}/smaps_rollup") as rollup:
            print(next(line for line in rollup if line.startswith("Pss:")).strip())
        scribe.end()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
