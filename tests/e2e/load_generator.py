"""Constant load on a web server: many connections, each of which asks again and again.

What counts: a request that is answered with 200 is good, everything else failed. A connection that
the server announced to close (`Connection: close`) is opened anew; one that it closes without a
word while nothing is under way is counted apart, as `closed`: the request is sent again on a new
one, as every HTTP client does.
"""

import asyncio
import threading

ANSWER_TIMEOUT = 60


class Load:
    """Runs beside the test, in a thread of its own, between `start` and `stop`."""

    def __init__(self, port, host, connections=200, keep_alive=True, pause=0.05):
        self.port, self.host = port, host
        self.connections, self.keep_alive, self.pause = connections, keep_alive, pause
        self.good = 0
        self.closed = 0
        self.failures = []
        self.bodies = {}
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()), daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.stopping.set()
        self.thread.join(ANSWER_TIMEOUT * 2)
        assert not self.thread.is_alive(), "the load does not end"

    async def run(self):
        await asyncio.gather(*(self.ask_on(number) for number in range(self.connections)))

    async def ask_on(self, number):
        """One connection after the other, one request after the other."""
        await asyncio.sleep(self.pause * number / self.connections)
        stream = None
        while not self.stopping.is_set():
            fresh = stream is None
            try:
                if fresh:
                    stream = await asyncio.open_connection("127.0.0.1", self.port)
                answer = await asyncio.wait_for(self.ask(*stream), ANSWER_TIMEOUT)
            except (OSError, EOFError, asyncio.TimeoutError) as error:
                await self.close(stream)
                stream = None
                if not fresh and self.is_closure(error):
                    self.closed += 1
                else:
                    self.failures.append(repr(error))
                continue
            status, stays, body = answer
            if status == 200:
                self.good += 1
                self.bodies[body] = self.bodies.get(body, 0) + 1
            else:
                self.failures.append(f"status {status}: {body[:200]!r}")
            if not stays:
                await self.close(stream)
                stream = None
            await asyncio.sleep(self.pause)
        await self.close(stream)

    @staticmethod
    def is_closure(error):
        """Whether the server had closed the connection before it knew of the request."""
        if isinstance(error, asyncio.IncompleteReadError):
            return not error.partial
        return isinstance(error, (ConnectionResetError, BrokenPipeError))

    async def ask(self, reader, writer):
        kind = "keep-alive" if self.keep_alive else "close"
        writer.write(f"GET / HTTP/1.1\r\nHost: {self.host}\r\nConnection: {kind}\r\n\r\n".encode())
        await writer.drain()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status = int(head.split(" ", 2)[1])
        lines = [line for line in head.split("\r\n")[1:] if ": " in line]
        fields = dict(line.lower().split(": ", 1) for line in lines)
        if fields.get("transfer-encoding") == "chunked":
            body = await self.read_chunks(reader)
        else:
            body = await reader.readexactly(int(fields.get("content-length", "0")))
        return status, fields.get("connection") != "close", body.decode(errors="replace")

    @staticmethod
    async def read_chunks(reader):
        body = b""
        while True:
            size = int(await reader.readline(), 16)
            piece = await reader.readexactly(size + 2)
            if size == 0:
                return body
            body += piece[:-2]

    @staticmethod
    async def close(stream):
        if stream is not None:
            stream[1].close()
