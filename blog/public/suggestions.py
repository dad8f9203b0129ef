"""Suggestions on the 404 page: posts that a path that does not exist may have meant."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from blog.models import TERMS, Address, Category, Post, SiteSettings
from blog.models.prepared import Prepared
from blog.public.per_version import per_version
from blog.text.names import public_path, tag_key
from blog.text.post_paths import day_path_of

SHOWN = 5
WORDS = 4
RECENT = 300
"""Number of newest posts whose titles and addresses are searched for words of the path."""
LONGEST = 300
"""Length of the longest path that is taken for a post's."""

COLUMNS = ("title", "slug", "day", "published_at")
_SEPARATORS = re.compile(r"[\s/_\-・、。「」（）()|:：.,+]+")
_LIKE_A_POST = re.compile(r"(?!/wp-|/cgi-bin/|/_)(?:/[-\w\s・、。「」（）()|:：,+]+){1,6}/")
"""Segments of words in any script. What scanners ask for has a dot (`.env`, `x.php`), other signs, or WordPress's names."""
_STOP_WORDS = {
    *(model.declared.prefix for model in TERMS),
    *("archive", "page", "posts", "html", "index", "feed"),
    *("the", "and", "for", "with", "from", "how", "what", "www", "com"),
}


@dataclass(frozen=True)
class Suggestions:
    """Suggestions for a missing path. `close`: posts that it may have meant, best first. `words`: its words, for a
    search."""

    close: list[Post] = field(default_factory=list)
    newest: list[Post] = field(default_factory=list)
    sections: list[Category] = field(default_factory=list)
    words: str = ""


@dataclass(frozen=True)
class _Known:
    """What every missing path is compared with: `newest` posts with their titles and addresses as keys, and sections."""

    newest: list[tuple[Post, str, list[str]]]
    sections: list[Category]


def for_path(path: str, *, now: datetime, site: SiteSettings | None = None) -> Suggestions:
    """Suggest listed posts: the newest with words of `path` in the title or an address, posts with its slug elsewhere,
    and posts of its day.

    Only for a path that looks like a post's: machines ask for all others. Four queries for any path, on indexed columns
    or a few hundred rows; with `site` (see `kept`) two, and none while the magazine has no more than RECENT posts.
    """
    try:
        known = public_path(path)
    except ValueError:
        return Suggestions()
    if len(known) > LONGEST or not _LIKE_A_POST.fullmatch(known):
        return Suggestions()
    there = per_version("suggestions", lambda: _known(now), site=site, now=now) if site else _known(now)
    day, words = day_path_of(known), words_of(known)
    points: dict[Post, int] = {}
    for post, title, paths in there.newest:
        point = _shared(words, title)
        for address in paths:
            point = max(point, _shared(words, address) + bool(day and address.startswith(day)))
        if point:
            points[post] = point
    if len(there.newest) == RECENT:
        slug = known.rstrip("/").rpartition("/")[2]
        for post in _older(day, slug, before=there.newest[-1][0], now=now):
            points[post] = max(points.get(post, 0), len(slug) if post.slug == slug else 1)
    close = sorted(points, key=lambda post: (-points[post], -post.pk))[:SHOWN]
    newest = [post for post, _, _ in there.newest[: SHOWN * 2] if post not in close][:SHOWN]
    return Suggestions(close, newest, there.sections, " ".join(words))


def words_of(path: str) -> list[str]:
    """Extract the longest words of a path, in order: at least three letters in Latin script, two in others."""
    words = dict.fromkeys(tag_key(word) for word in _SEPARATORS.split(path))
    telling = [
        word
        for word in words
        if len(word) >= (3 if word.isascii() else 2) and not word.isdigit() and word not in _STOP_WORDS
    ]
    longest = sorted(telling, key=len, reverse=True)[:WORDS]
    return [word for word in telling if word in longest]


def _known(now: datetime) -> _Known:
    newest = list(Post.objects.listed(now).newest_first().only(*COLUMNS)[:RECENT])
    paths: dict[int, list[str]] = {post.pk: [] for post in newest}
    led = Address.objects.filter(post__in=paths).exclude(kind=Address.Kind.HELD)
    for pk, path in led.values_list("post", "path"):
        paths[pk].append(tag_key(path))
    sections = list(Category.objects.only("name", "slug"))
    return _Known([(post, tag_key(post.title), paths[post.pk]) for post in newest], sections)


def _older(day: str, slug: str, *, before: Post, now: datetime) -> list[Post]:
    """Posts below the newest, with the slug or of the day: two queries, each by an index."""
    found: list[Post] = _by_slug(slug, now)
    with suppress(ValueError):  # no such day in the calendar
        start = timezone.make_aware(datetime.strptime(day, "/%Y/%m/%d/"))  # Japan's, by make_aware
        if before.published_at and start < before.published_at:
            found += _by_day(start, start + timedelta(days=1), now)
    return found


_by_slug = Prepared(
    lambda slug, now: Post.objects.listed(now).filter(slug=slug).newest_first().only(*COLUMNS)[:SHOWN]
)
_by_day = Prepared(
    lambda start, end, now: Post.objects.listed(now).dated(start, end).newest_first().only(*COLUMNS)[:SHOWN]
)


def _shared(words: list[str], key: str) -> int:
    """Count the characters of `words` found in `key`: a long word weighs more than a short one."""
    found = 0
    for word in words:
        if word in key:
            found += len(word)
    return found
