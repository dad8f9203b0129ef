"""Next moment: when the clock alone will next change what some public page, feed or sitemap answers.

Each rule that looks at the clock says so beside its query. Search is left out: its answers are not kept, and the years by
which it narrows change at New Year alone.
"""

from __future__ import annotations

from datetime import datetime

from blog.editorial.publishing import scheduled
from blog.public import home_page, post_page, security_txt, sitemaps
from blog.public.feeds import archive, state


def next_moment(*, now: datetime) -> datetime:
    """Until then, and as long as the content version stays, every public path answers as it does at `now`.

    One that has come already means a scheduled update that waits: the next request changes something. Five queries.
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
