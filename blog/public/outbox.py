"""What must be told to the world outside is written down in the transaction in which it happens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from blog.models import Notice, Post, SiteSettings
from blog.public import seo
from blog.public.feeds.subjects import feeds_of

Channel = Notice.Channel


def standing(*, post: Post, now: datetime) -> list[str]:
    """The feeds in which a post stands that is about to change, as `write` wants to know them."""
    return feeds_of(post) if _finders() and post.is_published(now) else []


def write(
    *, post: Post, event: Notice.Event, at: datetime, now: datetime, stood: Collection[str] = ()
) -> None:
    """Note that `event` happens to `post` at `at`, for every place that the settings name. Call it in a transaction.

    `stood`: what `standing` said before. What search engines are asked to leave alone, and were before, is told to the
    webhook only; what they lose they hear of, and the hub of the feeds that lose it.
    """
    places = [Channel.WEBHOOK] if is_named(Channel.WEBHOOK) else []
    left = []
    if finders := _finders():
        stands = feeds_of(post)
        left = [feed for feed in stood if feed not in stands]
        if (stands or left) and not seo.closed(SiteSettings.objects.current(now)):
            places += finders
    Notice.objects.bulk_create(
        (
            Notice(post=post, event=event, channel=channel, left_feeds=left, happens_at=at, next_try_at=at)
            for channel in places
        ),
        ignore_conflicts=True,  # the same post, event and moment is the same news
    )


def is_named(channel: str) -> bool:
    """Whether the settings name the place of `channel`, now."""
    named = {
        Channel.WEBSUB: settings.WEBSUB_HUB,
        Channel.INDEXNOW: settings.INDEXNOW_KEY,
        Channel.WEBHOOK: settings.WEBHOOK_URL,
    }
    return bool(named[Channel(channel)])


def _finders() -> list[Notice.Channel]:
    """The places that lead others to the magazine."""
    return [channel for channel in (Channel.WEBSUB, Channel.INDEXNOW) if is_named(channel)]


def take_back(*, post: Post, now: datetime) -> None:
    """Forget what was to happen to `post` later and will not, or not then."""
    Notice.objects.waiting().filter(post=post, happens_at__gt=now).delete()
