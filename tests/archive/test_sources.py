"""Zips: what is in them is read, what must not be is refused by name."""

import io
import stat
import struct
import zipfile

from blog.models import Manuscript, Post
from tests.archive.base import ImportCase
from tests.archive.documents import document
from tests.make import picture_bytes


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
