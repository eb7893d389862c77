"""A plot for each metric (SVG, by gnuplot): reeve beside the others that were measured."""

import os
import subprocess

from report import COUNTS, WHAT, ratio

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "docs", "benchmarks")

# Which of reeve's measurements stands beside the others', what is drawn of it, and the target.
BARS = {
    "M1": ("M1 10", lambda r: ratio(r, "peer_p50_us", "limit_p50_us"), "p50, × the limit", 1.4),
    "M2": ("M2", ratio, "× the limit", 2),
    "M3": ("M3 1000", lambda r: r["pss_kb"] / 1e3, "MB for 1,000 services, or as many as said", 12),
    "M4": ("M4 1000", lambda r: r["cpu_s"] / r["seconds"] * 100, "% of a core", None),
    "M5": ("M5 64 KiB", lambda r: ratio(r, "peer_s_per_gb", "limit_s_per_gb"), "× a C pump", 1.2),
    "M6": ("M6", ratio, "× the limit", 1.4),
    "M7": ("M7 1000", lambda r: r["all_ms"], "ms for all services", 7),
    "M8": ("M8", ratio, "× the limit", 1.5),
    "M9": ("M9", lambda r: r["ms"], "ms", 8),
    "M10": ("M10", lambda r: r["ms"], "ms", 100),
}

# The least with a group, a log and a record for each run: what of it is drawn, and by what divided.
CONTAINED = {"M1": ("contained_p50_us", "limit_p50_us")} | {
    metric: ("contained_ms", "limit_ms") for metric in ("M2", "M6", "M8")}

# M11: how figures grow with the number of services.
GROWTH = {
    "M1": lambda r: ratio(r, "peer_p50_us", "limit_p50_us"),
    "M3": lambda r: r["pss_kb"] / 1e3,
    "M7": lambda r: r["all_ms"],
}


def gnuplot(name, commands):
    head = (f"set terminal svg size 640,360 font 'sans,12' background 'white'\n"
            f"set output '{os.path.join(FOLDER, name)}.svg'\nset key off\nset grid ytics\n"
            f"set border 3\nset tics nomirror\n")
    subprocess.run(["gnuplot"], input=head + commands, text=True, check=True)


def bars(metric, figures, unit, target):
    """One bar for each supervisor, on a logarithmic scale where one is far above another."""
    rows = "\n".join(f'"{name}" {value:.4f}' for name, value in figures.items())
    values = [value for value in figures.values() if value > 0]
    wide = values and min(values) == min(figures.values()) and max(values) > 20 * min(values)
    commands = f"$figures << END\n{rows}\nEND\nset title '{metric}: {WHAT[metric]}'\n"
    commands += f"set ylabel '{unit}'\nset style fill solid 0.8\nset boxwidth 0.6\n"
    commands += "set xtics rotate by 25 right\nset bmargin 5\n"
    commands += "set logscale y\n" if wide else "set yrange [0:*]\n"
    line = f", {target} with lines dashtype 2 linecolor 'red'" if target else ""
    commands += (f"plot $figures using 0:2:xtic(1) with boxes linecolor rgb '#2f6f9f', "
                 f"'' using 0:2:(sprintf('%.3g', $2)) with labels offset 0,0.6{line}\n")
    gnuplot(metric, commands)


def growth(metric, by_count):
    rows = "\n".join(f"{count} {value:.4f}" for count, value in by_count.items())
    gnuplot(f"M11-{metric}",
            f"$figures << END\n{rows}\nEND\n"
            f"set title 'M11: {metric}, {WHAT[metric]}, by services'\n"
            f"set logscale x\nset yrange [0:*]\nset xlabel 'services'\n"
            f"set ylabel '{BARS[metric][2]}'\n"
            f"plot $figures using 1:2 with linespoints pointtype 7 linecolor rgb '#2f6f9f', "
            f"'' using 1:2:(sprintf('%.3g', $2)) with labels offset 0,1\n")


def draw(results, peers):
    os.makedirs(FOLDER, exist_ok=True)
    for metric, (name, figure, unit, target) in BARS.items():
        found = {"reeve": results.get(name)}
        for peer, measured in peers.items():
            result = measured.get(metric)
            few = metric != "M1" and result and result.get("services", 1000) < 1000
            found[f"{peer}, {result['services']}" if few else peer] = result
        figures = {who: figure(result) for who, result in found.items()
                   if result and "failed" not in result}
        least = CONTAINED.get(metric)
        if least and least[0] in (results.get(name) or {}):
            figures = {"least with groups": ratio(results[name], *least)} | figures
        if figures:
            bars(metric, figures, unit, target)
    for metric, figure in GROWTH.items():
        measured = {count: results.get(f"{metric} {count}") for count in (1, *COUNTS)}
        by_count = {count: figure(result) for count, result in measured.items()
                    if result and "failed" not in result}
        if len(by_count) > 1:
            growth(metric, by_count)
