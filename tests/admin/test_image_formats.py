"""Pictures as cameras, scanners and programs write them, sent in the editor's dialog: readers see what their author saw."""

from __future__ import annotations

import io
import os
import random
import tempfile
import zipfile
from pathlib import Path
from typing import Any
from unittest import skipIf

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.urls import reverse
from PIL import Image as Pillow
from PIL import ImageCms, ImageSequence

from blog.models import Image, Post
from tests.admin.base import DeskTestCase
from tests.make import picture_bytes
from tests.pictures import (
    IN_SRGB,
    WIDE,
    animated,
    grey_ramp,
    lying,
    saved,
    turned,
    wide_profile,
    with_second_picture,
)
from tests.transfer.documents import document

UPLOAD = settings.MARKDOWNX_UPLOAD_URLS_PATH
METADATA = {"exif", "icc_profile", "xmp", "comment"}


class FormatTestCase(DeskTestCase):
    def setUp(self) -> None:
        media = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(self.settings(MEDIA_ROOT=media))
        self.client.force_login(self.writer)

    def upload(self, data: bytes) -> HttpResponse:
        file = SimpleUploadedFile("picture", data, "image/png")
        return self.client.post(UPLOAD, {"image": file, "alt": "絵"})

    def stored(self, data: bytes) -> Pillow.Image:
        """What becomes of an uploaded file: opened anew, as a browser does."""
        response = self.upload(data)
        self.assertEqual(response.status_code, 200, response.content.decode())
        image = Image.objects.get(hash=response.json()["image"]["hash"])
        picture = Pillow.open(io.BytesIO(image.file.read()))
        image.file.close()
        self.assertEqual((image.width, image.height), picture.size)
        self.assertEqual(image.is_animated, getattr(picture, "n_frames", 1) > 1)
        self.assertFalse(METADATA & picture.info.keys())
        return picture

    def assert_colour(self, found: Any, expected: tuple[int, ...], *, within: int = 3) -> None:
        self.assertTrue(
            all(abs(one - other) <= within for one, other in zip(found, expected, strict=False)),
            f"{found} is not {expected}",
        )


class StillTests(FormatTestCase):
    def test_photograph_with_a_second_picture_behind_it_is_the_first_upright(self):
        for size in ((30, 15), (60, 30), (200, 100)):
            with self.subTest(size):
                picture = self.stored(with_second_picture(size))
                self.assertEqual((picture.format, picture.size), ("JPEG", (30, 60)))
                self.assert_colour(picture.getpixel((15, 5)), (255, 255, 255))
                self.assert_colour(picture.getpixel((15, 55)), (0, 0, 0))

    def test_photograph_whose_list_of_pictures_is_damaged_is_a_photograph(self):
        data = with_second_picture((30, 15))
        at = data.index(b"MPF\0")
        self.assertEqual(self.stored(data[: at + 12] + b"\xff" * 40 + data[at + 52 :]).size, (30, 60))

    def test_scan_with_sixteen_bits_keeps_its_greys(self):
        for mode in ("I;16", "I;16B"):
            picture = self.stored(saved(grey_ramp(mode), "PNG")).convert("L")
            self.assertEqual([picture.getpixel((x, 1)) for x in range(256)], [*range(256)], mode)

    def test_transparent_grey_of_sixteen_bits_stays_transparent_and_no_other(self):
        picture = self.stored(saved(grey_ramp(), "PNG", transparency=257 * 100)).convert("RGBA")
        clear = [x for x in range(256) if picture.getpixel((x, 1))[3] == 0]
        self.assertEqual(clear, [100])
        self.assertEqual(picture.getpixel((200, 1)), (200, 200, 200, 255))

    def test_photograph_with_a_profile_that_nobody_can_read_is_taken_as_it_is(self):
        for profile in (b"sRGB IEC61966-2.1", b"\0" * 200, wide_profile()[:200], b"x" * 5000):
            picture = self.stored(picture_bytes(color=WIDE, form="PNG", size=(9, 9), icc_profile=profile))
            self.assert_colour(picture.getpixel((4, 4)), WIDE, within=0)

    def test_profile_of_another_kind_of_colour_changes_nothing(self):
        lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
        self.assert_colour(self.stored(picture_bytes(color=WIDE, icc_profile=lab)).getpixel((4, 4)), WIDE)

    def test_wide_colours_come_out_the_same_whatever_way_they_are_written(self):
        plain = Pillow.new("RGB", (40, 30), WIDE)
        half = plain.convert("RGBA")
        half.putalpha(128)
        profile = wide_profile()
        written = {
            "RGB": saved(plain, "PNG", icc_profile=profile),
            "JPEG": saved(plain, "JPEG", quality=95, icc_profile=profile),
            "WebP": saved(plain, "WEBP", lossless=True, icc_profile=profile),
            "palette": saved(plain.quantize(8), "PNG", icc_profile=profile),
            "palette with a transparent colour": saved(
                plain.quantize(8), "PNG", icc_profile=profile, transparency=7
            ),
            "half transparent": saved(half, "PNG", icc_profile=profile),
        }
        for what, data in written.items():
            with self.subTest(what):
                self.assert_colour(self.stored(data).convert("RGBA").getpixel((20, 15)), IN_SRGB)

    def test_grey_picture_with_a_profile_for_colours_stays_grey(self):
        for mode, grey in (("L", 128), ("LA", (128, 255))):
            data = picture_bytes(mode=mode, color=grey, icc_profile=wide_profile())
            red, green, blue = self.stored(data).convert("RGB").getpixel((4, 4))
            self.assertLessEqual(max(red, green, blue) - min(red, green, blue), 1, mode)

    def test_transparent_grey_picture_is_kept(self):
        picture = self.stored(picture_bytes(mode="LA", color=(90, 40)))
        self.assertEqual(picture.convert("RGBA").getpixel((3, 3)), (90, 90, 90, 40))

    def test_animation_with_one_frame_is_a_still(self):
        for form in ("GIF", "WEBP"):
            with self.subTest(form):
                picture = self.stored(picture_bytes(form=form, color="red"))
                self.assert_colour(picture.convert("RGB").getpixel((3, 3)), (255, 0, 0))
        one = Pillow.new("RGB", (40, 30), "blue")
        in_front = Pillow.new("RGB", (40, 30), "white")
        data = saved(in_front, "PNG", save_all=True, append_images=[one], default_image=True)
        self.assert_colour(self.stored(data).convert("RGB").getpixel((3, 3)), (0, 0, 255))

    def test_large_photograph_is_made_smaller_in_its_own_colours_and_upright(self):
        picture = lying(size=(5400, 2700))
        stored = self.stored(saved(picture, "JPEG", exif=turned()))
        self.assertEqual(stored.size, (1280, 2560))
        self.assert_colour(stored.getpixel((640, 100)), (255, 255, 255))
        self.assert_colour(stored.getpixel((640, 2400)), (0, 0, 0))


class AnimationTests(FormatTestCase):
    def test_it_plays_as_often_as_its_author_said(self):
        for form, options, plays in (
            ("GIF", {}, 1),
            ("GIF", {"loop": 2}, 3),
            ("GIF", {"loop": 0}, 0),
            ("GIF", {"loop": 65_535}, 65_535),
            ("WEBP", {"loop": 1}, 1),
            ("WEBP", {"loop": 0}, 0),
            ("PNG", {"loop": 4}, 4),
            ("PNG", {"loop": 0}, 0),
        ):
            with self.subTest(form, **options):
                # Another colour each: the same animation twice would be one image.
                self.assertEqual(
                    self.stored(animated(form, ("red", f"#0{plays % 10}{len(form)}0f0"), **options)).info[
                        "loop"
                    ],
                    plays,
                )

    def test_each_frame_stays_as_long_as_it_did(self):
        for form in ("GIF", "WEBP", "PNG"):
            moving = self.stored(animated(form, ("red", "white", "black"), duration=[200, 50, 1000]))
            found = []
            for frame in ImageSequence.Iterator(moving):
                frame.load()
                found.append(frame.info["duration"])
            self.assertEqual(found, [200, 50, 1000], form)

    def test_every_frame_is_upright_and_in_its_right_colours(self):
        first, second = lying(top="white"), lying(top="#c83c3c")
        for form in ("WEBP", "PNG"):
            with self.subTest(form):
                options: dict[str, Any] = {"exif": turned(), "icc_profile": wide_profile()}
                if form == "WEBP":
                    options["lossless"] = True
                data = saved(first, form, save_all=True, append_images=[second], **options)
                moving = self.stored(data)
                self.assertEqual((moving.n_frames, moving.size), (2, (30, 60)))
                moving.seek(1)
                self.assert_colour(moving.convert("RGB").getpixel((15, 8)), IN_SRGB, within=8)

    def test_picture_for_programs_that_show_no_animation_is_no_frame_of_it(self):
        red, blue = (Pillow.new("RGB", (40, 30), colour) for colour in ("red", "blue"))
        in_front = Pillow.new("RGB", (40, 30), "white")
        data = saved(in_front, "PNG", save_all=True, append_images=[red, blue], default_image=True)
        moving = self.stored(data)
        self.assertEqual(moving.n_frames, 2)
        self.assert_colour(moving.convert("RGB").getpixel((3, 3)), (255, 0, 0), within=8)


class RefusalTests(FormatTestCase):
    def assert_refused(self, data: bytes, words: str) -> None:
        response = self.upload(data)
        self.assertEqual(response.status_code, 400)
        self.assertIn(words, response.json()["error"])
        self.assertFalse(Image.objects.exists())

    def test_large_animation_is_refused_for_all_its_frames_together(self):
        data = animated("GIF", ["red", "green"] * 30, duration=10)
        with Pillow.open(io.BytesIO(data)) as small:
            self.assertEqual(small.n_frames, 60)
        frames = [Pillow.new("P", (1000, 1000), number) for number in range(51)]
        large = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
        self.assert_refused(large, "1000×1000が51コマで5,100万画素")

    def test_large_still_is_refused_for_its_size(self):
        self.assert_refused(picture_bytes(size=(9000, 6000), mode="1", color=0), "（9000×6000）")

    def test_photograph_of_a_telephone_that_no_browser_shows_is_called_by_its_name(self):
        for brand in (b"heic", b"mif1", b"heix"):
            self.assert_refused(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1heic" + bytes(200), "HEIC")

    def test_whatever_a_decoder_stumbles_over_is_one_refused_picture(self):
        chance = random.Random(20261128)
        sound = [
            with_second_picture((30, 15)),
            saved(grey_ramp(), "PNG", transparency=5),
            saved(lying(), "WEBP", icc_profile=wide_profile(), exif=turned()),
            saved(lying(), "AVIF"),
            animated("GIF", loop=2),
            animated("PNG", loop=2),
            animated("WEBP"),
        ]
        for data in sound:
            for _ in range(25):
                broken = bytearray(data[: chance.randrange(20, len(data) + 1)])
                for _ in range(chance.randrange(1, 12)):
                    broken[chance.randrange(len(broken))] = chance.randrange(256)
                with self.subTest(bytes(broken[:4])):
                    response = self.upload(bytes(broken))
                    self.assertIn(response.status_code, (200, 400))
                    self.assertTrue(response.json().get("image") or response.json()["error"].endswith("。"))

    @skipIf(os.name == "nt", "signals")
    def test_picture_that_ends_its_decoder_is_refused_and_the_next_is_taken(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "sitecustomize.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
        os.environ["PYTHONPATH"] = str(folder)
        try:
            with self.assertLogs("blog.editorial.reencoding", "ERROR"):
                self.assert_refused(picture_bytes(size=(2000, 2000)), "画像を処理できませんでした")
        finally:
            del os.environ["PYTHONPATH"]
        self.assertEqual(self.stored(picture_bytes(size=(2000, 2000))).size, (2000, 2000))

    def test_the_form_of_the_library_says_so_too(self):
        file = SimpleUploadedFile("a.jpg", picture_bytes(form="JPEG")[:300], "image/jpeg")
        response = self.client.post(reverse("admin:blog_image_add"), {"upload": file, "alt": "絵"})
        self.assertContains(response, "画像が壊れているようです")

    def test_zip_of_articles_comes_in_without_the_one_picture_that_is_broken(self):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("2026-11-04-a.md", document(body="![絵](sound.jpg)\n\n![絵](broken.webp)"))
            archive.writestr("sound.jpg", with_second_picture((30, 15)))
            archive.writestr("broken.webp", animated("WEBP")[:-40])
        self.client.force_login(self.chief)
        self.client.post(
            "/admin/blog/manuscript/import/",
            {"files": SimpleUploadedFile("a.zip", out.getvalue(), "application/zip")},
        )
        post = Post.objects.get()
        self.assertEqual(Image.objects.get().original_name, "sound.jpg")
        self.assertIn("(broken.webp)", post.working.content["body"])
