"""What the tests of Dokku's commands stand on: apps with a source, and their answers."""

import json
import os
import shutil
import urllib.error
import urllib.request

from harness import HERE, ReeveTest

APPS = os.path.join(HERE, "apps")
RUNTIMES = {"web.py": "python3", "web.rb": "ruby", "web.js": "node", "web.pl": "perl"}
# Ready as soon as it answers: most tests are not about Dokku's ten seconds.
QUICK = {"web": [{"type": "startup", "uptime": 1}], "worker": [{"type": "startup", "uptime": 1}]}


def runtime_of(program):
    """The interpreter of a program, or None where this machine has none."""
    return shutil.which(RUNTIMES[program])


class DokkuTest(ReeveTest):
    """A reeve with its daemon, and apps that are deployed to it."""

    def setUp(self):
        super().setUp()
        self.reeve.cli("daemon", "--detach")

    def dokku(self, *args, expect=0, **options):
        return self.reeve.cli("dokku", *args, expect=expect, **options)

    def make_source(self, name, version, program="web.py", procfile=None, app_json=None,
                    files=None):
        """A directory with an app's source; made anew, so that releases can differ."""
        path = os.path.join(self.directory, "source", name)
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path)
        shutil.copy(os.path.join(APPS, program), path)
        lines = {"web": f"{RUNTIMES[program]} {program}"} if procfile is None else procfile
        settings = {"healthchecks": QUICK} if app_json is None else app_json
        texts = {"Procfile": "".join(f"{kind}: {text}\n" for kind, text in lines.items()),
                 "version": version, "app.json": json.dumps(settings), **(files or {})}
        for file, text in texts.items():
            with open(os.path.join(path, file), "w", encoding="utf-8") as out:
                out.write(text)
        return path

    def create(self, *names):
        for name in names:
            self.dokku("apps:create", name)

    def deploy(self, name, source, expect=0, **options):
        return self.reeve.cli("deploy", name, source, expect=expect, **options)

    def scale(self, app, kind, count):
        """What the next deploy brings up."""
        change = {"app": app, "act": "change",
                  "entries": [{"key": f"scale/{kind}", "value": str(count)}]}
        status, body = self.reeve.request("POST", "/v1/store", json.dumps(change))
        self.assertEqual(status, 200, body)

    def port_of(self, instance):
        return self.reeve.instances()[instance]["port"]

    def answer(self, instance):
        """What the instance answers: its version, pid and what else it says."""
        url = f"http://127.0.0.1:{self.port_of(instance)}/"
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return response.read().decode().split()
        except urllib.error.URLError as error:
            raise AssertionError(f"{instance}: {error}\n{self.reeve.diagnosis()}") from None
