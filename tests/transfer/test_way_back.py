"""An export that meets a living site, or was changed by hand, or is broken."""

import hashlib
import os
import shutil
from dataclasses import replace
from io import StringIO

from django.core.management import CommandError, call_command

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.editorial.content import Content
from blog.models import Category, Image, Post, Revision, SiteSettings
from tests.make import (
    make_image,
    make_post,
    picture_bytes,
)
from tests.transfer.documents import document
from tests.transfer.exporting import LATER, ExportTestCase, empty_database


def save(post, **values):
    """A revision that readers do not see."""
    content = replace(Content.from_json(post.working.content), **values)
    return publishing.save(post=post, content=content, by=IMPORT, now=LATER, base=post.working)


class WayBackTests(ExportTestCase):
    def test_export_over_the_same_magazine_changes_nothing(self):
        call_command("load_demo", stdout=StringIO())
        self.export()
        before = list(Post.objects.values("uuid", "latest_revision", "live_revision", "updated_at"))
        self.assertIn("新規 0、更新 0、変更なし 15", self.bring_back())
        self.assertEqual(
            list(Post.objects.values("uuid", "latest_revision", "live_revision", "updated_at")), before
        )

    def test_file_changed_by_hand_is_a_proposal_and_overwrites_nothing(self):
        post = make_post(slug="a", body="元の本文。")
        self.export()
        self.change("2026-11-20-a.md", "元の本文", "手で直した本文")
        self.assertIn("提案（編集者の版を残しました） 1", self.bring_back())
        post.refresh_from_db()
        self.assertIn("元の本文", post.body_html)
        self.assertIn("手で直した", post.working.content["body"])
        self.assertEqual(post.stage, Post.Stage.REVIEW)

    def test_changed_file_meets_an_editor_at_work_and_keeps_their_paragraphs(self):
        post = make_post(slug="a", body="一段。\n\n二段。\n\n三段。\n", extra={"image": "/nai.png"})
        save(post, body="一段。\n\n編集中の長い加筆。\n\n三段。\n", tags=("電力", "加筆"))
        self.export()
        self.change("2026-11-20-a.md", "三段。", "三段（誤字を直した）。")
        self.assertIn("提案（編集者の版を残しました） 1", self.bring_back())
        post.refresh_from_db()
        proposed = post.working.content
        self.assertEqual(proposed["body"], "一段。\n\n編集中の長い加筆。\n\n三段（誤字を直した）。")
        self.assertEqual((proposed["tags"], proposed["extra"]), (["電力", "加筆"], {"image": "/nai.png"}))
        self.assertEqual((post.working.kind, post.stage), (Revision.Kind.MERGE, Post.Stage.REVIEW))
        said = post.revisions.get(kind=Revision.Kind.RESTORE).content["body"]
        self.assertEqual(said, "一段。\n\n二段。\n\n三段（誤字を直した）。\n")
        self.assertIn("変更なし 1", self.bring_back())

    def test_where_file_and_editor_contradict_the_desk_is_told_where_the_editors_words_are(self):
        post = make_post(slug="a", title="題", body="一段。\n")
        editors = save(post, body="編集者の一段。\n", title="編集者の題")
        self.export()
        self.change("2026-11-20-a.md", "一段。", "ファイルの一段。")
        self.bring_back()
        post.refresh_from_db()
        self.assertEqual(post.working.content["title"], "編集者の題")
        self.assertIn("ファイルの一段。", post.working.content["body"])
        self.assertIn(f"本文が第{editors.number}版と食い違う", post.working.note)

    def change(self, name, old, new):
        path = self.folder / "out/_posts" / name
        path.write_text(path.read_text().replace(old, new))

    def test_settings_and_names_of_a_living_site_stay(self):
        make_post()
        self.export()
        site = SiteSettings.objects.get()
        site.name = "生きているサイト"
        site.save()
        Category.objects.update(description="書き直した説明")
        self.bring_back()
        self.assertEqual(SiteSettings.objects.get().name, "生きているサイト")
        self.assertEqual(Category.objects.get().description, "書き直した説明")

    def test_image_that_is_not_as_it_was_written_is_an_upload_like_any_other(self):
        image = make_image(alt="板")
        make_post(slug="a", body=f"![]({image.url})")
        self.export()
        empty_database()
        (path,) = (self.folder / "out/assets/images").iterdir()
        path.write_bytes(picture_bytes(size=(5, 5), form="JPEG") + b"<script>hidden</script>")
        self.bring_back()
        stored = Image.objects.get()
        self.assertEqual((stored.alt, stored.width), ("板", 5))
        with stored.file.open() as file:
            self.assertNotIn(b"<script>", file.read())

    def test_image_with_metadata_is_none_of_ours(self):
        image = make_image()
        self.export()
        empty_database()
        (path,) = (self.folder / "out/assets/images").iterdir()
        data = picture_bytes(exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
        path.write_bytes(data)
        rows = self.folder / "out/_data/images.yml"
        rows.write_text(rows.read_text().replace(image.hash, hashlib.sha256(data).hexdigest(), 1))
        self.bring_back()
        self.assertNotEqual(Image.objects.get().hash, hashlib.sha256(data).hexdigest())

    def test_file_that_somebody_put_there_is_read_by_the_importer(self):
        make_post()
        self.export()
        (self.folder / "out/_posts/2026-11-04-yoso.md").write_text(document(title='"よその原稿"'))
        self.assertIn("新規 1、更新 0、変更なし 1", self.bring_back())
        self.assertEqual(Post.objects.get(title="よその原稿").path, "/2026/11/04/yoso/")

    def test_link_out_of_the_folder_is_not_followed(self):
        image = make_image()
        make_post(slug="a")
        self.export()
        empty_database()
        (path,) = (self.folder / "out/assets/images").iterdir()
        path.rename(self.folder / "outside.png")
        path.symlink_to(self.folder / "outside.png")
        self.assertIn(f"失敗 画像 {path.name}: シンボリックリンク", self.bring_back())
        self.assertFalse(Image.objects.filter(hash=image.hash).exists())

    def test_broken_files_are_named_and_stop_nothing(self):
        for slug in ("a", "b", "c"):
            make_post(slug=slug)
        self.export()
        empty_database()
        posts = self.folder / "out/_posts"
        (posts / "2026-11-20-a.md").write_text("---\ntitle: [\n---\n")
        (posts / "2026-11-20-b.md").write_text((posts / "2026-11-20-c.md").read_text())
        (self.folder / "out/_data/tags.yml").write_text("- &a x\n- *a")
        said = self.bring_back()
        self.assertIn("新規 1、更新 0、変更なし 1、提案（編集者の版を残しました） 0、失敗 2", said)
        for name in ("2026-11-20-a.md", "tags.yml"):
            self.assertIn(f"失敗 {name}: ", said)

    def test_export_is_taken_whole_or_not_at_all(self):
        make_post()
        self.export()
        out = self.folder / "out"
        empty_database()
        for part in (out / "_posts", next(out.glob("_posts/*")), self.folder):
            with self.assertRaisesMessage(CommandError, f"{out.resolve()} を指定してください"):
                call_command("import_posts", part)
        for packed in (out, self.folder):
            file = shutil.make_archive(str(self.folder / "packed"), "zip", packed)
            with self.assertRaises(CommandError):
                call_command("import_posts", file, stdout=StringIO(), stderr=(said := StringIO()))
            self.assertIn("失敗 packed.zip: 書き出した雑誌のzipです。", said.getvalue())
            os.remove(file)
        self.assertFalse(Post.objects.exists())
        for option in ("dry_run", "draft"):
            with self.assertRaises(CommandError):
                call_command("import_posts", self.folder / "out", **{option: True})
