"""M12: how many events a second jobs are told of, and that none of them is lost."""

import json
import socket
import time

from measure import cost_of, median, wait_for_quiet, wait_until

BATCH = 100    # requests that are on their way at one time
MARKED = 100   # of so many events one starts a job, which is counted
OTHERS = 20    # jobs that wait for something else, as on every machine


def leaf(name, **keys):
    return {"nodes": [{"kind": "event", "name": name, "arguments": [
        {"key": key, "pattern": value} for key, value in keys.items()]}]}


def job(name, start_on, **members):
    return {"name": name, "command": {"kind": "direct", "argv": ["/bin/true"]},
            "job": dict(members, has_main=False, start_on=start_on)}


def request(path, text):
    return (f"POST {path} HTTP/1.1\r\nHost: reeve\r\nContent-Length: {len(text)}\r\n\r\n"
            f"{text}").encode()


def read_answer(answers):
    """The status of the next answer."""
    status, length = int(answers.readline().split()[1]), 0
    while (line := answers.readline().strip()):
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    return status, answers.read(length)


def load(connection, answers):
    app = {"name": "init", "format": "upstart", "source": "/etc/init", "directory": "/",
           "services": [job("marked", leaf("tick", N=f"*{'0' * (len(str(MARKED)) - 1)}"),
                            instance="$N"),
                        *(job(f"other{number}", leaf(f"event{number}"))
                          for number in range(OTHERS))]}
    app["services"].sort(key=lambda one: one["name"])
    connection.sendall(request("/v1/operations/load",
                               json.dumps({"id": "1", "verb": "load"}) + "\n" + json.dumps(app)))
    status, text = read_answer(answers)
    if status != 200:
        raise RuntimeError(f"load: {status} {text}")


def instances(peer):
    """How many instances of the counting job are there."""
    jobs = json.loads(peer.get("/v1/jobs?app=init")[1])["jobs"]
    return sum(len(one["instances"]) for one in jobs if one["job"] == "marked")


def once(make, count):
    with make(0) as peer:
        peer.launch()
        wait_until(peer.answers, "it answers")
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(peer.path("run/reeve/reeve.sock"))
        answers = connection.makefile("rb")
        load(connection, answers)
        batches = [b"".join(request("/v1/operations", json.dumps(
            {"id": f"{number + 1:x}", "verb": "emit", "wait": False, "event": "tick",
             "variables": [f"N={number}"]})) for number in range(first, first + BATCH))
            for first in range(1, count + 1, BATCH)]
        wait_for_quiet(2)
        reeved = [peer.pid_of("reeved")]
        before, begun = cost_of(reeved)[0], time.monotonic()
        for batch in batches:
            connection.sendall(batch)
            for _ in range(BATCH):
                status, text = read_answer(answers)
                if status not in (200, 202):
                    raise RuntimeError(f"emit: {status} {text}")
        wanted = count // MARKED
        wait_until(lambda: instances(peer) >= wanted, "the last has come")
        seconds = time.monotonic() - begun
        if instances(peer) != wanted:
            raise RuntimeError(f"{instances(peer)} of {wanted} came")
        connection.close()
        return count / seconds, (cost_of(reeved)[0] - before) * 1e6 / count


def told(make, count, rounds):
    """M12: events a second, from the first request until the last job of them runs; and what one
    costs, which a busy machine does not hide."""
    found = [once(make, count) for _ in range(rounds)]
    rates = [rate for rate, _ in found]
    return {"count": count, "per_s": median(rates), "all": rates,
            "cpu_us": median(cost for _, cost in found)}
