"""A web server for tests: says which release it is, on $PORT."""
import http.server
import os
import sys

VERSION = os.environ.get("VERSION") or open("version", encoding="utf-8").read().strip()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = f"{VERSION} {os.getpid()} {os.environ.get('GREETING', '')}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


print(f"version {VERSION} listens on {os.environ['PORT']}", flush=True)
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
sys.exit(1)
