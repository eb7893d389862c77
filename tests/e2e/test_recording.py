"""`reeve daemon --record FILE`: what reeved was told, replayed, leads to the same states."""

import os
import stat
import subprocess

from harness import BIN, ReeveTest, kill, main, program


class RecordingTest(ReeveTest):
    def test_a_recorded_session_is_replayed_to_the_same_states(self):
        recording = os.path.join(self.directory, "session.rec")
        reeve = self.reeve
        reeve.cli("daemon", "--detach", "--record", recording)
        app = self.make_app("shop", {"worker": program("counter.pl"), "broken": "exit 3"})
        reeve.run("load", app)
        reeve.wait_running("shop/worker", 1)
        reeve.cli("scale", "shop", "worker=3")
        reeve.wait_running("shop/worker", 3)
        reeve.cli("restart", "shop/worker.2")
        former = reeve.reeved()
        kill(former)  # its successor goes on in the same recording
        reeve.wait_for_new("reeved", former)
        reeve.cli("stop", "shop/worker.3")
        reeve.cli("stop", "shop/broken")
        self.assertEqual(stat.S_IMODE(os.stat(recording).st_mode), 0o600)

        seen = {}
        for name, one in reeve.instances().items():
            seen[name] = (one["state"], one["goal"], one["pid"] or 0)
        replayed = subprocess.run([os.path.join(BIN, "sim_runner"), "--replay", recording],
                                  capture_output=True, text=True, timeout=60, check=True).stdout
        told = {}
        for line in replayed.splitlines()[-len(seen):]:
            name, state, goal, pid, _ = line.split(" ")
            told[name] = (state, goal, int(pid.removeprefix("pid=")))
        self.assertEqual(told, seen)
        self.assertIn("a daemon takes over", replayed)
        self.assertIn("scale shop worker=3", replayed)

    def test_a_recording_that_cannot_be_written_is_refused(self):
        refused = self.reeve.run("daemon", "--detach", "--record", "/nowhere/session.rec")
        self.assertEqual(refused.code, 1)
        self.assertIn("nothing can be recorded: open /nowhere/session.rec", refused.err)
        self.assertIsNone(self.reeve.try_get("/v1/version"), "nothing was started")


if __name__ == "__main__":
    main()
