"""What `restore_revision` does not take, and where: nothing is touched."""

import json
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.management import CommandError

from blog.models import Draft, Revision
from blog.transfer.backup.container import MAX_MANIFEST
from tests.make import make_draft, make_writer
from tests.transfer.backing_up import BackupTestCase, everything, fill_magazine, rewritten


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
            (lambda manifest, members: manifest.update(migrations={"blog": 14}), "読めません"),
            (migrated_further, "blog 9999_future"),
            (without_a_table, "表と違います"),
            (member_without_table, "正しくありません"),
        ):  # fmt: skip
            with self.subTest(sentence):
                self.assert_refused(rewritten(self.file, change), sentence)

    def test_a_table_of_contents_that_would_fill_the_memory(self):
        with ZipFile(self.file, "w", ZIP_DEFLATED) as bomb, bomb.open("manifest.json", "w") as member:
            for _ in range((MAX_MANIFEST >> 20) + 1):
                member.write(b" " * (1 << 20))
        self.assertLess(self.file.stat().st_size, 1 << 20)
        self.assert_refused(self.file, "大きすぎます")

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
