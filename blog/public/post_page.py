"""Template context of a post or fixed page, for the reader's page and the desk's preview alike."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.urls import reverse
from django.utils import timezone

from blog.editorial.content import Content
from blog.editorial.imported_texts import imported_text_of
from blog.editorial.lookups import ContentLookups
from blog.models import Address, Author, Byline, Page, Post, SiteSettings, Tag, raw_sql
from blog.models.cards import credits_of, tags_of
from blog.public import seo
from blog.public.feeds import subjects
from blog.text.names import public_path, slugify, tag_key, tag_slug
from blog.text.pasted import RELATED_HEADING
from blog.text.places import Scan

TOC_FROM = 3
"""Minimum number of headings for a table of contents."""

RELATED = 5
"""Number of related posts, unless an editor has chosen more."""


def post_page(post: Post, *, site: SiteSettings, now: datetime) -> dict[str, Any]:
    """Build the context of `blog/post.html` for a published post: four queries."""
    post.credits = credits_of(post)
    around = raw_sql.neighbours(post, now=now)
    seen = {"around": around, "related": related(post, around=around[:4], now=now)}
    return context(post, site=site, tags=tags_of(post), now=now) | seen


def related(post: Post, *, around: Iterable[Post | None] = (), now: datetime) -> list[Post]:
    """Related posts that are listed: those chosen by an editor, by their paths, filled up to RELATED with the most similar.

    Each once, and similar ones only if they are not in `around`. None for a text that has its own.
    """
    if any(entry["text"] == RELATED_HEADING for entry in post.toc):
        return []
    already_shown = {other.pk for other in around if other}
    most = RELATED + len(already_shown) + len(post.related)
    by_hand, alike = raw_sql.beside(post.pk, paths=post.related, most=most, now=now)
    found = {other.pk: other for other in by_hand if other.pk != post.pk}
    for other in alike:
        if len(found) < RELATED and other.pk not in already_shown:
            found.setdefault(other.pk, other)
    return list(found.values())


def related_only_in_text(content: Content, text: Scan, *, now: datetime) -> list[str]:
    """Paths of listed posts in a pasted 「関連記事」 of `text`, which the page hides, that no editor has chosen."""
    paths = set()
    for link in text.related:
        with suppress(ValueError):  # not a path of a public page
            paths.add(public_path(urlsplit(link).path))
    paths -= set(content.related)
    public = Address.objects.filter(path__in=paths, post__in=Post.objects.listed(now))
    return sorted(public.exclude(kind=Address.Kind.HELD).values_list("path", flat=True)) if paths else []


def preview_page(content: Content, *, post: Post | None, now: datetime) -> dict[str, Any]:
    """Build the preview context of a post from the editor's current text, finished or not. Nothing is saved."""
    site = SiteSettings.objects.current(now)
    imported = imported_text_of(post, content)
    rendered, known = content.render(imported=imported), ContentLookups([content])
    shown = Post(
        pk=post.pk if post else None,
        published_at=(post and post.published_at) or now,
        updated_at=post.updated_at if post else None,
    )
    addressed = replace(
        content,
        slug=slugify(content.slug or content.title) or "preview",
        day=content.day or (post and post.day) or timezone.localdate(now),
    )
    addressed.write_columns(shown, rendered=rendered, known=known, imported=imported)
    shown.credits = [
        Byline(
            author=known.terms(Author).get(credit.author) or Author(name=credit.author, slug="x"),
            role=credit.role,
        )
        for credit in content.bylines
    ]
    tags = [
        known.terms(Tag).get(tag_key(name)) or Tag(name=name, slug=tag_slug(name)) for name in content.tags
    ]
    seen = {"site": site, "related": related(shown, now=now)}
    return context(shown, site=site, tags=tags, now=now, preview=True) | seen


def page_page(page: Page, *, site: SiteSettings) -> dict[str, Any]:
    """Build the context of `blog/page.html`."""
    return {"page": page, "meta": seo.for_page(site, page), "crumbs": [(page.title, "")]}


def preview_fixed_page(page: Page, *, now: datetime) -> dict[str, Any]:
    """Build the preview context of a page from the editor's current text. Nothing is saved."""
    site = SiteSettings.objects.current(now)
    page.derive()
    return page_page(page, site=site) | {"site": site, "preview": True}


def context(
    post: Post, *, site: SiteSettings, tags: list[Tag], now: datetime, preview: bool = False
) -> dict[str, Any]:
    section = [(post.category.name, post.category.get_absolute_url())] if post.category else []
    return {
        "post": post,
        "tags": tags,
        "toc": post.toc if len(post.toc) >= TOC_FROM else [],
        "years_old": years_old(post, now=now),
        "shares": [] if preview or post.is_blocked else shares(post, site=site),
        "around": raw_sql.Neighbours(),
        "related": [],
        "crumbs": [("カテゴリ", reverse("blog:categories")), *section],
        "meta": seo.for_post(site, post, tags=tags, preview=preview),
        "feed": subjects.of_term(post.category, site) if post.category else None,
        "preview": preview,
    }


def years_old(post: Post, *, now: datetime) -> int:
    """Whole years since the last announcement of a news post; 0 for posts that are not news.

    Counted in days of Japan, so that the page changes at midnight there. (It is revalidated by its whole text.)
    """
    if not (post.category and post.category.is_news and post.last_announced_at):
        return 0
    announced_on, today = timezone.localdate(post.last_announced_at), timezone.localdate(now)
    return max(
        0,
        today.year - announced_on.year - ((today.month, today.day) < (announced_on.month, announced_on.day)),
    )


def next_moment(*, now: datetime) -> datetime | None:
    """Next midnight in Japan at which `years_old` may increase: not before the oldest news is a year old."""
    oldest = Post.objects.published(now).filter(category__is_news=True).first_announced()
    if oldest is None:
        return None
    day = timezone.localdate(oldest)
    # Without a 29 February, the year is complete on the day after the 28th.
    leap = (day.month, day.day) == (2, 29)
    year_old = date(day.year + 1, 3, 1) if leap else day.replace(year=day.year + 1)
    following = max(year_old, timezone.localdate(now) + timedelta(days=1))
    return timezone.make_aware(datetime.combine(following, time()))


def shares(post: Post, *, site: SiteSettings) -> list[tuple[str, str]]:
    """Share links: (service, URL), which work without the service's scripts."""
    url, title = seo.absolute(post.get_absolute_url()), f"{post.title} | {site.name}"
    return [
        ("X", f"https://x.com/intent/post?{urlencode({'text': title, 'url': url})}"),
        (
            "はてなブックマーク",
            f"https://b.hatena.ne.jp/entry/panel/?{urlencode({'url': url, 'btitle': title})}",
        ),
        ("LINE", f"https://social-plugins.line.me/lineit/share?{urlencode({'url': url})}"),
    ]
