"""foreman: starts and stops; it restarts nothing and has no status. Its log is its own output."""

from measure import Peer


class Foreman(Peer):
    name = "foreman"
    count_max = 100
    restarts = False
    has_status = False
    start_timeout = 300

    def child(self, index):
        return [*super().child(index)[:-1], "$PORT"]

    def configure(self):
        self.write("Procfile", "s: " + " ".join(self.child(0)) + "\n")

    def launch(self):
        self.main = self.popen("foreman", "start", "-f", self.path("Procfile"), "-m",
                               f"s={self.count}")

    def stop(self):
        self.main.terminate()
        self.main.wait()
