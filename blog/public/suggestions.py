"""Suggestions on the 404 page: posts that a path that does not exist may have meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from blog.models import TERMS, Address, Category, Post
from blog.text.names import public_path, tag_key
from blog.text.post_paths import day_path_of

SHOWN = 5
WORDS = 4
CANDIDATES = 100
"""Maximum number of matching addresses, newest first."""
RECENT = 300
"""Number of newest posts whose titles are searched for words of the path."""

_SEPARATORS = re.compile(r"[\s/_\-・、。「」（）()|:：.,+]+")
_FILE = re.compile(r"\.[a-z0-9]{1,5}$", re.IGNORECASE)
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


def for_path(path: str, *, now: datetime) -> Suggestions:
    """Suggest published posts: with words of `path` in the address or (newest posts) in the title, and posts of its
    day.

    Four queries for any path, on indexed columns or a few hundred rows; none for a path that looks like a file, which
    is what machines request. Only posts that readers may see are shown or counted.
    """
    if _FILE.search(path.rstrip("/")):
        return Suggestions()
    try:
        known = public_path(path)
    except ValueError:
        known = "/"
    day, words = day_path_of(known), words_of(known)
    recent = list(
        Post.objects.listed(now).newest_first().only("title", "slug", "day", "published_at")[:RECENT]
    )
    points = {post.pk: _shared(words, post.title) for post in recent}
    for address, pk in _addresses(day, words):
        in_path = _shared(words, address) + bool(day and address.startswith(day))
        points[pk] = max(points.get(pk, 0), in_path)
    likely = sorted((pk for pk in points if points[pk]), key=lambda pk: (-points[pk], -pk))[: SHOWN * 2]
    seen = Post.objects.listed(now).filter(pk__in=likely).only("title", "slug", "day", "published_at")
    close = sorted(seen, key=lambda post: likely.index(post.pk))[:SHOWN]
    newest = [post for post in recent if post not in close][:SHOWN]
    return Suggestions(close, newest, list(Category.objects.only("name", "slug")), " ".join(words))


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


def _addresses(day: str, words: list[str]) -> list[tuple[str, int]]:
    """Current and former paths of posts that share the day or a word with the requested path, with the post's id."""
    if not (day or words):
        return []
    alike = Q(path__startswith=day) if day else Q()
    for word in words:
        alike |= Q(path__contains=word)
    led = Address.objects.filter(alike, post__isnull=False).exclude(kind=Address.Kind.HELD)
    return list(led.order_by("-path").values_list("path", "post")[:CANDIDATES])


def _shared(words: list[str], text: str) -> int:
    """Count the characters of `words` found in `text`: a long word weighs more than a short one."""
    there = tag_key(text)
    return sum(len(word) for word in words if word in there)
