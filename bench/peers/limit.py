"""The limit: a loop in C that starts, waits and starts again (bench/programs/limit.c)."""

from measure import Peer, program


class Limit(Peer):
    name = "limit"

    def launch(self):
        self.loop = self.popen(program(self.name), str(self.count), program("stamp"), self.stamps)

    def stop(self):
        self.loop.terminate()
        self.loop.wait()
