"""A gunicorn of its own on an SQLite file in a temporary folder; it can be killed and started again."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from tests.browser import data
from tests.on_both_databases import NEUTRAL

START_SECONDS = 30


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Site:
    """The running site. One serves all tests of a process: they share its data, so each makes its own."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="allforces-browser-")
        self.folder = Path(self._folder.name)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = self.folder / "server.log"
        self._environment = (
            os.environ
            | NEUTRAL
            | {
                "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
                "SECRET_KEY": "tests-only",
                "DATABASE_URL": "sqlite:///db.sqlite3",
                "DATA_DIR": str(self.folder),
                "HOST": "127.0.0.1",
                "PORT": str(self.port),
                "WEB_CONCURRENCY": "1",
                "ACCESS_LOG": "0",
                "PAGE_CACHE_MB": "0",  # what the other process changes shows at once, not within 250 ms
            }
        )
        self._server: subprocess.Popen[bytes] | None = None
        with self.log.open("a") as log:
            self._data = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.data"],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
            )
        atexit.register(self.close)
        self.call(data.prepare)
        self.start()

    def start(self) -> None:
        """Serve, on the same port and database as before."""
        with self.log.open("a") as log:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "gunicorn"],
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,  # so that its workers can be killed with it
            )
        for _ in range(START_SECONDS * 20):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return
            except ConnectionRefusedError:
                try:
                    self._server.wait(timeout=0.05)
                except subprocess.TimeoutExpired:
                    continue
                break
        raise RuntimeError(f"The server did not start:\n{self.log.read_text()}")

    def kill(self) -> None:
        """End the server as a crash of the machine would."""
        if self._server:
            os.killpg(self._server.pid, signal.SIGKILL)
            self._server.wait()
            self._server = None

    @contextmanager
    def locked_database(self) -> Iterator[None]:
        """Another program holds the write lock."""
        connection = sqlite3.connect(self.folder / "db.sqlite3", isolation_level=None)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.close()

    def close(self) -> None:
        atexit.unregister(self.close)
        self.kill()
        assert self._data.stdin and self._data.stdout
        self._data.stdin.close()
        self._data.wait()
        self._data.stdout.close()
        self._folder.cleanup()

    def call(self, function: Callable[..., Any], *arguments: Any, **values: Any) -> Any:
        """What `function`, of any module, returns in the process that has the database (`tests.browser.data`).

        Arguments and result travel as JSON; of a model's instance comes its primary key.
        """
        assert self._data.stdin and self._data.stdout
        question = [function.__module__, function.__qualname__, arguments, values]
        self._data.stdin.write(json.dumps(question) + "\n")
        self._data.stdin.flush()
        line = self._data.stdout.readline()
        if not line:
            raise RuntimeError(f"The data process ended:\n{self.log.read_text()}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """The rows of an SQL query, read from the file itself."""
        connection = sqlite3.connect(f"file:{self.folder / 'db.sqlite3'}?mode=ro", uri=True)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def value(self, query: str, *values: Any) -> Any:
        """The only value of an SQL query."""
        ((only,),) = self.rows(query, *values)
        return only


@cache
def running_site() -> Site:
    """The site of this process, started by the first test that asks."""
    return Site()
