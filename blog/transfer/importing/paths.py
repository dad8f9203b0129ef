"""Path assignment of an import. Pure: the same claims give the same places, in any order.

The date in a path is the article's date in Japan; two articles with one slug can collide there. As on the old site, the
later article (by date, then name) gets the path; the earlier one gets the path from its file name, or a number. An unused
file-name path redirects to its article, since old links use it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from zoneinfo import ZoneInfo

from blog.text.names import MAX_SLUG, public_path
from blog.text.post_paths import day_and_slug, post_path

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Input of the path assignment for one article. `stands_at`: its current public path, if it has one.

    `file_slug`: the slug as the file's name spells it, where ours differs: with a hyphen at its end, with dots.
    `permalink`: a path requested in the file; it has priority, but does not displace an existing article.
    """

    ref: str
    published_at: datetime
    slug: str
    file_day: date | None = None
    file_slug: str = ""
    permalink: str = ""
    stands_at: str = ""

    @property
    def natural(self) -> str:
        return post_path(self.published_at.astimezone(TOKYO).date(), self.slug)

    @property
    def by_file_name(self) -> str:
        return post_path(self.file_day, self.slug) if self.file_day else ""

    @property
    def old_paths(self) -> Iterator[str]:
        """Paths that old links may use: those of the file's name, by its own day and by the day in Japan."""
        if self.file_day:
            yield self.by_file_name
            if self.file_slug:
                yield public_path(post_path(self.file_day, self.file_slug))
                yield public_path(post_path(self.published_at.astimezone(TOKYO).date(), self.file_slug))

    @property
    def is_derived(self) -> bool:
        """Whether the current path may come from these rules, and not from a person."""
        numbered = re.fullmatch(rf"{re.escape(self.natural[:-1])}-\d+/", self.stands_at)
        return self.stands_at in (self.natural, self.by_file_name) or bool(numbered)


@dataclass(frozen=True)
class Place:
    """Assigned path of an article, and the file-name paths that redirect to it (those that are free).

    `was_shadowed`: the old site never showed the article, because a later one had its path.
    """

    path: str
    redirects: tuple[str, ...] = ()
    was_shadowed: bool = False


def as_set(path: str, *, published_at: datetime | None) -> tuple[date | None, str] | None:
    """Day and slug to store in a `Content` for `path`; day None if it is the day of publication. None: no post path."""
    found = day_and_slug(path)
    if found is None:
        return None
    day, slug = found
    is_natural = published_at is not None and day == published_at.astimezone(TOKYO).date()
    return None if is_natural else day, slug


def place(claims: Iterable[Claim], *, taken: Collection[str] = frozenset()) -> dict[str, Place]:
    """Assign a path to each claim, by `ref`. `taken`: paths already used outside these claims."""
    claims = sorted(claims, key=lambda claim: (claim.published_at, claim.ref), reverse=True)
    owners: dict[str, str] = {}
    paths: dict[str, str] = {}

    def take(claim: Claim, path: str) -> bool:
        if not path or path in taken or path in owners or claim.ref in paths:
            return False
        owners[path], paths[claim.ref] = claim.ref, path
        return True

    stood_at = {claim.stands_at for claim in claims}
    for claim in claims:
        if claim.permalink not in stood_at:
            take(claim, claim.permalink)
    for claim in claims:
        if claim.stands_at in ("", claim.natural):
            take(claim, claim.natural)
    shadowed = {claim.ref for claim in claims if claim.ref not in paths and not claim.stands_at}
    for claim in claims:
        if claim.ref not in paths:
            next(path for path in _ways_out(claim) if take(claim, path))
    places = {}
    led: set[str] = set()
    for claim in claims:
        old = dict.fromkeys(claim.old_paths)
        free = (path for path in old if path not in owners and path not in taken and path not in led)
        places[claim.ref] = Place(paths[claim.ref], tuple(free), claim.ref in shadowed)
        led.update(old)
    return places


def _ways_out(claim: Claim) -> Iterator[str]:
    yield from (claim.stands_at, claim.by_file_name)
    start = claim.natural.removesuffix(f"{claim.slug}/")
    for number in map(str, count(2)):
        yield f"{start}{claim.slug[: MAX_SLUG - len(number) - 1]}-{number}/"
