"""A local system in a folder of its own, for programs that ask it things."""

import contextlib
import json
import os
import pathlib
import sqlite3
import subprocess
import urllib.request


class Api:
    """The API, asked with its key."""

    def __init__(self, url, key):
        self.url, self.key = url, key

    def send(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or "null")


class LocalSystem:
    """The program CARILLON on free ports, from `with` on until its end. It logs from `log` on."""

    def __init__(self, carillon, folder, log="warn"):
        self.data = pathlib.Path(folder)
        environment = {"RUST_LOG": log, **os.environ}
        command = [carillon, "--port", "0", "--network-port", "0", "--data", folder]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        # The addresses and ids that it says.
        self.said = {}

    def __enter__(self):
        for line in self.process.stdout:
            name, _, rest = line.partition("  ")
            self.said[name.strip()] = rest.strip()
            if name == "network":
                key = (self.data / "api_key").read_text(encoding="utf-8").strip()
                self.api = Api(self.said["API"], key)
                return self
        raise SystemExit(f"it did not start: {self.said}")

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def has_ended(self):
        return self.process.poll() is not None

    def written(self):
        """Every row of its table and its queues."""
        rows = {}
        for path in sorted(self.data.glob("*.db")):
            with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
                for (table,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                    rows[path.name, table] = sorted(map(repr, file.execute(f'SELECT * FROM "{table}"')))
        return rows
