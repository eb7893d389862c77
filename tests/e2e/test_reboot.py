"""After a power cut: nothing of /run is left, and what was up comes up again."""

import os
import shutil

from harness import OWN_NAMES, ReeveTest, is_alive, kill, main, program, wait_until


class RebootTest(ReeveTest):
    def cut_the_power(self):
        """Every process is gone at once, and so is what lived in memory."""
        victims = [self.reeve.own(name) for name in OWN_NAMES] + self.reeve.members()
        for pid in victims:
            kill(pid)
        # Whichever started another one just before.
        wait_until(lambda: not [kill(pid) for pid, _ in self.left_processes()],
                   "everything is gone")
        wait_until(lambda: not any(map(is_alive, victims)), "nobody is alive")
        shutil.rmtree(os.path.join(self.reeve.root, "run"))

    def test_what_was_up_comes_up_and_what_was_stopped_by_hand_does_not(self):
        shop = self.make_app("shop", {"web": program("counter.pl"), "worker": program("counter.pl"),
                                      "clock": program("counter.pl")})
        broken = self.make_app("broken", {"worker": "exit 1"})
        self.reeve.cli("load", shop)
        self.reeve.cli("scale", "shop", "worker=3")
        self.reeve.cli("stop", "shop/clock", "shop/worker.2")
        self.reeve.run("load", broken, "--no-wait")
        self.cut_the_power()

        self.reeve.cli("daemon", "--detach")
        up = {"shop/web.1", "shop/worker.1", "shop/worker.3"}
        self.reeve.wait_until(lambda: self.reeve.running() == up, "what was up is up")
        states = {name: one["state"] for name, one in self.reeve.instances().items()}
        self.assertEqual(states["shop/clock.1"], "stopped")
        self.assertEqual(states["shop/worker.2"], "stopped")
        self.assertNotEqual(states["broken/worker.1"], "stopped", "it is tried")
        self.assertIn("boot", [one["cause"]["kind"] for one in self.reeve.history("shop/web.1")])
        self.reeve.cli("start", "shop/clock")
        self.reeve.cli("unload", "broken")

    def test_what_is_needed_comes_up_first(self):
        path = os.path.join(self.directory, "store")
        os.makedirs(path)
        os.chmod(path, 0o777)
        with open(os.path.join(path, "reeve.toml"), "w", encoding="utf-8") as out:
            for name, more in (("a", 'needs = [{ service = "b" }]'),
                               ("b", 'needs = [{ service = "c" }]\nready = { kind = "uptime" }'),
                               ("c", 'ready = { kind = "uptime" }'), ("free", "")):
                out.write(f'[services.{name}]\ncommand = "{program("counter.pl")}"\n{more}\n')
        self.reeve.cli("load", path)
        self.cut_the_power()
        self.reeve.cli("daemon", "--detach")
        self.reeve.wait_running("store", 4)

        def last(service, state):
            return [row["time"] for row in self.reeve.history(f"store/{service}.1")
                    if row["to"] == state][-1]
        self.assertGreaterEqual(last("b", "starting"), last("c", "running"))
        self.assertGreaterEqual(last("a", "starting"), last("b", "running"))
        self.assertLess(last("free", "running"), last("c", "running"), "it waited for nobody")

    def test_a_second_power_cut_during_the_start_loses_nothing(self):
        self.reeve.cli("load", self.make_app("shop", {"worker": program("counter.pl")}))
        self.reeve.cli("scale", "shop", "worker=10")
        self.cut_the_power()
        self.reeve.popen("daemon", "--detach").wait(120)
        self.cut_the_power()
        self.reeve.cli("daemon", "--detach")
        self.reeve.wait_running("shop/worker", 10)


if __name__ == "__main__":
    main()
