"""A form of the desk whose session or token has gone: without a script, what was written stays to be sent again."""

from __future__ import annotations

from django.conf import settings
from django.test import Client, TestCase
from django.urls import reverse

from blog.models import Post
from tests.allforces.test_outage import Form
from tests.make import make_editor
from tests.refusing import refusing

ADD = reverse("admin:blog_post_add")
WRITTEN = {"title": "二時間かけた記事", "body": "一行目\n二行目 <b>&", "verb": "save"}


class SentAgainTests(TestCase):
    def setUp(self) -> None:
        self.editor = make_editor()
        self.browser = Client(enforce_csrf_checks=True)
        self.browser.force_login(self.editor)
        self.token = Form(self.browser.get(ADD).content.decode()).data()["csrfmiddlewaretoken"][0]

    def send(self, **headers: str):
        return self.browser.post(ADD, WRITTEN | {"csrfmiddlewaretoken": self.token}, headers=headers)

    def test_a_form_sent_after_the_session_ended_is_kept_and_sent_again_after_signing_in(self) -> None:
        del self.browser.cookies[settings.SESSION_COOKIE_NAME]
        page = self.send(Origin="http://testserver")
        self.assertContains(page, "ログインが切れているため、何も保存されていません", status_code=403)
        self.assertContains(page, reverse("account_login"), status_code=403)
        self.assertIn("no-store", page["Cache-Control"])
        kept = Form(page.content.decode())
        self.browser.force_login(self.editor)  # in another tab; the token of the page is old by then
        self.browser.cookies[settings.CSRF_COOKIE_NAME] = "x" * 32
        with self.assertLogs("django.security.csrf"):
            again = self.browser.post(kept.action, kept.data(), headers={"Origin": "http://testserver"})
        self.assertContains(again, "ログインし直されています", status_code=403)
        kept = Form(again.content.decode())
        saved = self.browser.post(kept.action, kept.data(), headers={"Origin": "http://testserver"})
        self.assertEqual(saved.status_code, 302)
        post = Post.objects.get(working_title="二時間かけた記事")
        self.assertEqual(post.working.content["body"], "一行目\n二行目 <b>&")

    def test_a_form_that_meets_a_bug_is_kept_and_sent_again(self) -> None:
        self.browser.raise_request_exception = False
        with refusing("INSERT", "blog_revision", "NEW.number > 0"):
            page = self.send(Origin="http://testserver")
        self.assertContains(page, "問題が起きました。おそらく何も保存されていません", status_code=500)
        self.assertIn("no-store", page["Cache-Control"])
        kept = Form(page.content.decode())
        saved = self.browser.post(kept.action, kept.data(), headers={"Origin": "http://testserver"})
        self.assertEqual(saved.status_code, 302)
        self.assertEqual(Post.objects.get().working.content["body"], "一行目\n二行目 <b>&")

    def test_nothing_is_repeated_that_another_site_has_sent(self) -> None:
        self.token = "wrong"
        for origin in ("https://evil.example", "null", ""):
            with self.subTest(origin):
                with self.assertLogs("django.security.csrf"):
                    page = self.send(**({"Origin": origin} if origin else {}))
                self.assertNotContains(page, "二時間かけた記事", status_code=403)
        del self.browser.cookies[settings.SESSION_COOKIE_NAME]
        with self.assertLogs("django.security.csrf"):
            page = self.send(Origin="https://evil.example")
        self.assertNotContains(page, "二時間かけた記事", status_code=403)

    def test_a_password_is_never_repeated(self) -> None:
        del self.browser.cookies[settings.SESSION_COOKIE_NAME]
        data = {"old_password": "himitsu-1", "csrfmiddlewaretoken": self.token}
        page = self.browser.post(
            reverse("admin:auth_user_add"), data, headers={"Origin": "http://testserver"}
        )
        self.assertEqual(page.status_code, 302)
        self.assertNotIn("himitsu-1", page.content.decode())

    def test_the_editors_script_is_led_to_the_sign_in_page_which_it_knows(self) -> None:
        del self.browser.cookies[settings.SESSION_COOKIE_NAME]
        answer = self.send(**{"X-Requested-With": "fetch", "Origin": "http://testserver"})
        self.assertEqual(answer.status_code, 302)
