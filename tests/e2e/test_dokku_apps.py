"""Apps without code, their locks, and their config vars, with Dokku's words and exit codes."""

import io
import json
import os
import subprocess
import tarfile
import unittest

import harness
from dokku import QUICK, DokkuTest


class Apps(DokkuTest):
    def test_a_life(self):
        self.assertEqual(self.dokku("apps:create", "shop").out, "-----> Creating shop...\n")
        self.assertIn("Name is already taken", self.dokku("apps:create", "shop", expect=1).err)
        for name in ("TestApp", "test/app", "test_app", "test;id", "testapp:latest"):
            self.assertIn("App name must begin with", self.dokku("apps:create", name, expect=1).err)
        self.dokku("apps:create", "1994testapp")
        self.assertEqual(self.dokku("apps:list").out, "=====> My Apps\n1994testapp\nshop\n")
        self.assertEqual(self.dokku("--quiet", "apps:list").out, "1994testapp\nshop\n")
        self.dokku("apps:exists", "shop")
        self.dokku("apps:exists", "other", expect=1)
        outcome = self.dokku("apps:report", "other", expect=20)
        self.assertEqual(outcome.err, " !     App other does not exist\n")
        self.dokku("--app", "shop", "apps:exists")
        self.dokku("apps:destroy", "shop", expect=1)
        self.dokku("--force", "apps:destroy", "shop")
        self.assertEqual(self.dokku("--quiet", "apps:list").out, "1994testapp\n")
        self.assertIn("is not a dokku command", self.dokku("apps:fly", expect=1).err)

    def test_a_new_name_and_a_clone(self):
        self.create("shop")
        self.dokku("config:set", "shop", "A=1")
        self.dokku("apps:clone", "shop", "copy")
        self.assertEqual(self.dokku("config:get", "copy", "A").out, "1\n")
        self.dokku("apps:rename", "shop", "market")
        self.assertEqual(self.dokku("config:get", "market", "A").out, "1\n")
        self.assertEqual(self.dokku("--quiet", "apps:list").out, "copy\nmarket\n")
        self.dokku("apps:rename", "copy", "market", expect=1)

    def test_properties_and_resources_are_set_and_reported(self):
        self.create("shop")
        self.assertEqual(self.dokku("apps:set", "shop", "deploy-source", "elsewhere").out,
                         "=====> Setting deploy-source to elsewhere\n")
        self.assertEqual(self.dokku("apps:report", "shop", "--app-deploy-source").out,
                         "elsewhere\n")
        self.dokku("apps:set", "shop", "colour", "red", expect=1)
        self.dokku("resource:limit", "--memory", "512MB", "shop")
        for flag in ("--memory", "--cpu"):
            refused = self.dokku("resource:limit", flag, "a lot", "shop", expect=1).err
            self.assertIn(f" !     Invalid value for {flag[2:]}: a lot is no ", refused)
        self.dokku("resource:limit", "--nvidia-gpu", "1", "shop")
        self.dokku("resource:reserve", "--process-type", "web", "--cpu", "1", "shop")
        for flag, value in (("_default_.limit.memory", "512MB"), ("_default_.limit.cpu", ""),
                            ("_default_.limit.nvidia-gpu", "1"),
                            ("web.reserve.cpu", "1")):
            shown = self.dokku("resource:report", "shop", f"--resource-{flag}").out
            self.assertEqual(shown, value + "\n")

    def test_a_lock_keeps_deploys_out(self):
        self.create("shop")
        self.dokku("apps:locked", "shop", expect=1)
        self.dokku("apps:lock", "shop")
        self.dokku("apps:locked", "shop")
        self.assertEqual(self.dokku("apps:report", "shop", "--app-locked").out, "true\n")
        outcome = self.deploy("shop", self.make_source("shop", "one"), expect=1)
        self.assertIn("shop currently has a deploy lock in place. Exiting...", outcome.err)
        self.dokku("apps:unlock", "shop")
        self.deploy("shop", self.make_source("shop", "one"))
        self.dokku("apps:lock", "shop")
        refused = self.dokku("ps:rebuild", "shop", expect=1).err
        self.assertIn("Run 'apps:unlock' to release the existing deploy lock", refused)
        self.dokku("ps:scale", "shop", "web=2")
        self.dokku("ps:restart", "shop")
        self.dokku("config:set", "--no-restart", "shop", "A=1")
        self.assertIn("currently has a deploy lock in place",
                      self.dokku("ps:restart", "shop", expect=1).err)

    def test_while_it_is_deployed_nothing_else_changes_an_app(self):
        self.create("shop")
        go_on = os.path.join(self.directory, "go-on")
        build = {"scripts": {"build": f"while ! test -e {go_on}; do sleep 0.1; done"},
                 "healthchecks": QUICK}
        source = self.make_source("shop", "one", app_json=build)
        self.deploy("shop", self.make_source("first", "one"))
        pids = self.reeve.pids("shop/")
        with self.reeve.popen("deploy", "shop", source, stdout=subprocess.PIPE) as deploy:
            while b"Build command" not in deploy.stdout.readline():
                self.assertIsNone(deploy.poll())
            try:
                refused = self.dokku("ps:scale", "shop", "web=2", expect=1).err
                self.assertIn("shop is being deployed; wait for its end", refused)
                self.assertIn("currently has a deploy lock in place",
                              self.dokku("ps:restart", "shop", expect=1).err)
                self.assertEqual(self.reeve.pids("shop/"), pids)
            finally:
                with open(go_on, "w", encoding="utf-8"):
                    pass
            deploy.stdout.read()
        self.assertEqual(deploy.returncode, 0)

    def test_destroying_an_app_leaves_nothing(self):
        self.deploy("shop", self.make_source("shop", "one"))
        self.dokku("--force", "apps:destroy", "shop")
        self.reeve.wait_until(lambda: not self.reeve.members(), "no process is left")
        self.assertEqual(self.reeve.instances(), {})


class Config(DokkuTest):
    VALUES = {"BKEY": "two\nlines", "aKey": "$HOME 'quoted' \"twice\"", "zKey": "a=b", "EMPTY": ""}

    def test_values_come_back_as_they_were_set(self):
        self.create("shop")
        self.dokku("config:set", "shop", *(f"{key}={value}" for key, value in self.VALUES.items()))
        for key, value in self.VALUES.items():
            self.assertEqual(self.dokku("config:get", "shop", key).out, value + "\n")
        self.dokku("config:set", "--encoded", "shop", "ENCODED=dHdvCg==")
        self.assertEqual(self.dokku("config:get", "shop", "ENCODED").out, "two\n\n")
        self.assertEqual(self.dokku("config:keys", "shop").out.split(),
                         ["BKEY", "EMPTY", "ENCODED", "aKey", "zKey"])
        self.dokku("config:unset", "shop", "BKEY")
        self.assertEqual(self.dokku("config:get", "shop", "BKEY", expect=1).out, "")
        self.dokku("config:clear", "shop")
        self.assertEqual(self.dokku("config:keys", "shop").out, "")

    def write(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def vars(self):
        return json.loads(self.dokku("config:export", "--format", "json", "shop").out)

    def test_a_file_of_values_is_taken(self):
        self.create("shop")
        self.dokku("config:set", "shop", *(f"{key}={value}" for key, value in self.VALUES.items()))
        exported = self.dokku("config:export", "--format", "envfile", "shop").out
        self.dokku("config:clear", "shop")
        self.dokku("config:import", "shop", self.write("env", exported))
        self.assertEqual(self.vars(), self.VALUES)
        path = self.write("json", json.dumps({"A": "one\n", "zKey": "new"}))
        self.dokku("config:import", "--format", "json", "shop", path)
        self.assertEqual(self.vars(), {**self.VALUES, "A": "one\n", "zKey": "new"})
        with open(self.write("piped", "B=two\n"), encoding="utf-8") as piped:
            self.dokku("config:import", "--replace", "shop", "-", stdin=piped)
        self.assertEqual(self.vars(), {"B": "two"})
        for bad in (self.write("bad", "no assignment\n"), os.path.join(self.directory, "none")):
            self.dokku("config:import", "--replace", "shop", bad, expect=1)
        self.dokku("config:import", "--format", "json", "shop", path + "x", expect=1)
        self.assertEqual(self.vars(), {"B": "two"})
        old = self.dokku("config:import", "shop", self.write("old", "DOKKU_SKIP_DEPLOY=true\n"))
        self.assertEqual(old.err, " !     DOKKU_SKIP_DEPLOY has no effect of its own: use "
                                  "ps:set APP skip-deploy\n")
        self.dokku("config:unset", "shop", "DOKKU_SKIP_DEPLOY")
        self.assertEqual(self.vars(), {"B": "two"})

    def test_a_bundle_has_a_file_for_each_value(self):
        self.create("shop")
        self.dokku("config:set", "shop", *(f"{key}={value}" for key, value in self.VALUES.items()))
        self.dokku("config:set", "--global", "ALL=yes")
        archive = self.dokku("config:bundle", "--merged", "shop").out
        with tarfile.open(fileobj=io.BytesIO(archive.encode())) as bundle:
            found = {one.name: bundle.extractfile(one).read().decode() for one in bundle}
        self.assertEqual(found, {**self.VALUES, "ALL": "yes"})

    def test_what_makes_no_sense_is_refused(self):
        self.create("shop")
        self.assertEqual(self.dokku("config:set", "shop", expect=1).err,
                         " !     At least one env pair must be given\n")
        self.assertEqual(self.dokku("config:unset", "shop", expect=1).err,
                         " !     At least one key must be given\n")
        self.assertIn("Invalid env pair: A", self.dokku("config:set", "shop", "A", expect=1).err)
        self.assertIn("Invalid key name: '1A'",
                      self.dokku("config:set", "shop", "1A=b", expect=1).err)

    def test_global_values_lie_below_the_apps_own(self):
        self.create("shop")
        self.dokku("config:set", "--global", "A=all", "B=all")
        self.dokku("config:set", "shop", "A=own")
        self.assertEqual(self.dokku("config:export", "--merged", "--format", "shell", "shop").out,
                         "A='own' B='all' ")
        self.assertEqual(self.dokku("config:show", "shop").out, "=====> shop env vars\nA:  own\n")

    def test_a_killed_reeved_forgets_nothing_and_tells_no_secret(self):
        self.create("shop")
        self.dokku("config:set", "shop", "SECRET=never-to-be-seen")
        old = self.reeve.reeved()
        harness.kill(old)
        self.reeve.wait_for_new("reeved", old)
        self.assertEqual(self.dokku("config:get", "shop", "SECRET").out, "never-to-be-seen\n")
        self.assertNotIn("never-to-be-seen", harness.read(self.reeve.own_log))
        self.reeve.cli("shutdown")
        self.reeve.cli("daemon", "--detach")
        self.assertEqual(self.dokku("config:get", "shop", "SECRET").out, "never-to-be-seen\n")

    def test_what_belongs_to_a_user_is_built_and_run_as_that_user(self):
        nobody = 65534
        source = self.make_source("theirs", "1", app_json={
            "scripts": {"build": "id -u >built", "dokku": {"predeploy": "id -u >made"}},
            "healthchecks": QUICK})
        for path in (self.directory, os.path.dirname(source)):
            os.chmod(path, 0o755)
        for folder, _, files in os.walk(source):
            for path in [folder, *(os.path.join(folder, name) for name in files)]:
                os.chown(path, nobody, nobody)
        self.dokku("apps:create", "theirs")
        self.deploy("theirs", source)
        pid = self.reeve.pids()["theirs/web.1"]
        self.assertEqual(os.stat(f"/proc/{pid}").st_uid, nobody)
        for name in ("built", "made"):
            with open(f"/proc/{pid}/cwd/{name}", encoding="utf-8") as file:
                self.assertEqual(file.read(), f"{nobody}\n", name)


if __name__ == "__main__":
    harness.main()
