"""reeve.toml: loaded, converted, reloaded with a plan that touches only what changed."""

import os
import signal

from harness import ReeveTest, kill, main, program, read, read_or, wait_until


class NativeTest(ReeveTest):
    def write_app(self, text, name="shop"):
        path = os.path.join(self.directory, name)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, 0o777)
        with open(os.path.join(path, "reeve.toml"), "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def services(self, **changes):
        """Three services; `changes` are lines added to one of them."""
        text = ""
        for name, instances in (("clock", 1), ("web", 2), ("worker", 1)):
            text += (f"[services.{name}]\ncommand = \"{program('counter.pl')} 0.2\"\n"
                     f"instances = {instances}\n" + changes.get(name, ""))
        return text

    def test_an_app_of_ones_own_format_is_loaded(self):
        path = self.write_app('name = "store"\n[services.web]\n'
                              f'command = "{program("counter.pl")}"\ninstances = 2\n'
                              'environment = { COLOUR = "red" }\nstop = "INT 5s"\n'
                              'limits = { nofile = 99 }\numask = "0027"\n')
        self.assertIn("loaded store: 2 instances", self.reeve.cli("load", path).out)
        pid = self.reeve.pids()["store/web.1"]
        self.assertIn("COLOUR=red", read(f"/proc/{pid}/environ").split("\0"))
        limits = [line for line in read(f"/proc/{pid}/limits").splitlines()
                  if line.startswith("Max open files")]
        self.assertEqual(limits[0].split()[3:5], ["99", "99"])
        self.assertIn("Umask:\t0027", read(f"/proc/{pid}/status"))
        self.assertEqual(self.reeve.status()["apps"][0]["format"], "native")

    def test_a_line_on_the_notification_descriptor_means_ready(self):
        path = self.write_app(
            '[services.web]\ncommand = "while ! [ -e go ]; do sleep 0.05; done; echo 1 >&11;'
            ' exec 11>&-; exec sleep 1000"\nready = { kind = "fd", fd = 11 }\n'
            '[services.mute]\ncommand = "exec sleep 1000"\n'
            'ready = { kind = "fd", timeout = "1s" }\n')
        self.reeve.cli("load", path, "--no-wait")
        self.reeve.wait_until(
            lambda: self.reeve.instances()["shop/web.1"]["state"] == "starting", "it starts")
        # What is said while reeved is replaced is heard.
        reeved = self.reeve.reeved()
        keeper = self.reeve.keeper()
        kill(keeper, signal.SIGSTOP)
        kill(reeved)
        with open(os.path.join(path, "go"), "w", encoding="utf-8"):
            pass
        wait_until(lambda: "sleep\x001000" in "".join(
            read_or(f"/proc/{pid}/cmdline") for pid in self.reeve.members()), "it has said so")
        kill(keeper, signal.SIGCONT)
        self.reeve.wait_running("shop/web", 1)
        told = " ".join(row["reason"] for row in self.reeve.history("shop/web.1"))
        self.assertIn("wrote a line to its notification descriptor", told)
        self.reeve.wait_until(
            lambda: "nothing written to its descriptor" in self.reeve.cli("why", "shop/mute").out,
            "the other one is no success")
        self.reeve.cli("restart", "shop/web")
        self.assertEqual(len(self.reeve.running("shop/web")), 1)

    def test_mistakes_are_shown_where_they_are(self):
        path = self.write_app('[services.web]\ncomand = "x"\n')
        outcome = self.reeve.cli("check", path, expect=1)
        self.assertIn("reeve.toml:2:1: error: there is no key `comand` here", outcome.err)
        self.assertIn('did you mean "command"?', outcome.err)
        outcome = self.reeve.cli("load", path, expect=1)
        self.assertIn("not loaded", outcome.err)

    def test_a_reload_shows_its_plan_and_touches_only_what_changed(self):
        path = self.write_app(self.services())
        self.reeve.cli("load", path)
        before = self.reeve.pids()

        plan = self.reeve.cli("reload", "shop", "--dry-run").out
        self.assertEqual([line.split() for line in plan.splitlines()],
                         [["clock", "keep"], ["web", "keep"], ["worker", "keep"]])

        self.write_app(self.services(web='environment = { A = "b" }\n',
                                     worker='stop = "INT 3s"\n')
                       .replace("clock", "timer"))
        plan = self.reeve.cli("reload", "shop", "--dry-run").out
        self.assertEqual([line.split() for line in plan.splitlines()],
                         [["clock", "stop"], ["timer", "start"], ["web", "roll", "environment"],
                          ["worker", "live", "stop"]])
        self.assertEqual(self.reeve.pids(), before, "a dry run touches nothing")

        self.reeve.cli("reload", "shop")
        after = self.reeve.pids()
        self.assertEqual(sorted(after), ["shop/timer.1", "shop/web.1", "shop/web.2",
                                         "shop/worker.1"])
        self.assertEqual(after["shop/worker.1"], before["shop/worker.1"])
        for name in ("shop/web.1", "shop/web.2"):
            self.assertNotEqual(after[name], before[name])

        self.write_app(self.services(worker="nice = 1\n").replace("clock", "timer"))
        plan = self.reeve.cli("reload", "shop", "--dry-run").out
        self.assertIn(["worker", "restart", "nice,", "stop"],
                      [line.split() for line in plan.splitlines()])

    def test_a_reload_of_a_broken_file_touches_nothing(self):
        path = self.write_app(self.services())
        self.reeve.cli("load", path)
        before = self.reeve.pids()
        self.write_app("[services\n")
        outcome = self.reeve.cli("reload", "shop", expect=1)
        self.assertIn("nothing is touched", outcome.err)
        self.assertEqual(self.reeve.pids(), before)
        self.reeve.cli("reload", "nobody", expect=4)

    def test_convert_says_what_it_cannot_express_and_loads_as_the_same_app(self):
        path = self.make_app("shop", {"web": program("web.py"), "worker": "a | b"},
                             {".env": "A='x y'\n"})
        native = self.reeve.cli("convert", path, "--to", "native")
        self.assertEqual(native.err, "")
        self.write_app(native.out, "copy")
        again = self.reeve.cli("convert", os.path.join(self.directory, "copy"), "--to", "native")
        self.assertEqual(again.out, native.out)
        back = self.reeve.cli("convert", os.path.join(self.directory, "copy"), "--to", "procfile")
        self.assertIn("worker: a | b", back.out)
        units = os.path.join(self.directory, "units")
        outcome = self.reeve.cli("convert", path, "--to", "systemd", "--out", units)
        self.assertIn("hands out no ports", outcome.err)
        self.assertEqual(sorted(os.listdir(units)),
                         ["shop-web.service", "shop-worker.service", "shop.target"])
        self.reeve.cli("convert", path, "--to", "systemd", "--out", units, expect=1)
        self.reeve.cli("convert", path, "--to", "runit", expect=2)

    def test_jobs_of_upstart_are_converted_to_an_app_that_can_be_loaded(self):
        conf = os.path.join(self.directory, "mailer.conf")
        with open(conf, "w", encoding="utf-8") as file:
            file.write("start on runlevel [2345]\nexec sleep 1000\n")
        for form, name, more in (("native", "mailer", ()), ("native", "mail", ("--as", "mail")),
                                 ("procfile", "post", ("--as", "post"))):
            out = os.path.join(self.directory, "out-" + name)
            outcome = self.reeve.cli("convert", conf, "--to", form, "--out", out, *more)
            self.assertEqual("the app is called mailer, as init is Upstart's" in outcome.err,
                             not more)
            self.assertIn(f"the app {name} with 1 service is good",
                          self.reeve.cli("check", out).out)
        self.reeve.cli("load", os.path.join(self.directory, "out-mailer"))
        self.reeve.wait_running("mailer/mailer", 1)


if __name__ == "__main__":
    main()
