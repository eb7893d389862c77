"""The results as tables in Markdown, beside the targets."""

import os
import platform

from measure import read_or


def machine():
    model = next((line.split(":")[1].strip() for line in read_or("/proc/cpuinfo").splitlines()
                  if line.startswith("model name")), platform.machine())
    kilobytes = int(read_or("/proc/meminfo").split()[1])
    return (f"{os.cpu_count()} × {model}, {kilobytes / 1e6:.0f} GB, "
            f"Linux {platform.release()}")


def ratio(result, ours="peer_ms", least="limit_ms"):
    return result[ours] / result[least]


def of_contained(name, result):
    """What it is to the least that has a group, a log and a record for each run, too."""
    metric = name.split()[0]
    if metric == "M1" and "contained_p50_us" in result:
        return "{:.2f}×, {:.2f}×".format(*(ratio(result, f"peer_{share}_us",
                                                 f"contained_{share}_us")
                                           for share in ("p50", "p99")))
    if "contained_ms" in result:
        best, least = min(result["peer_all"]), min(result["contained_all"])
        return f"{ratio(result, least='contained_ms'):.2f}×; {best / least:.2f}×"
    return ""


def row_of(name, result):
    """What was measured, and what it is to reach: three cells."""
    if "failed" in result:
        return "failed: " + result["failed"], "", ""
    metric = name.split()[0]
    if metric == "M1":
        p50 = ratio(result, "peer_p50_us", "limit_p50_us")
        p99 = ratio(result, "peer_p99_us", "limit_p99_us")
        return (f"p50 {result['peer_p50_us']:.0f} µs, p99 {result['peer_p99_us']:.0f} µs of "
                f"{result['count']} (limit {result['limit_p50_us']:.0f}, "
                f"{result['limit_p99_us']:.0f})",
                f"{p50:.2f}×, {p99:.2f}×", "≤ 1.4×, ≤ 2×")
    if metric in ("M2", "M6", "M8"):
        target = {"M2": "≤ 2×", "M6": "≤ 1.4×", "M8": "≤ 1.5×"}[metric]
        best, least = min(result["peer_all"]), min(result["limit_all"])
        return (f"{result['peer_ms']:.0f} ms (limit {result['limit_ms']:.0f}); best of "
                f"{len(result['peer_all'])}: {best:.0f} ({least:.0f})",
                f"{ratio(result):.2f}×; {best / least:.2f}×", target)
    if metric == "M3":
        parts = ", ".join(f"{key} {value}" for key, value in sorted(result["by_program"].items()))
        parts = parts if len(result["by_program"]) <= 4 else "all of its processes"
        files = sum(result.get("descriptors", {}).values())
        parts += f"; {files} descriptors" if files else ""
        target = {1000: "≤ 12 MB", 5000: "≤ 20,000 descriptors"}.get(result["services"], "")
        return f"{result['pss_kb'] / 1e3:.1f} MB ({parts})", "", target
    if metric == "M4":
        share = result["cpu_s"] / result["seconds"] * 100
        return (f"{share:.3f} % of a core, {result['switches']} context switches in "
                f"{result['seconds']} s, {result['settle']} s after the last start", "",
                "≤ 0.3 %" if "checks" in name else "no wake-up")
    if metric == "M5" and "crash_p99_us" in result:
        return (f"p50 {result['crash_p50_us']:.0f} µs, p99 {result['crash_p99_us']:.0f} µs of "
                f"{result['count']}", "",
                "p99 ≤ 2 ms")
    if metric == "M5":
        return (f"{result['peer_s_per_gb']:.2f} CPU-s per GB (C pump "
                f"{result['limit_s_per_gb']:.2f})",
                f"{ratio(result, 'peer_s_per_gb', 'limit_s_per_gb'):.2f}×", "≤ 1.2×")
    if metric == "M7":
        target = "≤ 3 ms, ≤ 7 ms" if result["services"] == 1000 else ""
        return (f"one {result['one_ms']:.1f} ms, all {result['all_ms']:.1f} ms "
                f"(empty program {result['limit_ms']:.2f})", "", target)
    if metric == "M12":
        return (f"{result['per_s']:,.0f} a second, best {max(result['all']):,.0f}, "
                f"{result['cpu_us']:.0f} µs of CPU time each; none of {result['count']:,} lost",
                "", "≥ 10,000")
    target = {"M9": "≤ 8 ms", "M10": "≤ 100 ms"}[metric]
    return f"{result['ms']:.1f} ms, best {min(result['all']):.1f} ms", "", target


COUNTS = (10, 100, 1000, 5000)

WHAT = {
    "M1": "crash → replacement", "M2": "start of 1,000", "M3": "memory (PSS)",
    "M4": "idle", "M5": "log capture", "M6": "1,000 killed at once",
    "M7": "`reeve status`", "M8": "stop of 1,000", "M9": "cold start",
    "M10": "SIGKILL of reeved, 1,000 services", "M12": "events emitted",
}


def of_reeve(results):
    lines = ["| metric | measured | to the limit | to the least with groups | target |",
             "|---|---|---|---|---|"]
    for name in sorted(results, key=lambda name: (int(name.split()[0][1:]), name)):
        metric, _, detail = name.partition(" ")
        what = WHAT[metric] + (f", {detail}" if detail else "")
        measured, of_limit, target = row_of(name, results[name])
        cells = (measured, of_limit, of_contained(name, results[name]), target)
        lines.append(f"| {metric} {what} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def of_growth(results):
    """M11: a column for each number of services."""
    rows = {
        "M1, p50 to the limit": ("M1", lambda r: f"{ratio(r, 'peer_p50_us', 'limit_p50_us'):.2f}×"),
        "M4, of a core": ("M4", lambda r: f"{r['cpu_s'] / r['seconds'] * 100:.3f} %"),
        "M7, all services": ("M7", lambda r: f"{r['all_ms']:.1f} ms"),
    }
    lines = ["| M11 services | " + " | ".join(f"{count:,}" for count in COUNTS) + " |",
             "|---" * (len(COUNTS) + 1) + "|"]
    for title, (metric, text) in rows.items():
        measured = [results.get(f"{metric} {count}") for count in COUNTS]
        cells = [text(r) if r and "failed" not in r else "" for r in measured]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def short(metric, result):
    """One cell of the table of peers."""
    if not result:
        return ""
    if "failed" in result:
        return "–"
    if metric == "M1":
        return f"{ratio(result, 'peer_p50_us', 'limit_p50_us'):.1f}×"
    if metric in ("M2", "M6", "M8"):
        return f"{ratio(result):.1f}×"
    if metric == "M3":
        return f"{result['pss_kb'] / 1e3:.1f} MB"
    if metric == "M4":
        return f"{result['cpu_s'] / result['seconds'] * 100:.3f} %"
    return f"{result['one_ms']:.1f}, {result['all_ms']:.1f} ms"


def of_peers(reeve, peers):
    """A row for each supervisor, reeve's own first."""
    own = {"M1": "M1 10", "M2": "M2", "M3": "M3 1000", "M4": "M4 1000", "M6": "M6",
           "M7": "M7 1000", "M8": "M8"}
    rows = {"reeve": {metric: reeve.get(name) for metric, name in own.items()}}
    rows |= {who: peers[who] for who in sorted(peers)}
    lines = ["| | services | M1, 10 services | M2 | M3 | M4 | M6 | M7 one, all | M8 |",
             "|---" * 9 + "|"]
    for who, results in rows.items():
        services = (results.get("M3") or {}).get("services")
        count = f"{services:,}" if services else ""
        cells = [short(metric, results.get(metric)) for metric in own]
        lines.append(f"| {who} | {count} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def tables(results, peers):
    text = f"{machine()}\n\n{of_reeve(results)}\n\n{of_growth(results)}\n"
    return text + (f"\n{of_peers(results, peers)}\n" if peers else "")
