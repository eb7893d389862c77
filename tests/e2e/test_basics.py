"""Load, look, scale, restart, stop, unload: the life of an app."""

import os

from harness import ReeveTest, main, program, read, read_or, wait_until, is_alive


def armed_timers(pid):
    """The timers of a process that will wake it up."""
    folder = f"/proc/{pid}/fdinfo"
    timers = [read_or(f"{folder}/{name}") for name in os.listdir(folder)]
    return [timer for timer in timers
            if "it_value: " in timer and "it_value: (0, 0)" not in timer]


class BasicsTest(ReeveTest):
    def test_nobody_will_wake_up_while_nothing_happens(self):
        self.reeve.cli("load", self.make_app("shop", {"worker": "exec sleep 1000"}))
        for name in (self.reeve.keeper, self.reeve.reeved, self.reeve.scribe):
            wait_until(lambda of=name: not armed_timers(of()), "no timer is set", 60)

    def test_an_app_is_loaded_scaled_restarted_stopped_and_unloaded(self):
        app = self.make_app("shop", {"worker": program("counter.pl"), "clock": "exec sleep 1000"})
        loaded = self.reeve.cli("load", app)
        self.assertIn("loaded shop: 2 instances", loaded.out)
        self.assertEqual(self.reeve.running(), {"shop/worker.1", "shop/clock.1"})

        first = self.reeve.pids()
        self.reeve.cli("scale", "shop", "worker=3")
        self.assertEqual(len(self.reeve.running("shop/worker")), 3)
        scaled = self.reeve.pids()
        self.assertEqual({name: scaled[name] for name in first}, first, "scaling touched others")

        self.reeve.cli("restart", "shop/worker")
        restarted = self.reeve.pids()
        for name, pid in scaled.items():
            same = restarted[name] == pid
            self.assertEqual(same, name == "shop/clock.1", f"{name} after a restart of workers")

        self.reeve.cli("stop", "shop/worker.2")
        self.assertEqual(self.reeve.instances()["shop/worker.2"]["state"], "stopped")
        self.assertFalse(is_alive(restarted["shop/worker.2"]))
        self.reeve.cli("start", "shop/worker.2")
        self.assertEqual(len(self.reeve.running("shop/worker")), 3)

        pids = [pid for pid in self.reeve.pids().values()]
        self.reeve.cli("unload", "shop")
        self.assertEqual(self.reeve.instances(), {})
        self.assertFalse([pid for pid in pids if is_alive(pid)])

    def test_a_program_that_writes_faster_than_anybody_reads_waits_and_loses_nothing(self):
        lines = 100_000  # some forty pipes full, in one go
        talk = f"seq -f 'line %.0f of a talkative program' 1 {lines}; exec sleep 1000"
        self.reeve.cli("load", self.make_app("shop", {"worker": talk}))
        log = self.reeve.log_of("shop", "worker.1")
        last = f"line {lines} of a talkative program\n"
        wait_until(lambda: read_or(log).endswith(last), "the last line is in the log", 60)
        numbers = [int(line.split()[2]) for line in read(log).splitlines()]
        self.assertEqual(numbers, list(range(1, lines + 1)))

    def test_shutdown_leaves_neither_process_nor_cgroup_nor_socket(self):
        app = self.make_app("shop", {"worker": program("counter.pl")})
        self.reeve.cli("load", app)
        self.assertNotEqual(self.reeve.keeper(), 0)
        if os.geteuid() == 0:
            self.assertNotEqual(self.reeve.cgroups(), [])
        self.reeve.cli("shutdown")
        wait_until(lambda: not self.left_processes(), "nothing is left", 5)
        self.assertEqual(self.reeve.cgroups(), [])
        self.assertFalse(os.path.exists(self.reeve.socket))


if __name__ == "__main__":
    main()
