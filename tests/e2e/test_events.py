"""Events start and stop jobs: emitted, from the boot, from files; also when reeved is replaced."""

import json
import os
import random
import sys
import time

from harness import SANITIZED, ReeveTest, UnixConnection, kill, main, read_or, wait_until

ERREXIT = "sh-errexit"


def leaf(name, *patterns, **keys):
    arguments = [{"pattern": pattern} for pattern in patterns]
    arguments += [{"key": key, "pattern": value} for key, value in keys.items()]
    return {"nodes": [{"kind": "event", "name": name, "arguments": arguments}]}


def both(left, right):
    return {"nodes": left["nodes"] + right["nodes"] + [{"kind": "and"}]}


def job(name, script="exec sleep 1000", **members):
    stop = {"steps": [{"signal": 15, "wait_ns": 5 * 10**9}], "scope": "group"}
    service = {"name": name, "job": members, "stop": stop,
               "command": {"kind": "shell", "text": script, "shell": ERREXIT},
               "restart": {"kind": "upstart", "respawn": False}}
    if members.get("task"):
        service["restart"]["task"] = True
    return service


class EventsTest(ReeveTest):
    def operate(self, verb, **members):
        body = {"id": f"{random.getrandbits(60) + 1:x}", "verb": verb, **members}
        tail = "\n" + json.dumps(members.pop("spec")) if "spec" in members else ""
        body.pop("spec", None)
        path = "/v1/operations" + ("/load" if verb == "load" else "")
        return self.reeve.request("POST", path, json.dumps(body) + tail)

    def load(self, *jobs):
        os.chmod(self.directory, 0o777)  # jobs that are not root's write there
        self.reeve.cli("daemon", "--detach")
        app = {"name": "init", "format": "upstart", "source": "/etc/init",
               "directory": self.directory, "services": sorted(jobs, key=lambda j: j["name"])}
        return self.operate("load", spec=app)

    def jobs(self):
        found = {}
        for one in self.reeve.get("/v1/jobs?app=init")["jobs"]:
            for instance in one["instances"]:
                found[instance["instance"]] = f"{instance['goal']}/{instance['state']}"
        return found

    def test_events_start_and_stop_jobs_with_their_variables(self):
        out = os.path.join(self.directory, "out")
        self.load(job("web", f"echo $UPSTART_EVENTS $UPSTART_JOB $N > {out}; exec sleep 1000",
                      start_on=leaf("go"), stop_on=leaf("halt", "[12]")),
                  job("setup", f"echo setup $JOB >> {out}.order", task=True,
                      start_on=leaf("starting", "web")))
        self.assertEqual(self.jobs(), {"web": "stop/waiting", "setup": "stop/waiting"})
        self.reeve.cli("emit", "go", "N=7")
        self.assertEqual(self.jobs()["web"], "start/running")
        self.assertEqual(read_or(out + ".order"), "setup web\n")
        wait_until(lambda: read_or(out) == "go web 7\n", "the job has its variables")
        self.reeve.cli("emit", "halt", "LEVEL=3")
        self.assertEqual(self.jobs()["web"], "start/running")
        self.reeve.cli("emit", "halt", "LEVEL=2")
        self.assertEqual(self.jobs()["web"], "stop/waiting")

    def test_a_crash_loop_is_told_of_once_with_the_end_of_its_log(self):
        out = os.path.join(self.directory, "out")
        broken = {"name": "broken", "stop": {"steps": [], "scope": "group"},
                  "command": {"kind": "shell", "text": "echo no database at 5432; exit 3",
                              "shell": ERREXIT},
                  "restart": {"kind": "auto", "first_pause_ns": 10**8, "pause_unit_ns": 10**8,
                              "cap_unstable_ns": 2 * 10**8, "crash_loop_ends": 3}}
        told = job("told", f'echo "$APP/$INSTANCE: $LOG_END" >> {out}', task=True,
                   start_on=leaf("crash-looping", SERVICE="broken"))
        status, body = self.load(broken, told)
        self.assertEqual(status, 200, body)
        self.reeve.wait_until(lambda: "init/broken.1: " in read_or(out), "the job has heard of it")
        self.assertIn("no database at 5432", read_or(out))

        def restarts():
            return self.reeve.instances("init/broken")["init/broken.1"]["restarts"]

        seen = restarts()
        self.reeve.wait_until(lambda: restarts() > seen + 5, "it goes on and on")
        self.assertEqual(read_or(out).count("init/broken.1: "), 1, "it was told once")
        for command in ("why", "events"):
            shown = self.reeve.cli(command, "init/broken", "-n", "1000").out
            self.assertEqual(shown.count("it ends again and again; the end of its log:"), 1)
            self.assertRegex(shown, r"\n +\| .*no database at 5432\n")
        self.reeve.run("restart", "init/broken")
        self.reeve.wait_until(lambda: read_or(out).count("init/broken.1: ") == 2,
                              "somebody has started it: it is another loop")

    def test_explain_says_what_is_missing(self):
        self.load(job("web", start_on=both(leaf("a"), leaf("b", KEY="1"))))
        self.reeve.cli("emit", "a", "--no-wait")
        text = self.reeve.cli("explain", "web").out
        self.assertIn("has come: a", text)
        self.assertIn("still missing: b KEY=1", text)
        refused = self.reeve.cli("explain", "shop/web.1", expect=4).err
        self.assertIn("Unknown job: shop/web.1", refused)
        self.assertIn("reeve why shop/web.1", refused)

    def test_a_failing_job_fails_the_emit(self):
        self.load(job("bad", "exit 3", task=True, start_on=leaf("go")))
        failed = self.reeve.cli("emit", "go", expect=1)
        self.assertIn("Event failed", failed.out + failed.err)

    def test_the_boot_is_told_when_the_first_jobs_come(self):
        self.load(job("web", start_on=leaf("runlevel", "[2345]"),
                      stop_on=leaf("runlevel", "[!2345]")),
                  job("files", start_on=leaf("filesystem")),
                  job("lo", start_on=leaf("net-device-up", IFACE="lo")))
        wait_until(lambda: self.jobs()["web"] == "start/running", "the runlevel has come")
        self.assertEqual(self.jobs()["files"], "start/running")

    def test_half_of_an_expression_survives_reeved(self):
        self.load(job("web", start_on=both(leaf("a"), leaf("b"))))
        self.reeve.cli("emit", "a", "N=1", "--no-wait")
        old = self.reeve.reeved()
        kill(old)
        self.reeve.wait_for_new("reeved", old)
        self.reeve.cli("emit", "b")
        self.assertEqual(self.jobs()["web"], "start/running")

    def test_of_many_events_none_is_lost(self):
        count = 500 if SANITIZED else 10_000
        batch = 50  # requests that are on their way at one time
        self.load(job("last", start_on=leaf("tick", N=str(count - 1))))
        begun = time.monotonic()
        taken = 0
        connection = UnixConnection(self.reeve.socket, 120)
        connection.connect()
        answers = connection.sock.makefile("rb")
        for first in range(0, count, batch):
            requests = []
            for number in range(first, first + batch):
                body = json.dumps({"id": f"{number + 1:x}00000", "verb": "emit", "wait": False,
                                   "event": "tick", "variables": [f"N={number}"]})
                requests.append("POST /v1/operations HTTP/1.1\r\nHost: reeve\r\n"
                                f"Content-Length: {len(body)}\r\n\r\n{body}")
            connection.sock.sendall("".join(requests).encode())
            for _ in range(batch):
                head = {}
                status = answers.readline().split()[1]
                while (line := answers.readline().strip()):
                    name, _, value = line.partition(b": ")
                    head[name.lower()] = value
                answers.read(int(head[b"content-length"]))
                taken += status in (b"200", b"202")
        seconds = time.monotonic() - begun
        connection.close()
        self.assertEqual(taken, count)
        wait_until(lambda: self.jobs()["last"] == "start/running", "the last one has come")
        print(f"{count / seconds:.0f} events a second", file=sys.stderr, flush=True)

    def test_a_file_starts_a_job(self):
        path = os.path.join(self.directory, "flag")
        self.load(job("web", start_on=leaf("file", FILE=path, EVENT="create")))
        self.assertEqual(self.jobs()["web"], "stop/waiting")
        with open(path, "w", encoding="utf-8"):
            pass
        wait_until(lambda: self.jobs()["web"] == "start/running", "the file was seen")


if __name__ == "__main__":
    main()
