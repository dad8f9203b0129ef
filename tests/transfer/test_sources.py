"""Files, folders and zips: what is in them is read, what must not be is refused by name and stops nothing else."""

import io
import os
import stat
import struct
import zipfile
from unittest import skipIf

from blog.models import Manuscript, Post
from tests.make import picture_bytes
from tests.transfer.base import ImportCase
from tests.transfer.documents import document


class ZipTests(ImportCase):
    def test_zip_brings_texts_and_their_images(self):
        path = self.zip(
            "a.zip",
            [
                ("posts/2026-11-04-a.md", document(image="/assets/a-ogp.png")),
                ("assets/a-ogp.png", picture_bytes()),
                ("__MACOSX/posts/._2026-11-04-a.md", "x"),
            ],
        )
        self.assertIn("新規 1、更新 0、変更なし 0", self.run_import(path))
        post = Post.objects.get()
        self.assertEqual(post.share_image.original_name, "a-ogp.png")
        self.assertEqual(post.share_image.alt, post.title)
        self.assertIsNone(post.hero)

    def test_members_that_lead_outside_or_lie_are_refused_by_name(self):
        link = zipfile.ZipInfo("2026-11-05-link.md")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        path = self.zip(
            "a.zip",
            [
                ("2026-11-01-good.md", document()),
                ("../2026-11-02-up.md", document()),
                ("/etc/2026-11-03-root.md", document()),
                ("C:\\2026-11-04-win.md", document()),
                (link, "/etc/passwd"),
                ("2026-11-06-bomb.md", document(body="あ" * 7_000_000)),
                ("2026-11-07-zeros.md", "0" * 19_000_000),
            ],
        )
        said = self.run_import(path)
        self.assertIn("新規 1、", said)
        for name in ("up", "root", "win", "link", "bomb", "zeros"):
            self.assertRegex(said, rf"失敗 \S*-{name}\.md: \S+")
        self.assertEqual(Manuscript.objects.filter(outcome="failed").count(), 6)

    def test_password_is_named(self):
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as archive:
            archive.writestr("2026-11-04-a.md", document())
        raw = bytearray(data.getvalue())
        for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            at = raw.index(signature) + offset
            struct.pack_into("<H", raw, at, struct.unpack_from("<H", raw, at)[0] | 1)
        path = self.folder / "a.zip"
        path.write_bytes(raw)
        self.assertIn("パスワード", self.run_import(path))

    def test_zip_that_is_none_or_unpacks_without_end_is_refused_whole(self):
        path = self.folder / "a.zip"
        path.write_bytes(b"no zip at all")
        self.assertIn("zipとして読めません", self.run_import(path))
        path = self.zip("b.zip", [("2026-11-04-a.md", document())])
        raw = bytearray(path.read_bytes())
        struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 24, 2_000_000_000)
        path.write_bytes(raw)
        self.assertIn("大きすぎるzip", self.run_import(path))
        self.assertFalse(Post.objects.exists())

    def test_bad_zip_is_one_failure_and_the_others_come_in(self):
        self.write("2026-11-01-good.md")
        (self.folder / "none.zip").write_bytes(b"no zip at all")
        whole = self.zip("whole.zip", [("2026-11-02-a.md", document()), ("in/inner.zip", b"PK")])
        (self.folder / "cut.zip").write_bytes(whole.read_bytes()[:-30])
        said = self.run_import(*self.folder.iterdir(), whole)
        self.assertIn("新規 2、更新 0、変更なし 0、提案（編集者の版を残しました） 0、失敗 3", said)
        self.assertIn("失敗 none.zip: zipとして読めません", said)
        self.assertIn("失敗 cut.zip: zipとして読めません", said)
        self.assertIn("失敗 in/inner.zip: zipの中のzipは読みません", said)
        self.assertTrue(said.endswith("3 件を取り込めませんでした。"))

    def test_zip_with_any_byte_damaged_never_ends_the_import(self):
        whole = self.zip("a.zip", [("2026-11-02-a.md", document())]).read_bytes()
        path = self.folder / "a.zip"
        for at in range(0, len(whole), 7):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
            with self.subTest(byte=at):
                self.assertIn("URL ", self.run_import(path, dry_run=True))

    def test_japanese_names_of_a_windows_zip_are_read(self):
        path = self.zip("a.zip", [("2026-11-04-XXXXXX.md", document())])
        path.write_bytes(path.read_bytes().replace(b"XXXXXX", "半導体".encode("cp932")))
        self.run_import(path)
        self.assertEqual(Post.objects.get().path, "/2026/11/04/半導体/")

    def test_link_in_a_folder_is_not_followed(self):
        outside = self.zip("x.zip", []).with_name("secret.txt")
        outside.write_text("secret", encoding="utf-8")
        (self.folder / "2026-11-04-a.md").symlink_to(outside)
        self.assertIn("シンボリックリンク", self.run_import())
        self.assertEqual(Manuscript.objects.get().source, "")


class FileTests(ImportCase):
    def test_file_of_twenty_megabytes_is_refused_by_name_and_limit_wherever_it_lies(self):
        with (self.folder / "2026-11-04-large.md").open("wb") as file:
            file.truncate(20_000_000)
        data = os.urandom(6_000_000)  # does not look like a bomb
        zipped = self.zip("a.zip", [("2026-11-05-zipped.md", data), ("large.png", os.urandom(16_000_000))])
        self.write("2026-11-06-a.md", image="/assets/large.png")
        said = self.run_import(self.folder, zipped)
        for name in ("2026-11-04-large.md", "2026-11-05-zipped.md"):
            self.assertIn(f"失敗 {name}: ファイルが大きすぎます（上限 5 MB）。", said)
        self.assertIn(
            "注意 2026-11-06-a.md: 画像 /assets/large.png: ファイルが大きすぎます（上限 15 MB）。", said
        )

    def test_pipe_is_refused_instead_of_waited_for(self):
        os.mkfifo(self.folder / "2026-11-04-pipe.md")
        self.write("2026-11-05-b.md")
        said = self.run_import()
        self.assertIn("新規 1、", said)
        self.assertIn("失敗 2026-11-04-pipe.md: ふつうのファイルではありません", said)

    @skipIf(os.geteuid() == 0, "root may read everything")
    def test_what_may_not_be_opened_is_named(self):
        self.write("2026-11-01-good.md")
        self.write("2026-11-02-shut.md").chmod(0)
        self.write("shut/2026-11-03-a.md").parent.chmod(0)
        self.zip("a.zip", [("2026-11-04-a.md", document())]).rename(self.folder / "shut.zip").chmod(0)
        self.addCleanup((self.folder / "shut").chmod, 0o700)
        said = self.run_import(self.folder, self.folder / "shut.zip", self.folder / "shut")
        self.assertIn("新規 1、", said)
        self.assertIn("失敗 2026-11-02-shut.md: ファイルを開けません", said)
        self.assertRegex(said, r"失敗 \S*shut: フォルダーを開けません")
        self.assertIn("失敗 shut.zip: ファイルを開けません", said)

    def test_order_of_the_arguments_decides_nothing(self):
        one, two = (
            self.zip(f"{name}.zip", [("2026-11-04-a.md", document(title=f'"{name}"'))]) for name in ("b", "c")
        )
        one, two = one.rename(self.folder / "b.zip"), two.rename(self.folder / "c.zip")
        self.run_import(two, one)
        self.assertEqual(Post.objects.get().title, "b")

    def test_name_that_is_no_utf_8_is_refused_as_far_as_it_can_be_shown(self):
        self.write("2026-11-04-good.md")
        folder = os.fsencode(self.folder)
        for name in (b"2026-11-03-\xff\xfe.md", b"\xff.zip"):
            with open(folder + b"/" + name, "wb") as file:
                file.write(document().encode())
        os.mkdir(folder + b"/\xfe")
        self.write("2026-11-05-b.md").rename(self.folder / os.fsdecode(b"\xfe/2026-11-05-b.md"))
        said = self.run_import()
        self.assertIn("新規 2、", said)
        self.assertIn(
            r"失敗 2026-11-03-\udcff\udcfe.md: ファイル名がUTF-8ではありません。名前を付け直してください。",
            said,
        )
        self.assertIn(r"注意 \udcff.zip: フォルダーの中のzipは読みません。", said)

    def test_what_is_hidden_is_passed_over_in_folders_and_zips_alike(self):
        hidden = [".draft.md", "._2026-11-04-a.md", ".git/2026-11-04-c.md", "__MACOSX/2026-11-04-d.md"]
        for name in (*hidden, "2026-11-04-a.md"):
            self.write(name)
        self.assertIn(
            "新規 1、更新 0、変更なし 0、提案（編集者の版を残しました） 0、失敗 0", self.run_import()
        )
        path = self.zip("a.zip", [(name, document()) for name in (*hidden, "2026-11-04-a.md")])
        self.assertIn("変更なし 1、提案（編集者の版を残しました） 0、失敗 0", self.run_import(path))
        self.assertEqual(Post.objects.get().import_ref, "2026-11-04-a")

    def test_zip_in_a_folder_is_not_opened_and_that_is_said(self):
        self.write("2026-11-04-a.md")
        inside = self.zip("b.zip", [("2026-11-05-b.md", document())])
        self.write("downloads/資料.zip", inside.read_bytes())
        for options in ({"dry_run": True}, {}):
            said = self.run_import(**options)
            self.assertIn("注意 downloads/資料.zip: フォルダーの中のzipは読みません。", said)
            self.assertIn("新規 1、", said)
