"""SIGKILL of reeved, at any moment: nothing is restarted, duplicated, left, or lost."""

import collections
import os
import signal
import threading
import time

from counted_log import CountedLog
from harness import (LONG, SLOWNESS, Prober, ReeveTest, crowding, is_alive, kill, look_at, main,
                     program, read_or, seeded, wait_until)

KILLS = 200 if LONG else 40
WORKERS = 50
ANSWER_BOUND = 1.0 * SLOWNESS  # seconds, where every process has a CPU of its own


class Killer:
    """Kills reeved at moments of chance, most often while it serves, at times while it starts."""

    def __init__(self, reeve, chance):
        self.reeve, self.chance = reeve, chance
        self.kills = 0
        self.victim = reeve.reeved()

    def kill_one(self):
        kill(self.victim)
        self.kills += 1
        gone = self.victim
        self.victim = self.reeve.wait_for_new("reeved", gone)
        if self.chance.random() < 0.2:  # again, before it said hello
            time.sleep(self.chance.uniform(0, 0.02))
            kill(self.victim)
            self.kills += 1
            self.victim = self.reeve.wait_for_new("reeved", self.victim)
        self.reeve.wait_until(lambda: self.reeve.try_get("/v1/version"), "reeved answers")


class Operator(threading.Thread):
    """Gives commands, one after the other, and counts the starts that each instance is due."""

    def __init__(self, reeve, chance):
        super().__init__(daemon=True)
        self.reeve, self.chance = reeve, chance
        self.starts = collections.Counter({number: 1 for number in range(1, WORKERS + 1)})
        self.up = {number: True for number in self.starts}
        self.enough = threading.Event()
        self.failures, self.commands = [], 0

    def run(self):
        while not self.enough.is_set() and not self.failures:
            for step in (self.restart_all, self.stop_some, self.scale_down, self.scale_up,
                         self.start_some):
                step()
                if self.enough.is_set() or self.failures:
                    return

    def command(self, *args):
        outcome = self.reeve.run(*args, timeout=100)
        self.commands += 1
        if outcome.code != 0:
            self.failures.append(repr(outcome))

    def restart_all(self):
        # Of what is up: those that were stopped by hand would be started too.
        chosen = [number for number in self.up if self.up[number]]
        if all(self.up.values()):
            self.command("restart", "app/worker")
        else:
            chosen = self.chance.sample(chosen, min(10, len(chosen)))
            self.command("restart", *[f"app/worker.{number}" for number in chosen])
        self.starts.update(chosen)

    def stop_some(self):
        chosen = self.chance.sample(sorted(self.up), 12)
        self.command("stop", *[f"app/worker.{number}" for number in chosen])
        for number in chosen:
            self.up[number] = False

    def start_some(self):
        chosen = [number for number in self.up if not self.up[number]]
        if not chosen:
            return
        self.command("start", *[f"app/worker.{number}" for number in chosen])
        for number in chosen:
            self.up[number] = True
            self.starts[number] += 1

    def scale_down(self):
        self.command("scale", "app", "worker=20")
        self.up = {number: up for number, up in self.up.items() if number <= 20}

    def scale_up(self):
        self.command("scale", "app", f"worker={WORKERS}")
        for number in range(21, WORKERS + 1):
            self.up[number] = True
            self.starts[number] += 1


class ReevedDeathTest(ReeveTest):
    def load_workers(self, count, pause="0.05"):
        self.app = self.make_app("app", {"worker": program("counter.pl") + " " + pause})
        self.reeve.cli("load", self.app)
        self.reeve.cli("scale", "app", f"worker={count}")
        self.reeve.wait_running("app/worker", count)
        wait_until(lambda: len(self.starts()) == count, "every worker wrote its start")

    def starts(self):
        """`(instance, pid)` of each program that was ever started, in the order of the starts."""
        lines = read_or(os.path.join(self.app, "starts")).splitlines()
        return [tuple(line.split()[:2]) for line in lines]

    def told(self, target):
        """Its history as people read it."""
        return self.reeve.run("why", target, "-n", "1000").out

    def assert_each_line_once(self, count):
        for number in range(1, count + 1):
            log = CountedLog(self.reeve.log_of("app", f"worker.{number}"))
            self.assertEqual(log.gaps(), [], f"worker.{number}")
            self.assertEqual(log.notes, [], f"worker.{number}")
            self.assertTrue(log.numbers, f"worker.{number} has no lines")

    def test_nothing_notices_the_deaths_of_reeved_during_commands(self):
        chance = seeded(self)
        self.load_workers(WORKERS)
        prober = Prober(self.reeve)
        prober.start()
        operator = Operator(self.reeve, chance)
        operator.start()
        killer = Killer(self.reeve, chance)
        # On a loaded machine a command takes longer than many deaths.
        while ((killer.kills < KILLS or operator.commands < 5) and killer.kills < 10 * KILLS
               and operator.is_alive()):
            time.sleep(chance.uniform(0, 0.25))
            killer.kill_one()
        operator.enough.set()
        operator.join(120)
        prober.finish()
        print(f"{killer.kills} kills, {operator.commands} commands, {len(prober.waits)} requests,"
              f" the longest {max(prober.waits):.3f} s, {prober.broken} asked again")
        self.assertEqual(operator.failures, [], self.reeve.diagnosis())
        self.assertGreater(operator.commands, 4)

        up = {f"worker.{number}" for number, is_up in operator.up.items() if is_up}
        self.reeve.wait_until(
            lambda: {name.split("/")[1] for name in self.reeve.running()} == up,
            f"just these run: {sorted(up)}")
        instances = self.reeve.instances()
        self.assertEqual(len(instances), len(operator.up))
        pids = {one["pid"] for one in instances.values() if one["state"] == "running"}
        self.assertEqual(set(self.reeve.members()), pids, "no duplicate, and nobody left")

        started = collections.Counter(int(name.split(".")[1]) for name, _ in self.starts())
        for number, due in operator.starts.items():
            told = self.told(f"app/worker.{number}")
            # A program that takes SIGTERM by its default had not come to its first line.
            silent = told.count("killed by SIGTERM")
            self.assertEqual(started[number] + silent, due,
                             f"starts of worker.{number}; its history: {told}")
        self.assertEqual([one["restarts"] for one in instances.values() if one["restarts"]], [])

        self.assertEqual(prober.refused, [])
        # The three programs start anew again and again: beside others they have their share only.
        crowd = crowding()
        self.assertLess(max(prober.waits), ANSWER_BOUND * crowd, f"of {crowd:.1f} for each CPU")
        self.reeve.cli("stop", "app")
        self.assertEqual(self.reeve.members(), [])
        self.assert_each_line_once(WORKERS)
        self.assert_said_bye()

    def assert_said_bye(self):
        """The last line of every process that ended is in its log."""
        said = set()
        for number in range(1, WORKERS + 1):
            said |= CountedLog(self.reeve.log_of("app", f"worker.{number}")).said_bye
        ended = {int(line.split()[1])
                 for line in read_or(os.path.join(self.app, "ends")).splitlines()}
        self.assertEqual(ended - said, set())

    def die_while_reeved_is_dead(self, deaths):
        """Kills reeved, holds its successor back, lets processes die, and lets it come."""
        keeper, reeved = self.reeve.keeper(), self.reeve.reeved()
        kill(keeper, signal.SIGSTOP)
        try:
            wait_until(lambda: look_at(keeper).state == "T", "the keeper is stopped")
            kill(reeved)
            for pid, number in deaths:
                kill(pid, number)
            for pid, _ in deaths:
                wait_until(lambda pid=pid: not is_alive(pid), f"{pid} has ended")
        finally:
            kill(keeper, signal.SIGCONT)
        self.reeve.wait_for_new("reeved", reeved)

    def test_exits_while_reeved_is_dead_are_reported_with_their_very_status(self):
        self.load_workers(30, "0.2")
        with open(os.path.join(self.app, "code"), "w", encoding="utf-8") as file:
            file.write("37")
        pids = self.reeve.pids("app/worker")
        ways = [(signal.SIGUSR1, "code 37"), (signal.SIGKILL, "SIGKILL"),
                (signal.SIGSEGV, "SIGSEGV")]
        wanted, deaths = {}, []
        for at, (name, pid) in enumerate(sorted(pids.items())):
            if at % 2 == 1:
                continue  # half of them live on
            number, text = ways[at // 2 % len(ways)]
            deaths.append((pid, number))
            wanted[name] = text
        self.die_while_reeved_is_dead(deaths)
        self.reeve.wait_until(lambda: self.reeve.run_again(wanted, 30), "the dead ones run again")
        instances = self.reeve.instances()
        for name, pid in pids.items():
            if name not in wanted:
                self.assertEqual(instances[name]["pid"], pid, f"{name} was let alone")
                self.assertEqual(instances[name]["restarts"], 0)
                continue
            self.assertIn(wanted[name], instances[name]["last_exit"]["text"], name)
            ends = [row for row in self.reeve.history(name) if row["from"] == "running"]
            self.assertEqual(len(ends), 1, ends)
            self.assertIn(wanted[name], ends[0]["reason"])
        self.assert_each_line_once(30)

    def test_every_exit_is_told_once_however_often_reeved_dies(self):
        """Workers crash with codes of their own while reeved dies again and again."""
        chance = seeded(self)
        self.load_workers(20, "0.2")
        code_file = os.path.join(self.app, "code")
        sent = collections.defaultdict(list)
        killer = Killer(self.reeve, chance)
        for turn in range(KILLS // 8):
            # Each worker crashes up to four times: a fifth makes it crash-looping for a minute.
            name = f"app/worker.{turn % 20 + 1}"
            if len(sent[name]) == 4:
                break
            self.reeve.wait_until(lambda name=name: name in self.reeve.running(), f"{name} runs")
            pid = self.reeve.pids()[name]
            wait_until(lambda pid=pid: any(int(one) == pid for _, one in self.starts()),
                       f"{pid} has set its handlers")
            code = 10 + turn
            with open(code_file, "w", encoding="utf-8") as file:
                file.write(str(code))
            sent[name].append(f"code {code} ")
            kill(pid, signal.SIGUSR1)
            time.sleep(chance.uniform(0, 0.01))
            killer.kill_one()
            wait_until(lambda pid=pid: not is_alive(pid), f"{pid} has ended")
        for name, codes in sent.items():
            self.reeve.wait_until(lambda name=name: name in self.reeve.running(), f"{name} runs")
            told = [row["reason"] for row in self.reeve.history(name) if row["from"] == "running"]
            self.assertEqual(len(told), len(codes), told)
            for code, reason in zip(codes, told):
                self.assertIn(code, reason + " ")

    def test_a_command_whose_reeved_dies_is_carried_out_once(self):
        self.load_workers(10)
        for turn in range(8):
            restart = self.reeve.popen("restart", "app/worker")
            time.sleep(0.02 * turn)
            reeved = self.reeve.reeved()
            kill(reeved)
            self.assertEqual(restart.wait(60), 0)
            wait_until(lambda: len(self.starts()) == 10 * (turn + 2), "each worker started once")
        counts = collections.Counter(name for name, _ in self.starts())
        self.assertEqual(set(counts.values()), {9}, counts)
        self.assertEqual(len(self.reeve.members()), 10)

    def test_a_daemon_that_dies_while_it_spawns_neither_loses_nor_doubles_a_process(self):
        """Kills in the very milliseconds in which 50 processes are cloned."""
        chance = seeded(self)
        self.load_workers(1)
        for turn in range(6):
            for count in (WORKERS, 1):
                scale = self.reeve.popen("scale", "app", f"worker={count}")
                time.sleep(chance.uniform(0.005, 0.04 * SLOWNESS))
                kill(self.reeve.wait_for_new("reeved", 0))
                self.assertEqual(scale.wait(60), 0)
                self.reeve.wait_running("app/worker", count)
                pids = set(self.reeve.pids("app/worker").values())
                self.assertEqual(set(self.reeve.members()), pids, f"in turn {turn}")
        started = collections.Counter(name for name, _ in self.starts())
        self.assertEqual(started["worker.1"], 1)
        self.reeve.wait_until(lambda: len(self.starts()) == 1 + 6 * (WORKERS - 1),
                              "everyone started once")

    def test_a_daemon_that_dies_while_it_restarts_neither_loses_nor_doubles_a_process(self):
        """Kills in the very milliseconds in which those that crashed take over their groups."""
        chance = seeded(self)
        count = 20
        names = {f"w{number}": program("counter.pl") for number in range(count)}
        self.app = self.make_app("app", names, {"reeve.toml": "".join(
            f"[services.{name}]\ncommand = '{command}'\n"
            "restart = { kind = 'supervisord', mode = 'always' }\n"
            for name, command in names.items())})
        self.reeve.cli("load", self.app)
        self.reeve.wait_running("app", count)
        wait_until(lambda: len(self.starts()) == count, "everyone started")
        for turn in range(5):
            time.sleep(1.1)  # who has lived shorter does not hand its group on
            reeved, before = self.reeve.reeved(), self.reeve.pids()
            for pid in before.values():
                kill(pid)
            time.sleep(chance.uniform(0, 0.03 * SLOWNESS))
            kill(reeved)
            self.reeve.wait_for_new("reeved", reeved)
            wait_until(lambda: len(self.starts()) >= count * (turn + 2), "all were started again")
            self.reeve.wait_running("app", count)
            pids = set(self.reeve.pids().values())
            self.assertEqual(set(self.reeve.members()), pids, f"in turn {turn}")
            self.assertEqual(pids & set(before.values()), set())
        self.assertEqual(len(self.starts()), count * 6)
        groups = [name for base in self.reeve.cgroups()
                  for name in os.listdir(os.path.join(base, "app"))]
        self.assertEqual(len([name for name in groups if ":" in name]), count, "a group for each")
        self.reeve.cli("stop", "app")
        self.assertEqual(self.reeve.members(), [])


if __name__ == "__main__":
    main()
