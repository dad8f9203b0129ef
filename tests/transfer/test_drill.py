"""`restore --into`: a drill beside the running site, which must not notice."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
from contextlib import closing
from io import StringIO
from pathlib import Path
from unittest import mock  # of the process environment only
from urllib.request import urlopen

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import SimpleTestCase

from blog.models import Post
from blog.transfer.backup.drill import SILENCED
from tests.transfer.backing_up import BackupTestCase, everything, fill_magazine

HOSTILE = {
    "SITE_URL": "https://example.jp",
    "TRUSTED_PROXIES": "3",
    "MEDIA_URL": "https://img.example.jp/",
    "LEGACY_ROOT": "legacy",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtps://user:password@127.0.0.1:1",
    "WEBSUB_HUB": "http://127.0.0.1:1/hub",
    "WEBHOOK_URL": "http://127.0.0.1:1/hook",
    "WEBHOOK_SECRET": "a-secret-that-is-long-enough",
    "INDEXNOW_KEY": "0123456789",
    "HOST": "0.0.0.0",
}


class DrillTests(BackupTestCase):
    """A site whose environment leads to its own data, and to places that do not answer."""

    def setUp(self):
        super().setUp()
        self.image = fill_magazine()
        self.backup()
        self.site = self.folder / "site"
        (self.site / "legacy").mkdir(parents=True)
        self.file = self.file.rename(self.site / "magazine.zip")
        shutil.move(self.media, self.site / "media")
        self.media = self.site / "media"
        self.enterContext(self.settings(DATA_DIR=self.site, MEDIA_ROOT=self.media))
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        (self.site / "db.sqlite3").write_bytes(b"the database of the site")
        variables = HOSTILE | {
            "DATA_DIR": str(self.site),
            "DATABASE_URL": "sqlite:///db.sqlite3",
            "MEDIA_ROOT": str(self.media),
            "PORT": str(self.port - 1),
        }
        self.enterContext(mock.patch.dict(os.environ, variables))
        self.drilled = self.folder / "drills" / "first of all"

    def drill(self, into=None, file=None):
        out = StringIO()
        call_command("restore", str(file or self.file), into=into or self.drilled, stdout=out)
        return out.getvalue()

    def fetch(self, path):
        with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return answer.read()

    def state(self):
        """The site, to the time at which each file was written."""
        files = {
            str(path): (path.stat().st_mtime_ns, path.is_file() and path.read_bytes())
            for path in self.site.rglob("*")
        }
        return files, everything()

    def test_drill_fills_its_own_folder_and_touches_nothing_of_the_site(self):
        before = self.state()
        said = self.drill()
        self.assertEqual(self.state(), before)
        self.assertIn(f"blog.post: {Post.objects.count()} 行", said)
        self.assertIn("画像: 1 ファイル", said)
        with closing(sqlite3.connect(self.drilled / "db.sqlite3")) as database:
            [posts] = database.execute("SELECT COUNT(*) FROM blog_post").fetchone()
        self.assertEqual(posts, Post.objects.count())
        restored = self.drilled / "media" / self.image.name
        self.assertEqual(restored.read_bytes(), (self.media / self.image.name).read_bytes())
        for path, mode in ((self.drilled, 0o700), (self.drilled / "db.sqlite3", 0o600)):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), mode, path)

    def test_line_that_is_printed_shows_the_magazine_on_this_machine_alone(self):
        line = self.drill().splitlines()[-1]
        before = self.state()
        site = subprocess.Popen(
            line, shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, process_group=0
        )
        try:
            told = ""
            while "で動いています" not in told:
                line = site.stderr.readline()
                self.assertTrue(line, told)
                told += line
            self.assertIn(f"http://127.0.0.1:{self.port} ", told)
            self.assertIn(f"Listening at: http://127.0.0.1:{self.port} ", told)
            page = self.fetch("/company/")
            style = re.search(rb'href="(/static/[^"]+\.css)"', page).group(1).decode()
            self.assertIn("会社について".encode(), page)
            self.assertRegex(self.fetch(style), rb"[{@]")
            self.assertEqual(self.fetch(self.image.url), (self.media / self.image.name).read_bytes())
            self.assertIn(b"csrfmiddlewaretoken", self.fetch("/accounts/login/"))
        finally:
            os.killpg(site.pid, signal.SIGTERM)
            site.communicate()
        self.assertEqual(self.state(), before)

    def test_folder_that_is_not_empty_is_refused_and_stays_as_it_is(self):
        self.drilled.mkdir(parents=True)
        (self.drilled / "notes.txt").write_text("mine")
        with self.assertRaisesMessage(CommandError, "空ではありません"):
            self.drill()
        self.assertEqual([path.name for path in self.drilled.iterdir()], ["notes.txt"])

    def test_folders_of_the_site_are_refused(self):
        empty = self.folder / "empty"
        empty.mkdir()
        link = self.folder / "link"
        link.symlink_to(self.site)
        for folder, sentence in (
            (self.site, "このサイトのデータのフォルダー"),
            (link, "このサイトのデータのフォルダー"),
            (self.site / "media" / "..", "このサイトのデータのフォルダー"),
            (self.media / "drill", "読者に見えるフォルダー"),
            (Path(settings.STATIC_ROOT) / "drill", "読者に見えるフォルダー"),
            (self.file, "フォルダーではありません"),
        ):
            with self.subTest(folder), self.assertRaisesMessage(CommandError, sentence):
                self.drill(folder)
        with self.settings(DATA_DIR=empty), self.assertRaisesMessage(CommandError, "このサイトのデータ"):
            self.drill(empty)

    def test_damaged_backup_is_refused_in_its_own_words_and_leaves_no_folder(self):
        self.file.write_bytes(self.file.read_bytes()[:-1])
        with self.assertRaisesRegex(CommandError, "^[^\n]*途中で切れています。$"):
            self.drill()
        self.assertFalse(self.drilled.exists())
        self.drilled.mkdir(parents=True)
        with self.assertRaises(CommandError):
            self.drill()
        self.assertEqual(list(self.drilled.iterdir()), [])


SHARED = ("SHARE_FONT", "LOG_LEVEL", "ACCESS_LOG", "WEB_CONCURRENCY", "WEB_THREADS")
"""Variables that a drill may take over: they change nothing but the program itself."""


class VariablesTests(SimpleTestCase):
    def test_every_variable_of_the_readme_is_silenced_set_or_shared(self):
        table = (settings.BASE_DIR / "README.md").read_text().split("## Variables")[1].split("\n## ")[0]
        cells = re.findall(r"^\| (`[A-Z_`, ]+`) \|", table, re.MULTILINE)
        names = {name for cell in cells for name in re.findall(r"[A-Z_]+", cell)}
        known = {*SILENCED, *SHARED, "SECRET_KEY", "DATA_DIR", "DATABASE_URL", "NOINDEX", "PORT"}
        self.assertEqual(names, known, "say in blog/transfer/backup/drill.py what a drill does with it")


class InterruptedTests(BackupTestCase):
    def test_restore_that_was_killed_while_it_made_the_tables_simply_runs_again(self):
        fill_magazine()
        rows = everything()
        self.backup()
        self.burn_down()
        self.addCleanup(call_command, "migrate", verbosity=0)
        for last in (("blog", "0004"), ("blog", "zero"), ("admin", "zero")):
            call_command("migrate", *last, verbosity=0)
        self.assertNotIn("blog_post", connection.introspection.table_names())
        self.assertIn("空のデータベースに表を作ります", self.restore())
        self.assertEqual(everything()["blog.Post"], rows["blog.Post"])

    def test_older_database_in_which_somebody_has_written_is_not_touched(self):
        fill_magazine()
        self.backup()
        self.addCleanup(call_command, "migrate", verbosity=0)
        call_command("migrate", "blog", "0010", verbosity=0)
        with self.assertRaisesMessage(CommandError, "空ではありません"):
            self.restore()
        self.assertEqual(Post.objects.values_list("pk").count(), 3)
