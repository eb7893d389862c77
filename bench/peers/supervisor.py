"""supervisor: one daemon in Python; restarts without its back-off."""

from measure import Peer


class Supervisor(Peer):
    name = "supervisor"
    count_max = 1000
    restarts = True
    has_status = True

    def configure(self):
        socket = self.path("socket")
        text = (f"[supervisord]\nnodaemon=true\nminfds={4 * self.count + 1024}\n"
                f"logfile={self.path('own.log')}\npidfile={self.path('pid')}\nloglevel=error\n"
                f"[unix_http_server]\nfile={socket}\n[rpcinterface:supervisor]\n"
                "supervisor.rpcinterface_factory = "
                "supervisor.rpcinterface:make_main_rpcinterface\n"
                f"[supervisorctl]\nserverurl=unix://{socket}\n")
        for index in range(self.count):
            text += (f"[program:s{index}]\ncommand={' '.join(self.child(index))}\n"
                     "autorestart=true\nstartsecs=0\nredirect_stderr=true\n"
                     f"stdout_logfile={self.path(f's{index}.log') if self.logs else 'NONE'}\n")
        self.write("configuration", text)

    def launch(self):
        self.main = self.popen("/usr/bin/supervisord", "-n", "-c", self.path("configuration"))

    def stop(self):
        self.run("/usr/bin/supervisorctl", "-c", self.path("configuration"), "shutdown")
        self.main.wait()

    def status_command(self, everything):
        command = ["/usr/bin/supervisorctl", "-c", self.path("configuration"), "status"]
        return command + ([] if everything else ["s0"])
