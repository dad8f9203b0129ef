"""Headers of safety on every page: that they agree with each other, and are the same in every process."""

from __future__ import annotations

from django.conf import settings
from django.test import TestCase
from django.urls import reverse

from tests.admin.test_services import PREVIEW
from tests.make import make_draft, make_editor


def directives(response) -> list[list[str]]:
    return [directive.split() for directive in response["Content-Security-Policy"].split("; ")]


class FramingTests(TestCase):
    def setUp(self) -> None:
        self.editor = make_editor()

    def assert_framed_by(self, response, frame_options: str, ancestors: str) -> None:
        self.assertEqual(response["X-Frame-Options"], frame_options)
        self.assertIn(["frame-ancestors", ancestors], directives(response))

    def test_no_page_may_be_framed_and_both_headers_say_so(self) -> None:
        for path in ("/", "/feed.xml", "/no/such/page/", "/robots.txt", reverse("account_login")):
            with self.subTest(path):
                self.assert_framed_by(self.client.get(path), "DENY", "'none'")
        self.client.force_login(self.editor)
        for name in ("admin:index", "admin:blog_post_add", "admin:blog_post_changelist"):
            with self.subTest(name):
                self.assert_framed_by(self.client.get(reverse(name)), "DENY", "'none'")

    def test_preview_may_be_framed_by_the_admin_and_both_headers_say_so(self) -> None:
        post = make_draft(by=self.editor)
        self.client.force_login(self.editor)
        saved = self.client.get(reverse("admin:blog_post_preview", args=[post.pk]))
        for response in (saved, self.client.post(PREVIEW, {"title": "題", "body": "文"})):
            self.assert_framed_by(response, "SAMEORIGIN", "'self'")
            self.assertIn(["default-src", "'none'"], directives(response))


class PolicyTests(TestCase):
    def test_directives_stand_in_the_order_of_the_settings(self) -> None:
        policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        expected = [[name, *sources] for name, sources in policy.items()]
        self.assertEqual(directives(self.client.get("/")), expected)
