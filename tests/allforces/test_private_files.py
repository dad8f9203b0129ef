"""Nobody else on the machine reads drafts, password hashes or keys, whatever the umask of whoever starts the site."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import SimpleTestCase, TestCase

from allforces import private_files
from tests.on_both_databases import NEUTRAL


def modes(folder: Path, *names: str) -> list[str]:
    return [f"{(folder / name).stat().st_mode & 0o777:o}" for name in names]


class PrivateFilesTestCase(SimpleTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.folder.chmod(0o755)

    def with_umask(self, umask: int) -> None:
        self.addCleanup(os.umask, os.umask(umask))


class DatabaseTests(PrivateFilesTestCase):
    def open_database(self, *, umask: int) -> Any:
        """What a process does that uses the database, and sees of it while it has it open."""
        program = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS a (b)")
    from pathlib import Path
    for path in sorted(Path(connection.settings_dict["NAME"]).parent.iterdir()):
        print(path.name, f"{path.stat().st_mode & 0o777:o}")
"""
        return subprocess.run(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", program],
            cwd=settings.BASE_DIR,
            env=os.environ
            | NEUTRAL
            | {
                "SECRET_KEY": "x",
                "DATA_DIR": str(self.folder),
                "DATABASE_URL": "sqlite:///db.sqlite3",
            },
            umask=umask,
            capture_output=True,
            text=True,
        ).stdout.split()

    def test_new_database_and_what_is_beside_it_are_private(self) -> None:
        found = self.open_database(umask=0)
        self.assertEqual(found, ["db.sqlite3", "600", "db.sqlite3-shm", "600", "db.sqlite3-wal", "600"])

    def test_database_of_before_is_closed_with_all_that_is_beside_it(self) -> None:
        name = self.folder / "db.sqlite3"
        with closing(sqlite3.connect(name)) as earlier:  # which keeps the files beside it
            earlier.execute("PRAGMA journal_mode=WAL")
            earlier.execute("CREATE TABLE earlier (b)")
            for path in self.folder.iterdir():
                path.chmod(0o644)
            found = self.open_database(umask=0o22)
        self.assertEqual(found, ["db.sqlite3", "600", "db.sqlite3-shm", "600", "db.sqlite3-wal", "600"])


class FolderTests(PrivateFilesTestCase, TestCase):
    def prepare(self, data: Path, **changed: Any) -> None:
        places = {"DATA_DIR": data, "MEDIA_ROOT": data / "media", "BASE_DIR": self.folder, **changed}
        with self.settings(**places):
            call_command("prepare", stdout=StringIO(), stderr=StringIO())

    def test_new_folders_are_private_whatever_the_umask(self) -> None:
        for umask in (0, 0o22, 0o277):
            data = self.folder / f"new{umask}" / "data"
            self.with_umask(umask)
            self.prepare(data)
            with self.subTest(umask):
                self.assertEqual(modes(data, ".", "media"), ["700", "700"])

    def test_folders_of_before_are_closed(self) -> None:
        data = self.folder / "data"
        (data / "media" / "images").mkdir(parents=True)
        (data / ".env").write_text("SECRET_KEY=x\n")
        (self.folder / ".env").write_text("SECRET_KEY=x\n")
        for path in (data, data / "media", self.folder / ".env"):
            path.chmod(0o755)
        self.prepare(data)
        self.assertEqual(modes(data, ".", "media"), ["700", "700"])
        self.assertEqual(modes(self.folder, ".env"), ["600"])

    def test_folder_that_holds_something_else_too_stays_open_and_ours_in_it_is_closed(self) -> None:
        (self.folder / "another-site").mkdir()
        self.prepare(self.folder)
        self.assertEqual(modes(self.folder, ".", "media"), ["755", "700"])

    def test_group_that_was_let_in_by_hand_stays(self) -> None:
        """nginx delivers images as another user of this group."""
        data = self.folder / "data"
        (data / "media").mkdir(parents=True)
        data.chmod(0o710)
        (data / "media").chmod(0o750)
        self.prepare(data)
        self.assertEqual(modes(data, ".", "media"), ["710", "750"])

    def test_link_to_a_folder_elsewhere_closes_nothing_there(self) -> None:
        elsewhere, data = self.folder / "elsewhere", self.folder / "data"
        elsewhere.mkdir(mode=0o755)
        data.mkdir()
        (data / "media").symlink_to(elsewhere)
        self.prepare(data)
        self.assertEqual(modes(self.folder, "elsewhere"), ["755"])

    def test_file_in_the_place_of_a_folder_is_no_folder(self) -> None:
        (self.folder / "data").write_bytes(b"")
        with self.assertRaises(FileExistsError):
            private_files.make_folder(self.folder / "data")
