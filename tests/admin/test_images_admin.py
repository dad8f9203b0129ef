"""The picture library in the admin: taken in, described, found again, and deleted only when nothing needs them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.editorial.content import Content
from blog.models import Image, Page, SiteSettings
from tests.make import (
    NOON,
    make_author,
    make_autosave,
    make_content,
    make_draft,
    make_editor,
    make_image,
    make_post,
    make_user,
    make_writer,
    picture_bytes,
)

LIST = "/admin/blog/image/"
ADD = "/admin/blog/image/add/"


def stored_files() -> set[Path]:
    return {path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}


class UploadTests(TestCase):
    def setUp(self) -> None:
        # A folder of its own: tests of other processes store images too.
        media = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(self.settings(MEDIA_ROOT=media))
        self.writer = make_writer()
        self.client.force_login(self.writer)

    def upload(self, data: bytes | None = None, name: str = "写真.png", **values):
        data = picture_bytes(size=(61, 43), color="olive") if data is None else data
        return self.client.post(ADD, {"upload": SimpleUploadedFile(name, data)} | values)

    def test_an_image_with_a_description_is_stored_under_our_own_name(self):
        response = self.upload(alt="オリーブ色の板")
        self.assertRedirects(response, LIST)
        image = Image.objects.get()
        self.assertEqual(
            (image.alt, image.created_by, image.original_name), ("オリーブ色の板", self.writer, "写真.png")
        )
        self.assertRegex(image.file.name, r"^images/\d{4}/\d{2}/[0-9a-f]{32}\.png$")

    def test_an_ornament_needs_no_description(self):
        self.upload(is_decorative="on")
        self.assertTrue(Image.objects.get().is_decorative)

    def test_one_that_says_neither_or_both_is_refused_and_leaves_no_file(self):
        before = stored_files()
        self.assertContains(self.upload(), "飾りの画像なら「装飾」を選んでください")
        self.assertContains(self.upload(alt=" "), "飾りの画像なら「装飾」を選んでください")
        self.assertContains(self.upload(alt="絵", is_decorative="on"), "どちらか一方にしてください")
        self.assertEqual((Image.objects.count(), stored_files()), (0, before))

    def test_what_is_no_image_gets_a_sentence_and_leaves_no_file(self):
        before = stored_files()
        svg = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
        for name, data in (("a.png", svg), ("b.jpg", b"\xff\xd8\xff\xe0 broken"), ("c.html", b"<script>")):
            with self.subTest(name):
                response = self.upload(data, name, alt="絵")
                self.assertEqual(response.status_code, 200)
                self.assertTrue(response.context["adminform"].form.errors["upload"])
        self.assertContains(self.upload(b"", alt="絵"), "ファイルの中身が空です")
        self.assertContains(self.client.post(ADD, {"alt": "絵"}), "画像ファイルを選んでください")
        self.assertEqual((Image.objects.count(), stored_files()), (0, before))

    def test_the_same_image_again_leads_to_the_one_that_is_there(self):
        self.upload(alt="板")
        image = Image.objects.get()
        response = self.upload(alt="別の説明")
        self.assertContains(response, f'<a href="{LIST}{image.pk}/change/">板</a>')
        self.assertEqual(list(Image.objects.values_list("alt", flat=True)), ["板"])

    def test_a_file_is_decoded_before_the_transaction_in_which_others_would_wait_for_it(self):
        with CaptureQueriesContext(connection) as queries:
            self.upload(alt="板")
        statements = [query["sql"] for query in queries]
        begin = next(number for number, sql in enumerate(statements) if sql.startswith("SAVEPOINT"))
        known = next(number for number, sql in enumerate(statements) if '"original_hash" =' in sql)
        self.assertLess(known, begin, "the file is looked up, then decoded, then the form is saved")
        self.assertEqual(Image.objects.get().alt, "板")

    def test_nobody_uploads_without_the_right_to(self):
        self.client.force_login(make_user("nobody"))
        self.assertEqual(self.upload(alt="絵").status_code, 403)
        self.assertFalse(Image.objects.exists())


class LibraryTests(TestCase):
    def setUp(self) -> None:
        self.client.force_login(make_editor())

    def delete(self, image: Image):
        return self.client.post(f"{LIST}{image.pk}/delete/", {"post": "yes"})

    def test_the_list_shows_pictures_and_finds_those_without_a_description(self):
        make_image(alt="説明あり")
        bare = make_image(alt="")
        ornament = make_image(alt="", is_decorative=True)
        self.assertContains(
            self.client.get(LIST),
            f'src="{ornament.url}" width="{ornament.width}" height="30" alt="" loading="lazy"',
        )
        response = self.client.get(LIST, {"alt": "missing"})
        self.assertEqual(list(response.context["cl"].result_list), [bare])

    def test_the_description_can_be_written_later_but_not_taken_away(self):
        image = make_image(alt="")
        url = f"{LIST}{image.pk}/change/"
        focal = {"focal_x": 50, "focal_y": 50}
        self.client.post(url, {"alt": "あとから"} | focal)
        self.assertContains(
            self.client.post(url, {"alt": ""} | focal), "飾りの画像なら「装飾」を選んでください"
        )
        image.refresh_from_db()
        self.assertEqual(image.alt, "あとから")

    def test_the_focal_point_is_set_by_two_numbers_and_the_old_cut_goes(self):
        image = make_image()
        url = f"{LIST}{image.pk}/change/"
        self.assertContains(self.client.get(url), f'src="{image.card.src}"')
        b"".join(self.client.get(image.card.src).streaming_content)
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(url, {"alt": "板", "focal_x": 0, "focal_y": 100})
        moved = Image.objects.get(pk=image.pk)
        self.assertEqual((moved.focal_x, moved.focal_y), (0, 100))
        self.assertFalse(
            default_storage.exists(f"renditions/{image.stem}/{image.card.src.rpartition('/')[2]}")
        )
        self.assertContains(self.client.get(url), f'src="{moved.card.src}"')
        refused = self.client.post(url, {"alt": "板", "focal_x": 101, "focal_y": 0})
        self.assertEqual(list(refused.context["adminform"].form.errors), ["focal_x"])

    def test_the_file_of_an_image_is_never_replaced(self):
        image = make_image()
        name = image.file.name
        other = SimpleUploadedFile("x.png", picture_bytes())
        self.client.post(
            f"{LIST}{image.pk}/change/",
            {"alt": "a", "focal_x": 50, "focal_y": 50, "file": other, "upload": other},
        )
        image.refresh_from_db()
        self.assertEqual((image.file.name, image.alt), (name, "a"))

    def test_an_image_that_nothing_needs_goes_with_its_file(self):
        image = make_image()
        path = Path(image.file.path)
        with self.captureOnCommitCallbacks(execute=True):
            self.delete(image)
            self.assertTrue(path.exists())  # until the database has forgotten it
        self.assertFalse(Image.objects.exists() or path.exists())

    def test_whatever_shows_an_image_keeps_it(self):
        body, hero, working, draft, page, picture, logo = (
            make_image(alt=f"絵{number}") for number in range(7)
        )
        make_post(title="本文の記事", body=f"![]({body.url})\n")
        make_post(title="主画像の記事", hero=hero.hash)
        live = make_post(title="直し中の記事")
        newer = make_content(title="直し中の記事", body=f"![]({working.url})\n")
        publishing.save(post=live, content=newer, by=IMPORT, now=NOON, base=live.latest_revision)
        typed = make_draft(title="書きかけの記事")
        make_autosave(typed, content=Content(body=f"![]({draft.url})"), by=make_writer_of(typed))
        Page.objects.create(path="/about/", title="案内", body=f"![]({page.url})")
        make_author("顔のある人", picture=picture)
        SiteSettings.objects.update(logo=logo)
        for image, where in (
            (body, "記事「本文の記事」"),
            (hero, "記事「主画像の記事」"),
            (working, "記事「直し中の記事」"),
            (draft, "記事「書きかけの記事」"),
            (page, "固定ページ「案内」"),
            (picture, "著者「顔のある人」の写真"),
            (logo, "サイト設定"),
        ):
            with self.subTest(where):
                self.assertContains(self.client.get(f"{LIST}{image.pk}/change/"), f"<li>{where}</li>")
                self.assertContains(self.delete(image), f"「{image}」は{where}で使われています")
        self.assertEqual(Image.objects.count(), 7)

    def test_a_writer_describes_images_and_does_not_delete_them(self):
        writer = make_writer()
        image = make_image(by=writer)
        self.client.force_login(writer)
        self.client.post(f"{LIST}{image.pk}/change/", {"alt": "書き手の説明", "focal_x": 50, "focal_y": 50})
        self.assertEqual(self.delete(image).status_code, 403)
        self.assertEqual(Image.objects.get().alt, "書き手の説明")

    def test_the_list_costs_the_same_for_one_image_and_for_thirty(self):
        make_image()
        one = self.queries()
        for _ in range(29):
            make_image()
        self.assertEqual(self.queries(), one)

    def queries(self) -> int:
        with CaptureQueriesContext(connection) as captured:
            self.assertEqual(self.client.get(reverse("admin:blog_image_changelist")).status_code, 200)
        return len(captured)


def make_writer_of(post):
    """Somebody who may write on `post`."""
    writer = make_editor("second-editor")
    post.assignee = writer
    post.save()
    return writer
