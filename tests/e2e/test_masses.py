"""A thousand processes: started, killed at once, and running again."""

import os
import signal
import time

from harness import (SLOWNESS, Prober, ReeveTest, crowding, is_alive, kill, main, wait_until)

SERVICES, EACH = 10, 100
COUNT = SERVICES * EACH


class MassesTest(ReeveTest):
    def test_a_thousand_processes_killed_at_once_run_again(self):
        app = self.make_app("app", {f"s{number}": "exec sleep 100000"
                                    for number in range(SERVICES)})
        self.reeve.cli("load", app)
        begun = time.monotonic()
        self.reeve.cli("scale", "app", *[f"s{number}={EACH}" for number in range(SERVICES)],
                       timeout=120 * SLOWNESS)
        started = time.monotonic() - begun
        pids = self.reeve.pids()
        self.assertEqual(len(pids), COUNT)
        self.assertEqual(set(self.reeve.members()), set(pids.values()))

        prober = Prober(self.reeve)
        prober.start()
        begun = time.monotonic()
        for pid in pids.values():
            kill(pid)
        killed = time.monotonic() - begun
        self.reeve.wait_until(
            lambda: all(one["state"] == "running" and one["restarts"] == 1
                        for one in self.reeve.instances().values()),
            "all run again", 60)
        again = time.monotonic() - begun
        prober.finish()
        print(f"{COUNT} started in {started:.1f} s, killed in {killed:.1f} s, running again after "
              f"{again:.1f} s; the longest of {len(prober.waits)} requests took "
              f"{max(prober.waits):.3f} s")
        self.assertEqual(prober.refused, [])
        self.assertLess(max(prober.waits), 2 * SLOWNESS * crowding())
        after = self.reeve.pids()
        self.assertEqual([name for name in pids if after[name] == pids[name]], [])
        self.assertEqual(set(self.reeve.members()), set(after.values()))
        ends = [row for row in self.reeve.history("app/s0.1") if row["from"] == "running"]
        self.assertEqual([("SIGKILL" in row["reason"]) for row in ends], [True])

        begun = time.monotonic()
        self.reeve.cli("stop", "app", timeout=120 * SLOWNESS)
        print(f"stopped in {time.monotonic() - begun:.1f} s")
        self.assertEqual(self.reeve.members(), [])

    def test_hundreds_of_ends_while_reeved_is_dead_are_told_of(self):
        count = 300
        app = self.make_app("app", {"s": "exec sleep 100000"})
        self.reeve.cli("load", app)
        self.reeve.cli("scale", "app", f"s={count}", timeout=120 * SLOWNESS)
        pids = self.reeve.pids()
        keeper, reeved = self.reeve.keeper(), self.reeve.reeved()
        kill(keeper, signal.SIGSTOP)
        try:
            kill(reeved)
            for pid in pids.values():
                kill(pid, signal.SIGKILL)
            wait_until(lambda: not any(map(is_alive, pids.values())), "all have ended")
        finally:
            kill(keeper, signal.SIGCONT)
        self.reeve.wait_until(
            lambda: all(one["state"] == "running" and one["restarts"] == 1
                        and "SIGKILL" in one["last_exit"]["text"]
                        for one in self.reeve.instances().values()), "all run again", 60)
        self.assertEqual(len(self.reeve.members()), count)


if __name__ == "__main__":
    main()
