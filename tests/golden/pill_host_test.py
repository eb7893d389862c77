#!/usr/bin/env python3
"""The Ruby host of custom checks (src/formats/pill/ruby/host.rb) against an API that is played."""

import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

RUBY = pathlib.Path(__file__).resolve().parent.parent.parent / "src/formats/pill/ruby"
PATIENCE = 60
PILL = """
class Watched < Bluepill::ProcessConditions::ProcessCondition
  def initialize(options = {})
    @file = options[:file]
  end

  def run(pid) # versions before 0.0.61 gave the pid only
    raise "no pid" unless pid.is_a?(Integer)
    File.exist?(@file) ? "there" : "gone"
  end

  def check(value)
    value == "gone"
  end
end

class Raises < Bluepill::ProcessConditions::ProcessCondition
  def run(pid, include_children)
    raise "nobody knows"
  end
end

class Witness < Bluepill::Trigger
  def initialize(process, options = {})
    @word = options.delete(:word)
    super
  end

  def notify(transition)
    puts "#{@word} #{process.name} #{transition.from}=>#{transition.to_name} #{process.stdout}"
    throw :halt if transition.to == "down"
    schedule_event(:unmonitor, 0.1) if transition.to == "up"
    raise "a trigger that fails" if transition.to == "starting"
  end
end

Bluepill.application("demo") do |app|
  app.process("web") do |p|
    p.start_command = "/bin/web"
    p.stdout = "/web.log"
    p.checks :watched, :every => 1.second, :times => [2, 3], :file => "@FILE@",
              :fires => [:stop, :unmonitor]
    p.checks :raises, :every => 1.second
    p.checks :witness, :word => "seen"
  end
end
"""
NURSERY = """
Bluepill.application("demo") do |app|
  app.process("web") do |p|
    p.start_command = "/bin/web"
    p.monitor_children do |child|
      child.stop_command = "kill -KILL {{PID}}"
      child.checks :mem_usage, :every => 1.second, :below => 1.byte, :fires => :stop
    end
  end
end
"""
CHANGES = [("running", "backoff"), ("backoff", "starting"), ("starting", "running")]


class Api(threading.Thread):
    """Answers as reeved does, and keeps what it is asked to do."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(16)
        self.operations = []
        self.pid = os.getpid()
        self.asked = threading.Semaphore(0)
        self.enough = threading.Event()

    def run(self):
        while True:
            peer, _ = self.listener.accept()
            threading.Thread(target=self.answer, args=(peer,), daemon=True).start()

    def answer(self, peer):
        request = b""
        while b"\r\n\r\n" not in request:
            request += peer.recv(65536)
        head, body = request.split(b"\r\n\r\n", 1)
        if b"/v1/status" in head:
            web = {"service": "web", "pid": self.pid, "state": "running", "goal": "up",
                   "reason": "started"}
            self.send(peer, json.dumps({"instances": [web]}))
        elif b"/v1/events" in head:
            peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for before, after in CHANGES:
                line = json.dumps({"service": "web", "from": before, "to": after, "reason": "",
                                   "cause": {"kind": "exit"}}).encode() + b"\n"
                peer.sendall(b"%x\r\n%s\r\n" % (len(line), line))
            self.enough.wait(PATIENCE)
        else:
            self.operations.append(json.loads(body))
            self.asked.release()
            self.send(peer, "{}")
        peer.close()

    @staticmethod
    def send(peer, text):
        answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(text)}\r\n\r\n{text}"
        with contextlib.suppress(BrokenPipeError):  # the host may have been ended meanwhile
            peer.sendall(answer.encode())


class PillHostTest(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix="reeve-host-")
        self.addCleanup(shutil.rmtree, self.directory)
        self.socket = os.path.join(self.directory, "socket")
        self.bad = os.path.join(self.directory, "bad")
        self.pill = os.path.join(self.directory, "demo.pill")
        with open(self.pill, "w", encoding="utf-8") as out:
            out.write(PILL.replace("@FILE@", self.bad))
        os.chmod(self.pill, 0o644)

    def start(self):
        api = Api(self.socket)
        api.start()
        return api, self.start_host()

    def start_host(self):
        host = subprocess.Popen(
            ["ruby", "-r", str(RUBY / "recorder.rb"), str(RUBY / "host.rb"), self.pill, "demo"],
            env={"PATH": "/usr/bin:/bin", "REEVE_SOCKET": self.socket, "HOME": "/"},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(host.stdout.close)
        self.addCleanup(host.wait)
        self.addCleanup(host.kill)
        return host

    def lines_until(self, host, wanted):
        """What the host says until every wanted text was in it."""
        guard = threading.Timer(PATIENCE, host.kill)
        guard.start()
        said = ""
        for line in host.stdout:
            said += line
            if all(text in said for text in wanted):
                guard.cancel()
                return said
        self.fail(f"the host ended without {wanted}: {said}")

    def test_conditions_fire_and_triggers_are_told(self):
        open(self.bad, "w", encoding="utf-8").close()
        api, host = self.start()
        self.lines_until(host, [
            "[demo:web] watched: [there*, there*]\n",
            "[demo:web] watched dispatched: stop,unmonitor\n",
            # What is no child comes back after a stop.
            "[demo:web] watched: [there*, there*]: restart\n",
            "[demo:web] raises raised RuntimeError: nobody knows",
            "seen web up=>down /web.log\n",
            "seen web down=>starting /web.log\n",
            "seen web starting=>up /web.log\n",
            "Witness asked to halt a change that has happened\n",
            "Witness raised RuntimeError: a trigger that fails\n",
            "scheduled by a trigger: unmonitor\n",
        ])
        for _ in range(2):
            self.assertTrue(api.asked.acquire(timeout=PATIENCE))
        asked = [(one["verb"], one["targets"], one["command_line"]) for one in api.operations]
        self.assertIn(("restart", ["demo/web.1"], "bluepill check watched: [there*, there*]"),
                      asked)

    def test_a_child_that_fails_its_check_is_stopped_and_nobody_else(self):
        with open(self.pill, "w", encoding="utf-8") as out:
            out.write(NURSERY)
        master = subprocess.Popen(["sh", "-c", "sleep 1000 & echo $!; wait; exec sleep 1000"],
                                  stdout=subprocess.PIPE, text=True)
        self.addCleanup(master.stdout.close)
        self.addCleanup(master.wait)
        self.addCleanup(master.kill)
        child = int(master.stdout.readline())
        api = Api(self.socket)
        api.pid = master.pid
        api.start()
        host = self.start_host()
        said = self.lines_until(host, [f"Executing stop command: kill -KILL {child}\n"])
        self.assertIn(f"[web:<child(pid:{child})>] mem_usage: [", said)
        until = time.monotonic() + PATIENCE
        while os.path.exists(f"/proc/{child}") and time.monotonic() < until:
            time.sleep(0.02)
        self.assertFalse(os.path.exists(f"/proc/{child}"), "the child has gone")
        self.assertIsNone(master.poll(), "the master stays up")
        self.assertEqual(api.operations, [])

    def test_a_daemon_that_is_away_is_asked_again(self):
        host = self.start_host()
        self.lines_until(host, ["reeve does not answer"])
        Api(self.socket).start()
        self.lines_until(host, ["[demo:web] watched: [gone]\n"])

    def test_what_others_may_write_is_not_executed(self):
        os.chmod(self.pill, 0o666)
        _, host = self.start()
        out, _ = host.communicate(timeout=PATIENCE)
        self.assertEqual(host.returncode, 78)
        self.assertIn("others may write to this file", out)


if __name__ == "__main__":
    if shutil.which("ruby") is None:
        print("skipped: there is no ruby on this machine")
        sys.exit(77)
    unittest.main()
