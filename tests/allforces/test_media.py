from pathlib import Path

from django.conf import settings
from django.test import SimpleTestCase

PIXELS = b"\x89PNG not really, the view does not look inside"


class MediaTests(SimpleTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root = Path(settings.MEDIA_ROOT)
        (cls.root / "2026").mkdir(exist_ok=True)
        (cls.root / "2026/photo.png").write_bytes(PIXELS)
        (cls.root / "2026/page.html").write_text("<script>alert(1)</script>")
        (cls.root / "2026/drawing.svg").write_text('<svg onload="alert(1)"/>')
        (cls.root.parent / "secret.png").write_bytes(b"outside")
        (cls.root / "way-out.png").unlink(missing_ok=True)
        (cls.root / "way-out.png").symlink_to(cls.root.parent / "secret.png")

    def test_an_image_comes_whole_typed_and_for_a_year(self):
        response = self.client.get("/media/2026/photo.png")
        self.assertEqual(b"".join(response.streaming_content), PIXELS)
        self.assertEqual(response.headers["Content-Type"], "image/png")
        self.assertEqual(response.headers["Content-Length"], str(len(PIXELS)))
        self.assertEqual(response.headers["Cache-Control"], "public, max-age=31536000, immutable")
        self.assertEqual(response.cookies, {})
        self.assertNotIn("Vary", response.headers)

    def test_no_browser_runs_anything_in_it(self):
        response = self.client.get("/media/2026/photo.png")
        response.close()
        self.assertEqual(response.headers["Content-Security-Policy"], "default-src 'none'; sandbox")
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")

    def test_a_browser_that_has_it_gets_304_without_a_body(self):
        first = self.client.get("/media/2026/photo.png")
        first.close()
        again = self.client.get(
            "/media/2026/photo.png", headers={"If-Modified-Since": first.headers["Last-Modified"]}
        )
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.assertEqual(again.headers["Cache-Control"], first.headers["Cache-Control"])

    def test_head_is_answered_and_writing_is_not(self):
        head = self.client.head("/media/2026/photo.png")
        head.close()
        self.assertEqual((head.status_code, head.headers["Content-Length"]), (200, str(len(PIXELS))))
        self.assertEqual(self.client.post("/media/2026/photo.png").status_code, 405)

    def test_only_images_below_the_folder_come_out(self):
        for path in (
            "2026/page.html",
            "2026/drawing.svg",
            "2026/missing.png",
            "2026",
            "",
            "../secret.png",
            "2026/../../secret.png",
            "..%2fsecret.png",
            "way-out.png",
            f"/{self.root.parent}/secret.png",
            "2026/photo.png%00.png",
            f"{'x' * 5000}.png",
        ):
            with self.subTest(path):
                self.assertEqual(self.client.get(f"/media/{path}").status_code, 404)
