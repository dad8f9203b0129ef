"""Re-rendering of live posts after the Markdown renderer has changed."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import datetime
from itertools import islice

from blog.editorial.actors import RERENDERING
from blog.editorial.changes import Kind, changing, together
from blog.editorial.content import DERIVED, Content, derive
from blog.editorial.imported_texts import imported_text, imported_texts
from blog.editorial.publishing.common import locked
from blog.editorial.publishing.settling import is_blocked_today, set_blocked
from blog.models import Page, Post, SiteSettings
from blog.querysets import LARGE_COLUMNS
from blog.text.markdown import RENDERER_VERSION, Rendered, render
from blog.text.parallel import WORTH_PROCESSES, in_order, workers

logger = logging.getLogger(__name__)

BATCH = 50
"""Batch size: posts read in one query and written in one transaction."""


Live = tuple[Post, Content | None]
"""A post with its live revision, and the imported text of that (`blog.editorial.imported_texts`)."""


def rerender(
    *, post: Post, now: datetime, rendered: Rendered | None = None, imported: Content | None = None
) -> bool:
    """Re-render the live revision of `post`: HTML, table of contents, plain text, lengths, summaries; and block or free it, if an
    import published it (`settling.is_blocked_today`).

    Not announced: text, revisions, times, guid and log stay. Returns False when another revision went live meanwhile,
    since publishing rendered that one. `rendered`: the live content as rendered by `Content.render`, with its `imported`.
    """
    content = _content(post)
    if rendered is None:
        imported = imported_text(post.live_revision) if post.live_revision else None
        rendered = content.render(imported=imported)
    is_blocked = is_blocked_today(post)
    # Else `changing` gets no post: its public state (`Shown`) is the same before and after.
    changed = [post] if is_blocked != post.is_blocked else []
    with changing(changed, kind=Kind.RERENDERED, actor=RERENDERING, now=now) as change:
        current = locked(post)
        if current.live_revision_id != post.live_revision_id:
            change.nothing_changed()
            return False
        derive(current, content, rendered, imported=imported)
        current.save(update_fields=DERIVED)
        if changed:
            set_blocked(current, is_blocked_today(current), now=now)
        change.went_live(current, words=rendered.words)
    return True


def rerender_all(
    *,
    now: datetime,
    outdated_only: bool = True,
    parallel: bool = False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Counter[str]:
    """Re-render every live post (including scheduled and withdrawn ones), all pages and the footer.

    `outdated_only`: skip posts rendered by the current version, so that a second run changes nothing. One change for each
    `BATCH` posts; a failing post does not stop the others. `progress` is called with (done, total) posts. Returned counts:
    "posts", "failed", "pages" (those whose HTML changed).
    """
    live = Post.objects.with_live_revision()
    if outdated_only:
        live = live.filter(renderer_version__lt=RENDERER_VERSION)
    keys = list(live.order_by("pk").values_list("pk", flat=True))
    counts: Counter[str] = Counter(posts=0, failed=0, pages=0)
    with workers(parallel=parallel and len(keys) >= WORTH_PROCESSES) as executor:

        def rendering(live: Live) -> Future[Rendered]:
            post, imported = live
            try:
                wanted = _content(post).rendering(imported=imported)
            except Exception as error:  # a revision that was damaged from outside
                failed: Future[Rendered] = Future()
                failed.set_exception(error)
                return failed
            return executor.submit(render, **wanted)

        rendered = in_order(executor, rendering, _posts(keys))
        while batch := [(live, _result(future)) for live, future in islice(rendered, BATCH)]:
            for is_done in _write(batch, now=now):
                counts["posts"] += is_done is True
                counts["failed"] += is_done is None
            progress(counts["posts"] + counts["failed"], len(keys))
    with changing(kind=Kind.RERENDERED, actor=RERENDERING, now=now) as change:
        counts["pages"] = _rerender_pages()
        if not _rerender_footer(now=now) and not counts["pages"]:
            change.nothing_changed()
    return counts


def _write(batch: Sequence[tuple[Live, Rendered | Exception]], *, now: datetime) -> list[bool | None]:
    """Write a batch as one change; for each post the result of `rerender`, None where it failed.

    When the change itself fails (a follower), each post is retried in its own change, so that only the faulty ones fail.
    """
    try:
        with together(kind=Kind.RERENDERED, actor=RERENDERING, now=now):
            return [_rerendered(live, text, now=now) for live, text in batch]
    except Exception:
        if len(batch) == 1:
            [((post, _imported), _text)] = batch
            logger.exception("post %s could not be rendered", post.pk)
            return [None]
    return [is_done for one in batch for is_done in _write([one], now=now)]


def _rerendered(live: Live, text: Rendered | Exception, *, now: datetime) -> bool | None:
    post, imported = live
    try:
        if isinstance(text, Exception):
            raise text
        return rerender(post=post, now=now, rendered=text, imported=imported)
    except Exception:
        logger.exception("post %s could not be rendered", post.pk)
        return None


def _rerender_pages() -> int:
    changed = 0
    for page in Page.objects.all():
        before = page.body_html
        page.derive()
        if page.body_html != before:
            page.save(update_fields=["body_html"])
            changed += 1
    return changed


def _rerender_footer(*, now: datetime) -> bool:
    site = SiteSettings.objects.current(now)
    before = site.footer_html
    site.save(update_fields=["footer_html"])
    return site.footer_html != before


def _result(future: Future[Rendered]) -> Rendered | Exception:
    try:
        return future.result()
    except Exception as error:
        return error


def _content(post: Post) -> Content:
    if post.live_revision is None:
        raise ValueError(f"{post} is not live")
    return Content.from_json(post.live_revision.content)


def _posts(keys: list[int]) -> Iterator[Live]:
    unread = set(LARGE_COLUMNS) - {"settled"}
    for start in range(0, len(keys), BATCH):
        some = Post.objects.with_live_revision().filter(pk__in=keys[start : start + BATCH]).order_by("pk")
        posts = list(some.select_related("live_revision").defer(*unread))
        imported = imported_texts(post.live_revision for post in posts if post.live_revision)
        yield from ((post, imported.get(post.live_revision_id or 0)) for post in posts)
