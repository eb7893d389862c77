"""monit: looks every second; its services are started by start-stop-daemon. It captures no logs."""

from measure import Peer


class Monit(Peer):
    name = "monit"
    count_max = 100
    restarts = False  # within a second at best: nothing to compare
    has_status = True
    start_timeout = 300

    def configure(self):
        text = (f"set daemon 1\nset log {self.path('log')}\nset pidfile {self.path('own.pid')}\n"
                f"set idfile {self.path('id')}\nset statefile {self.path('state')}\n"
                f"set httpd unixsocket {self.path('socket')}\n allow localhost\n")
        for index in range(self.count):
            pid_file = self.path(f"s{index}.pid")
            command, *arguments = self.child(index)
            start = (f"/sbin/start-stop-daemon --start --background --make-pidfile --pidfile "
                     f"{pid_file} --exec {command} -- {' '.join(arguments)}")
            text += (f"check process s{index} with pidfile {pid_file}\n"
                     f" start program = \"{start}\"\n stop program = "
                     f"\"/sbin/start-stop-daemon --stop --pidfile {pid_file}\"\n")
        self.write("monitrc", text, 0o600)

    def launch(self):
        self.popen("monit", "-I", "-c", self.path("monitrc"))

    def stop(self):
        self.run("monit", "-c", self.path("monitrc"), "stop", "all")

    def status_command(self, everything):
        return ["monit", "-c", self.path("monitrc"), *(["summary"] if everything
                                                       else ["status", "s0"])]
