"""News sitemap: posts of the last two days. (All other sitemaps are in `blog.views.sitemaps`.)

https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
"""

from __future__ import annotations

from datetime import datetime, timedelta

from blog.models import Post
from blog.querysets import PostQuerySet

NEWS_MAX_AGE = timedelta(hours=48)
NEWS_LIMIT = 1_000


def news(posts: PostQuerySet, *, now: datetime) -> PostQuerySet:
    """Filter `posts` for the news sitemap: the last two days, in news sections, newest first."""
    recent = posts.dated(now - NEWS_MAX_AGE, now + timedelta(seconds=1))
    return recent.filter(category__is_news=True).newest_first()


def next_moment(*, now: datetime) -> datetime | None:
    """Return when the oldest post leaves the news sitemap."""
    shown = news(Post.objects.indexable(now), now=now).reverse()
    oldest = shown.values_list("published_at", flat=True).first()
    return oldest + NEWS_MAX_AGE + timedelta.resolution if oldest else None
