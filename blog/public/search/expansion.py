"""Query expansion: the desk's synonyms, all names of a tag, and spellings of long vowels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import F, Q, Value

from blog.models import Alias, Synonym
from blog.models.search import keys_of
from blog.text.grams import fold
from blog.text.long_vowels import long_vowel_spellings
from blog.text.names import tag_key
from blog.text.query import Query, Word


@dataclass(frozen=True)
class ExpandedQuery:
    """Query with alternatives: for each word the folded words of which one must, or none may, occur; itself first."""

    wanted: Sequence[tuple[str, ...]]
    unwanted: Sequence[tuple[str, ...]]


def alternatives(query: Query) -> ExpandedQuery:
    """Expand `query` by synonyms, tag names and long vowels, in one query. A phrase in quotes is not expanded.

    A synonym of `data center` is an alternative for `data` and for `center`: a post with it needs neither.
    """
    runs = [*_adjacent_runs(query.wanted), *((word,) for word in query.unwanted if not word.is_quoted)]
    found = {word: dict.fromkeys(_spellings(word)) for word in (*query.wanted, *query.unwanted)}
    if runs:
        groups = _groups([" ".join(word.typed for word in run) for run in runs])
        for run in runs:
            spelled = fold(" ".join(word.typed for word in run))
            for members in groups:
                if spelled in members:
                    for word in run:
                        found[word].update(dict.fromkeys(sorted(members)))
    return ExpandedQuery(
        [tuple(found[word]) for word in query.wanted], [tuple(found[word]) for word in query.unwanted]
    )


def _spellings(word: Word) -> Sequence[str]:
    return [word.text] if word.is_quoted else long_vowel_spellings(word.typed, word.text)


def _adjacent_runs(words: Sequence[Word]) -> Iterator[tuple[Word, ...]]:
    """Yield every run of adjacent `words` (as n-grams), single words included; a quoted word is in none."""
    for start in range(len(words)):
        for end in range(start + 1, len(words) + 1):
            if words[end - 1].is_quoted:
                break
            yield tuple(words[start:end])


def _groups(spellings: Sequence[str]) -> list[set[str]]:
    """Groups of folded words: the synonyms, and the names of tags, that contain one of `spellings`."""
    written = Q()
    for spelling in spellings:
        written |= Q(keys__contains=keys_of([spelling]))
    keys = list(map(tag_key, spellings))
    called = Q(tag__aliases__key__in=keys) | Q(tag__key__in=keys)
    aliases = (
        Alias.objects.filter(called, tag__isnull=False).order_by().values_list(F("tag__name"), F("name"))
    )
    groups: dict[str, set[str]] = {}
    rows = Synonym.objects.filter(written).order_by().values_list(Value(""), "keys").union(aliases)
    for tag, text in rows:
        members = {fold(tag), fold(text)} if tag else {key for key in text.split("\n") if key}
        groups.setdefault(tag or text, set()).update(members - {""})
    return list(groups.values())
