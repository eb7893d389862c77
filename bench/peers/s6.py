"""s6: one s6-supervise, and with logs one s6-log, per service."""

from measure import Peer
from peers.runit import Runit


class S6(Runit, Peer):
    name = "s6"
    logger = "s6-log n20 s1000000"

    def launch(self):
        self.main = self.popen("s6-svscan", "-c", "4000", self.path("services"))

    def stop(self):
        self.run("s6-svscanctl", "-t", self.path("services"))
        self.main.wait()

    def status_command(self, everything):
        if everything:
            return ["sh", "-c", f"for one in {self.path('services')}/s*; do s6-svstat $one; done"]
        return ["s6-svstat", self.path("services/s0")]
