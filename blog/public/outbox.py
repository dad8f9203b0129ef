"""Transactional outbox: notices are written in the transaction of the change that they announce."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from blog.editorial.changes import NOWHERE, Kind, OpenChange
from blog.models import Notice, SiteSettings
from blog.public import seo
from blog.public.feeds.subjects import feeds_of

Channel = Notice.Channel
EVENTS = {Kind.UPDATED: Notice.Event.UPDATED, Kind.WITHDRAWN: Notice.Event.WITHDRAWN}
"""Event by kind of change. For other kinds it depends on whether readers saw the post before."""


def follow(change: OpenChange) -> None:
    """Write notices for a change, and cancel pending ones for events that will not happen, or not at that moment.

    In the same transaction: neither exists without the other, so the action fails when a notice cannot be written.
    Renamed and merged terms send no notice: their feeds redirect, and a post's feeds are looked up when the notice is
    delivered.
    """
    for post, before in change.before.items():
        # A first publication may have been rescheduled.
        comes_anew = change.kind is Kind.PUBLISHED and post in change.announced and not before.is_published
        if comes_anew or change.kind in (Kind.UNSCHEDULED, Kind.WITHDRAWN):
            _cancel_pending(post, now=change.now)
    for post, at in change.announced.items():
        _write(post, change, at=at)


def _write(post: int, change: OpenChange, *, at: datetime) -> None:
    """Write the notices for an event of `post` at `at`, one for each channel in the settings.

    A post that was and stays noindex is announced to the webhook only. When a post becomes noindex, search engines and
    the hub of the feeds that it leaves are told.
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
        ignore_conflicts=True,  # the same post, event and moment is the same notice
    )


def is_named(channel: str) -> bool:
    """Whether the settings have a URL for `channel` now."""
    named = {
        Channel.WEBSUB: settings.WEBSUB_HUB,
        Channel.INDEXNOW: settings.INDEXNOW_KEY,
        Channel.WEBHOOK: settings.WEBHOOK_URL,
    }
    return bool(named[Channel(channel)])


def _finders() -> list[Notice.Channel]:
    """Configured channels that help others find the magazine."""
    return [channel for channel in (Channel.WEBSUB, Channel.INDEXNOW) if is_named(channel)]


def _cancel_pending(post: int, *, now: datetime) -> None:
    """Delete pending notices for later events of `post` that will not happen, or not at that moment."""
    Notice.objects.waiting().filter(post=post, happens_at__gt=now).delete()
