"""Condition and trigger classes of a pill's own, which Ruby runs beside the daemon; and checks."""

import os

from bluepill_case import BluepillCase
from harness import is_alive, kill, main, read_or


class CustomTest(BluepillCase):
    PILL = """
        require "@DIR@/trigger"

        # Fails as long as there is a file; versions before 0.0.61 gave `run` the pid only.
        class FileGone < Bluepill::ProcessConditions::ProcessCondition
          def initialize(options = {})
            @file = options[:file]
          end

          def run(pid)
            raise "no pid" unless pid.is_a?(Integer)
            File.exist?(@file) ? "there" : "gone"
          end

          def check(value)
            value == "gone"
          end
        end

        class AlwaysRaises < Bluepill::ProcessConditions::ProcessCondition
          def run(pid, include_children)
            raise "nobody knows"
          end
        end

        Bluepill.application("demo") do |app|
          app.process("web") do |p|
            p.start_command = "/bin/sleep 1000"
            p.daemonize = true
            p.start_grace_time = 1
            p.checks :file_gone, :every => 1.second, :times => [2, 3], :file => "@DIR@/bad"
            p.checks :always_raises, :every => 1.second
            p.checks :witness_trigger, :file => "@DIR@/changes"
          end
        end
        """
    TRIGGER = """
        class WitnessTrigger < Bluepill::Trigger
          def initialize(process, options = {})
            @file = options.delete(:file)
            super
          end

          def notify(transition)
            return if transition.loopback?
            File.write(@file, "#{process.name} #{transition.from}=>#{transition.to_name}\\n",
                       mode: "a")
            throw :halt if transition.to == "down"
            raise "a trigger that fails" if transition.to == "starting"
          end
        end
        """

    def load(self):
        self.pill("trigger", "")
        os.rename(self.path("trigger.pill"), self.path("trigger.rb"))
        with open(self.path("trigger.rb"), "w", encoding="utf-8") as out:
            out.write(self.TRIGGER)
        self.bluepill("load", self.pill("demo", self.PILL))
        pid = self.wait_state("up")
        self.host = self.reeve.wait_until(
            lambda: self.reeve.pids("demo/ruby").get("demo/ruby checks.1"), "the host runs")
        return pid

    def said(self):
        return read_or(self.reeve.log_of("demo", "ruby%20checks.1"))

    def test_a_condition_restarts_and_one_that_raises_harms_nobody(self):
        pid = self.load()
        self.reeve.wait_until(lambda: "file_gone: [gone]" in self.said(), "it is asked")
        self.reeve.wait_until(lambda: "always_raises raised RuntimeError: nobody knows"
                              in self.said(), "what raised is told of")
        self.assertEqual(self.state(), ("up", pid))
        with open(self.path("bad"), "w", encoding="utf-8"):
            pass
        self.reeve.wait_until(lambda: not is_alive(pid), "it is restarted")
        os.unlink(self.path("bad"))
        self.reeve.wait_until(lambda: self.state()[0] == "up" and self.state()[1] != pid,
                              "another is up")
        self.assertIn("there*, there*", self.said())
        causes = [row["cause"]["text"] for row in self.reeve.history("demo/web")]
        self.assertTrue(any("bluepill check file_gone: [" in text for text in causes), causes)
        self.assertNotIn("ruby checks", self.bluepill("status").out)

    def test_a_trigger_hears_of_changes_and_cannot_halt_them(self):
        pid = self.load()
        self.reeve.wait_until(lambda: "file_gone" in self.said(), "the host works")
        kill(pid)
        told = ["web up=>down", "web down=>starting", "web starting=>up"]
        self.reeve.wait_until(lambda: self.lines("changes")[-3:] == told, "the trigger was told")
        self.assertIn("asked to halt a change that has happened", self.said())
        self.assertIn("WitnessTrigger raised RuntimeError: a trigger that fails", self.said())

    def test_a_host_that_dies_comes_back(self):
        pid = self.load()
        kill(self.host)
        self.reeve.wait_until(lambda: self.reeve.pids("demo/ruby").get("demo/ruby checks.1")
                              not in (0, None, self.host), "another host")
        self.assertEqual(self.state(), ("up", pid))

    def test_what_others_may_write_is_not_executed_unasked(self):
        self.load()
        self.bluepill("stop")
        os.chmod(self.path("demo.pill"), 0o666)
        self.bluepill("load", self.path("demo.pill"))
        kill(self.host)
        self.reeve.wait_until(lambda: "its checks and triggers are not run" in self.said(),
                              "the host refuses")


if __name__ == "__main__":
    main()
