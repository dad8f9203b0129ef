"""A restore that is killed, at whatever step, and the next one that does it: the same command, nothing else."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import SimpleTestCase

from tests.on_both_databases import NEUTRAL
from tests.transfer.test_older_program import MADE

KILLED_AT = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from django.db import connection

def kill_at(execute, sql, params, many, context):
    if sys.argv[2] in sql:
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, params, many, context)

with connection.execute_wrapper(kill_at):
    call_command("restore", sys.argv[1])
"""


class KilledRestoreTests(SimpleTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_in(self, data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        variables = {"SECRET_KEY": "x", "DATA_DIR": str(data), "DATABASE_URL": "sqlite:///db.sqlite3"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ
            | NEUTRAL
            | variables
            | {"DJANGO_SETTINGS_MODULE": "allforces.settings", "PYTHONPATH": str(settings.BASE_DIR)},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )

    def kill(self, data: Path, backup: Path, *, at: str) -> None:
        """Restore in a process that is killed before the first statement in which `at` stands."""
        killed = self.run_in(data, "-c", KILLED_AT, str(backup), at)
        self.assertEqual(killed.returncode, -signal.SIGKILL, f"{at}: {killed.stdout}{killed.stderr}")

    def restore(self, data: Path, backup: Path, *, status: int = 0) -> str:
        done = self.run_in(data, "manage.py", "restore", str(backup))
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def contents(self, data: Path) -> dict[str, Any]:
        """All rows but those that tell when they were made, and all images."""
        with closing(sqlite3.connect(data / "db.sqlite3")) as database:
            names = [
                row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            found: dict[str, Any] = {
                name: sorted(map(repr, database.execute(f"SELECT * FROM {name}")))
                for name in sorted(names)
                if not name.startswith(("sqlite_", "django_migrations", "blog_change", "blog_contentversion"))
                and name not in ("blog_searchpart", "blog_draft", "blog_similarity")  # numbers, made-up keys
                and "searchgrams" not in name
            }
            found["index"] = sorted(database.execute("SELECT post_id, kind FROM blog_searchpart"))
        found["media"] = {
            str(path.relative_to(data)): path.read_bytes()
            for path in (data / "media").rglob("*")
            if path.is_file()
        }
        return found

    def test_backup_of_an_older_program_is_restored_after_a_kill_at_every_step(self) -> None:
        whole, data = self.folder / "whole", self.folder / "data"
        for folder in (whole, data):
            folder.mkdir()
        self.restore(whole, MADE / "backup.zip")
        for step in (
            'CREATE TABLE "blog_post"',  # while tables of that time are made
            'INSERT INTO "blog_revision"',  # while rows come in
            'CREATE TABLE "blog_change"',  # while the tables are migrated, with the rows in them
            "INSERT INTO blog_searchgrams",  # while the index is made
            "DROP TABLE restore_unfinished",  # at the very end
        ):
            self.kill(data, MADE / "backup.zip", at=step)
        self.restore(data, MADE / "backup.zip")
        self.assertEqual(self.contents(data), self.contents(whole))
        self.assertIn("空ではありません", self.restore(data, MADE / "backup.zip", status=1))

    def test_backup_of_this_program_is_restored_after_a_kill_and_no_other_one_meanwhile(self) -> None:
        first, whole, data = (self.folder / name for name in ("first", "whole", "data"))
        for folder in (first, whole, data):
            folder.mkdir()
        copy = self.folder / "copy.zip"
        self.restore(first, MADE / "backup.zip")
        self.run_in(first, "manage.py", "backup", str(copy))
        self.restore(whole, copy)
        self.kill(data, copy, at="DROP TABLE restore_unfinished")
        for path in (data / "media").rglob("*.png"):
            path.unlink()  # as a run may leave it that was killed while it took everything back
        self.assertIn("ほかのバックアップ", self.restore(data, MADE / "backup.zip", status=1))
        self.assertIn("続きをします", self.restore(data, copy))
        self.assertEqual(self.contents(data), self.contents(whole))
