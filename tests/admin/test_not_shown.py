"""Places of a text that readers are not shown, as an editor sees them, and the box that shows them."""

from django.urls import reverse

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import Post, Revision
from tests.admin.base import DeskTestCase
from tests.admin.test_drafts import Tab
from tests.make import NOON, make_content, make_draft

TITLE = "データセンターの電気代が上がる"
FIRST = f"{TITLE}、その理由は"
BODY = f"{FIRST}\n\n本文。\n\n---END---\n\n{{: .wide}}"


class NotShownTests(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.editor)

    def imported(self, **values):
        content = make_content(**{"title": TITLE, "body": BODY, "dialect": "old-site"} | values)
        return publishing.create(content=content, by=IMPORT, now=NOON, kind=Revision.Kind.IMPORT)

    def told(self, page):
        return [(finding.field, finding.line, finding.message) for finding in page.context["not_shown"]]

    def test_each_place_stands_beside_the_text_with_its_line_and_why(self):
        page = self.open(self.imported())
        self.assertEqual(
            self.told(page),
            [
                ("body", 1, f"「{FIRST}」はページに出ません（タイトルの繰り返し）。"),
                ("body", 5, "「---END---」はページに出ません（終わりの印）。"),
                ("body", 7, "「{: .wide}」はページに出ません（テンプレートの印）。"),
            ],
        )
        self.assertContains(page, "ページに出ない箇所: 3")
        self.assertContains(page, "7行目: 「{: .wide}」はページに出ません（テンプレートの印）。")

    def test_what_readers_do_not_see_is_not_odd_and_a_text_ends_where_it_ends_for_them(self):
        body = "一の文。{: .wide}\n\n{% include ads.html %}\n\n二の文は、途中の\n\n## 関連記事\n\n- [題](/2026/01/01/x/)"
        post = self.imported(body=body)
        page = self.client.get(reverse("admin:blog_post_publish", args=[post.pk, 1]))
        for noticed in (self.open(post).context["noticed"], page.context["noticed"]):
            self.assertEqual([(one.code, one.line) for one in noticed], [("cut-off", 5)])
        self.send(post, body=body.replace("{: .wide}", "{: .narrow}"))
        page = self.client.get(reverse("admin:blog_post_publish", args=[post.pk, 2]))
        for noticed in (self.open(post).context["noticed"], page.context["noticed"]):
            self.assertEqual([(one.code, one.line) for one in noticed], [("template", 1), ("cut-off", 5)])

    def test_a_lead_that_is_not_shown_is_told_too(self):
        page = self.open(self.imported(body="本文。", excerpt=FIRST, description="説明。"))
        self.assertEqual(
            self.told(page), [("excerpt", None, "「リード」はページに出ません（タイトルの繰り返し）。")]
        )

    def test_edited_and_deleted_lines_are_told_no_more_and_are_shown(self):
        post = self.imported()
        body = BODY.replace("その理由は", "その理由とは").replace("---END---", "")
        self.publish(post, body=body)
        [(_field, line, _message)] = self.told(self.open(post))
        self.assertEqual(line, 7)
        self.assertEqual(Post.objects.get().plain_text, f"{TITLE}、その理由とは\n本文。")

    def test_of_a_typed_text_only_the_headline_as_its_first_line_is_told(self):
        post = make_draft(title=TITLE, body=f"# {TITLE}\n\n本文。\n\n{TITLE}")
        page = self.open(post)
        self.assertEqual(
            self.told(page), [("body", 1, f"「{TITLE}」はページに出ません（タイトルの繰り返し）。")]
        )
        self.assertNotContains(page, "そのまま表示")
        page = self.open(make_draft(title=TITLE, body=BODY))
        self.assertEqual(self.told(page), [])
        self.assertNotContains(page, "ページに出ない箇所")

    def test_the_box_shows_everything_as_it_is_written(self):
        post = self.imported()
        self.assertContains(self.open(post), "そのまま表示")
        self.publish(post, as_written="on")
        shown = Post.objects.get()
        self.assertEqual((shown.dialect, shown.plain_text), ("", f"{FIRST}\n本文。\n---END---\n{{: .wide}}"))
        page = self.open(post)
        self.assertEqual(self.told(page), [])
        self.assertNotContains(page, "そのまま表示")
        history = self.client.get(reverse("admin:blog_post_revision", args=[post.pk, 2]))
        self.assertContains(history, "取り込み元の書き方")
        self.assertContains(history, "旧サイトの記事")

    def test_nothing_is_saved_as_long_as_the_box_is_empty(self):
        post = self.imported()
        self.send(post, dialect="jekyll")  # which no browser sends
        self.assertEqual(post.revisions.count(), 1)

    def test_the_box_works_in_the_preview_and_comes_back_with_an_autosaved_draft(self):
        post = self.imported()
        tab = Tab(self, post)
        preview = f"{reverse('markdownx_preview')}?post={post.pk}"
        self.assertNotContains(self.client.post(preview, tab.data), FIRST)
        self.assertContains(self.client.post(preview, tab.data | {"as_written": "on"}), FIRST)
        tab.autosave(as_written="on")
        opened = Tab(self, post, url=f"{tab.url}?draft={tab.data['draft-key']}")
        self.assertEqual(self.told(opened.page), [])
        self.assertTrue(opened.page.context["form"]["as_written"].value())
