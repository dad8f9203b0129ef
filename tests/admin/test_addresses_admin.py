"""Redirects and 410s made by hand: one hop, no loops, and nothing that exists is hidden."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from blog.models import Address
from tests.admin.test_pages_admin import make_page
from tests.make import make_category, make_draft, make_editor, make_post, make_writer

LIST = "/admin/blog/address/"
ADD = f"{LIST}add/"


class AddressTests(TestCase):
    def setUp(self) -> None:
        self.client.force_login(make_editor())

    def add(self, path: str, target: str = "", kind: str = "moved", **values):
        return self.client.post(ADD, {"path": path, "target": target, "kind": kind} | values)

    def test_an_old_path_is_sent_to_a_post_a_page_or_anywhere(self):
        post, page = make_post(), make_page()
        self.add("/old-post", post=post.pk)
        self.add("/old-page/", page=page.pk)
        self.add("/old/日本語.html", "https://example.com/new")
        self.assertRedirects(self.client.get("/old-post/"), post.get_absolute_url(), status_code=301)
        self.assertRedirects(self.client.get("/old-page/"), "/about/", status_code=301)
        self.assertRedirects(
            self.client.get("/old/日本語.html"),
            "https://example.com/new",
            status_code=301,
            fetch_redirect_response=False,
        )

    def test_a_path_that_is_gone_says_why(self):
        self.add("/campaign/", kind="gone", reason="募集は終わりました。")
        self.assertContains(self.client.get("/campaign/"), "募集は終わりました。", status_code=410)

    def test_a_redirect_without_a_target_and_a_410_with_one_are_refused(self):
        self.assertContains(self.add("/nowhere/"), "どれか1つを")
        self.assertContains(self.add("/both/", "/x/", kind="gone"), "廃止には理由だけを")
        self.assertEqual(self.add("/bad/", "javascript:alert(1)").status_code, 200)
        self.assertEqual(self.add("/worse/", "//evil.example/").status_code, 200)
        self.assertFalse(Address.objects.exists())

    def test_loops_are_refused(self):
        self.add("/a/", "/b/")
        for path, target in (
            ("/b/", "/a/"),
            ("/c/", "/c/"),
            ("/c/", "/c"),
            ("/c/", f"{settings.SITE_URL}/c/"),
        ):
            with self.subTest(path=path, target=target):
                self.assertContains(self.add(path, target), "自分に戻ってきます")
        self.assertEqual(Address.objects.count(), 1)

    def test_a_second_hop_is_refused_with_the_end_of_the_road(self):
        self.add("/b/", "/category/tech/")
        self.assertContains(self.add("/a/", "/b/"), "最後の行き先 /category/tech/ を書いてください")

    def test_a_redirect_to_what_nobody_can_read_is_kept_and_said(self):
        post, page, draft = make_post(), make_page(), make_draft()
        make_category("技術", slug="tech")
        for number, (answer, is_read) in enumerate(
            (
                ({"target": "/nothing/"}, False),
                ({"target": f"{settings.SITE_URL}/nothing/?a=b"}, False),
                ({"target": "/category/none/"}, False),
                ({"post": draft.pk}, False),
                ({"post": post.pk}, True),
                ({"page": page.pk}, True),
                ({"target": f"{post.path}#end"}, True),
                ({"target": "/category/tech/"}, True),
                ({"target": "/archive/"}, True),
                ({"target": "https://example.com/nothing"}, True),
            )
        ):
            with self.subTest(answer):
                path = f"/old-{number}/"
                said = self.client.post(ADD, {"path": path, "kind": "moved"} | answer, follow=True)
                self.assertTrue(Address.objects.filter(path=path).exists())
                self.assertEqual("いま読者の読めるものがありません" not in said.content.decode(), is_read)

    def test_what_led_to_a_path_follows_when_that_path_moves_on(self):
        self.add("/a/", "/b/")
        self.add("/b/", "/c/")
        self.assertEqual(self.client.get("/a/").headers["Location"], "/c/")
        self.add("/c/", kind="gone", reason="おわり")
        self.assertEqual(self.client.get("/a/").status_code, 410)

    def test_a_path_in_use_is_refused_with_the_name_of_its_owner(self):
        post = make_post(title="先の記事")
        make_category("技術", slug="tech")
        self.add("/taken/", "/x/")
        for path, owner in (
            (post.path, "記事「先の記事」"),
            ("/category/tech/", "カテゴリ「技術」"),
            ("/admin/", "サイトの機能"),
            ("/taken/", "転送の設定"),
        ):
            with self.subTest(path):
                self.assertContains(self.add(path, "/elsewhere/"), owner)

    def test_the_current_address_of_a_post_is_read_and_not_touched(self):
        make_post()
        current = Address.objects.get()
        url = f"{LIST}{current.pk}/"
        self.assertEqual(self.client.get(f"{url}change/").status_code, 200)
        self.assertEqual(self.client.post(f"{url}change/", {"path": "/x/", "kind": "gone"}).status_code, 403)
        self.assertEqual(self.client.post(f"{url}delete/", {"post": "yes"}).status_code, 403)
        self.client.post(LIST, {"action": "delete_selected", "_selected_action": [current.pk], "post": "yes"})
        self.assertEqual(list(Address.objects.values_list("path", "kind")), [(current.path, "current")])
        self.assertEqual(self.add("/y/", kind="current", post=current.post_id).status_code, 200)
        self.assertEqual(Address.objects.count(), 1)

    def test_the_list_is_searched_by_path_and_by_target(self):
        self.add("/old/", "/new/")
        self.add("/other/", "/else/")
        for query in ("old", "/new/"):
            with self.subTest(query):
                response = self.client.get(LIST, {"q": query})
                self.assertEqual([row.path for row in response.context["cl"].result_list], ["/old/"])

    def test_a_writer_makes_no_redirects(self):
        self.client.force_login(make_writer())
        self.assertEqual(self.add("/old/", "/new/").status_code, 403)
        self.assertFalse(Address.objects.exists())

    def test_the_list_costs_the_same_for_one_row_and_for_thirty(self):
        make_post()
        one = self.queries()
        for number in range(10):
            make_post()
            make_page(f"/page-{number}/")
            Address.objects.create(path=f"/old-{number}/", target="/new/")
        self.assertEqual(self.queries(), one)

    def queries(self) -> int:
        with CaptureQueriesContext(connection) as captured:
            self.client.get(LIST)
        return len(captured)
