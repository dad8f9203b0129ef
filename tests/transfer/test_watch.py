"""A watched folder, on a clock of its own: each sleep is the moment at which the test does something next."""

import os
import tempfile
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command
from django.test import TestCase

from blog.models import Manuscript, Post
from blog.transfer.intake.watch import watch
from tests.make import NOON
from tests.transfer.documents import document

LOG = "blog.transfer.intake.watch"


class WatchTests(TestCase):
    def setUp(self):
        self.enterContext(folder := tempfile.TemporaryDirectory())
        self.folder = Path(folder.name)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        os.utime(path, ns=(self.ticks, self.ticks))
        self.ticks += 1
        return path

    ticks = 1_000_000_000

    def watch(self, *steps):
        """Run until all `steps` are taken, one at each sleep, and one more look. Returns the sleeps' lengths."""
        waiting, slept = [*steps, lambda: None], []

        def sleep(seconds):
            slept.append(seconds)
            if not waiting:
                raise KeyboardInterrupt
            waiting.pop(0)()

        with self.assertRaises(KeyboardInterrupt):
            watch(self.folder, every=5, now=lambda: NOON, sleep=sleep)
        return slept

    def test_a_file_that_appears_becomes_a_draft(self):
        with self.assertLogs(LOG) as log:
            slept = self.watch(lambda: self.write("2026-11-20-a.md", document()))
        self.assertEqual(set(slept), {5})
        self.assertIsNone(Post.objects.get().live_revision)
        self.assertEqual(Manuscript.objects.get().way, Manuscript.Way.FOLDER)
        self.assertEqual(len(log.output), 1)
        self.assertIn("2026-11-20-a.md: created", log.output[0])
        self.assertTrue((self.folder / "2026-11-20-a.md").exists())

    def test_a_file_in_a_folder_of_drafts_needs_no_date_and_its_reason_is_told(self):
        (self.folder / "_drafts").mkdir()
        with self.assertLogs(LOG) as log:
            self.watch(lambda: self.write("_drafts/memo.md", document(date=None)))
        self.assertIn("memo.md: created", log.output[0])
        self.assertIn("フォルダー _drafts の中にあるので、公開せず下書きにします。", log.output[0])
        self.assertIsNone(Post.objects.get().live_revision)

    def test_a_file_that_is_still_being_written_waits(self):
        whole = document(body="一段目。\n\n二段目。")
        self.watch(
            lambda: self.write("2026-11-20-a.md", whole[:-5]),
            lambda: self.write("2026-11-20-a.md", whole),
        )
        self.assertEqual(Manuscript.objects.get().source, whole)
        self.assertEqual(Post.objects.get().revisions.count(), 1)

    def test_what_came_in_before_is_passed_over_in_silence(self):
        self.write("2026-11-20-a.md", document())
        self.watch()
        with self.assertNoLogs(LOG):
            self.watch()
        self.assertEqual((Post.objects.count(), Manuscript.objects.count()), (1, 1))

    def test_a_newer_version_comes_in_too(self):
        self.write("2026-11-20-a.md", document())
        self.watch(lambda: None, lambda: self.write("2026-11-20-a.md", document(body="書き直した本文です。")))
        self.assertIn("書き直した", Post.objects.get().working.content["body"])

    def test_a_bad_file_is_said_once_and_stops_nothing(self):
        self.write("2026-11-20-a.md", "題のない本文")
        self.write("2026-11-21-b.md", document())
        with self.assertLogs(LOG, "WARNING") as log:
            self.watch(lambda: None, lambda: None)
        self.assertEqual(len(log.output), 1)
        self.assertIn("title がありません", log.output[0])
        self.assertEqual(Post.objects.get().import_ref, "2026-11-21-b")

    def test_links_hidden_files_and_other_kinds_are_left_alone(self):
        secret = Path(self.enterContext(tempfile.TemporaryDirectory())) / "2026-11-20-secret.md"
        secret.write_text(document(), encoding="utf-8")
        (self.folder / "2026-11-20-link.md").symlink_to(secret)
        self.write(".2026-11-20-half.md", document())
        self.write("notes.txt", document())
        self.watch()
        self.assertFalse(Manuscript.objects.exists())

    def test_the_command_wants_one_folder_and_drafts(self):
        for arguments, words in (
            ((str(self.folder),), "--draft"),
            ((str(self.folder / "none"), "--draft"), "フォルダー"),
            ((str(self.folder), str(self.folder), "--draft"), "1つ"),
            ((str(self.folder), "--draft", "--every", "0"), "--every"),
        ):
            with self.subTest(arguments), self.assertRaisesMessage(CommandError, words):
                call_command("import_posts", "--watch", *arguments, stdout=StringIO(), stderr=StringIO())
