"""Every public surface × every text that is not public: the marker must show nowhere.

The positive half runs first: a surface on which a published marker does not show would prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.editorial.content import Content, Credit
from blog.editorial.content_fields import FIELDS
from blog.models import Author, Category, Post, Tag, raw_sql
from tests.base import PublicTestCase, update
from tests.make import NOON, make_content, make_draft, make_editor, make_post, make_scheduled, throw_away

MARKER = "himitsu"
HOUR = timedelta(hours=1)


def marked() -> Content:
    """The marker in everything that an editor can write."""
    return make_content(
        title=f"題 {MARKER}",
        slug=f"slug-{MARKER}",
        body=f"本文 {MARKER}\n\n## 見出し {MARKER}\n",
        excerpt=f"リード {MARKER}",
        description=f"説明 {MARKER}",
        disclosure=f"開示 {MARKER}",
        collection=f"series-{MARKER}",
        tags=(f"tag-{MARKER}",),
        bylines=(Credit(f"author-{MARKER}"),),
    )


def values() -> dict[str, Any]:
    content = marked()
    return {name: getattr(content, name) for name in FIELDS}


def draft() -> Post:
    return make_draft(**values())


def review() -> Post:
    post = draft()
    assert post.latest_revision is not None
    publishing.submit(revision=post.latest_revision, by=IMPORT)
    return post


def approved() -> Post:
    post = review()
    assert post.latest_revision is not None
    publishing.approve(revision=post.latest_revision, by=IMPORT, now=NOON)
    return post


def scheduled() -> Post:
    return make_scheduled(at=NOON + HOUR, **values())


def withdrawn() -> Post:
    post = make_post(at=NOON - HOUR, **values())
    return publishing.withdraw(post=post, by=IMPORT, now=NOON - HOUR / 2, reason="事実に誤りがありました。")


def trashed() -> Post:
    return throw_away(draft())


def changed_while_live() -> Post:
    post = make_post(at=NOON - HOUR, slug="live", title="公開中の題")
    publishing.save(post=post, content=marked(), by=IMPORT, now=NOON, base=post.live_revision)
    return post


def update_scheduled() -> Post:
    post = make_post(at=NOON - HOUR, slug="live", title="公開中の題")
    content = replace(marked(), slug="live")
    revision = publishing.save(
        post=post, content=content, by=IMPORT, now=NOON - HOUR / 2, base=post.live_revision
    )
    return publishing.publish(revision=revision, by=IMPORT, now=NOON - HOUR / 2, at=NOON + HOUR)


def blocked() -> Post:
    content = replace(marked(), body=f"本文 {MARKER}\n\n<<<<<<< Updated upstream\n\n## 見出し {MARKER}\n")
    return make_post(at=NOON - HOUR, **{name: getattr(content, name) for name in FIELDS})


BY_URL = tuple(f"/2026/11/20/slug-{MARKER}{end}" for end in ("/", ".md", "/index.md"))
"""Where a blocked post shows, which no list holds."""
ITS_TERMS = (f"/tags/tag-{MARKER}/", f"/authors/author-{MARKER}/", f"/collections/series-{MARKER}/")
"""Empty lists to which a blocked post links: their names alone show there."""
THEIR_FEEDS = tuple(f"{path}feed.xml" for path in ITS_TERMS[:2])

NOT_PUBLIC: tuple[Callable[[], Post], ...] = (
    draft,
    review,
    approved,
    scheduled,
    withdrawn,
    trashed,
    changed_while_live,
    update_scheduled,
)

# Where the marker shows once the post is public: what is searched for it.
SURFACES = (
    "/",
    "/category/ai最新ニュース/",
    "/collections/",
    f"/collections/series-{MARKER}/",
    "/tags/",
    f"/tags/tag-{MARKER}/",
    "/authors/",
    f"/authors/author-{MARKER}/",
    "/2026/",
    "/2026/11/",
    "/2026/11/20/",
    "/feed.xml",
    "/feed.atom",
    "/feed.json",
    "/feeds/ai最新ニュース.xml",
    "/feeds/ai最新ニュース.atom",
    "/feeds/ai最新ニュース.json",
    f"/tags/tag-{MARKER}/feed.xml",
    f"/authors/author-{MARKER}/feed.xml",
    "/sitemap-authors.xml",
    "/sitemap-2026-11.xml",
    "/sitemap-news.xml",
    "/llms.txt",
    "/search/?q=本文",
    f"/2026/11/20/slug-{MARKER}.md",
    f"/2026/11/20/slug-{MARKER}/",
    "/2026/11/20/live/",
)
# Surfaces that name no single post, but count or describe all of them.
OTHERS = (
    "/subscribe/",
    "/subscribe.opml",
    "/feed/archive/2026-11.xml",
    "/feed/archive/2026-11-1.xml",
    "/sitemap.xml",
    "/sitemap-pages.xml",
    "/sitemap-sections.xml",
    "/sitemap-tags.xml",
    "/2026/11/20/live.md",
    f"/2026/11/20/slug-{MARKER}/index.md",
    "/category/",
    "/archive/",
    "/robots.txt",
    "/2026/11/20/neighbour/",
    "/nowhere/",
    "/search/?q=ここにない",
    "/search/?q=ここにない&author=nobody",
)


class VisibilityTests(PublicTestCase):
    editor: User

    @classmethod
    def setUpTestData(cls) -> None:
        cls.editor = make_editor()
        make_post(at=NOON - 2 * HOUR, slug="neighbour", title="隣の記事")

    def test_marker_shows_on_every_surface_once_published(self) -> None:
        make_post(at=NOON - HOUR, **values())
        for path in (*SURFACES[:-1], "/2026/11/20/neighbour/"):
            with self.subTest(path):
                self.assertIn(MARKER, self.html(path))

    def test_nothing_that_is_not_public_shows_anywhere(self) -> None:
        for make in NOT_PUBLIC:
            with self.subTest(make.__name__), transaction.atomic():
                make()
                for path in (*SURFACES, *OTHERS):
                    self.assertNotIn(MARKER, self.shown(path), path)
                transaction.set_rollback(True)

    def test_a_blocked_post_is_reached_by_its_url_alone_until_somebody_settles_it(self) -> None:
        post = blocked()
        neighbour = Post.objects.get(slug="neighbour")
        update(neighbour, now=NOON - HOUR / 2, related=(post.path,))
        for path in (*SURFACES, *OTHERS):
            with self.subTest(path):
                if path not in (*BY_URL, *ITS_TERMS, *THEIR_FEEDS):
                    self.assertNotIn(MARKER, self.shown(path))
        html = self.html(f"/2026/11/20/slug-{MARKER}/")
        self.assertIn('<meta name="robots" content="noindex">', html)
        self.assertNotIn("x.com/intent", html)
        publishing.settle(post=post, by=Person(self.editor), now=NOON)
        for path in (*SURFACES[:-1], "/2026/11/20/neighbour/"):
            with self.subTest(path):
                self.assertIn(MARKER, self.html(path))
        self.assertNotIn('content="noindex"', self.html(f"/2026/11/20/slug-{MARKER}/"))

    def test_a_blocked_post_leads_to_empty_lists_which_answer_and_which_nothing_else_names(self) -> None:
        Post.objects.all().delete()
        post = blocked()
        html = self.html(post.get_absolute_url())
        for path in (*ITS_TERMS, "/2026/", "/2026/11/", "/2026/11/20/"):
            with self.subTest(path):
                self.assertTrue(path in html or path.startswith("/2026/"))
                page = self.html(path)
                self.assertIn('<meta name="robots" content="noindex">', page)
                self.assertIn("まだ記事がありません", page)
                self.assertNotIn(f"題 {MARKER}", page)
                self.assertEqual(self.get(f"{path}?page=2").status_code, 404)
        for path in THEIR_FEEDS:
            with self.subTest(path):
                self.assertNotIn("<item>", self.html(path))
        lists = ("/tags/", "/authors/", "/collections/", "/subscribe/", "/subscribe.opml", "/sitemap.xml")
        for path in (*lists, "/sitemap-tags.xml", "/sitemap-authors.xml", "/llms.txt"):
            with self.subTest(path):
                self.assertNotIn(MARKER, self.shown(path))
        publishing.withdraw(post=post, by=IMPORT, now=NOON - HOUR / 2, reason="誤り")
        for path in (*ITS_TERMS, *THEIR_FEEDS, "/2026/11/20/"):
            with self.subTest(f"withdrawn: {path}"):
                self.assertEqual(self.get(path).status_code, 404)

    def test_counts_and_numbers_agree_with_the_lists_about_a_blocked_post(self) -> None:
        collection = f"series-{MARKER}"
        make_post(at=NOON - 3 * HOUR, slug="first", collection=collection, tags=(f"tag-{MARKER}",))
        blocked()
        last = make_post(at=NOON - HOUR / 2, slug="last", collection=collection)
        [tag] = Tag.objects.with_counts(NOON)
        [section] = Category.objects.in_use(NOON)
        self.assertEqual((tag.listed_count, section.listed_count), (1, 3))
        self.assertEqual(
            list(Author.objects.in_use(NOON).values_list("name", flat=True)), ["ALLFORCES編集部"]
        )
        self.assertEqual(raw_sql.neighbours(last, now=NOON).number, 2)
        parts = Post.objects.listed(NOON).filter(collection__name=collection).in_reading_order()
        self.assertEqual([post.number for post in parts.numbered(NOON)], [1, 2])

    def test_staff_see_no_more_at_public_paths_than_anybody(self) -> None:
        self.client.force_login(self.editor)
        post = scheduled()
        self.assertEqual(self.get(post.get_absolute_url()).status_code, 404)
        self.assertNotIn(MARKER, self.shown("/"))

    def shown(self, path: str) -> str:
        """Body and headers of an answer, whatever its status, without what the path itself says."""
        response = self.get(path)
        text = response.content.decode() + "".join(
            f"{name}: {value}" for name, value in response.headers.items()
        )
        # The page of a 404 offers to search for the words of its path.
        return re.sub(r'(<input id="q"[^>]* value=")[^"]*', r"\1", text.replace(path, ""))
