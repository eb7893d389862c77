#!/usr/bin/env python3
"""M1 and M6 with and without a memory limit, where it is run: also in a kernel of its own.

usage: bench/limited_bench.py [COUNT]     prints a table
       tests/uml/run build/release/bin bench/limited_bench.py     the same with cgroup v2

REEVE_BIN names the directory of the programs (build/release/bin without it). In user-mode-linux
the measuring programs must have been built before (`bench/bench.py --report` does that).
"""

import os
import platform
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import bench  # noqa: E402
import measure  # noqa: E402
import metrics  # noqa: E402
import report  # noqa: E402

COUNT, ROUNDS = 100, 3


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    if not os.path.exists(measure.program("contained")):
        measure.build_programs()
    print(f"Linux {platform.release()} ({platform.machine()}), {count} services\n")
    print("| metric | measured | to the limit | to the least with groups |\n|---|---|---|---|")
    for kind, label in (("Reeve", ""), ("LimitedReeve", ", memory limited")):
        kinds = bench.beside(measure.peer("reeve", kind))
        found = {f"M1 {count}{label}": metrics.crash(kinds, count, count),
                 f"M6 {count}{label}": metrics.all_die(kinds, count, ROUNDS)}
        for name, result in found.items():
            measured, of_limit, _ = report.row_of(name, result)
            of_contained = report.of_contained(name, result)
            print(f"| {name} | {measured} | {of_limit} | {of_contained} |", flush=True)


if __name__ == "__main__":
    main()
