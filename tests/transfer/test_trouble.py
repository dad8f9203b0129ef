"""When the machine itself fails during an import: it ends with one sentence, and the next run finishes the work."""

import os
import select
import signal
import subprocess
import sys
from unittest import skipUnless

from django.conf import settings
from django.db import connection, transaction

from blog.models import Image, Post
from tests.make import picture_bytes
from tests.transfer.base import ImportCase
from tests.transfer.documents import document


class BrokenHouseTests(ImportCase):
    def test_database_that_does_not_work_ends_the_import_instead_of_failing_every_file(self):
        self.write("2026-11-04-a.md")
        self.write("2026-11-05-b.md")
        whole = transaction.savepoint()
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE blog_revision RENAME TO elsewhere")
        said = self.run_import()
        transaction.savepoint_rollback(whole)
        self.assertIn("データベースが働かないので中止しました: ", said)
        self.assertNotIn("失敗", said)
        self.assertIn("新規 2、", self.run_import())

    def test_folder_that_takes_no_images_ends_the_import_and_the_next_one_goes_on(self):
        self.write("images/a-ogp.png", picture_bytes())
        self.write("2026-11-04-a.md", image="/assets/images/a-ogp.png")
        options = {"images": self.folder / "images"}
        with (
            self.settings(MEDIA_ROOT=self.write("a-file-in-its-place", "x")),
            self.assertLogs("blog.editorial.images"),
        ):
            said = self.run_import(**options)
            self.assertIn("画像のフォルダーに書けないので中止しました: 画像を保存できませんでした。", said)
            drafts = self.run_import(draft=True, **options)
        words = "注意 2026-11-04-a.md: 画像 /assets/images/a-ogp.png: 画像を保存できませんでした。"
        self.assertIn(words, drafts)
        self.assertIn("失敗 0", self.run_import(**options))
        self.assertEqual(Post.objects.get().working.content["share_image"], Image.objects.get().hash)

    def test_value_that_the_database_refuses_fails_its_file_alone(self):
        self.write("2026-11-04-a.md")
        self.write("2026-11-05-b.md", document(date="0001-01-01 00:00:00 +0900"))
        said = self.run_import()
        self.assertIn("新規 1、", said)
        self.assertIn("失敗 2026-11-05-b.md: ", said)
        self.assertEqual(Post.objects.get().import_ref, "2026-11-04-a")

    def test_report_that_cannot_be_written_is_said_before_anything_happens(self):
        self.write("2026-11-04-a.md")
        said = self.run_import(json=self.folder / "none/report.json")
        self.assertIn("report.json に書けません。", said)
        self.assertFalse(Post.objects.exists())


class DryRunTests(ImportCase):
    def test_dry_run_names_the_posts_that_would_move(self):
        self.write("2026-11-01-x.md", date="2026-11-01 17:00:00 +0000")
        self.run_import()
        self.write("2026-11-02-x.md", date="2026-11-02 05:00:00 +0000")
        words = "注意 2026-11-01-x: URL が /2026/11/02/x/ から /2026/11/01/x/ に変わります"
        self.assertIn(words, self.run_import(dry_run=True))
        self.assertEqual(Post.objects.get().path, "/2026/11/02/x/")
        self.assertIn(words, self.run_import())
        self.assertNotIn(words, self.run_import())

    def test_dry_run_with_images_says_what_the_run_will_do(self):
        self.write("images/a-ogp.png", picture_bytes())
        self.write("2026-11-04-a.md", image="/assets/images/a-ogp.png", hero="a-ogp.png")
        options = {"images": self.folder / "images"}
        self.assertIn("新規 1、", self.run_import(dry_run=True, **options))
        self.assertIn("新規 1、", self.run_import(**options))
        self.assertIn("変更なし 1、", self.run_import(dry_run=True, **options))
        self.assertIn("変更なし 1、", self.run_import(**options))


PARENT = """
import os, sys
from blog.text.parallel import workers
if __name__ == "__main__":
    with workers(parallel=True) as executor:
        print(executor.submit(os.getpid).result(), flush=True)
        sys.stdin.read()
"""


class KilledTests(ImportCase):
    @skipUnless(hasattr(os, "pidfd_open"), "only Linux tells of the end of other people's processes")
    def test_workers_of_an_import_that_was_killed_do_not_live_on(self):
        script = self.write("parent.py", PARENT)
        with subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": str(settings.BASE_DIR)},
        ) as parent:
            worker = os.pidfd_open(int(parent.stdout.readline()))
            self.addCleanup(os.close, worker)
            parent.send_signal(signal.SIGKILL)
            parent.stdin.close()
            ended, _, _ = select.select([worker], [], [], 20)
        self.assertTrue(ended)
