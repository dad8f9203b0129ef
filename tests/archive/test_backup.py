"""Backup and restore, drilled: the whole magazine leaves, the house burns down, the magazine is back."""

import json
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import TransactionTestCase

from blog import publishing
from blog.archive import machines
from blog.backup import back_up
from blog.content import Content
from blog.models import Address, Author, Draft, Image, MachineToken, Manuscript, Page, Post, Revision, Tag
from blog.taxonomy import keep_alias, save_page
from tests.base import update
from tests.clock import at
from tests.make import NOON, make_draft, make_editor, make_image, make_post, make_user, make_writer

HOUR = timedelta(hours=1)


def fill_magazine():
    """Some of everything that the database can hold."""
    writer, editor = make_writer(), make_editor()
    writer.user_permissions.add(Permission.objects.get(codename="add_tag", content_type__app_label="blog"))
    image = make_image(alt="図")
    edited = make_post(
        title="直した記事", slug="mae", tags=("LLM", "電力"), body=f"前の文。\n\n![図]({image.url})\n"
    )
    edited = update(edited, now=NOON - HOUR, slug="ato", body=f"後の文。\n\n![図]({image.url})\n")
    update(edited, now=NOON, at=NOON + HOUR, title="明日のタイトル")
    keep_alias(Tag.objects.get(name="LLM"), "大規模言語モデル")
    gone = make_post(slug="gone")
    publishing.withdraw(post=gone, by=None, now=NOON, reason="事実の誤り")
    draft = make_draft(by=writer, title="下書き")
    typed = Content(title="書きかけ😀", body="途中まで\\u0000の\u2028文")
    publishing.save_draft(
        post=draft, content=typed, by=writer, now=NOON.replace(microsecond=123456), base=draft.latest_revision
    )
    save_page(Page(path="/company/", title="会社について", body="# 雑誌", is_public=True))
    Address.objects.create(path="/古い/道/", kind="gone", reason="終わった連載")
    Author.objects.filter(name="ALLFORCES編集部").update(user=editor, picture=image)
    machine = MachineToken(name="工場")
    machines.issue(machine, by=editor, now=NOON)
    Manuscript.objects.create(
        ref="2026-11-20-a", sha256="0" * 64, received_at=NOON, way="api", outcome="created", machine=machine,
        post=draft, problems=[{"line": 3, "code": "x", "blocking": False, "message": "「気になる」"}],
        source="---\ntitle: 元\n---\n",
    )  # fmt: skip
    LogEntry.objects.create(
        user=editor, content_type=ContentType.objects.get_for_model(Post), object_id=str(edited.pk),
        object_repr="直した記事", action_flag=CHANGE, change_message="[]",
    )  # fmt: skip
    return image


def everything():
    """All rows of all tables but the sessions; what `migrate` numbers itself stands there by its name."""
    types = {row.pk: row.natural_key() for row in ContentType.objects.all()}
    permissions = {
        row.pk: (row.codename, types[row.content_type_id]) for row in Permission.objects.order_by("pk")
    }
    found = {"contenttypes": sorted(types.values()), "permissions": sorted(permissions.values())}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label in ("sessions.Session", "contenttypes.ContentType", "auth.Permission"):
            continue
        rows = list(model._base_manager.order_by("pk").values())
        for row in rows:
            for column, names in (("content_type_id", types), ("permission_id", permissions)):
                if row.get(column):
                    row[column] = names[row[column]]
        found[model._meta.label] = rows
    return found


def rewritten(backup, change):
    """A copy of `backup` after `change(manifest, members)`, with checksums that fit, as a forger would make it."""
    with ZipFile(backup) as old:
        members = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    change(manifest, members)
    manifest["members"] = {name: [sha256(data).hexdigest(), len(data)] for name, data in members.items()}
    copy = backup.with_name("forged.zip")
    with ZipFile(copy, "w") as new:
        for name, data in members.items():
            new.writestr(name, data)
        new.writestr("manifest.json", json.dumps(manifest))
    return copy


class BackupTestCase(TransactionTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.media = self.folder / "media"
        self.media.mkdir()
        self.enterContext(self.settings(MEDIA_ROOT=self.media))
        self.file = self.folder / "magazine.zip"

    def backup(self, **options):
        call_command("backup", str(self.file), stdout=StringIO(), **options)

    def restore(self, file=None):
        out = StringIO()
        call_command("restore", str(file or self.file), stdout=out)
        return out.getvalue()

    def burn_down(self):
        """An empty database, whose content types and permissions have other numbers than before; no images."""
        call_command("flush", interactive=False, verbosity=0)
        ContentType.objects.all().delete()
        ContentType.objects.clear_cache()
        call_command("migrate", interactive=False, verbosity=0)
        shutil.rmtree(self.media)
        self.media.mkdir()

    def files(self):
        return {
            str(path.relative_to(self.media)): path.read_bytes()
            for path in self.media.rglob("*")
            if path.is_file()
        }


class RestoreDrillTests(BackupTestCase):
    def pages(self):
        paths = [
            "/",
            "/feed.xml",
            "/sitemap.xml",
            "/robots.txt",
            "/tags/",
            *Address.objects.values_list("path", flat=True),
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
        for table in ("Alias", "Byline", "Draft", "MachineToken", "Manuscript", "Page", "TaggedPost"):
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
        self.burn_down()
        self.restore()
        self.backup(force=True)
        with ZipFile(self.file) as second:
            self.assertEqual({name: second.read(name) for name in rows}, rows)


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


class RefusalTests(BackupTestCase):
    """Whatever is wrong with the file or the target: a sentence, and nothing has changed."""

    def setUp(self):
        super().setUp()
        self.image = fill_magazine()
        self.backup()
        self.burn_down()
        self.empty = everything()

    def assert_refused(self, file, sentence):
        with self.assertRaisesRegex(CommandError, sentence):
            self.restore(file)
        self.assertEqual(everything(), self.empty)
        self.assertEqual(self.files(), {})
        self.assertFalse((self.folder / "evil.png").exists())

    def test_damaged_and_truncated_files(self):
        whole = self.file.read_bytes()
        with ZipFile(self.file) as backup:
            members = {info.filename: info for info in backup.infolist()}
        harmed = self.folder / "harmed.zip"
        for name in (
            "rows/blog.post.jsonl",
            "rows/auth.user.jsonl",
            f"media/{self.image.name}",
            "manifest.json",
        ):
            with self.subTest(flipped=name):
                place = members[name].header_offset + 30 + len(name) + 20 + members[name].compress_size // 2
                harmed.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
                self.assert_refused(harmed, "壊れています|読めません")
        for length in (0, 10, len(whole) // 2, len(whole) - 1):
            with self.subTest(length=length):
                harmed.write_bytes(whole[:length])
                self.assert_refused(harmed, "途中で切れています")
        self.assert_refused(self.folder / "nothing.zip", "開けません")

    def test_foreign_newer_and_other_files(self):
        text = self.folder / "text.zip"
        text.write_text("not a zip")
        self.assert_refused(text, "バックアップではない")
        with ZipFile(text, "w") as foreign:
            foreign.writestr("posts/a.md", "# a")
        self.assert_refused(text, "この編集システムのバックアップではありません")

        def migrated_further(manifest, members):
            manifest["migrations"]["blog"] = ["9999_future"]

        def without_a_table(manifest, members):
            del manifest["tables"]["blog.tag"], members["rows/blog.tag.jsonl"]

        def member_without_table(manifest, members):
            members["rows/blog.secret.jsonl"] = b""

        for change, sentence in (
            (lambda manifest, members: manifest.update(format="other"), "この編集システムのバックアップではありません"),
            (lambda manifest, members: manifest.update(version=2), "新しい版"),
            (lambda manifest, members: manifest.pop("migrations"), "読めません"),
            (lambda manifest, members: manifest.update(migrations=[]), "正しくありません"),
            (migrated_further, "blog 9999_future"),
            (without_a_table, "表と違います"),
            (member_without_table, "正しくありません"),
        ):  # fmt: skip
            with self.subTest(sentence):
                self.assert_refused(rewritten(self.file, change), sentence)

    def test_a_member_that_the_manifest_does_not_know(self):
        with ZipFile(self.file, "a") as backup:
            backup.writestr("media/images/more.png", b"more")
        self.assert_refused(self.file, "壊れています")

    def test_names_that_lead_out_of_the_media_folder(self):
        for name in (
            "media/../evil.png",
            f"media/{self.folder}/evil.png",
            "media/a/../../evil.png",
            "../evil.png",
            "media/..\\evil.png",
        ):
            with self.subTest(name):
                forged = rewritten(
                    self.file, lambda manifest, members, name=name: members.update({name: b"evil"})
                )
                self.assert_refused(forged, "正しくありません")

    def test_rows_that_do_not_fit_are_all_taken_back(self):
        def changed_rows(table, **values):
            def change(manifest, members):
                name = f"rows/{table}.jsonl"
                rows = [json.loads(line) | values for line in members[name].splitlines()]
                members[name] = b"".join(json.dumps(row).encode() + b"\n" for row in rows)

            return change

        def one_row_less(manifest, members):
            members["rows/blog.draft.jsonl"] = b""

        for change, sentence in (
            (changed_rows("blog.draft", base_id=999_999), "つながり"),
            (changed_rows("blog.post", working_title=None), r"blog\.post の行"),
            (changed_rows("blog.post", published_at="昨日"), r"blog\.post の行"),
            (changed_rows("auth.user_user_permissions", permission_id=999_999), "user_permissions の行"),
            (one_row_less, "行数"),
        ):
            with self.subTest(sentence):
                self.assert_refused(rewritten(self.file, change), sentence)

    def test_a_site_where_somebody_has_written_stays_theirs(self):
        draft = make_draft(by=make_writer())
        before = everything()
        with self.assertRaisesRegex(CommandError, "空ではありません（.*記事 1.*）"):
            self.restore()
        self.assertEqual(everything(), before)
        self.assertEqual([Draft.objects.count(), Revision.objects.get().post], [0, draft])

    def test_equal_images_are_left_alone_and_others_never_replaced(self):
        place = self.media / self.image.name
        place.parent.mkdir(parents=True)
        place.write_bytes(b"something else")
        with self.assertRaisesMessage(CommandError, self.image.name):
            self.restore()
        self.assertEqual((everything(), place.read_bytes()), (self.empty, b"something else"))
        with ZipFile(self.file) as backup:
            place.write_bytes(backup.read(f"media/{self.image.name}"))
        before = place.stat()
        self.assertIn("もうあったもの 1", self.restore())
        self.assertEqual((place.stat().st_ino, place.stat().st_mtime_ns), (before.st_ino, before.st_mtime_ns))
