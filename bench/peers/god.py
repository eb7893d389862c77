"""god: one daemon in Ruby that hears of exits from the kernel."""

from measure import Peer

# Debian 12's god calls a `timeout` that its Ruby no longer has: without one it sees no process run,
# and starts none again.
MENDED = """require "timeout"
module Kernel
  def timeout(seconds, &block) = Timeout.timeout(seconds, &block)
end
"""


class God(Peer):
    name = "god"
    count_max = 100
    restarts = True
    has_status = True
    start_timeout = 300
    port = 17999

    def configure(self):
        self.environment["RUBYOPT"] = "-W0"
        text = MENDED + f"God.pid_file_directory = '{self.folder}'\n"
        for index in range(self.count):
            log = f"  w.log = '{self.path(f's{index}.log')}'\n" if self.logs else ""
            text += (f"God.watch do |w|\n  w.name = 's{index}'\n"
                     f"  w.start = '{' '.join(self.child(index))}'\n{log}"
                     "  w.interval = 1\n  w.keepalive(:interval => 1)\nend\n")
        self.write("services.god", text)

    def launch(self):
        self.popen("god", "-c", self.path("services.god"), "-D", "--no-syslog", "-l",
                   self.path("log"), "-p", str(self.port), "--log-level", "warn")

    def stop(self):
        self.run("god", "terminate", "-p", str(self.port))

    def status_command(self, everything):
        return ["god", "status", "-p", str(self.port), *([] if everything else ["s0"])]
