"""Pages in the admin: at their path at once, and never gone without a word."""

from __future__ import annotations

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from blog.editorial import taxonomy
from blog.editorial.actors import IMPORT
from blog.models import Page
from tests.make import NOON, make_editor, make_post, make_writer

LIST = "/admin/blog/page/"
ADD = f"{LIST}add/"


def make_page(
    path: str = "/about/", title: str = "このサイトについて", is_public: bool = True, body: str = "本文です。"
) -> Page:
    page = Page(path=path, title=title, is_public=is_public, body=body)
    taxonomy.save_page(page, by=IMPORT, now=NOON)
    return page


class PageTests(TestCase):
    def setUp(self) -> None:
        self.client.force_login(make_editor())

    def save(self, page: Page | None = None, **values):
        url = f"{LIST}{page.pk}/change/" if page else ADD
        base = {"title": "案内", "path": "/about/", "body": "こんにちは。", "is_public": "on"}
        return self.client.post(
            url, {name: value for name, value in (base | values).items() if value is not None}
        )

    def test_a_public_page_is_at_its_path_at_once(self):
        self.assertRedirects(self.save(body="## 見出し\n\n**太字**です。"), LIST)
        self.assertContains(self.client.get("/about/"), "<strong>太字</strong>")

    def test_a_text_is_stored_in_one_form_however_it_was_typed(self):
        self.save(body="一\r\nか\u3099\x0b二")
        self.assertEqual(Page.objects.get().body, "一\nが二")

    def test_a_page_that_is_not_public_is_not_there_and_the_form_shows_no_link_to_it(self):
        self.save(is_public=None, body="まだ秘密の文章")
        page = Page.objects.get()
        response = self.client.get("/about/")
        self.assertNotIn("まだ秘密の文章", response.content.decode())
        self.assertEqual(response.status_code, 404)
        self.assertNotContains(self.client.get(f"{LIST}{page.pk}/change/"), 'class="viewsitelink"')
        self.save(page)
        self.assertContains(self.client.get(f"{LIST}{page.pk}/change/"), 'class="viewsitelink"')

    def test_a_page_that_moved_is_found_at_its_old_path(self):
        page = make_page()
        self.save(page, path="/company/")
        self.assertRedirects(self.client.get("/about/"), "/company/", status_code=301)

    def test_a_page_that_was_deleted_answers_410(self):
        page = make_page()
        self.save(page, path="/company/")
        self.client.post(f"{LIST}{page.pk}/delete/", {"post": "yes"})
        self.assertFalse(Page.objects.exists())
        self.assertEqual([self.client.get(path).status_code for path in ("/about/", "/company/")], [410, 410])

    def test_a_path_in_use_is_refused_with_the_name_of_its_owner(self):
        post = make_post(title="先の記事")
        make_page("/contact/", title="連絡先")
        for path, owner in (
            (post.path, "記事「先の記事」"),
            ("/contact/", "固定ページ「連絡先」"),
            ("/contact", "固定ページ「連絡先」"),
            ("/admin/", "サイトの機能"),
            ("/feed.xml", "サイトの機能"),
            ("/tags/", "サイトの機能"),
        ):
            with self.subTest(path):
                self.assertContains(self.save(path=path), f"は{owner}が使っています")
        self.assertEqual(Page.objects.count(), 1)

    def test_a_path_that_cannot_be_one_is_refused_with_a_sentence(self):
        for path in ("/", "/a?b=1", "/../etc/", "/a\\b/"):
            with self.subTest(path):
                response = self.save(path=path)
                self.assertTrue(response.context["adminform"].form.errors["path"])

    def test_what_was_typed_survives_an_error(self):
        response = self.save(path="/admin/", body="長い時間をかけた文章")
        self.assertContains(response, "長い時間をかけた文章")

    def test_a_page_saved_by_somebody_else_meanwhile_is_not_overwritten(self):
        page = make_page(body="はじめの文章")
        seen = self.client.get(f"{LIST}{page.pk}/change/").context["adminform"].form["seen"].value()
        self.assertRedirects(self.save(page, body="先に直した文章", seen=seen), LIST)
        response = self.save(page, body="あとから直した文章", seen=seen)
        form = response.context["adminform"].form
        self.assertIn("ほかの人がこのページを保存しました", str(form.non_field_errors()))
        self.assertContains(response, "あとから直した文章")
        self.assertEqual(Page.objects.get().body, "先に直した文章")
        # Who has read it decides.
        seen = form["seen"].value()
        self.assertRedirects(self.save(page, body="見てから直した文章", seen=seen), LIST)
        self.assertEqual(Page.objects.get().body, "見てから直した文章")

    def test_the_form_has_the_editor_of_posts(self):
        page = make_page()
        response = self.client.get(f"{LIST}{page.pk}/change/")
        for part in ("admin/editor.js", "data-upload=", "markdownx/preview/?page", "data-plain-preview"):
            self.assertContains(response, part)
        self.client.force_login(make_writer())
        self.assertNotContains(self.client.get(f"{LIST}{page.pk}/change/"), "data-plain-preview")

    def test_a_script_in_the_body_does_not_reach_readers(self):
        self.save(body="<script>alert(1)</script>安全な文")
        response = self.client.get("/about/")
        self.assertContains(response, "安全な文")
        self.assertNotContains(response, "alert(1)</script>")

    def test_a_writer_reads_pages_and_does_not_change_them(self):
        page = make_page()
        self.client.force_login(make_writer())
        self.assertEqual(self.client.get(f"{LIST}{page.pk}/change/").status_code, 200)
        self.assertEqual(self.save(page, title="書き換え").status_code, 403)
        self.assertEqual(self.save().status_code, 403)

    def test_the_list_costs_the_same_for_one_page_and_for_thirty(self):
        make_page()
        one = self.queries()
        for number in range(29):
            make_page(f"/page-{number}/", title=f"頁{number}")
        self.assertEqual(self.queries(), one)

    def queries(self) -> int:
        with CaptureQueriesContext(connection) as captured:
            self.client.get(LIST)
        return len(captured)
