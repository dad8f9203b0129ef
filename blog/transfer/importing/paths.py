"""Path assignment of an import. Pure: the same claims give the same places, in whatever order they come.

The day in a path is the day in Japan of the article's date; two articles of one slug can meet there. As on the site
that this archive comes from, the later article (by date, then name) has the path; the earlier takes the path that
its file's name says, or a number. A file-name path that nobody needs leads to its article: old links use it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count
from zoneinfo import ZoneInfo

from blog.text.post_paths import day_and_slug, post_path

TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """What one article asks for. `stands_at`: the path at which readers find it already.

    `permalink`: a path that its file names; it goes before every other wish, but moves nobody who stands there.
    """

    ref: str
    published_at: datetime
    slug: str
    file_day: date | None = None
    permalink: str = ""
    stands_at: str = ""

    @property
    def natural(self) -> str:
        return post_path(self.published_at.astimezone(TOKYO).date(), self.slug)

    @property
    def by_file_name(self) -> str:
        return post_path(self.file_day, self.slug) if self.file_day else ""

    @property
    def is_derived(self) -> bool:
        """Whether it stands where these rules may have put it, and not where somebody else wanted it."""
        numbered = re.fullmatch(rf"{re.escape(self.natural[:-1])}-\d+/", self.stands_at)
        return self.stands_at in (self.natural, self.by_file_name) or bool(numbered)


@dataclass(frozen=True)
class Place:
    """Where an article stands, and the file-name path that leads there ("" when it is the same or taken).

    `was_shadowed`: the old site never showed it, for a later article had its path.
    """

    path: str
    redirect: str = ""
    was_shadowed: bool = False


def as_set(path: str, *, published_at: datetime | None) -> tuple[date | None, str] | None:
    """Day and slug as an editor would have to set them for `path`; no day where it is that of publication."""
    found = day_and_slug(path)
    if found is None:
        return None
    day, slug = found
    is_natural = published_at is not None and day == published_at.astimezone(TOKYO).date()
    return None if is_natural else day, slug


def place(claims: Iterable[Claim], *, taken: Collection[str] = frozenset()) -> dict[str, Place]:
    """A place for each claim, by `ref`. `taken`: paths that belong to somebody who does not take part."""
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
        old = claim.by_file_name
        free = old and old not in owners and old not in taken and old not in led
        led.add(old)
        places[claim.ref] = Place(paths[claim.ref], old if free else "", claim.ref in shadowed)
    return places


def _ways_out(claim: Claim) -> Iterator[str]:
    yield from (claim.stands_at, claim.by_file_name)
    yield from (f"{claim.natural[:-1]}-{number}/" for number in count(2))
