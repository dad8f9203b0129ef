"""Home page: the lead story, what is new, and the newest of each section."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from blog.models import Category, Post, Tag, raw_sql

NEWEST = 6
"""Posts beside the lead."""
IN_SECTION = 4
"""A section is filled up with its older posts to as many."""
TAGS = 20
LEADS = timedelta(days=30)
"""What was featured longer ago is forgotten: an archive brings guides that led the old site."""


@dataclass(frozen=True)
class HomePage:
    """Every one of the newest posts stands here once: as the lead, beside it, or in its section."""

    lead: Post | None
    newest: list[Post]
    sections: list[tuple[Category, list[Post]]]
    tags: list[Tag]


def home_page(*, now: datetime, size: int) -> HomePage:
    """Arrange the `size` newest posts; what an editor has featured last leads, however old, else the newest. Four queries."""
    leading, newest, by_section = raw_sql.home_page_keys(
        now, newest=size, each=size + IN_SECTION, featured_since=now - LEADS
    )
    below = [pk for pk in newest if pk != (leading or newest[0])][NEWEST:]
    chosen = {leading, *newest} - {0}
    for ids in by_section.values():
        shown = [pk for pk in ids if pk in below]
        older = [pk for pk in ids if pk not in chosen]
        chosen.update(older[: max(0, IN_SECTION - len(shown))])
    posts = list(Post.objects.filter(pk__in=chosen).for_cards())
    latest = [post for post in posts if post.pk in newest]
    lead = next((post for post in posts if post.pk == leading), latest[0] if latest else None)
    beside = [post for post in latest if post != lead][:NEWEST]
    return HomePage(
        lead=lead,
        newest=beside,
        sections=_by_section([post for post in posts if post != lead and post not in beside]),
        tags=list(Tag.objects.most_used_in(chosen)[:TAGS]),
    )


def next_moment(*, now: datetime) -> datetime | None:
    """When what leads will have led for `LEADS`: nothing that was featured before it can follow."""
    leads = Post.objects.featured(now, since=now - LEADS).values_list("featured_at", flat=True).first()
    return leads + LEADS + timedelta.resolution if leads else None


def _by_section(posts: list[Post]) -> list[tuple[Category, list[Post]]]:
    """`posts`, newest first, under their sections in the order of the desk."""
    sections: dict[Category, list[Post]] = {}
    for post in posts:
        if post.category is not None:  # as of every live post
            sections.setdefault(post.category, []).append(post)
    return sorted(sections.items(), key=lambda item: (item[0].order, item[0].name))
