"""daemontools: one supervise, and with logs one multilog, per service."""

from measure import Peer
from peers.runit import Runit


class Daemontools(Runit, Peer):
    name = "daemontools"
    logger = "multilog n20 s1000000"

    def launch(self):
        self.main = self.popen("svscan", self.path("services"))

    def stop(self):
        # svscan knows no orderly end: it goes first, so that it starts nothing again.
        self.main.terminate()
        self.main.wait()
        self.run("sh", "-c", f"exec svc -dx {self.path('services')}/s*")

    def status_command(self, everything):
        if everything:
            return ["sh", "-c", f"exec svstat {self.path('services')}/s*"]
        return ["svstat", self.path("services/s0")]
