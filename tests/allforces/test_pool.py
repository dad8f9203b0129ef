"""Connections kept between requests: none that died is noticed by whoever comes next. (SQLite has none that could.)"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import OperationalError, connection
from django.test import SimpleTestCase, TransactionTestCase

from tests.outage import refusing

IS_POSTGRES = connection.vendor == "postgresql"
SHOW = (
    "SHOW statement_timeout; SHOW lock_timeout" if IS_POSTGRES else "PRAGMA busy_timeout; PRAGMA query_only"
)


class PoolTests(TransactionTestCase):
    SIZE = 4

    def setUp(self):
        self.alias = f"kept for {self.id()}"[-60:]

    def wrapper(self, **changes):
        """How a request finds the database; `application_name` lets the server tell these connections from others."""
        wrapper = connection.copy(alias=self.alias)
        if IS_POSTGRES:
            wrapper.settings_dict["OPTIONS"]["application_name"] = self.alias
        wrapper.settings_dict |= {
            "REQUESTS": {"connections": self.SIZE, "statement_timeout": 30, "lock_timeout": 5}
        } | changes
        return wrapper

    def ask(self, _=None, **changes):
        wrapper = self.wrapper(**changes)
        try:
            with wrapper.cursor() as cursor:
                cursor.execute("SELECT 1")
                return cursor.fetchone()[0]
        finally:
            wrapper.close()

    def fill(self):
        """All connections are open and idle, as after a busy minute."""
        wrappers = [self.wrapper() for _ in range(self.SIZE)]
        for wrapper in wrappers:
            wrapper.ensure_connection()
        for wrapper in wrappers:
            wrapper.close()
        self.assertEqual(self.open(), self.SIZE if IS_POSTGRES else 0)

    def open(self, do="count(*)"):
        """How many of them the server has."""
        if not IS_POSTGRES:
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {do} FROM pg_stat_activity WHERE application_name = %s", [self.alias[:63]]
            )
            return cursor.fetchone()[0]

    def kick(self):
        """What a restart or failover does to connections that nobody uses at that moment."""
        kicked = self.open("count(pg_terminate_backend(pid, 5000))")
        self.assertEqual(kicked, self.SIZE if IS_POSTGRES else 0)

    def test_after_all_idle_connections_were_ended_no_request_fails(self):
        self.fill()
        self.kick()
        self.assertEqual([self.ask() for _ in range(3 * self.SIZE)], [1] * 3 * self.SIZE)

    def test_the_same_when_many_come_at_once(self):
        self.fill()
        self.kick()
        with ThreadPoolExecutor(3 * self.SIZE) as pool:
            self.assertEqual(list(pool.map(self.ask, range(30))), [1] * 30)

    def test_connections_are_used_again_and_never_more_than_allowed(self):
        with ThreadPoolExecutor(3 * self.SIZE) as pool:
            self.assertEqual(list(pool.map(self.ask, range(60))), [1] * 60)
        self.assertLessEqual(self.open(), self.SIZE)
        before = self.open("array_agg(pid ORDER BY pid)")
        self.assertEqual(self.ask(), 1)
        self.assertEqual(self.open("array_agg(pid ORDER BY pid)"), before)

    def test_requests_that_found_no_server_leave_the_way_free(self):
        with refusing() as port:
            away = (
                {"HOST": "127.0.0.1", "PORT": port} if IS_POSTGRES else {"NAME": f"/no/such/folder/{port}.db"}
            )
            for _ in range(2 * self.SIZE):
                with self.assertRaises(OperationalError):
                    self.ask(**away)
        self.assertEqual(self.ask(), 1)

    def test_request_that_ends_amid_a_transaction_leaves_nothing_of_it_to_the_next(self):
        left = self.wrapper()
        left.set_autocommit(False)
        with left.cursor() as cursor:
            cursor.execute("INSERT INTO auth_group (name) VALUES ('left behind')")
        left.close()
        self.assertFalse(Group.objects.filter(name="left behind").exists())
        self.assertEqual(self.ask(), 1)


class TimeOutTests(SimpleTestCase):
    def answers(self, *, by):
        program = f"""
import django, {by}
django.setup()
from django.db import connection
for statement in "{SHOW}".split(";"):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        print(cursor.fetchone()[0])
connection.close()
"""
        result = subprocess.run(
            [sys.executable, "-c", program],
            cwd=settings.BASE_DIR,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "allforces.settings",
                "DB_STATEMENT_TIMEOUT": "7",
                "DB_LOCK_TIMEOUT": "",
            },
            capture_output=True,
            text=True,
        )
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout.split()

    def test_requests_are_given_up_and_commands_are_not(self):
        # SQLite has one time-out, for the lock, and commands need it as well.
        self.assertEqual(self.answers(by="allforces.wsgi"), ["7s", "5s"] if IS_POSTGRES else ["20000", "0"])
        self.assertEqual(self.answers(by="sys"), ["0", "0"] if IS_POSTGRES else ["20000", "0"])
