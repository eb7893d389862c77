#!/usr/bin/env python3
"""Measures reeve, or other supervisors, beside programs that do the least that can be done.

usage: bench/bench.py [--only M1,M7] [--quick]         reeve; writes build/bench/results.json
       bench/bench.py --growth                         the same with 10 to 5,000 services (M11),
                                                       and with a memory limit
       bench/bench.py --peers runit,s6,…               the others; writes build/bench/peers.json
       bench/bench.py --report                         prints both as tables (docs/benchmarks.md)
       bench/bench.py --plots                          draws both, and keeps them beside the plots
                                                       (docs/benchmarks/*.svg, *.json; gnuplot)

What has not been measured in this tree is reported and drawn as docs/benchmarks has it.

REEVE_BIN names the directory of the programs (build/release/bin without it).
"""

import argparse
import json
import os
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import events  # noqa: E402
import measure  # noqa: E402
import metrics  # noqa: E402
import plots  # noqa: E402
import report  # noqa: E402

ALL = ["runit", "s6", "daemontools", "supervisor", "monit", "god", "foreman", "pm2"]
THOUSAND = 1000
MANY = 5000


def beside(peer):
    """A peer, and what it is measured beside: the limit, and the least with reeve's guarantees."""
    return {"limit": measure.peer("limit"), "contained": measure.peer("contained"), "peer": peer}


def of_reeve(quick):
    """Name and thunk of each measurement of reeve."""
    reeve = measure.peer("reeve")
    kinds = beside(reeve)
    checked = measure.peer("reeve", "CheckedReeve")
    rounds = 1 if quick else 3
    found = {
        "M9": lambda: metrics.cold_start(reeve, 10),
        "M2": lambda: metrics.start(kinds, THOUSAND, rounds + 2),
        "M3 1": lambda: metrics.memory(reeve, 1),
        "M3 100": lambda: metrics.memory(reeve, 100),
        "M3 1000": lambda: metrics.memory(reeve, THOUSAND),
        "M5 64 KiB": lambda: metrics.log_capture(reeve, 1 << 30, 65536, rounds),
        "M5 100 B": lambda: metrics.log_capture(reeve, 100_000_000, 100, rounds),
        "M5 64 KiB, a crash meanwhile": lambda: metrics.crash_beside_writer(reeve, 200, 200),
        "M7 10": lambda: metrics.status(reeve, 10, 100),
        "M7 1000": lambda: metrics.status(reeve, THOUSAND, 100),
        "M8": lambda: metrics.stop(kinds, THOUSAND, rounds),
        "M10": lambda: metrics.restart_of_daemon(reeve, THOUSAND, rounds + 2),
        "M12": lambda: events.told(reeve, 20_000, rounds),
        "M1 10": lambda: metrics.crash(kinds, 10, 10 if quick else 20),
        "M1 1000": lambda: metrics.crash(kinds, THOUSAND, 200),
        "M6": lambda: metrics.all_die(kinds, THOUSAND, rounds),
        "M4 1000": lambda: metrics.idle(reeve, THOUSAND, 20, 15),
    }
    if not quick:
        found["M4 with checks"] = lambda: metrics.idle(checked, THOUSAND, 20, 20)
    return found


def of_growth():
    """What takes longer: M11 (M1, M4 and M7 with other numbers of services), and memory limits."""
    reeve = measure.peer("reeve")
    kinds = beside(reeve)
    limited = beside(measure.peer("reeve", "LimitedReeve"))
    found = {
        "M3 5000": lambda: metrics.memory(reeve, MANY),
        "M1 1000, memory limited": lambda: metrics.crash(limited, THOUSAND, 200),
        "M6 memory limited": lambda: metrics.all_die(limited, THOUSAND, 3),
        "M4 1000, a whole minute": lambda: metrics.idle(reeve, THOUSAND, 60, 120),
    }
    for count in report.COUNTS:
        found[f"M1 {count}"] = lambda n=count: metrics.crash(kinds, n, min(3 * n, 100))
        found[f"M4 {count}"] = lambda n=count: metrics.idle(reeve, n, 20, 20)
        found[f"M7 {count}"] = lambda n=count: metrics.status(reeve, n, 30)
    measured_anyway = of_reeve(quick=False)
    return {name: thunk for name, thunk in found.items() if name not in measured_anyway}


def of_peer(name):
    """The same of another supervisor, as far as it goes; crashes are answered without a pause."""
    peer, limit = measure.peer(name), measure.peer("limit")
    most = peer.count_max

    def without_logs(count):
        return peer(count, logs=False)

    kinds = {"limit": limit, "peer": without_logs}
    found = {
        "M2": lambda: metrics.start(kinds, most, 1),
        "M3": lambda: metrics.memory(peer, most),
        "M4": lambda: metrics.idle(peer, most, 20, 15),
        "M8": lambda: metrics.stop(kinds, most, 1),
    }
    if peer.restarts:
        found["M1"] = lambda: metrics.crash(kinds, 10, 20, 1500)
        found["M6"] = lambda: metrics.all_die(kinds, most, 1, 1500)
    if peer.has_status:
        found["M7"] = lambda: metrics.status(without_logs, most, 10)
    return found


def measure_all(measurements, only, results, save):
    """Into `results`; calls `save` after each measurement."""
    for name, measurement in measurements.items():
        if only and name.split()[0] not in only:
            continue
        begun, pressure = time.monotonic(), measure.cpu_pressure()
        try:
            results[name] = measurement()
        except Exception as error:  # one metric that fails leaves the others
            traceback.print_exc()
            results[name] = {"failed": repr(error)}
        took = time.monotonic() - begun
        results[name]["wall_s"] = round(took, 1)
        results[name]["cpu_waited_share"] = (measure.cpu_pressure() - pressure) / 1e6 / took
        print(name, json.dumps(results[name]), flush=True)
        save()


def load(name, folder=measure.BUILD):
    return json.loads(measure.read_or(os.path.join(folder, name), "{}"))


def load_or_kept(name):
    return load(name) or load(name, plots.FOLDER)


def keep(name, results, folder=measure.BUILD):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
        file.write("\n")


def main():
    arguments = argparse.ArgumentParser(usage=__doc__)
    arguments.add_argument("--only", type=lambda text: text.split(","), default=[])
    arguments.add_argument("--quick", action="store_true")
    arguments.add_argument("--growth", action="store_true")
    arguments.add_argument("--peers", type=lambda text: ALL if text == "all" else text.split(","))
    arguments.add_argument("--report", action="store_true")
    arguments.add_argument("--plots", action="store_true")
    options = arguments.parse_args()
    measure.build_programs()
    if options.peers:
        results = load("peers.json")
        for name in options.peers:
            print(f"== {name}", flush=True)
            measure_all(of_peer(name), options.only, results.setdefault(name, {}),
                        lambda: keep("peers.json", results))
    elif not options.report and not options.plots:
        results = load("results.json")
        chosen = of_growth() if options.growth else of_reeve(options.quick)
        measure_all(chosen, options.only, results, lambda: keep("results.json", results))
    results, peers = load_or_kept("results.json"), load_or_kept("peers.json")
    if options.plots:
        plots.draw(results, peers)
        keep("results.json", results, plots.FOLDER)
        keep("peers.json", peers, plots.FOLDER)
    else:
        print(report.tables(results, peers))


if __name__ == "__main__":
    main()
