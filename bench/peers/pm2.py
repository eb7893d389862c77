"""pm2: one daemon in JavaScript; restarts without its back-off."""

import json
import os

from measure import BUILD, Peer

PM2 = os.path.abspath(os.path.join(BUILD, "pm2", "node_modules", ".bin", "pm2"))


class Pm2(Peer):
    name = "pm2"
    count_max = 100
    restarts = True
    has_status = True
    start_timeout = 300

    def configure(self):
        self.environment.update(PM2_HOME=self.path("home"), PM2_DISABLE_VERSION_CHECK="true")
        apps = []
        for index in range(self.count):
            command, *arguments = self.child(index)
            log = self.path(f"s{index}.log") if self.logs else "/dev/null"
            apps.append({"name": f"s{index}", "script": command, "args": arguments,
                         "interpreter": "none", "exec_mode": "fork", "min_uptime": 0,
                         "max_restarts": 1_000_000, "restart_delay": 0, "vizion": False,
                         "pmx": False, "out_file": log, "error_file": log})
        self.write("apps.config.js", "module.exports = " + json.dumps({"apps": apps}))

    def launch(self):
        self.popen(PM2, "start", self.path("apps.config.js"))

    def stop(self):
        self.run(PM2, "delete", "all")

    def status_command(self, everything):
        return [PM2, "list"] if everything else [PM2, "describe", "s0"]
