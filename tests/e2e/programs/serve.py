#!/usr/bin/python3
"""A web server that says VERSION, and that ends as one should: it stops accepting, and finishes
what it has begun."""

import os
import signal
import socketserver
import threading
from http.server import BaseHTTPRequestHandler


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # The answer in one write: who is killed between two leaves nginx with half of one, which it
    # can neither ask for elsewhere nor pass on.
    wbufsize = -1

    def do_GET(self):  # noqa: N802: the name is http.server's
        body = f"python {os.environ.get('VERSION', '1')} {os.environ['DYNO']}\n".encode()
        self.send_response(200)
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


server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever(0.05)
server.server_close()
