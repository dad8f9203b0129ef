"""Images of an import that worker processes re-encode: the same as one after the other, and no end of the import."""

import multiprocessing
import os
import tempfile
from pathlib import Path

from blog.models import Image, Post
from tests.make import picture_bytes
from tests.pictures import WIDE, animated, wide_profile, with_second_picture
from tests.transfer.base import ImportCase

FILES = {
    "photo.jpg": with_second_picture((30, 15)),
    "wide.png": picture_bytes(color=WIDE, icc_profile=wide_profile()),
    "broken.png": picture_bytes(size=(400, 300))[:90],
    "moving.gif": animated("GIF"),
    "large.jpg": picture_bytes(size=(3000, 2000), form="JPEG", color="navy"),
    "no-picture.png": b"<html>",
}


class ImagesInParallelTests(ImportCase):
    def setUp(self) -> None:
        super().setUp()
        self.media = self.enterContext(tempfile.TemporaryDirectory())
        self.enterContext(self.settings(MEDIA_ROOT=self.media))
        for name, data in FILES.items():
            self.write(f"assets/{name}", data)
        for number, name in enumerate([*FILES, "photo.jpg"]):
            day = f"2026-11-{number + 1:02}"
            self.write(f"p/{day}-a.md", date=day, hero=name, body=f"![一](wide.png)\n\n![二]({name})")

    def imported(self) -> str:
        return self.run_import(self.folder / "p", images=self.folder / "assets")

    def test_each_article_has_its_images_and_hears_of_those_that_are_refused(self) -> None:
        said = self.imported()
        self.assertIn("新規 7、", said)
        names = ["photo.jpg", "wide.png", None, "moving.gif", "large.jpg", None, "photo.jpg"]
        posts = Post.objects.order_by("published_at")
        self.assertEqual([post.hero and post.hero.original_name for post in posts], names)
        # As they were asked for, whichever was ready first.
        stored = Image.objects.order_by("pk").values_list("original_name", flat=True)
        self.assertEqual([*stored], ["photo.jpg", "wide.png", "moving.gif", "large.jpg"])
        self.assertIn("画像 broken.png: 画像が壊れているようです", said)
        self.assertIn("画像 no-picture.png: 画像として読めません", said)
        large, moving = (Image.objects.get(original_name=name) for name in ("large.jpg", "moving.gif"))
        self.assertEqual((large.width, large.height, moving.is_animated), (2560, 1707, True))
        self.assertIn("変更なし 7", self.imported())
        self.assertEqual(Image.objects.count(), 4)

    def test_workers_that_die_end_the_import_with_a_sentence_and_the_next_run_goes_on(self) -> None:
        if multiprocessing.current_process().daemon:
            self.skipTest("a test in a process of its own has no workers")
        killer = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (killer / "sitecustomize.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n")
        os.environ["PYTHONPATH"] = str(killer)
        try:
            self.assertIn("プロセスが途中で落ちた", self.imported())
        finally:
            del os.environ["PYTHONPATH"]
        self.assertIn("新規 7、", self.imported())
