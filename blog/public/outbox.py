"""Transactional outbox: notices are written in the transaction of the change that they tell of."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from blog.editorial.changes import NOWHERE, Kind, OpenChange
from blog.models import Notice, SiteSettings
from blog.public import seo
from blog.public.feeds.subjects import feeds_of

Channel = Notice.Channel
EVENTS = {Kind.UPDATED: Notice.Event.UPDATED, Kind.WITHDRAWN: Notice.Event.WITHDRAWN}
"""What the kind of a change says by itself; else it depends on whether readers saw the post before."""


def follow(change: OpenChange) -> None:
    """Write the notices of what the change is told of, and drop those of what will not happen, or not then.

    In the transaction: neither can be there without the other, so the act fails where a notice cannot be written. New names
    and merges are no news: the feeds that they move lead on by a redirect, and where a post stands is read when it is told.
    """
    for post, before in change.before.items():
        # A first publication may have been planned for another hour.
        comes_anew = change.kind is Kind.PUBLISHED and post in change.announced and not before.is_published
        if comes_anew or change.kind in (Kind.UNSCHEDULED, Kind.WITHDRAWN):
            _cancel_pending(post, now=change.now)
    for post, at in change.announced.items():
        _write(post, change, at=at)


def _write(post: int, change: OpenChange, *, at: datetime) -> None:
    """Note what happens to `post` at `at`, for every place that the settings name.

    What search engines are asked to leave alone, and were before, is told to the webhook only; what they lose they
    hear of, and the hub of the feeds that lose it.
    """
    before = change.before.get(post, NOWHERE)
    usual = Notice.Event.UPDATED if before.is_published else Notice.Event.PUBLISHED
    event = EVENTS.get(change.kind, usual)
    places = [Channel.WEBHOOK] if is_named(Channel.WEBHOOK) else []
    left = []
    if finders := _finders():
        stands = feeds_of(change.after[post])
        left = [feed for feed in feeds_of(before) if feed not in stands] if before.is_published else []
        if (stands or left) and not seo.is_noindex_site(SiteSettings.objects.current(change.now)):
            places += finders
    Notice.objects.bulk_create(
        (
            Notice(post_id=post, event=event, channel=channel, left_feeds=left, happens_at=at, next_try_at=at)
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


def _cancel_pending(post: int, *, now: datetime) -> None:
    """Forget what was to happen to `post` later and will not, or not then."""
    Notice.objects.waiting().filter(post=post, happens_at__gt=now).delete()
