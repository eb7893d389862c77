"""Who gets requests, and until when: deploys and scaling of apps behind a real nginx."""

import json
import os
import time

import dokku
import harness
import test_zero_downtime
from harness import LONG, is_alive

DEPLOYS = 20 if LONG else 2
CONNECTIONS = 200 if LONG else 50
HEALTH = {"type": "startup", "path": "/health", "attempts": 30, "wait": 1, "timeout": 5}


def seconds_later(seconds):
    """A claim that holds so much later."""
    ripe = time.monotonic() + seconds
    return lambda: time.monotonic() >= ripe


class Traffic(test_zero_downtime.ProxiedTest):
    """An app of warm.py that was deployed, under load on connections that close."""

    make_source = dokku.DokkuTest.make_source
    create = dokku.DokkuTest.create
    deploy = dokku.DokkuTest.deploy
    scale = dokku.DokkuTest.scale
    dokku = dokku.DokkuTest.dokku

    def source(self, version, health=True):
        settings = {"healthchecks": {"web": [HEALTH]}} if health else {}
        return self.make_source("shop", version, "warm.py", app_json=settings,
                                procfile={"web": "exec python3 warm.py"})

    def serve_release(self, count=2):
        self.create("shop")
        self.reeve.cli("domains:set", "shop", "shop.test")
        self.scale("shop", "web", count)
        self.deploy("shop", self.source("one"))
        self.reeve.cli("proxy:enable", "shop")

    def load(self, **options):
        load = test_zero_downtime.Load(self.port, "shop.test", CONNECTIONS, **options)
        self.addCleanup(load.stopping.set)
        return load.start()

    def wait_for_good(self, load):
        aim = load.good + CONNECTIONS
        self.reeve.wait_until(lambda: load.good >= aim or load.failures, "answers", 120)

    def states(self, load):
        """What the answers said of the processes that gave them."""
        return {body.split()[1] for body in load.bodies}

    def check(self, load):
        load.stop()
        self.assertEqual(load.failures[:5], [], f"{len(load.failures)} failed, {load.good} good")
        print(f"{self.id()}: {load.good} good, {load.closed} closed between requests, 0 failed",
              flush=True)

    def test_a_release_gets_no_request_before_it_is_ready_and_the_old_one_none_after_its_end(self):
        self.serve_release()
        self.reeve.cli("config:set", "--no-restart", "shop", "WARM=2")
        load = self.load(keep_alive=False)
        self.wait_for_good(load)
        for number in range(DEPLOYS):
            self.deploy("shop", self.source(f"release-{number}"), timeout=180)
            self.wait_for_good(load)
        self.check(load)
        self.assertEqual(self.states(load), {"warm"}, load.bodies)
        versions = {body.split()[0] for body in load.bodies}
        self.assertEqual(len(versions), DEPLOYS + 1, load.bodies)

    def test_who_was_told_of_a_deploy_gets_the_new_release(self):
        self.serve_release(1)
        ask = test_zero_downtime.ProxyTest.ask
        for version in ("two", "three"):
            self.deploy("shop", self.source(version))
            self.assertIn(f"{version} warm", ask(self))

    def test_a_failed_deploy_gets_no_request(self):
        self.serve_release()
        load = self.load(keep_alive=False)
        self.wait_for_good(load)
        self.reeve.cli("config:set", "--no-restart", "shop", "WARM=1000")
        source = self.source("two")
        with open(os.path.join(source, "app.json"), "w", encoding="utf-8") as file:
            json.dump({"healthchecks": {"web": [{**HEALTH, "attempts": 2}]}}, file)
        outcome = self.deploy("shop", source, expect=1)
        self.assertIn("what ran before is untouched", outcome.err)
        self.wait_for_good(load)
        self.check(load)
        self.assertEqual({body.split()[0] for body in load.bodies}, {"one"})

    def test_what_is_scaled_away_gets_no_request_after_its_end(self):
        self.serve_release(1)
        load = self.load(keep_alive=False)
        self.wait_for_good(load)
        for count in (3, 1, 2, 1):
            self.reeve.cli("ps:scale", "shop", f"web={count}")
            self.wait_for_good(load)
        self.check(load)
        self.assertEqual(self.states(load), {"warm"}, load.bodies)

    def test_a_configuration_that_nginx_refuses_does_not_part_a_release_from_its_requests(self):
        self.serve_release(1)
        self.reeve.cli("nginx:set", "shop", "client-max-body-size", "big", expect=1)
        outcome = self.deploy("shop", self.source("two"))
        self.assertIn("client_max_body_size", outcome.out + outcome.err)
        ask = test_zero_downtime.ProxyTest.ask
        self.reeve.wait_until(lambda: "two warm" in ask(self), "the new release answers")



class Retirement(dokku.DokkuTest):
    STUBBORN = "trap '' TERM; while :; do sleep 0.2; done"

    def test_what_was_replaced_has_the_time_of_wait_to_retire(self):
        self.create("shop")
        self.scale("shop", "web", 0)
        self.scale("shop", "worker", 1)
        self.dokku("ps:set", "shop", "stop-timeout", "1")
        self.dokku("checks:set", "shop", "wait-to-retire", "600")
        procfile = {"worker": self.STUBBORN}
        self.deploy("shop", self.make_source("shop", "one", procfile=procfile))
        first = self.reeve.pids("shop/")["shop/worker.1"]
        self.deploy("shop", self.make_source("shop", "two", procfile=procfile))
        second = self.reeve.pids("shop/")["shop/worker.1"]
        self.assertNotEqual(second, first)
        # It was told to end; only the second time counts.
        self.reeve.wait_until(seconds_later(4), "more than the stop timeout")
        self.assertTrue(is_alive(first))
        self.dokku("checks:set", "shop", "wait-to-retire", "1")
        self.dokku("ps:restart", "shop", "worker")
        self.reeve.wait_until(lambda: not is_alive(second), "the second one was killed")
        self.dokku("ps:stop", "shop")
        self.reeve.wait_until(lambda: not is_alive(first), "a stop is for all of it")




class Boot(dokku.DokkuTest):
    def test_an_app_without_restore_stays_down_at_boot(self):
        for name in ("shop", "quiet"):
            self.deploy(name, self.make_source(name, "one"))
        self.dokku("ps:set", "quiet", "restore", "false")
        self.assertEqual(len(self.reeve.running()), 2, "it is about the next boot")
        self.reeve.cli("shutdown")
        self.reeve.cli("daemon", "--detach")
        self.reeve.wait_running("shop/web", 1)
        self.assertEqual(self.reeve.running(), {"shop/web.1"})
        outcome = self.dokku("ps:restore", "quiet")
        self.assertIn("Skipping ps:restore for quiet as restore property is false", outcome.err)
        self.dokku("ps:start", "quiet")
        self.assertEqual(len(self.reeve.running()), 2)




if __name__ == "__main__":
    harness.main()
