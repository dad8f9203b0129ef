from __future__ import annotations

from django.template.loader import render_to_string

from blog.editorial.content import Content, Credit
from blog.models import Author, Post, SiteSettings, Tag
from blog.models.raw_sql import Neighbours
from blog.public.post_page import post_page, preview_page
from tests.base import PublicTestCase, changed
from tests.make import NOON, make_image, make_post


class PreviewTests(PublicTestCase):
    def test_preview_is_the_page_itself_with_a_bar_and_without_neighbours(self) -> None:
        make_post()
        post = make_post(
            title="題",
            body="本文。\n\n## 一\n\n## 二\n\n## 三\n",
            tags=("AI", "投資"),
            hero=make_image().hash,
            disclosure="広告です。",
        )
        site = SiteSettings.objects.current(NOON)
        page = post_page(Post.objects.get(pk=post.pk), site=site, now=NOON)
        preview = preview_page(changed(post), post=post, now=NOON)
        self.assertEqual(set(preview) - set(page), {"site"})
        page |= {"around": Neighbours(), "shares": []}  # what a text that stands nowhere yet cannot have
        page |= {"site": site, "preview": True, "meta": preview["meta"]}
        self.assertHTMLEqual(
            render_to_string("blog/post.html", preview), render_to_string("blog/post.html", page)
        )

    def test_preview_says_that_it_is_one_and_no_machine_may_keep_it(self) -> None:
        html = render_to_string("blog/post.html", preview_page(Content(title="題"), post=None, now=NOON))
        self.assertIn("プレビュー — 編集中の内容です", html)
        self.assertInHTML('<meta name="robots" content="noindex">', html)

    def test_an_unfinished_text_can_be_seen_and_nothing_of_it_is_kept(self) -> None:
        unfinished = (
            Content(),
            Content(title="！！", body="**「重要」**です。", category="ない", hero="ない"),
            Content(title="題", tags=("新しいタグ", "！"), bylines=(Credit("まだ登録のない人"), Credit(""))),
        )
        for content in unfinished:
            with self.subTest(content=content):
                html = render_to_string("blog/post.html", preview_page(content, post=None, now=NOON))
                self.assertIn("<h1", html)
                for text in (*content.tags, *(credit.author for credit in content.bylines)):
                    self.assertIn(text, html)
        self.assertEqual((Post.objects.count(), Tag.objects.count(), Author.objects.count()), (0, 0, 0))
