"""Smaller files of the images: which there are, what they show, and who may have them made."""

import io
import re
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import override_settings
from django.urls import reverse
from PIL import Image as Pillow

from blog.editorial import images
from blog.editorial.actors import IMPORT, Person
from blog.models import Image
from blog.public import generated_files
from tests.base import PublicTestCase
from tests.busy import making_pictures
from tests.make import NOON, make_editor, make_post, picture_bytes

SRCSET = re.compile(r"(\S+) (\d+)w")


def photo(size: tuple[int, int] = (2000, 1000), form: str = "JPEG", **options: object) -> Image:
    data = picture_bytes(size=size, form=form, **options)
    return images.accept(upload=ContentFile(data), name="photo", by=IMPORT, now=NOON, alt="写真")


def halves(size: tuple[int, int] = (1200, 400)) -> Image:
    """Red on the left, blue on the right."""
    picture = Pillow.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, *size))
    out = io.BytesIO()
    picture.save(out, "PNG")
    return images.accept(upload=ContentFile(out.getvalue()), name="a.png", by=IMPORT, now=NOON, alt="半分")


@contextmanager
def disk_that_takes_nothing() -> Iterator[None]:
    """Inside, this process can begin files, and write nothing into them."""
    allowed, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (allowed, most))


def urls(image: Image) -> dict[str, list[tuple[str, int]]]:
    return {s.type: [(url, int(width)) for url, width in SRCSET.findall(s.srcset)] for s in image.sources}


class RenditionTests(PublicTestCase):
    def opened(self, url: str) -> Pillow.Image:
        response = self.client.get(url)
        self.assertEqual(response.status_code, 200, url)
        return Pillow.open(io.BytesIO(b"".join(response.streaming_content)))

    def not_trashed(self, image: Image) -> list[str]:
        folder = Path(settings.MEDIA_ROOT) / "renditions" / image.stem
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else []

    def test_every_file_that_a_page_offers_is_there_in_the_size_and_type_that_it_says(self) -> None:
        image = photo()
        offered = urls(image)
        self.assertEqual(list(offered), ["image/avif", "image/webp"])
        for kind, candidates in offered.items():
            self.assertEqual([width for _, width in candidates], [480, 800, 1200, 1600])
            for url, width in candidates:
                with self.subTest(url):
                    picture = self.opened(url)
                    self.assertEqual(
                        (picture.get_format_mimetype(), picture.size), (kind, (width, width // 2))
                    )

    def test_nothing_is_made_larger_than_it_is(self) -> None:
        self.assertEqual([width for _, width in urls(photo((900, 300)))["image/avif"]], [480, 800, 900])
        small = photo((60, 40))
        self.assertEqual([width for _, width in urls(small)["image/webp"]], [60])
        self.assertEqual((small.card.width, small.card.height), (60, 34))

    def test_the_first_request_makes_the_file_and_the_next_finds_it(self) -> None:
        image = photo()
        self.assertEqual(self.not_trashed(image), [])
        url = f"/pictures/{image.stem}/480.webp"
        first = b"".join(self.client.get(url).streaming_content)
        self.assertEqual(self.not_trashed(image), ["480.webp"])
        with self.assertNumQueries(0):
            self.assertEqual(b"".join(self.client.get(url).streaming_content), first)
        Path(default_storage.path(f"renditions/{image.stem}/480.webp")).write_bytes(b"what was kept")
        self.assertEqual(b"".join(self.client.get(url).streaming_content), b"what was kept")

    def test_it_is_kept_for_a_year_and_no_browser_runs_anything_in_it(self) -> None:
        url = f"/pictures/{photo().stem}/480.avif"
        response = self.client.get(url)
        b"".join(response.streaming_content)  # closing it unread would close the database too
        self.assertEqual(response.headers["Content-Type"], "image/avif")
        self.assertEqual(response.headers["Cache-Control"], "public, max-age=31536000, immutable")
        self.assertEqual(response.headers["Content-Security-Policy"], "default-src 'none'; sandbox")
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual((response.cookies, response.headers.get("Vary")), ({}, None))
        again = self.client.get(url, headers={"If-None-Match": response.headers["ETag"]})
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.assertEqual(again.headers["Cache-Control"], response.headers["Cache-Control"])
        self.assertEqual(self.client.post(url).status_code, 405)

    def test_nobody_fills_the_disk_with_sizes_of_their_own(self) -> None:
        image = photo()
        for name in (
            "481.avif",
            "480.png",
            "480.jpg",
            "1600x900-50-50.avif",
            "2000.webp",
            "0.webp",
        ):
            with self.subTest(name):
                self.assertEqual(self.client.get(f"/pictures/{image.stem}/{name}").status_code, 404)
        self.assertEqual(self.client.get(f"/pictures/{'0' * 32}/480.avif").status_code, 404)
        self.assertEqual(self.client.get(f"/pictures/../{image.stem}/480.avif").status_code, 404)
        self.assertEqual(self.not_trashed(image), [])

    def test_a_card_shows_the_part_around_the_focal_point(self) -> None:
        image = halves()
        for focal, colour in ((0, (255, 0, 0)), (100, (0, 0, 255))):
            image.focal_x = focal
            image.save()
            fresh = Image.objects.get(pk=image.pk)
            shown = self.opened(fresh.card.src).convert("RGB")
            self.assertEqual(shown.size, (fresh.card.width, fresh.card.height))
            self.assertAlmostEqual(shown.width / shown.height, 16 / 9, places=1)
            middle = shown.getpixel((shown.width // 2, shown.height // 2))
            self.assertLess(max(abs(a - b) for a, b in zip(middle, colour, strict=True)), 40, focal)

    def test_the_address_of_an_old_cut_leads_to_the_new_one(self) -> None:
        image = halves()
        old = image.card.src
        Image.objects.filter(pk=image.pk).update(focal_x=10)
        response = self.client.get(old)
        self.assertEqual((response.status_code, response.headers["Cache-Control"]), (302, "no-store"))
        self.assertEqual(response.url, Image.objects.get(pk=image.pk).card.src)

    def test_what_is_transparent_stays_so_and_is_white_in_a_jpeg(self) -> None:
        image = photo((800, 450), "PNG", mode="RGBA", color=(0, 0, 0, 0))
        for extension in ("avif", "webp"):
            picture = self.opened(f"/pictures/{image.stem}/480.{extension}").convert("RGBA")
            self.assertEqual(picture.getpixel((5, 5))[3], 0)
        self.assertGreater(min(self.opened(image.card.src).getpixel((5, 5))), 250)

    def test_photographs_from_phones_and_presses_come_upright_and_in_the_colours_of_the_web(self) -> None:
        exif = Pillow.Exif()
        exif[0x0112] = 6  # turn right
        turned = photo((1000, 600), exif=exif.tobytes())
        self.assertEqual(self.opened(f"/pictures/{turned.stem}/480.webp").size, (480, 800))
        printed = photo((600, 600), mode="CMYK", color=(0, 255, 255, 0))
        red = self.opened(f"/pictures/{printed.stem}/480.webp").convert("RGB").getpixel((9, 9))
        self.assertTrue(red[0] > 200 and red[1] < 60, red)

    def test_a_moving_picture_is_shown_as_it_is_and_stands_still_on_a_card(self) -> None:
        frames = [Pillow.new("RGB", (600, 400), colour) for colour in ("red", "blue")]
        out = io.BytesIO()
        frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
        image = images.accept(
            upload=ContentFile(out.getvalue()), name="a.gif", by=IMPORT, now=NOON, alt="点滅"
        )
        self.assertEqual(image.sources, ())
        self.assertEqual(self.client.get(f"/pictures/{image.stem}/480.avif").status_code, 404)
        card = self.opened(image.card.src)
        self.assertEqual((getattr(card, "n_frames", 1), card.size), (1, (600, 338)))

    def test_a_file_that_is_lost_or_damaged_gives_a_readable_page(self) -> None:
        lost, damaged = photo(), photo((1000, 1000))
        default_storage.delete(lost.name)
        default_storage.delete(damaged.name)
        default_storage.save(damaged.name, ContentFile(b"no picture"))
        for image in (lost, damaged):
            with self.assertLogs("blog.public.renditions", "WARNING"):
                response = self.client.get(f"/pictures/{image.stem}/480.avif")
            self.assertContains(response, "見つかりません", status_code=404)
            self.assertEqual(self.not_trashed(image), [])

    def test_an_address_of_a_stored_file_that_is_lost_gives_a_readable_page_too(self) -> None:
        image = photo((60, 60))
        default_storage.delete(image.name)
        self.assertContains(self.get(image.url), "見つかりません", status_code=404)

    @override_settings(
        STORAGES=settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    )
    def test_a_store_of_objects_without_folders_does_as_well(self) -> None:
        image = photo((600, 300))
        self.assertEqual(self.opened(f"/pictures/{image.stem}/480.avif").size, (480, 240))
        self.assertEqual(default_storage.listdir(f"renditions/{image.stem}")[1], ["480.avif"])
        self.assertEqual(self.opened(f"/pictures/{image.stem}/480.avif").size, (480, 240))
        with self.captureOnCommitCallbacks(execute=True):
            images.remove(image, by=Person(make_editor()), now=NOON)
        self.assertFalse(default_storage.exists(f"renditions/{image.stem}/480.avif"))

    def test_when_too_many_are_made_at_once_the_stored_file_is_shown_at_once(self) -> None:
        image = photo()
        with making_pictures():
            started = time.monotonic()
            response = self.client.get(f"/pictures/{image.stem}/480.avif")
            self.assertLess(time.monotonic() - started, generated_files.PATIENCE)
        self.assertEqual((response.status_code, response.url), (302, image.url))
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertEqual(self.not_trashed(image), [])
        self.assertEqual(self.client.get(f"/pictures/{image.stem}/480.avif").status_code, 200)

    def test_who_has_waited_for_its_turn_long_enough_is_sent_away_and_makes_nothing(self) -> None:
        def while_this_is_made() -> bytes:
            with self.assertRaises(generated_files.Busy):
                generated_files.opened("renditions/0/second", lambda: b"", patience=0)
            return b"first"

        with generated_files.opened("renditions/0/first", while_this_is_made) as file:
            self.assertEqual(file.read(), b"first")
        self.assertEqual(default_storage.listdir("renditions/0")[1], ["first"])
        generated_files.forget("renditions/0")

    def test_what_there_is_not_is_not_unchanged_either(self) -> None:
        image = photo((600, 300))
        for stem, name, status in (
            (image.stem, "480.avif", 304),
            (image.stem, "481.avif", 404),
            ("0" * 32, "480.avif", 404),
        ):
            known = {"If-None-Match": f'W/"{name}"'}
            self.assertEqual(self.client.get(f"/pictures/{stem}/{name}", headers=known).status_code, status)

    def test_a_disk_that_takes_nothing_more_costs_no_picture(self) -> None:
        image = photo()
        with disk_that_takes_nothing(), self.assertLogs("blog.public.generated_files", "ERROR"):
            self.assertEqual(self.opened(f"/pictures/{image.stem}/480.avif").width, 480)
        self.assertEqual(self.not_trashed(image), [])

    def test_stored_file_that_no_decoder_reads_any_more_is_missing_and_no_error_of_the_server(self) -> None:
        image = photo(form="WEBP")
        Path(default_storage.path(image.name)).write_bytes(picture_bytes((14_000, 13_000), mode="1", color=0))
        with self.assertLogs("blog.public.renditions", "ERROR"):
            self.assertEqual(self.client.get(f"/pictures/{image.stem}/480.webp").status_code, 404)
        post = make_post(hero=image.hash)
        self.assertEqual(self.client.get(post.get_absolute_url()).status_code, 200)

    def test_with_the_image_its_renditions_go(self) -> None:
        image, other = photo(), halves()
        for one in (image, other):
            self.opened(f"/pictures/{one.stem}/480.webp")
        with self.captureOnCommitCallbacks(execute=True):
            images.remove(image, by=Person(make_editor()), now=NOON)
        self.assertEqual((self.not_trashed(image), self.not_trashed(other)), ([], ["480.webp"]))
        self.assertEqual(self.client.get(f"/pictures/{image.stem}/480.webp").status_code, 404)

    def test_an_image_whose_renditions_cannot_be_deleted_goes_all_the_same(self) -> None:
        image = photo()
        default_storage.save(f"renditions/{image.stem}", ContentFile(b"a file in the place of the folder"))
        self.client.force_login(make_editor())
        with self.assertLogs("django", "ERROR") as told, self.captureOnCommitCallbacks(execute=True):
            response = self.client.post(reverse("admin:blog_image_delete", args=[image.pk]), {"post": "yes"})
        self.assertRedirects(response, reverse("admin:blog_image_changelist"))
        self.assertFalse(default_storage.exists(image.file.name))
        self.assertIn("Error calling forget", told.output[0])


class PicturesOnPagesTests(PublicTestCase):
    def test_the_lead_picture_is_fetched_first_and_the_others_when_they_come_near(self) -> None:
        hero, inside = photo(), halves()
        post = make_post(hero=hero.hash, body=f"本文です。\n\n![]({inside.url})\n")
        html = self.html(post.get_absolute_url())
        lead, figure = re.findall(r"<picture.*?</picture>", html, re.DOTALL)
        self.assertIn('fetchpriority="high"', lead)
        self.assertNotIn("lazy", lead)
        self.assertIn('loading="lazy"', figure)
        for part, image in ((lead, hero), (figure, inside)):
            self.assertEqual(re.findall(r'type="([^"]*)"', part), ["image/avif", "image/webp"])
            self.assertIn(f"/pictures/{image.stem}/800.avif 800w", part)
            self.assertIn(f'width="{image.width}" height="{image.height}"', part)
            self.assertIn(f'src="{image.url}"', part)

    def test_a_picture_that_begins_the_text_is_not_late(self) -> None:
        image = photo()
        post = make_post(body=f"![]({image.url})\n\n本文です。\n\n![]({image.url})\n")
        first, second = re.findall(r"<img[^>]*>", post.body_html)
        self.assertNotIn("lazy", first)
        self.assertIn('loading="lazy"', second)

    def test_cards_show_the_cut_with_its_size(self) -> None:
        image = halves()
        make_post(at=NOON, hero=image.hash)
        make_post(at=NOON - timedelta(hours=1), hero=image.hash)
        html = self.html("/")
        self.assertEqual(html.count(f'src="{image.card.src}" width="711" height="400"'), 2)
        self.assertEqual(html.count('loading="lazy"'), 1)
        self.assertEqual(html.count('fetchpriority="high"'), 1)

    def test_feeds_carry_plain_images(self) -> None:
        image = photo()
        make_post(hero=image.hash, body=f"文。\n\n![]({image.url})\n")
        feed = self.html("/feed.xml")
        self.assertNotIn("picture>", feed)
        self.assertNotIn("source", feed)
        self.assertIn(f'&lt;img src="{settings.SITE_URL}{image.url}"', feed)

    def test_a_picture_costs_the_list_no_query(self) -> None:
        image = photo()
        moments = iter(NOON - timedelta(minutes=number) for number in range(99))
        self.assert_same_queries("/", add_row=lambda: make_post(at=next(moments), hero=image.hash))
