"""Backup and restore, drilled: the whole magazine leaves, the house burns down, the magazine is back."""

import fcntl
import json
import re
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from zipfile import ZipFile

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection

from blog.editorial import publishing
from blog.editorial.changes import Kind
from blog.models import Address, Change, ContentVersion, Image, Post
from blog.transfer.backup import back_up
from blog.transfer.backup.taking import PART
from tests.clock import at
from tests.make import NOON, make_editor, make_image, make_post, make_user
from tests.transfer.backing_up import HOUR, BackupTestCase, everything, fill_magazine


def stored(name):
    with default_storage.open(name) as file:
        return file.read()


class RestoreDrillTests(BackupTestCase):
    def pages(self):
        paths = [
            "/",
            "/feed.xml",
            "/sitemap.xml",
            "/robots.txt",
            "/tags/",
            *Address.objects.values_list("path", flat=True),
            "/search/?q=電気",
        ]
        with at(NOON):
            answers = {path: self.client.get(path) for path in paths}
        return {
            path: (reply.status_code, reply.get("Location"), reply.content) for path, reply in answers.items()
        }

    def test_magazine_is_back_row_for_row_and_byte_for_byte(self):
        call_command("load_demo", stdout=StringIO())
        fill_magazine()
        rows, pages, files = everything(), self.pages(), self.files()
        version = ContentVersion.objects.current()
        for table in ("Alias", "Byline", "Draft", "ApiToken", "Manuscript", "Page", "TaggedPost"):
            self.assertTrue(rows[f"blog.{table}"], table)
        self.assertEqual({status for status, _, _ in pages.values()}, {200, 301, 410, 404})
        self.backup()
        self.burn_down()
        self.assertNotEqual(everything(), rows)

        said = self.restore()
        restored = everything()
        for table, expected in rows.items():
            self.assertEqual(restored[table], expected, table)
        self.assertEqual(self.files(), files)
        self.assertEqual(self.pages(), pages)
        self.assertIn(f"blog.post: {len(rows['blog.Post'])} 行", said)
        # A process that has kept pages of before, under whatever version, knows that they are over.
        self.assertGreater(ContentVersion.objects.current(), max(version, NOON.timestamp() * 1000))
        self.assertEqual(Change.objects.get(kind=Kind.RESTORED).note, f"バックアップ {self.file.name}")

    def test_history_of_a_demo_that_was_cleared_is_in_nobody_s_way(self):
        fill_magazine()
        self.backup()
        self.burn_down()
        for command in ("load_demo", "clear_demo", "rebuild_search"):
            call_command(command, stdout=StringIO())
        self.assertTrue(Change.objects.exists())
        self.restore()
        self.assertTrue(Post.objects.exists())
        self.assertFalse(Change.objects.filter(kind=Kind.REMOVED).exists())

    def test_work_goes_on_after_a_restore(self):
        fill_magazine()
        self.backup()
        self.burn_down()
        self.restore()
        before = set(Post.objects.values_list("pk", flat=True))
        self.assertNotIn(make_post(tags=("新しい札",)).pk, before)
        make_user("newcomer", "編集長")
        self.assertTrue(self.client.login(username="editor", password="pass-word-1"))
        self.assertTrue(User.objects.get(username="writer").has_perm("blog.add_tag"))
        [updated] = publishing.apply_due(now=NOON + HOUR)
        self.assertEqual(updated.title, "明日のタイトル")

    def test_second_backup_of_a_restored_magazine_holds_the_same_rows(self):
        fill_magazine()
        self.backup()
        with ZipFile(self.file) as first:
            rows = {
                name: first.read(name)
                for name in first.namelist()
                if re.match(r"rows/blog\.|rows/auth.user\.", name)
            }
        history, number = rows.pop("rows/blog.change.jsonl"), rows.pop("rows/blog.contentversion.jsonl")
        self.burn_down()
        self.restore()
        self.backup(force=True)
        with ZipFile(self.file) as second:
            self.assertEqual({name: second.read(name) for name in rows}, rows)
            self.assertTrue(second.read("rows/blog.change.jsonl").startswith(history))
            self.assertNotEqual(second.read("rows/blog.contentversion.jsonl"), number)


class BackupTests(BackupTestCase):
    def rows(self, table):
        with ZipFile(self.file) as backup:
            return [json.loads(line) for line in backup.read(f"rows/{table}.jsonl").splitlines()]

    def test_rows_are_plain_json_of_no_vendor(self):
        fill_magazine()
        self.backup()
        post = self.rows("blog.post")[0]
        stored = Post.objects.get(pk=post["id"])
        self.assertEqual(post["uuid"], str(stored.uuid))
        self.assertEqual(post["published_at"], "2026-11-20T02:00:00+00:00")
        self.assertEqual(post["day"], "2026-11-20")
        self.assertIs(post["noindex"], False)
        self.assertIsNone(post["withdrawn_at"])
        self.assertEqual(self.rows("blog.draft")[0]["saved_at"], "2026-11-20T03:00:00.123456+00:00")
        self.assertEqual(self.rows("blog.revision")[0]["content"]["title"], "直した記事")
        self.assertEqual(self.rows("auth.user")[0]["username"], "writer")
        with ZipFile(self.file) as backup:
            tables = list(json.loads(backup.read("manifest.json"))["tables"])
        self.assertLess(tables.index("blog.post"), tables.index("blog.revision"))
        self.assertLess(tables.index("auth.user"), tables.index("admin.logentry"))

    def test_no_session_and_no_key_leaves_the_house(self):
        self.enterContext(self.settings(SECRET_KEY="a-key-that-nothing-else-looks-like"))
        self.client.force_login(make_editor())
        self.backup()
        with ZipFile(self.file) as backup:
            text = b"".join(backup.read(name) for name in backup.namelist()).decode()
        self.assertIn("editor@example.com", text)
        self.assertNotIn(self.client.session.session_key, text)
        self.assertNotIn(settings.SECRET_KEY, text)

    def test_only_the_owner_may_read_it(self):
        self.backup()
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)

    def test_an_earlier_backup_is_replaced_only_with_force(self):
        self.file.write_text("earlier")
        with self.assertRaisesMessage(CommandError, "--force"):
            self.backup()
        self.assertEqual(self.file.read_text(), "earlier")
        self.backup(force=True)
        self.assertIn("検査", self.restore())

    def test_a_run_that_fails_leaves_what_was_there(self):
        def disk_is_full(sentence):
            raise OSError("disk full")

        self.file.write_text("earlier")
        with self.assertRaises(OSError):
            back_up(self.file, now=NOON, force=True, say=disk_is_full)
        self.assertEqual(self.file.read_text(), "earlier")
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["magazine.zip", "media"])

    def test_what_a_killed_run_left_is_removed_and_a_run_that_is_alive_is_not(self):
        left, alive = (self.folder / f"{PART}{name}.part" for name in ("left", "alive"))
        left.write_bytes(b"half")
        with alive.open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.backup()
        self.assertEqual((left.exists(), alive.exists()), (False, True))

    def test_file_that_another_run_tidied_away_before_it_was_locked_is_begun_again(self):
        lock, others = fcntl.flock, [1]

        def slow_lock(file, operation):
            while others:  # in this very moment
                others.pop()
                back_up(self.folder / "other.zip", now=NOON)
            return lock(file, operation)

        self.addCleanup(setattr, fcntl, "flock", lock)
        fcntl.flock = slow_lock
        self.backup()
        self.assertEqual(others, [])
        self.assertIn("検査", self.restore())
        names = sorted(path.name for path in self.folder.iterdir())
        self.assertEqual(names, ["magazine.zip", "media", "other.zip"])

    def test_images_come_back_into_a_storage_that_has_no_folders(self):
        media = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
        with self.settings(STORAGES=settings.STORAGES | {"default": media}):
            images = [make_image(), make_image(alt="別の板")]
            before = {image.name: stored(image.name) for image in images}
            self.backup()
            self.burn_down()
            default_storage.delete(images[0].name)
            self.assertIn("画像: 1 ファイル（もうあったもの 1）", self.restore())
            for name, data in before.items():
                self.assertEqual(stored(name), data)

    def test_restore_after_one_that_was_killed_finds_its_images_in_place(self):
        image = make_image()
        other = make_image(alt="別の板")
        self.backup()
        before = self.files()
        self.burn_down()
        for name, data in ((image.name, before[image.name]), (other.name, before[other.name][:40])):
            path = self.media / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.assertIn("画像: 1 ファイル（もうあったもの 1）", self.restore())
        self.assertEqual(self.files(), before)

    def test_restore_into_a_folder_that_takes_no_images_leaves_nothing_behind(self):
        image = make_image()
        self.backup()
        self.burn_down()
        in_the_way = (self.media / image.name).parent
        in_the_way.parent.mkdir(parents=True)
        in_the_way.write_bytes(b"")
        with self.assertRaises(CommandError):
            self.restore()
        self.assertEqual((Image.objects.count(), list(self.files().values())), (0, [b""]))
        in_the_way.unlink()
        self.restore()
        self.assertEqual(Image.objects.count(), 1)

    def test_readers_never_find_it_among_the_images(self):
        self.file = self.media / "magazine.zip"
        with self.assertRaisesMessage(CommandError, "画像のフォルダー"):
            self.backup()
        self.assertEqual(self.files(), {})

    def test_a_lost_image_is_named_and_stops_nothing(self):
        lost, kept = make_image(), make_image()
        (self.media / lost.name).unlink()
        err = StringIO()
        self.backup(stderr=err)
        self.assertIn(lost.name, err.getvalue())
        self.assertNotIn(kept.name, err.getvalue())
        self.burn_down()
        self.restore()
        self.assertEqual((list(self.files()), Image.objects.count()), ([kept.name], 2))

    def test_people_work_meanwhile_and_the_backup_shows_one_moment(self):
        fill_magazine()
        before = everything()

        def write():
            try:
                make_post(title="その間の記事", tags=("その間の札",))
            finally:
                connection.close()

        def somebody_publishes(sentence):
            if not written:
                written.append(pool.submit(write).result(timeout=15))

        written = []
        with ThreadPoolExecutor(1) as pool:
            back_up(self.file, now=NOON, say=somebody_publishes)
        self.assertTrue(Post.objects.filter(title="その間の記事").exists())
        self.burn_down()
        self.restore()
        self.assertEqual(everything(), before)
