"""News sitemap: what came out in the last two days. (The sitemaps of everything are in `blog.views.sitemaps`.)

https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
"""

from __future__ import annotations

from datetime import datetime, timedelta

from blog.models import Post
from blog.querysets import PostQuerySet

NEWS_FOR = timedelta(hours=48)
NEWS_LIMIT = 1_000


def news(posts: PostQuerySet, *, now: datetime) -> PostQuerySet:
    """Of `posts` those of the last two days, in sections that are news, the newest first."""
    recent = posts.dated(now - NEWS_FOR, now + timedelta(seconds=1))
    return recent.filter(category__is_news=True).newest_first()


def next_moment(*, now: datetime) -> datetime | None:
    """When the oldest of the news will be older than that."""
    shown = news(Post.objects.published(now), now=now).reverse()
    oldest = shown.values_list("published_at", flat=True).first()
    return oldest + NEWS_FOR + timedelta.resolution if oldest else None
