"""runit: one runsv, and with logs one svlogd, per service."""

import os
import signal

from measure import Peer, program


class Runit(Peer):
    name = "runit"
    count_max = 1000
    restarts = True
    has_status = True
    logger = "svlogd"

    def configure(self):
        for index in range(self.count):
            self.write(f"services/s{index}/run",
                       f"#!{program('stamp')} {self.stamps}:{index}\n", 0o755)
            if self.logs:
                os.makedirs(self.path("logs", f"s{index}"))
                self.write(f"services/s{index}/log/run",
                           f"#!/bin/sh\nexec {self.logger} {self.path('logs', f's{index}')}\n",
                           0o755)

    def launch(self):
        self.main = self.popen("runsvdir", "-P", self.path("services"))

    def stop(self):
        self.main.send_signal(signal.SIGHUP)
        self.main.wait()

    def status_command(self, everything):
        if everything:
            return ["sh", "-c", f"exec sv status {self.path('services')}/*"]
        return ["sv", "status", self.path("services/s0")]
