"""Sockets and mounts start Upstart's jobs: what the kernel tells, and nobody is turned away."""

import os
import signal
import socket

from harness import kill, main, wait_until
from upstart_case import UpstartTest

# A server that is given its socket, answers so many clients, and ends.
GIVEN = """
import os, socket, sys
[number] = os.environ['UPSTART_FDS'].split()
assert os.environ['LISTEN_FDS'] == '1' and os.environ['LISTEN_PID'] == str(os.getpid())
server = socket.socket(fileno=int(number))
for _ in range(int(sys.argv[1])):
    client, _ = server.accept()
    client.sendall((os.environ.get('UPSTART_EVENTS', '') + ' ' + str(os.getpid())).encode())
    client.close()
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(address):
    """What a server says to whoever connects."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family) as client:
        client.settimeout(60)
        client.connect(address)
        return client.makefile().read()


class SocketTest(UpstartTest):
    def load_server(self, where, clients=1, more=""):
        with open(self.path("server.py"), "w", encoding="utf-8") as out:
            out.write(GIVEN)
        self.load(web=f"start on socket {where}\n{more}"
                      f"exec /usr/bin/python3 {self.path('server.py')} {clients}\n")

    def test_a_connection_starts_its_job_which_accepts_it(self):
        port = free_port()
        self.load_server(f"PROTO=inet PORT={port} ADDR=127.0.0.1")
        self.assertEqual(self.status("web"), "web stop/waiting\n")
        self.assertTrue(ask(("127.0.0.1", port)).startswith("socket "))
        self.wait_for("stop/waiting", "web")
        self.assertTrue(ask(("127.0.0.1", port)).startswith("socket "), "and again")

    def test_a_job_that_runs_accepts_all_by_itself(self):
        self.load_server(f"PROTO=unix SOCKET_PATH={self.path('web.sock')}", clients=1000)
        said = {ask(self.path("web.sock")) for _ in range(5)}
        self.assertEqual(said, {f"socket {self.pid_of('web')}"})

    def test_the_documented_name_of_a_path_works_and_the_socket_is_gone_at_the_end(self):
        self.load_server(f"PROTO=unix PATH={self.path('web.sock')}")
        self.assertTrue(ask(self.path("web.sock")).startswith("socket "))
        self.reeve.cli("shutdown", "--wait")
        self.assertFalse(os.path.exists(self.path("web.sock")))

    def test_a_start_by_hand_is_given_the_socket_too(self):
        self.load_server(f"PROTO=unix SOCKET_PATH={self.path('web.sock')}")
        self.call("start", "web")
        self.assertRegex(ask(self.path("web.sock")), r"^ \d+$")

    def test_nobody_is_turned_away_while_reeved_is_replaced(self):
        self.load_server(f"PROTO=unix SOCKET_PATH={self.path('web.sock')}")
        old = self.reeve.reeved()
        kill(old, signal.SIGSTOP)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(60)
            client.connect(self.path("web.sock"))
            kill(old)
            self.assertTrue(client.makefile().read().startswith("socket "))

    def test_a_job_that_is_taken_away_takes_its_socket_along(self):
        self.write("other.conf", "exec sleep 1000\n")
        self.load_server(f"PROTO=unix SOCKET_PATH={self.path('web.sock')}")
        self.assertTrue(os.path.exists(self.path("web.sock")))
        os.unlink(self.path("init/web.conf"))
        wait_until(lambda: not os.path.exists(self.path("web.sock")), "the socket is gone")


class MountTest(UpstartTest):
    def test_what_is_mounted_later_is_told(self):
        place = self.path("mnt")
        os.mkdir(place)
        self.load(web=f"start on mounted MOUNTPOINT={place} TYPE=tmpfs\nexec sleep 1000\n")
        if os.system(f"mount -t tmpfs none {place} 2> /dev/null") != 0:
            self.skipTest("mounts are not permitted here")
        try:
            self.wait_for("start/running", "web")
        finally:
            os.system(f"umount {place}")


if __name__ == "__main__":
    main()
