"""A gunicorn that runs, asked over a socket: what it believes of a request, and what it refuses."""

from __future__ import annotations

import ctypes
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from unittest import skipUnless

from django.conf import settings
from django.test import SimpleTestCase

from tests.on_both_databases import NEUTRAL

START_SECONDS = 30


class RunningServerTests(SimpleTestCase):
    """On an SQLite file of its own, as on a laptop: no proxy is named."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            cls.port = free.getsockname()[1]
        cls.environment = os.environ | NEUTRAL
        cls.environment |= {"SECRET_KEY": "tests-only", "DATABASE_URL": "sqlite:///db.sqlite3"}
        cls.environment |= {"DATA_DIR": str(cls.folder), "PORT": str(cls.port), "HOST": "127.0.0.1"}
        cls.environment |= {"WEB_CONCURRENCY": "1", "ACCESS_LOG": "0", "TRUSTED_PROXIES": "", "LOG_LEVEL": ""}
        cls.environment |= {"DEBUG": "1"}  # no static files are collected
        cls.environment |= {"FORWARDED_ALLOW_IPS": "*"}  # of another program on this machine
        run = {"cwd": settings.BASE_DIR, "env": cls.environment}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], check=True, **run)
        cls.log = cls.folder / "log"
        with cls.log.open("w") as log:
            cls.server = subprocess.Popen([sys.executable, "-m", "gunicorn"], stdout=log, stderr=log, **run)
        cls.addClassCleanup(cls.server.wait)
        cls.addClassCleanup(cls.server.terminate)
        cls.wait_for_server()

    @classmethod
    def wait_for_server(cls) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", cls.port)).close()
                return
            except ConnectionRefusedError:
                with suppress(subprocess.TimeoutExpired):
                    cls.server.wait(timeout=0.05)
                    break
        raise RuntimeError(cls.log.read_text())

    def ask(self, path: str, *headers: str, version: str = "1.1", host: str | None = "") -> tuple[int, bytes]:
        """Status and body of a GET request with `headers`; `host` None leaves the Host out."""
        named = [] if host is None else [f"Host: {host or f'127.0.0.1:{self.port}'}"]
        lines = [f"GET {path} HTTP/{version}", *named, "Connection: close", *headers, "", ""]
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall("\r\n".join(lines).encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), body

    def test_no_header_moves_the_site_to_another_path(self) -> None:
        plain = self.ask("/archive/")
        self.assertEqual(plain[0], 200)
        for header in (
            "SCRIPT_NAME: /archive",
            "SCRIPT_NAME: /elsewhere",
            "SCRIPT-NAME: /archive",
            "PATH_INFO: /admin/",
            "REMOTE_USER: editor",
            "X-Forwarded-Prefix: /archive",
            "X-Script-Name: /archive",
        ):
            with self.subTest(header):
                self.assertEqual(self.ask("/archive/", header), plain)
        self.assertEqual(self.ask("/category/", "SCRIPT_NAME: /category")[0], self.ask("/category/")[0])

    def test_no_header_says_that_the_client_came_by_https(self) -> None:
        plain = self.ask("/accounts/login/")
        for header in ("X-Forwarded-Proto: https", "X-Forwarded-Protocol: ssl", "X-Forwarded-Ssl: on"):
            with self.subTest(header):
                status, body = self.ask("/accounts/login/", header, "Origin: https://evil.example")
                self.assertEqual((status, _without_token(body)), (200, _without_token(plain[1])))
        contradicting = self.ask("/archive/", "X-Forwarded-Proto: https", "X-Forwarded-Ssl: off")
        self.assertEqual(contradicting, self.ask("/archive/"))

    def test_a_request_of_http_1_1_names_its_host(self) -> None:
        for path in ("/", "/healthz", "/static/css/site.css", "/no/such/page/"):
            with self.subTest(path):
                self.assertEqual(self.ask(path, host=None)[0], 400)
                self.assertEqual(self.ask(path, "Host:", host=None)[0], 400)
        self.assertEqual(self.ask("/healthz", host=None, version="1.0"), (200, b"ok\n"))
        self.assertEqual(self.ask("/", host="evil.example")[0], 400)

    def test_whoever_starts_it_as_root_reads_a_warning(self) -> None:
        self.assertEqual("root で動いています" in self.log.read_text(), os.geteuid() == 0)


def _without_token(page: bytes) -> bytes:
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", page)


LARGE_BLOCKS = """
import ctypes, runpy
runpy.run_path("gunicorn.conf.py")
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
libc.free(libc.malloc(16 << 20))
place = libc.malloc(8 << 20)
[heap] = [line.split()[0] for line in open("/proc/self/maps") if line.rstrip().endswith("[heap]")]
begin, end = (int(number, 16) for number in heap.split("-"))
print("kept" if begin <= place < end else "given back")
"""


@skipUnless(hasattr(ctypes.CDLL(None), "mallopt") and sys.platform == "linux", "glibc alone has the setting")
class MemoryTests(SimpleTestCase):
    def test_large_blocks_are_given_back_after_larger_ones_too(self) -> None:
        """What the heap keeps of pictures is lost to the machine: 600 MB in a worker after some uploads."""
        done = subprocess.run(
            [sys.executable, "-c", LARGE_BLOCKS],
            cwd=settings.BASE_DIR,
            env=os.environ | NEUTRAL | {"SECRET_KEY": "x", "DATABASE_URL": ""},
            capture_output=True,
            text=True,
        )
        self.assertEqual((done.stdout, done.stderr), ("given back\n", ""))
