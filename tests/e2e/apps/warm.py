"""A web server for tests that answers at once, but is not warm before WARM seconds have passed: so
says /health. It ends as one should: it goes on with what it has begun. What reaches it after its
SIGTERM is answered with `late`."""
import os
import signal
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler

BEGUN = time.monotonic()
WARM = float(os.environ.get("WARM", "0"))
with open("version", encoding="utf-8") as file:
    VERSION = file.read().strip()
ended = threading.Event()


def is_warm():
    return time.monotonic() - BEGUN >= WARM


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # noqa: N802: the name is http.server's
        warm = is_warm()
        state = "late" if ended.is_set() else "warm" if warm else "cold"
        body = f"{VERSION} {state} {os.environ['DYNO']}\n".encode()
        self.send_response(503 if self.path == "/health" and not warm else 200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 512
    daemon_threads = False


def end(*_):
    ended.set()
    # Somebody who does not know yet still finds it, and is seen.
    threading.Timer(0.5, server.shutdown).start()


server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
signal.signal(signal.SIGTERM, end)
server.serve_forever(0.05)
server.server_close()
