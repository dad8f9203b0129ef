"""nginx in front of gunicorn, with the configuration that the project delivers (deploy/nginx.conf)."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from unittest import skipUnless
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from blog.models import Post
from tests.base import update
from tests.browser.site import free_port
from tests.make import make_image, make_post
from tests.served import Answer, ServedTestCase

HOST = "example.jp"
SEEN_WITHIN = 1.3
"""Seconds from a publication until a reader behind nginx sees it."""
MAIN = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{}}
http {{
    access_log off;
    types {{ text/css css; image/png png; }}
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/allforces.conf;
}}
"""


@skipUnless(shutil.which("nginx") and shutil.which("openssl"), "no nginx or openssl")
class NginxTestCase(ServedTestCase):
    """nginx in front of the first of two servers."""

    variables = {"SITE_URL": f"https://{HOST}", "TRUSTED_PROXIES": "1"}

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.port, cls.plain_port = free_port(), free_port()
        key, certificate = cls.folder / "key.pem", cls.folder / "certificate.pem"
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            f"/CN={HOST}",
            "-days",
            "2",
        ]
        subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        (cls.folder / "static").mkdir()
        (cls.folder / "cache").mkdir()
        delivered = (settings.BASE_DIR / "deploy/nginx.conf").read_text()
        for before, after in (
            ("/etc/letsencrypt/live/example.jp/fullchain.pem", str(certificate)),
            ("/etc/letsencrypt/live/example.jp/privkey.pem", str(key)),
            ("/opt/allforces/staticfiles", str(cls.folder / "static")),
            ("/srv/allforces/media", str(settings.MEDIA_ROOT)),
            ("/var/cache/nginx", str(cls.folder / "cache")),
            ("127.0.0.1:8000", f"127.0.0.1:{cls.servers[0].port}"),
            ("listen 80;", f"listen 127.0.0.1:{cls.plain_port};"),
            ("listen 443 ssl", f"listen 127.0.0.1:{cls.port} ssl"),
        ):
            assert before in delivered, before
            delivered = delivered.replace(before, after)
        (cls.folder / "allforces.conf").write_text(re.sub(r"listen \[::\].*;", "", delivered))
        user = "user root;" if Path.home() == Path("/root") else ""
        (cls.folder / "nginx.conf").write_text(MAIN.format(folder=cls.folder, user=user))
        cls.nginx = subprocess.Popen(["nginx", "-p", cls.folder, "-c", cls.folder / "nginx.conf"])
        cls.addClassCleanup(cls.nginx.wait)
        cls.addClassCleanup(cls.nginx.terminate)
        end = time.monotonic() + 10
        while time.monotonic() < end and not (cls.folder / "pid").exists():
            assert cls.nginx.poll() is None, "nginx has said why"

    def ask(self, path: str, **headers: str) -> Answer:
        client = HTTPSConnection("127.0.0.1", self.port, timeout=30, context=ssl._create_unverified_context())
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            client.request("GET", quote(path, safe="/?&=%"), headers={"Host": HOST} | named)
            return Answer(client.getresponse())
        finally:
            client.close()

    def published(self, **values: object) -> Post:
        return make_post(at=timezone.now() - timedelta(hours=1), **values)


class NginxTests(NginxTestCase):
    def test_an_update_is_seen_within_the_promised_time(self) -> None:
        post = self.published(body="前の文。")
        for number in range(4):
            self.ask(post.path)
            update(post, now=timezone.now(), body=f"第{number}の文。")
            since = asked = time.monotonic()
            while f"第{number}の文。" not in self.ask(post.path).body.decode():
                self.assertLess(asked - since, SEEN_WITHIN)
                asked = time.monotonic()

    def test_a_page_that_nobody_asked_for_in_between_is_never_an_old_one(self) -> None:
        post, other = self.published(body="前の文。"), self.published()
        self.assertIn("前の文。", self.ask(post.path).body.decode())
        update(post, now=timezone.now(), body="後の文。")
        end = time.monotonic() + SEEN_WITHIN
        while time.monotonic() < end:
            self.ask(other.path)
        self.assertIn("後の文。", self.ask(post.path).body.decode())

    def test_of_a_crowd_only_a_few_reach_the_application(self) -> None:
        post = self.published()
        self.ask(post.path)
        before = self.servers[0].figures()["hits"]
        with ThreadPoolExecutor(16) as crowd:
            answers = list(crowd.map(lambda _: self.ask(post.path).status, range(200)))
        self.assertEqual(set(answers), {200})
        self.assertLess(self.servers[0].figures()["hits"] - before, 40)

    def test_readers_get_encodings_validators_and_nothing_meant_for_nginx(self) -> None:
        post = self.published()
        for accepted, encoding in (
            ("gzip, deflate, br", "br"),
            ("gzip;q=0.5", "gzip"),
            ("br;q=0", None),
            ("", None),
        ):
            with self.subTest(accepted):
                answer = self.ask(post.path, Accept_Encoding=accepted)
                self.assertEqual((answer.status, answer.headers["Content-Encoding"]), (200, encoding))
                self.assertIsNone(answer.headers["X-Accel-Expires"])
                self.assertEqual(answer.headers["Cache-Control"], "public, no-cache")
                again = self.ask(post.path, Accept_Encoding=accepted, If_None_Match=answer.headers["ETag"])
                self.assertEqual((again.status, again.body), (304, b""))
        self.assertEqual(
            self.ask("/feed.xml", Accept="text/html").headers["Content-Type"][:15], "application/xml"
        )
        self.assertEqual(self.ask("/feed.xml").headers["Content-Type"][:19], "application/rss+xml")

    def test_desk_and_sign_in_are_not_kept_and_https_is_believed(self) -> None:
        first, second = (self.ask("/accounts/login/") for _ in range(2))
        self.assertIn("Secure", first.headers["Set-Cookie"])
        self.assertNotEqual(first.headers["Set-Cookie"], second.headers["Set-Cookie"])
        plain = HTTPConnection("127.0.0.1", self.plain_port, timeout=30)
        plain.request("GET", "/tags/?page=2", headers={"Host": HOST})
        moved = Answer(plain.getresponse())
        plain.close()
        self.assertEqual((moved.status, moved.headers["Location"]), (301, f"https://{HOST}/tags/?page=2"))

    def test_files_come_from_nginx_and_generated_ones_do_not(self) -> None:
        (self.folder / "static/site.0123456789ab.css").write_text("a {}")
        style = self.ask("/static/site.0123456789ab.css")
        self.assertEqual((style.body, style.headers["Content-Type"]), (b"a {}", "text/css"))
        self.assertIn("immutable", style.headers["Cache-Control"])
        image = make_image()
        picture = self.ask(image.url)
        self.assertEqual((picture.status, picture.headers["X-Content-Type-Options"]), (200, "nosniff"))
        self.assertIn("sandbox", picture.headers["Content-Security-Policy"])
        self.assertEqual(self.ask("/media/cards/x.png").status, 404)

    def test_old_links_in_raw_utf8_are_understood(self) -> None:
        post = self.published(slug="電気の話")
        context = ssl._create_unverified_context()
        request = f"GET {post.path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        with context.wrap_socket(plain, server_hostname=HOST) as secure:
            secure.sendall(request.encode())
            self.assertTrue(secure.recv(100).startswith(b"HTTP/1.1 200"))


class AwayTests(NginxTestCase):
    def test_pages_stand_in_while_the_application_is_away(self) -> None:
        post = self.published(body="控えの文。")
        self.ask(post.path)
        self.servers[0].close()
        self.assertIn("控えの文。", self.ask(post.path).body.decode())
        self.assertEqual(self.ask("/accounts/login/").status, 502)
