"""The least with a group, a record and a log pipe for each run (bench/programs/contained.c)."""

from measure import Peer, program


class Contained(Peer):
    name = "contained"

    def launch(self):
        self.loop = self.popen(program("contained"), str(self.count), program("stamp"), self.stamps)

    def stop(self):
        self.loop.terminate()
        self.loop.wait()
