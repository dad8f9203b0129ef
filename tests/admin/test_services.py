import io
import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse
from PIL import Image as Pillow

from blog.editorial.content import Content
from blog.models import Draft, Image, Page, Tag
from tests.admin.base import DeskTestCase, form_data
from tests.make import make_content, make_draft, make_image, make_post, make_user, picture_bytes

PREVIEW = settings.MARKDOWNX_URLS_PATH
UPLOAD = settings.MARKDOWNX_UPLOAD_URLS_PATH


class PreviewTests(DeskTestCase):
    def test_the_preview_is_the_public_page_of_what_is_typed_and_stores_nothing(self):
        post = make_draft(by=self.writer, body="保存した文章")
        self.client.force_login(self.writer)
        content = Content.from_json(post.latest_revision.content)
        response = self.client.post(
            f"{PREVIEW}?post={post.pk}",
            form_data(content, body="これは**「強調」**です。", tags="新しいタグ"),
        )
        self.assertTemplateUsed(response, "blog/post.html")
        self.assertContains(response, "<strong>「強調」</strong>")
        self.assertContains(response, "新しいタグ")
        self.assertEqual(post.revisions.count(), 1)
        self.assertFalse(Draft.objects.exists())
        self.assertFalse(Tag.objects.exists())

    def test_a_fixed_page_is_shown_as_readers_will_see_it_to_those_who_may_write_it(self):
        typed = {
            "title": "案内",
            "path": "/guide/",
            "body": "これは**「案内」**です。<script>alert(1)</script>",
        }
        self.client.force_login(self.editor)
        response = self.client.post(f"{PREVIEW}?page", typed)
        self.assertTemplateUsed(response, "blog/page.html")
        self.assertContains(response, "<strong>「案内」</strong>")
        self.assertContains(response, "プレビュー")
        self.assertNotContains(response, "<script>alert")
        self.assertIn("noindex", response["X-Robots-Tag"])
        self.assertFalse(Page.objects.exists())
        self.client.force_login(self.writer)
        self.assertEqual(self.client.post(f"{PREVIEW}?page", typed).status_code, 403)

    def test_a_new_post_and_a_text_that_is_not_valid_yet_are_shown_too(self):
        self.client.force_login(self.writer)
        response = self.client.post(
            PREVIEW, {"title": "題" * 300, "slug": "a/b", "body": "書きはじめ", "day": "いつか"}
        )
        self.assertContains(response, "書きはじめ")

    def test_a_preview_is_never_cached_indexed_or_framed_by_others(self):
        post = make_draft(by=self.writer)
        self.client.force_login(self.writer)
        content = form_data(make_content())
        saved = reverse("admin:blog_post_preview", args=[post.pk])
        for response in (self.client.post(PREVIEW, content), self.client.get(saved)):
            self.assertEqual(response.status_code, 200)
            self.assertIn("no-store", response["Cache-Control"])
            self.assertEqual(response["X-Frame-Options"], "SAMEORIGIN")
            self.assertIn("noindex", response["X-Robots-Tag"])

    def test_hostile_text_does_nothing_in_the_preview(self):
        self.client.force_login(self.writer)
        body = "<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1))"
        response = self.client.post(PREVIEW, {"title": "<script>alert(2)</script>", "body": body})
        self.assertNotContains(response, "<script>alert")
        self.assertNotContains(response, "<img src=x")
        self.assertNotContains(response, 'href="javascript')

    def test_it_shows_nothing_to_strangers_or_of_other_peoples_posts(self):
        post = make_draft(by=self.editor, excerpt="よその秘密")
        for user in (None, make_user("guest"), self.writer):
            with self.subTest(user):
                if user:
                    self.client.force_login(user)
                response = self.client.post(f"{PREVIEW}?post={post.pk}", {"title": "題"})
                self.assertNotContains(response, "よその秘密", status_code=403)
        self.assertEqual(self.client.post(f"{PREVIEW}?post=999", {}).status_code, 404)

    def test_a_text_beyond_reason_gets_a_sentence(self):
        self.client.force_login(self.writer)
        response = self.client.post(PREVIEW, {"body": "あ" * 200_001})
        self.assertEqual(response.status_code, 413)
        self.assertIn("長すぎて", response.json()["error"])

    def test_it_wants_to_be_posted(self):
        self.client.force_login(self.writer)
        self.assertEqual(self.client.get(PREVIEW).status_code, 405)
        self.assertEqual(self.client.get(UPLOAD).status_code, 405)


class SuggestionTests(DeskTestCase):
    def suggest(self, typed):
        return [
            tag["name"]
            for tag in self.client.get(reverse("admin:blog_post_tags"), {"q": typed}).json()["tags"]
        ]

    def test_a_tag_is_found_however_it_is_typed(self):
        make_post(tags=("AI", "生成AI", "投資"))
        self.client.force_login(self.writer)
        for typed in ("ＡＩ", "ai", "AI"):
            self.assertEqual(self.suggest(typed), ["AI", "生成AI"])
        self.assertEqual(self.suggest("宇宙"), [])

    def test_an_alias_finds_its_tag(self):
        make_post(tags=("人工知能",))
        Tag.objects.get().aliases.create(name="Artificial Intelligence")
        self.client.force_login(self.writer)
        self.assertEqual(self.suggest("artif"), ["人工知能"])

    def test_images_are_found_by_what_they_show(self):
        make_image(alt="青い工場")
        found = make_image(alt="赤い工場")
        self.client.force_login(self.writer)
        answer = self.client.get(reverse("admin:blog_post_images"), {"q": "工場 赤い", "page": "1"}).json()
        self.assertEqual([image["hash"] for image in answer["images"]], [found.hash])
        self.assertEqual(answer["images"][0]["markdown"], f"![赤い工場]({found.url})")
        self.assertFalse(answer["more"])

    def test_only_people_who_write_are_told(self):
        for name in ("tags", "images"):
            url = reverse(f"admin:blog_post_{name}")
            self.client.logout()
            self.assertEqual(self.client.get(url).status_code, 403)
        self.client.force_login(make_user("guest"))
        for name in ("tags", "images"):
            self.assertEqual(self.client.get(reverse(f"admin:blog_post_{name}")).status_code, 403)


class UploadTests(DeskTestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.media = Path(folder.name)
        override = override_settings(MEDIA_ROOT=self.media)
        override.enable()
        self.addCleanup(override.disable)
        self.client.force_login(self.writer)

    def upload(self, data, name="photo.png", content_type="image/png", **fields):
        file = SimpleUploadedFile(name, data, content_type)
        return self.client.post(UPLOAD, {"image": file, **(fields or {"alt": "青い板"})})

    def files(self):
        return [path for path in self.media.rglob("*") if path.is_file()]

    def test_an_image_comes_back_as_markdown_that_describes_it(self):
        answer = self.upload(picture_bytes()).json()
        image = Image.objects.get()
        self.assertEqual(answer["markdown"], f"![青い板]({image.url})")
        self.assertEqual((image.alt, image.created_by), ("青い板", self.writer))
        self.assertEqual(len(self.files()), 1)

    def test_brackets_in_a_description_do_not_end_it(self):
        self.assertIn(r"![図\[1\]](", self.upload(picture_bytes(), alt="図[1]").json()["markdown"])

    def test_a_decorative_image_says_nothing_and_one_of_the_two_is_required(self):
        self.assertEqual(self.upload(picture_bytes(), alt="", decorative="on").status_code, 200)
        self.assertTrue(Image.objects.get().is_decorative)
        for fields in ({"alt": " "}, {"alt": "板", "decorative": "on"}):
            self.assertEqual(self.upload(picture_bytes(color="red"), **fields).status_code, 400)
        self.assertEqual(Image.objects.count(), 1)

    def test_whatever_is_no_image_gets_a_sentence_and_leaves_no_file(self):
        bomb = picture_bytes(size=(10_000, 8_000), mode="1", color=0)
        hostile = {
            "a page that says it is a picture": (
                b"<html><script>alert(1)</script></html>",
                "x.gif",
                "image/gif",
            ),
            "SVG": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "x.svg", "image/svg+xml"),
            "a program": (b"<?php system($_GET['c']); ?>", "shell.php", "image/png"),
            "half a picture": (picture_bytes(size=(400, 400), color="red")[:200], "half.png", "image/png"),
            "eighty megapixels": (bomb, "bomb.png", "image/png"),
            "nothing": (b"", "empty.png", "image/png"),
        }
        for what, (data, name, content_type) in hostile.items():
            with self.subTest(what):
                response = self.upload(data, name, content_type)
                self.assertEqual(response.status_code, 400)
                self.assertRegex(response.json()["error"], "。$")
                self.assertEqual(self.files(), [])
        self.assertFalse(Image.objects.exists())

    def test_the_senders_name_and_type_decide_nothing(self):
        self.upload(picture_bytes(), "../../shell.php", "text/html")
        [file] = self.files()
        self.assertRegex(file.relative_to(self.media).as_posix(), r"^images/\d{4}/\d\d/[0-9a-f]{32}\.png$")

    def test_a_phones_photo_stands_upright_and_does_not_say_where_it_was_taken(self):
        exif = Pillow.Exif()
        exif[0x0112] = 6  # turned to the right
        exif.get_ifd(0x8825)[2] = (35.0, 41.0, 22.0)  # GPS latitude
        self.upload(picture_bytes(size=(80, 40), form="JPEG", exif=exif), "photo.jpg", "image/jpeg")
        [file] = self.files()
        with Pillow.open(io.BytesIO(file.read_bytes())) as stored:
            self.assertEqual(stored.size, (40, 80))
            self.assertEqual(dict(stored.getexif()), {})

    def test_a_store_that_cannot_write_gets_a_sentence_and_leaves_no_file(self):
        blocked = self.media / "a-file"
        blocked.write_bytes(b"")
        with override_settings(MEDIA_ROOT=blocked), self.assertLogs("blog.editorial.images", "ERROR"):
            response = self.upload(picture_bytes(), alt="板")
        self.assertEqual(response.status_code, 400)
        self.assertIn("画像を保存できませんでした", response.json()["error"])
        self.assertEqual(self.files(), [blocked])
        self.assertFalse(Image.objects.exists())

    def test_it_takes_nothing_from_strangers(self):
        for user in (None, make_user("guest")):
            self.client.logout()
            if user:
                self.client.force_login(user)
            self.assertEqual(self.upload(picture_bytes()).status_code, 403)
        self.assertEqual(self.files(), [])

    def test_without_a_file_it_says_so(self):
        self.assertEqual(self.client.post(UPLOAD, {"alt": "板"}).json(), {"error": "画像を選んでください。"})
