"""What must be told to the world outside is written down in the transaction in which it happens."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from blog.models import Notice, Post

Channel = Notice.Channel


def write(*, post: Post, event: Notice.Event, at: datetime) -> None:
    """Note that `event` happens to `post` at `at`, for every place that the settings name. Call it in a transaction.

    A post that search engines are asked to leave alone stands in no feed either: only the webhook hears of it.
    """
    places = [
        channel
        for channel, address in (
            (Channel.WEBSUB, settings.WEBSUB_HUB),
            (Channel.INDEXNOW, settings.INDEXNOW_KEY),
            (Channel.WEBHOOK, settings.WEBHOOK_URL),
        )
        if address and (channel == Channel.WEBHOOK or not (post.noindex or settings.NOINDEX))
    ]
    Notice.objects.bulk_create(
        (
            Notice(post=post, event=event, channel=channel, happens_at=at, next_try_at=at)
            for channel in places
        ),
        ignore_conflicts=True,  # the same post, event and moment is the same news
    )


def take_back(*, post: Post, now: datetime) -> None:
    """Forget what was to happen to `post` later and will not, or not then."""
    Notice.objects.waiting().filter(post=post, happens_at__gt=now).delete()
