"""The picture beside a shared link: what is on it, when it is drawn, and who gets it."""

import io
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.checks import run_checks
from django.core.files.storage import default_storage
from django.test import override_settings
from PIL import Image as Pillow

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.editorial.content import Credit
from blog.models import Post, SiteSettings
from blog.public import share_images
from blog.transfer import demo
from tests.base import PublicTestCase, changed
from tests.busy import making_pictures
from tests.make import NOON, make_draft, make_image, make_post, make_scheduled

HOUR = timedelta(hours=1)


class ShareCardTests(PublicTestCase):
    def url(self, post: Post) -> str:
        return share_images.url(Post.objects.get(pk=post.pk), site=SiteSettings.objects.get())

    def bytes_at(self, url: str, **options: object) -> bytes:
        response = self.get(url)
        self.assertEqual(response.status_code, 200, url)
        return b"".join(response.streaming_content)

    def folder(self, post: Post) -> Path:
        return Path(settings.MEDIA_ROOT) / "cards" / post.uuid.hex

    def not_trashed(self, post: Post) -> list[str]:
        folder = self.folder(post)
        return [path.name for path in folder.iterdir()] if folder.exists() else []

    def retitled(self, post: Post, title: str) -> Post:
        revision = publishing.save(
            post=post, content=changed(post, title=title), by=IMPORT, now=NOON, base=post.live_revision
        )
        return publishing.publish(revision=revision, by=IMPORT, now=NOON)

    def test_a_published_post_has_a_picture_of_the_size_that_networks_show(self) -> None:
        data = self.bytes_at(self.url(make_post(title="金利の読み方")))
        picture = Pillow.open(io.BytesIO(data))
        self.assertEqual((picture.format, picture.size), ("PNG", (1200, 630)))
        self.assertLess(len(data), 100_000)

    def test_it_is_drawn_once(self) -> None:
        post = make_post()
        url = self.url(post)
        first = self.bytes_at(url)
        with self.assertNumQueries(4):
            self.assertEqual(self.bytes_at(url), first)
        [name] = self.not_trashed(post)
        (self.folder(post) / name).write_bytes(b"what was kept")
        self.assertEqual(self.bytes_at(url), b"what was kept")

    def test_another_title_has_another_address_and_the_old_picture_goes(self) -> None:
        post = make_post(title="前の題")
        old = self.url(post)
        before = self.bytes_at(old)
        self.retitled(post, "新しい題")
        new = self.url(post)
        self.assertNotEqual(new, old)
        led = self.get(old)
        self.assertRedirects(led, new, fetch_redirect_response=False)
        self.assertEqual(led["Cache-Control"], "no-store")
        self.assertNotEqual(self.bytes_at(new), before)
        self.assertEqual(self.not_trashed(post), [new.rpartition("/")[2]])

    def test_byline_section_and_magazine_are_part_of_the_version_and_the_text_is_not(self) -> None:
        post = make_post(bylines=(Credit("佐伯 真理"),))
        urls = [self.url(post)]
        publishing.publish(
            revision=publishing.save(
                post=post,
                content=changed(post, body="別の本文。"),
                by=IMPORT,
                now=NOON,
                base=post.live_revision,
            ),
            by=IMPORT,
            now=NOON,
        )
        self.assertEqual(self.url(post), urls[0])
        for model, values in (
            (post.bylines.get().author, {"name": "佐伯 麻里"}),
            (post.category, {"name": "速報"}),
            (SiteSettings.objects.get(), {"name": "別の雑誌"}),
        ):
            type(model)._default_manager.filter(pk=model.pk).update(**values)
            urls.append(self.url(post))
        self.assertEqual(len(set(urls)), 4)

    def test_nobody_sees_a_title_before_the_post_or_after_it_was_withdrawn(self) -> None:
        scheduled = make_scheduled(at=NOON + HOUR)
        url = self.url(scheduled)
        self.assertEqual(self.get(url).status_code, 404)
        self.assertEqual(self.get(url, now=NOON + HOUR).status_code, 200)
        self.assertEqual(self.get(self.url(make_draft())).status_code, 404)
        post = make_post()
        card = self.url(post)
        shown = self.get(card)
        etag, _ = shown.headers["ETag"], b"".join(shown.streaming_content)
        publishing.withdraw(post=post, by=IMPORT, now=NOON, reason="誤り")
        self.assertEqual(self.get(card).status_code, 404)
        self.assertEqual(self.get(card, headers={"If-None-Match": etag}).status_code, 404)
        [name] = default_storage.listdir(f"cards/{post.uuid.hex}")[1]
        for path in (f"cards/{post.uuid.hex}/{name}", f"images/../cards/{post.uuid.hex}/{name}"):
            self.assertEqual(self.get(f"/media/{path}").status_code, 404)

    def test_withdrawal_takes_the_file_away_and_the_post_that_comes_back_has_a_new_one(self) -> None:
        post, other = make_post(), make_post()
        for one in (post, other):
            self.bytes_at(self.url(one))
        [name] = self.not_trashed(post)
        with self.captureOnCommitCallbacks(execute=True):
            post = publishing.withdraw(post=post, by=IMPORT, now=NOON, reason="誤り")
        self.assertEqual((self.not_trashed(post), len(self.not_trashed(other))), ([], 1))
        publishing.publish(revision=post.live_revision, by=IMPORT, now=NOON)
        self.bytes_at(self.url(post))
        self.assertEqual(self.not_trashed(post), [name])

    def test_nobody_gets_the_file_past_the_view_that_knows_what_is_public(self) -> None:
        post = make_post()
        self.bytes_at(self.url(post))
        [name] = self.not_trashed(post)
        self.assertEqual(self.get(f"/media/cards/{post.uuid.hex}/{name}").status_code, 404)
        image = make_image()
        b"".join(self.get(image.card.src).streaming_content)
        cut = image.card.src.rpartition("/")[2]
        self.assertTrue((Path(settings.MEDIA_ROOT) / "renditions" / image.stem / cut).exists())
        self.assertEqual(self.get(f"/media/renditions/{image.stem}/{cut}").status_code, 404)
        file = self.get(image.url)
        self.assertEqual((file.status_code, len(b"".join(file.streaming_content))), (200, image.size))

    def test_a_title_that_waits_for_its_hour_is_not_on_the_picture_yet(self) -> None:
        post = make_post(title="いまの題")
        url = self.url(post)
        revision = publishing.save(
            post=post, content=changed(post, title="先の題"), by=IMPORT, now=NOON, base=post.live_revision
        )
        publishing.publish(revision=revision, by=IMPORT, now=NOON, at=NOON + HOUR)
        self.assertEqual(self.url(post), url)

    def test_who_has_it_is_told_so_and_everybody_asks_again(self) -> None:
        url = self.url(make_post())
        response = self.get(url)
        b"".join(response.streaming_content)
        self.assertEqual(response.headers["Cache-Control"], "public, no-cache")
        self.assertEqual(response.headers["Content-Security-Policy"], "default-src 'none'; sandbox")
        self.assertEqual(self.get(url, headers={"If-None-Match": response.headers["ETag"]}).status_code, 304)
        self.assertEqual(self.get(url.replace("/share/", "/share/x")).status_code, 404)
        self.assertEqual(self.client.post(url).status_code, 405)

    def test_titles_of_any_length_and_script_are_drawn(self) -> None:
        for title in ("金", "「" * 20, "AI" * 200, "あ" * 450, "🚀", "한국어 제목", "a b", "…", "１" * 90):
            with self.subTest(title[:9]):
                data = share_images.drawn(
                    title=title,
                    section="長い" * 40,
                    colour="#000000",
                    byline="名前、" * 60,
                    magazine="ALLFORCES",
                )
                self.assertEqual(Pillow.open(io.BytesIO(data)).size, share_images.SIZE)

    def test_a_title_with_a_letter_outside_the_font_is_not_drawn_in_part(self) -> None:
        name = SiteSettings.objects.get().name
        for title in ("Łódźと서울の話", "祭り😀の話", "ก่อนの話", "e\u0323\u0301の話"):
            with self.subTest(title):
                post = make_post(title=title)
                self.assertEqual(
                    share_images.facts(post, site=SiteSettings.objects.get())["title"], name, ascii(title)
                )
                self.bytes_at(self.url(post))
        for title in ("葛\U000e0100飾の話", "髙島屋と\U00020bb7野家", "é、ü、が、①"):
            with self.subTest(title):
                self.assertTrue(share_images.can_draw(title, share_images.title_font()))

    def test_without_a_font_there_is_no_picture_and_the_check_says_why(self) -> None:
        post = make_post()
        url = self.url(post)
        self.assertEqual([m for m in run_checks() if m.id == "allforces.W002"], [])
        with (
            override_settings(SHARE_FONT="/nowhere.otf"),
            self.assertLogs("blog.public.share_images", "WARNING"),
        ):
            self.assertEqual(self.url(post), "")
            self.assertEqual(self.get(url).status_code, 404)
            warning = next(message for message in run_checks() if message.id == "allforces.W002")
        self.assertIn("SHARE_FONT(/nowhere.otf)", warning.msg)

    def test_when_too_much_is_drawn_at_once_it_is_to_be_asked_for_again(self) -> None:
        url = self.url(make_post())
        with making_pictures():
            response = self.get(url)
        self.assertEqual((response.status_code, response.headers["Retry-After"]), (503, "5"))

    def test_cards_of_the_demo_go_with_it(self) -> None:
        demo.load(now=NOON)
        post = Post.objects.published(NOON).first()
        assert post is not None
        self.bytes_at(self.url(post))
        self.assertEqual(len(self.not_trashed(post)), 1)
        with self.captureOnCommitCallbacks(execute=True):
            demo.clear(now=NOON)
        self.assertEqual(self.not_trashed(post), [])
