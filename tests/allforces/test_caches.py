"""Sign-in while Redis is away, hangs or is full: it works, and wrong passwords are still counted."""

import os
import subprocess
import sys
from contextlib import contextmanager
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache, caches
from django.core.management import call_command
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import reverse

from tests.outage import refusing, silent


@contextmanager
def answering(write="+OK"):
    """A Redis that knows no key, and says `write` to whoever wants to store one."""

    class Handler(StreamRequestHandler):
        def handle(self):
            while count := self.rfile.readline()[1:]:
                command = [
                    self.rfile.read(int(self.rfile.readline()[1:]) + 2)[:-2] for _ in range(int(count))
                ]
                self.wfile.write(self.answer(command[0].upper()).encode() + b"\r\n")

        def answer(self, name):
            return {
                "HELLO": "%1\r\n$5\r\nproto\r\n:3",
                "SET": server.write,
                "GET": "_",
                "DEL": ":0",
            }.get(name.decode(), "+OK")

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        server.write = write
        Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def redis_at(port, **options):
    return override_settings(
        CACHES={
            "default": {
                "BACKEND": "allforces.caches.RedisCache",
                "LOCATION": f"redis://127.0.0.1:{port}/0",
                "OPTIONS": {"socket_timeout": 0.1} | options,
            },
            "reserve": {"BACKEND": "allforces.caches.DatabaseCache", "LOCATION": "cache"},
        }
    )


class RedisAwayTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        User.objects.create_user("sato", password="right-password-1")

    def setUp(self):
        with redis_at(1):  # names the table, asks nobody
            call_command("createcachetable", verbosity=0)

    def sign_in(self, password="right-password-1"):
        return self.client.post(reverse("account_login"), {"username": "sato", "password": password})

    def assertSignInWorksAndIsCounted(self):
        with self.assertLogs("allforces.caches") as logs:
            self.assertEqual(self.sign_in().status_code, 302)
            self.client.logout()
            for _ in range(5):
                self.assertEqual(self.sign_in("wrong").status_code, 200)
            self.assertContains(self.sign_in(), "ログイン失敗")
        self.assertEqual(len(logs.records), 1)
        self.assertIn("Redis does not work", logs.output[0])
        self.assertNotIn("Traceback", logs.output[0])

    def test_redis_that_refuses_connections_keeps_nobody_out(self):
        with refusing() as port, redis_at(port):
            self.assertSignInWorksAndIsCounted()

    def test_redis_that_hangs_keeps_nobody_out(self):
        with silent() as port, redis_at(port):
            self.assertSignInWorksAndIsCounted()

    def test_redis_that_is_full_keeps_nobody_out(self):
        full = "-OOM command not allowed when used memory > 'maxmemory'."
        with answering(full) as server, redis_at(server.server_address[1]):
            self.assertSignInWorksAndIsCounted()

    def test_redis_is_used_again_once_it_takes_what_is_written(self):
        with answering("-OOM full") as server, redis_at(server.server_address[1], pause=0):
            with self.assertLogs("allforces.caches"):
                cache.set("count", 1)
            with self.assertNoLogs("allforces.caches"):
                cache.set("count", 2)  # still full
            self.assertEqual(caches["reserve"].get("count"), 2)
            server.write = "+OK"
            with self.assertLogs("allforces.caches", "WARNING") as logs:
                cache.set("count", 3)
            self.assertIn("works again", logs.output[0])
            with self.assertNoLogs("allforces.caches"):
                cache.set("count", 4)  # that is news once
            self.assertEqual(caches["reserve"].get("count"), 2)

    def test_redis_that_failed_is_left_alone_for_a_while(self):
        with answering("-OOM full") as server, redis_at(server.server_address[1]):
            with self.assertLogs("allforces.caches"):
                cache.set("count", 1)
            server.write = "+OK"
            cache.set("count", 2)
            self.assertEqual(caches["reserve"].get("count"), 2)


class StartTests(SimpleTestCase):
    def check(self, **variables):
        result = subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=settings.BASE_DIR,
            env=os.environ | {"DATABASE_URL": "", "DEBUG": ""} | variables,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stderr

    def test_redis_that_does_not_answer_or_is_full_is_told_and_stops_nothing(self):
        with refusing() as port:
            said = self.check(REDIS_URL=f"redis://:pass-word@127.0.0.1:{port}/0")
        self.assertIn("allforces.W003", said)
        self.assertNotIn("pass-word", said)
        with answering("-OOM full") as server:
            self.assertIn(
                "allforces.W003", self.check(REDIS_URL=f"redis://127.0.0.1:{server.server_address[1]}")
            )

    def test_redis_that_works_and_none_at_all_are_not_worth_a_word(self):
        with answering() as server:
            self.assertNotIn("W003", self.check(REDIS_URL=f"redis://127.0.0.1:{server.server_address[1]}"))
        self.assertNotIn("W003", self.check(REDIS_URL=""))
