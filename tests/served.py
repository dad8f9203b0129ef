"""Servers (gunicorn) on the database of a test: what the page cache of a process knows of what others change."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import TransactionTestCase
from django.utils import timezone

from tests.browser.site import free_port
from tests.on_both_databases import NEUTRAL

START_SECONDS = 30


def database_url() -> str:
    """The URL of the test's database, which has a name of its own in each parallel process."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    login = ":".join(quote(found[part], safe="") for part in ("USER", "PASSWORD") if found[part])
    host = found["HOST"] or found.get("OPTIONS", {}).get("host", "")
    return f"postgresql://{login}@/{found['NAME']}?{urlencode({'host': host, 'port': found['PORT'] or 5432})}"


class Answer:
    def __init__(self, response: HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()


class Server:
    """One gunicorn with one worker process."""

    def __init__(self, **variables: str) -> None:
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="allforces-served-")
        self.log = Path(self._folder.name, "server.log")
        ours: dict[str, str] = {
            "DJANGO_SETTINGS_MODULE": "tests.served_settings",
            "SECRET_KEY": settings.SECRET_KEY,
            "SITE_URL": settings.SITE_URL,
            "DATABASE_URL": database_url(),
            "INIT_COMMAND": connection.settings_dict.get("OPTIONS", {}).get("init_command", ""),
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
            "WEB_THREADS": "16",
            "ACCESS_LOG": "0",
        }
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn"],
                env=os.environ | NEUTRAL | ours | variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it answers."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self.get("/healthz")
                return
            except ConnectionRefusedError:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(0.05)
        raise RuntimeError(f"The server did not start:\n{self.log.read_text()}")

    def wait_for(self, hour: datetime) -> None:
        """Ask the server whether it is well until its clock, which is ours, has come to `hour`."""
        while timezone.now() < hour:
            self.get("/healthz")

    def close(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._folder.cleanup()

    def get(self, path: str, *, method: str = "GET", body: str = "", **headers: str) -> Answer:
        """What a request is answered with; `headers` by their names with `_`."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            client.request(method, quote(path, safe="/?&=%+"), body or None, named)
            return Answer(client.getresponse())
        finally:
            client.close()

    def figures(self) -> dict[str, int]:
        """What `/healthz` tells of the page cache."""
        lines = self.get("/healthz").body.decode().splitlines()
        return {name: int(number) for name, _, number in (line.partition(" ") for line in lines[1:])}


class ServedTestCase(TransactionTestCase):
    """Two servers for all tests of a class, which share their rows: servers know content types by their keys."""

    servers: list[Server]
    variables: dict[str, str] = {}

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        connection.close()
        cls.servers = [Server(**cls.variables) for _ in range(2)]
        for server in cls.servers:
            cls.addClassCleanup(server.close)
        for server in cls.servers:
            server.wait()

    @classmethod
    def tearDownClass(cls) -> None:
        super().tearDownClass()
        call_command("flush", verbosity=0, interactive=False)

    def _fixture_teardown(self) -> None:
        pass  # see tearDownClass

    def until(self, condition: Callable[[], bool], *, seconds: float = 5) -> None:
        """Ask the servers again and again, as `condition` does, until it holds."""
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                self.fail(f"not within {seconds} seconds")
