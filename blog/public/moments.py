"""Expiry of public answers: when the clock alone will next change a page, feed or sitemap.

Each rule that depends on the clock defines its `next_moment` beside its query. Search is left out: its answers are not
cached, and its filter by year changes only at New Year.
"""

from __future__ import annotations

from datetime import datetime

from blog.editorial.publishing import scheduled
from blog.public import home_page, post_page, security_txt, sitemaps
from blog.public.feeds import archive, state


def next_moment(*, now: datetime) -> datetime:
    """Return the moment until which, with the same content version, every public path answers as it does at `now`.

    A moment in the past means a scheduled update that is due: the next request changes something. Five queries.
    """
    moments = (
        scheduled.next_moment(),
        state.next_moment(now=now),
        home_page.next_moment(now=now),
        post_page.next_moment(now=now),
        sitemaps.next_moment(now=now),
        archive.next_moment(now=now),
        security_txt.next_moment(now=now),
    )
    return min(filter(None, moments))
