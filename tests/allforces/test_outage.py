"""The database away, locked or read-only: readers are asked to come back, what editors have sent is not lost."""

import re
from contextlib import suppress
from html.parser import HTMLParser

from django.contrib.auth.models import User
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import Error, connection
from django.test import Client, TransactionTestCase, override_settings
from django.urls import reverse

from allforces import health
from blog.models import Page, Post
from tests.make import make_editor
from tests.outage import database_at, database_away, locked_by_another, silent

TABLE = {"default": {"BACKEND": "allforces.caches.DatabaseCache", "LOCATION": "cache"}}


class Form(HTMLParser):
    """The form of a page as a browser would send it."""

    def __init__(self, html):
        super().__init__()
        self.action, self.fields, self.area = None, [], None
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "form":
            self.action = attributes["action"]
        elif tag == "input" and attributes["type"] == "hidden":
            self.fields.append((attributes["name"], attributes.get("value", "")))
        elif tag == "textarea":
            self.area = [attributes["name"], ""]

    def handle_data(self, data):
        if self.area:
            self.area[1] += data

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.fields.append((self.area[0], self.area[1].removeprefix("\n")))
            self.area = None

    def data(self):
        found = {}
        for name, value in self.fields:
            found.setdefault(name, []).append(value)
        return found


class OutageTestCase(TransactionTestCase):
    def setUp(self):
        self.client = Client(raise_request_exception=False)

    def assertAskedToComeBack(self, response):
        self.assertEqual(response.status_code, 503)
        self.assertTrue(response["Retry-After"].isdigit())
        self.assertEqual((response["Cache-Control"], response["X-Robots-Tag"]), ("no-store", "noindex"))


class ReadersTests(OutageTestCase):
    def test_every_page_and_feed_asks_readers_to_come_back(self):
        with database_away():
            for path in ("/", "/archive/", "/feed.xml", "/sitemap.xml", "/search/?q=a", "/no/such/page/"):
                with self.subTest(path):
                    response = self.client.get(path)
                    self.assertAskedToComeBack(response)
                    self.assertIn("ただいま表示できません", response.content.decode())
                    self.assertIn('<meta name="robots" content="noindex">', response.content.decode())
        self.assertEqual(self.client.get("/").status_code, 200)

    def test_program_that_reads_no_html_is_told_in_a_line(self):
        with database_away():
            response = self.client.get("/feed.xml", headers={"accept": "application/rss+xml"})
        self.assertAskedToComeBack(response)
        self.assertEqual(response.content, b"database unavailable\n")

    def test_log_has_one_line_without_a_traceback(self):
        with database_away(), self.assertLogs("django.request", "ERROR") as logs:
            self.client.get("/archive/")
        self.assertEqual(len(logs.records), 1)
        self.assertRegex(logs.records[0].getMessage(), r"\AGET /archive/: the database does not serve: .+\Z")
        self.assertFalse(logs.records[0].exc_info)


class HealthTests(OutageTestCase):
    def test_monitor_hears_503_without_the_secrets_of_the_log(self):
        with database_away(), self.assertLogs("allforces.health", "ERROR") as logs:
            response = self.client.get("/healthz")
        self.assertEqual((response.status_code, response.content), (503, b"database unavailable\n"))
        self.assertRegex(logs.output[0], "refused|unable to open")
        self.assertEqual(self.client.get("/healthz").status_code, 200)

    def test_monitor_hears_of_a_host_that_says_nothing_while_it_still_says_nothing(self):
        with silent() as port, database_at(port), self.assertLogs("allforces.health") as logs:
            self.assertEqual(self.client.get("/healthz").status_code, 503)
            if connection.vendor == "postgresql":
                self.assertIn("nothing heard", logs.output[0])
                self.assertFalse(health.ask().done())  # its own time-out cannot be less than two seconds
        with suppress(Error):
            health.ask().result()  # the question that was still open
        self.assertEqual(self.client.get("/healthz").status_code, 200)


def without_token(data):
    """The token is masked anew for each page."""
    return {name: value for name, value in data.items() if name != "csrfmiddlewaretoken"}


class EditorsTests(OutageTestCase):
    def setUp(self):
        self.client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        self.client.force_login(make_editor())

    def token(self, path):
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.client.get(path).content.decode())[
            1
        ]

    def test_text_that_could_not_be_saved_is_sent_again_with_one_button(self):
        path, body = (
            reverse("admin:blog_post_add"),
            "\n一行目<b>&amp;\"'\r\n\r\n</textarea><script>二</script>\n",
        )
        typed = {"title": '題 "1" <i>', "body": body, "tags": "電力", "bylines-role": ["writer", "editor"]}
        token = self.token(path)
        with database_away():
            response = self.client.post(path, {**typed, "csrfmiddlewaretoken": token, "verb": "save"})
            self.assertAskedToComeBack(response)
            html = response.content.decode()
            again = Form(html)
            # Pressed too early: the same page once more, with the same in it.
            once_more = Form(self.client.post(again.action, again.data()).content.decode())
        self.assertIn("何も保存されていません", html)
        self.assertIn("もう一度送る", html)
        self.assertNotIn("<script", html)
        self.assertEqual(without_token(once_more.data()), without_token(again.data()))
        self.assertEqual(Post.objects.count(), 0)
        response = self.client.post(again.action, again.data())
        self.assertEqual(response.status_code, 302)
        content = Post.objects.get().latest_revision.content
        self.assertEqual(content["title"], typed["title"])
        self.assertIn("</textarea><script>二</script>", content["body"])

    def test_form_of_a_page_that_waited_too_long_for_a_lock_is_kept_too(self):
        path = reverse("admin:blog_page_add")
        self.client.force_login(User.objects.create_superuser("head"))
        sent = {"title": "案内", "path": "/about/", "body": "本文。", "csrfmiddlewaretoken": self.token(path)}
        with locked_by_another("blog_page"):
            response = self.client.post(path, sent)
        self.assertAskedToComeBack(response)
        again = Form(response.content.decode())
        self.assertEqual(self.client.post(again.action, again.data()).status_code, 302)
        self.assertEqual(Page.objects.get(path="/about/").title, "案内")

    def test_chosen_file_is_left_out_and_named(self):
        path, token = reverse("admin:blog_image_add"), self.cookie_token()
        file = SimpleUploadedFile("<海>.png", b"not kept", "image/png")
        with database_away():
            response = self.client.post(path, {"file": file, "alt": "海", "csrfmiddlewaretoken": token})
        html = response.content.decode()
        self.assertAskedToComeBack(response)
        self.assertIn("&lt;海&gt;.png", html)
        self.assertNotIn("not kept", html)
        self.assertIn(("alt", "海"), Form(html).fields)

    def cookie_token(self):
        self.client.get(reverse("admin:blog_post_add"))
        return self.client.cookies["csrftoken"].value

    def test_nothing_is_repeated_that_another_site_had_sent(self):
        path, token = reverse("admin:blog_post_add"), self.cookie_token()
        foreign = (
            ({"title": "偽りの知らせ"}, {}),
            ({"title": "偽りの知らせ", "csrfmiddlewaretoken": "a" * 64}, {}),
            (
                {"title": "偽りの知らせ", "csrfmiddlewaretoken": token},
                {"origin": "https://elsewhere.example"},
            ),
        )
        with database_away():
            for data, headers in foreign:
                with self.subTest(data=data, headers=headers):
                    with self.assertLogs("django.security.csrf"):
                        response = self.client.post(path, data, headers=headers)
                    self.assertEqual(response.status_code, 403)
                    self.assertNotIn("偽り", response.content.decode())

    def test_passwords_are_never_repeated(self):
        token = self.cookie_token()
        user = User.objects.get()
        with database_away():
            for path, data in (
                (reverse("admin:auth_user_password_change", args=[user.pk]), {"password1": "hunter2-secret"}),
                (reverse("admin:auth_user_add"), {"username": "sato", "password1": "hunter2-secret"}),
                (reverse("account_login"), {"username": "sato", "password": "hunter2-secret"}),
            ):
                with self.subTest(path):
                    response = self.client.post(path, data | {"csrfmiddlewaretoken": token})
                    self.assertAskedToComeBack(response)
                    self.assertNotRegex(response.content.decode(), "hunter2|sato")

    def test_editors_scripts_are_told_in_a_sentence(self):
        data = {"alt": "海", "csrfmiddlewaretoken": self.cookie_token()}
        with database_away():
            response = self.client.post(
                reverse("markdownx_upload"), data, headers={"sec-fetch-dest": "empty"}
            )
        self.assertAskedToComeBack(response)
        self.assertIn("データベースにつながらない", response.json()["error"])


class SignInTests(OutageTestCase):
    def test_sign_in_that_cannot_be_counted_is_503_and_not_too_many_attempts(self):
        with override_settings(CACHES=TABLE):
            call_command("createcachetable", verbosity=0)
            User.objects.create_user("sato", password="right-password-1")
            sent = {"username": "sato", "password": "right-password-1"}
            with locked_by_another("cache"):
                response = self.client.post(reverse("account_login"), sent)
            self.assertAskedToComeBack(response)
            self.assertEqual(self.client.post(reverse("account_login"), sent).status_code, 302)

    def test_table_of_the_cache_keeps_adds_and_forgets_as_django_does(self):
        with override_settings(CACHES=TABLE):
            call_command("createcachetable", verbosity=0)
            cache = caches["default"]
            self.assertEqual([cache.add("a", 1), cache.add("a", 2), cache.get("a")], [True, False, 1])
            cache.set("a", [3], None)
            self.assertEqual(cache.get("a"), [3])
            cache.set("gone", 4, -1)
            self.assertIsNone(cache.get("gone"))
            cache.set("gone", 4, -1)
            self.assertTrue(cache.add("gone", 5))
            self.assertEqual(cache.get("gone"), 5)
