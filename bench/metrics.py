"""The metrics: each takes what it needs, and returns a dictionary of figures."""

import contextlib
import os
import subprocess
import time

from measure import (cost_of, median, memory_of, now_ns, percentile, program, read_or,
                     wait_for_quiet, wait_until)

LIVED_MS = 10_500  # reeve answers a crash at once after 10 s of life (its default policy)
BLOCK = 20         # kills in turn


def observe(*command, timeout=300):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=timeout).stdout


def kills(peer, count, lived_ms, pause_ms=20):
    out = observe(program("killer"), peer.stamps, str(count), str(pause_ms), str(lived_ms), "30000")
    return [int(line) / 1e3 for line in out.split()]


def crash(kinds, services, count, lived_ms=LIVED_MS):
    """M1: microseconds from a kill to the first instruction of the replacement.

    No service is killed twice: reeve answers a second crash within a minute with a pause.
    """
    taken = {who: [] for who in kinds}
    block = min(services, BLOCK)
    while len(taken["peer"]) < count:
        with contextlib.ExitStack() as stack:
            peers = {who: stack.enter_context(kind(services)) for who, kind in kinds.items()}
            for peer in peers.values():
                peer.start_all()
            time.sleep(lived_ms / 1000)
            for _ in range(min(services, count - len(taken["peer"])) // block):
                wait_for_quiet(2)
                for who, peer in peers.items():
                    taken[who] += kills(peer, block, lived_ms if who == "peer" else 0)
    return {"services": services, "count": len(taken["peer"]),
            **{f"{who}_{name}_us": percentile(values, share)
               for who, values in taken.items()
               for name, share in (("p50", 0.5), ("p99", 0.99))}}


def in_turn(kinds, services, rounds, once):
    """Milliseconds that `once(who, kind)` takes, of each kind in turn."""
    taken = {who: [] for who in kinds}
    for _ in range(rounds):
        for who, kind in kinds.items():
            taken[who].append(once(who, kind))
    return {"services": services,
            **{f"{who}_ms": median(times) for who, times in taken.items()},
            **{f"{who}_all": times for who, times in taken.items()}}


def start(kinds, services, rounds):
    """M2: milliseconds until the last of the services executes."""
    def once(_, kind):
        wait_for_quiet()
        with kind(services) as peer:
            return peer.start_all()

    return in_turn(kinds, services, rounds, once)


def memory(make, services, settle=3):
    """M3: PSS of the peer's own processes, in kB."""
    with make(services) as peer:
        peer.start_all()
        time.sleep(settle)
        found = memory_of(peer.own())
        result = {"services": services, "pss_kb": sum(found.values()), "by_program": found}
        if hasattr(peer, "descriptors"):
            result["descriptors"] = peer.descriptors()
    return result


def idle(make, services, seconds, settle):
    """M4: what the peer costs while nothing happens."""
    with make(services) as peer:
        peer.start_all()
        time.sleep(settle)
        own = peer.own()
        cpu, switches = cost_of(own)
        time.sleep(seconds)
        cpu_after, switches_after = cost_of(own)
    return {"services": services, "seconds": seconds, "settle": settle,
            "cpu_s": cpu_after - cpu, "switches": switches_after - switches}


def all_die(kinds, services, rounds, lived_ms=LIVED_MS):
    """M6: milliseconds from the first of all kills to the first instruction of the last."""
    def once(who, kind):
        with kind(services) as peer:
            peer.start_all()
            time.sleep(lived_ms / 1000 if who == "peer" else 0.5)
            wait_for_quiet(2)
            before = peer.starts()
            out = observe(program("gone"), peer.stamps, "60000", "9").split()
            peer.wait_for_starts(before + services)
            return (max(at for _, _, at in peer.records()) - int(out[out.index(b"sent") + 1])) / 1e6

    return in_turn(kinds, services, rounds, once)


def status(make, services, count):
    """M7: milliseconds of wall time of the command for one service, and for all."""
    def timed(*command):
        return median(int(line) / 1e6 for line in observe(program("timed"), str(count), *command)
                      .split())

    with make(services) as peer:
        peer.start_all()
        time.sleep(1)
        wait_for_quiet()
        os.environ.update(peer.environment)
        return {"services": services, "limit_ms": timed(program("empty")),
                "one_ms": timed(*peer.status_command(False)),
                "all_ms": timed(*peer.status_command(True))}


def stop(kinds, services, rounds):
    """M8: milliseconds from the command until the last service has gone."""
    def once(_, kind):
        with kind(services) as peer:
            peer.start_all()
            time.sleep(0.5)
            watcher = subprocess.Popen([program("gone"), peer.stamps, "120000"],
                                       stdout=subprocess.PIPE)
            watcher.stdout.readline()
            wait_for_quiet(2)
            begun = now_ns()
            peer.stop()
            told = now_ns()
            out = watcher.communicate()[0].split()
            return (max(int(out[out.index(b"gone") + 1]), told) - begun) / 1e6

    return in_turn(kinds, services, rounds, once)


def cold_start(make, rounds):
    """M9: milliseconds from the launch without services until it answers."""
    times = []
    for _ in range(rounds):
        with make(0) as peer:
            wait_for_quiet(2)
            begun = now_ns()
            peer.launch()
            wait_until(peer.answers, "it answers", pause=0.0003)
            times.append((now_ns() - begun) / 1e6)
    return {"ms": median(times), "all": times}


def log_capture(make, total, chunk, rounds):
    """M5: CPU seconds per GB of the scribe and of a pump in C that writes the same format."""
    ours, least = [], []
    command = [program("log_writer"), str(total), str(chunk)]
    for _ in range(rounds):
        with make(1, command=["sh", "-c", f"'{' '.join(command)}; exec sleep 1000'"]) as peer:
            pumped = peer.path("pumped")
            with subprocess.Popen(command, stdout=subprocess.PIPE) as source:
                sink = subprocess.Popen([program("log_pump"), pumped], stdin=source.stdout)
                source.stdout.close()
                _, _, usage = os.wait4(sink.pid, 0)
            least.append(usage.ru_utime + usage.ru_stime)
            os.unlink(pumped)
            peer.launch()
            wait_until(peer.answers, "it answers")
            scribe = [peer.pid_of("reeve-scribe")]
            wait_until(lambda: "sleep" in read_or(f"/proc/{peer.main_pid()}/comm"), "it is written",
                       pause=0.02)
            ours.append(wait_for_rest(scribe))
    return {"total": total, "chunk": chunk, "limit_s_per_gb": median(least) / (total / 1e9),
            "peer_s_per_gb": median(ours) / (total / 1e9)}


def crash_beside_writer(make, services, count):
    """M5: microseconds that a crash takes to be answered while another service writes much."""
    with make(services) as peer:
        peer.start_all()
        time.sleep(LIVED_MS / 1000)
        peer.write_much()
        time.sleep(0.5)
        taken = kills(peer, count, LIVED_MS)
    return {"services": services, "count": count, "crash_p50_us": percentile(taken, 0.5),
            "crash_p99_us": percentile(taken, 0.99)}


def wait_for_rest(pids):
    """CPU seconds so far, once they grow no more."""
    cpu = cost_of(pids)[0]
    while True:
        time.sleep(0.1)
        later = cost_of(pids)[0]
        if later == cpu:
            return cpu
        cpu = later


def restart_of_daemon(make, services, rounds):
    """M10: milliseconds from SIGKILL of reeved until the API shows all services running."""
    times = []
    with make(services) as peer:
        peer.start_all()
        for _ in range(rounds):
            time.sleep(1)
            wait_for_quiet()
            times.append(peer.kill_reeved())
    return {"services": services, "ms": median(times), "all": times}
