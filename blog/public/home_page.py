"""Home page: the lead story, the latest posts, and the newest of each section."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from blog.models import Category, Post, Tag, raw_sql
from blog.models.cards import cards
from blog.models.prepared import Prepared

NEWEST = 6
"""Number of posts beside the lead."""
MIN_PER_SECTION = 4
"""Number of posts up to which a section is filled with older ones."""
TAGS = 20
LEAD_MAX_AGE = timedelta(days=30)
"""How long a featured post may lead. Older ones are ignored: an import may bring guides that led the old site."""

_most_used = Prepared(lambda *posts: Tag.objects.most_used_in(posts)[:TAGS])


@dataclass(frozen=True)
class HomePage:
    """Content of the home page. Each of the newest posts appears once: as the lead, beside it, or in its section."""

    lead: Post | None
    newest: list[Post]
    sections: list[tuple[Category, list[Post]]]
    tags: list[Tag]


def home_page(*, now: datetime, size: int) -> HomePage:
    """Arrange the `size` newest posts. The post featured last leads, however old, else the newest. Four queries."""
    leading, newest, by_section = raw_sql.home_page_keys(
        now, newest=size, each=size + MIN_PER_SECTION, featured_since=now - LEAD_MAX_AGE
    )
    below = [pk for pk in newest if pk != (leading or newest[0])][NEWEST:]
    chosen = {leading, *newest} - {0}
    for ids in by_section.values():
        shown = [pk for pk in ids if pk in below]
        older = [pk for pk in ids if pk not in chosen]
        chosen.update(older[: max(0, MIN_PER_SECTION - len(shown))])
    posts = sorted(cards(list(chosen)), key=lambda post: (post.published_at, post.pk), reverse=True)
    latest = [post for post in posts if post.pk in newest]
    lead = next((post for post in posts if post.pk == leading), latest[0] if latest else None)
    beside = [post for post in latest if post is not lead][:NEWEST]
    above = {post.pk for post in (lead, *beside) if post}
    return HomePage(
        lead=lead,
        newest=beside,
        sections=_by_section([post for post in posts if post.pk not in above]),
        tags=_most_used.among(chosen),
    )


def next_moment(*, now: datetime) -> datetime | None:
    """Return when the featured lead expires (`LEAD_MAX_AGE`): no post that was featured earlier can follow it."""
    leads = Post.objects.featured(now, since=now - LEAD_MAX_AGE).values_list("featured_at", flat=True).first()
    return leads + LEAD_MAX_AGE + timedelta.resolution if leads else None


def _by_section(posts: list[Post]) -> list[tuple[Category, list[Post]]]:
    """Group `posts`, newest first, by section, in the desk's order of sections."""
    sections: dict[int, tuple[Category, list[Post]]] = {}
    for post in posts:
        if post.category is not None:  # every live post has one
            sections.setdefault(post.category.pk, (post.category, []))[1].append(post)
    return sorted(sections.values(), key=lambda item: (item[0].order, item[0].name))
