"""Admin search over live texts and the newest revisions, drafts included."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan, IsNull

from blog.models import Post, SearchPart
from blog.public.search.grams import posts_with
from blog.text.grams import is_exact
from blog.text.query import Query, Word

_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def for_desk(posts: QuerySet[Any], query: Query) -> QuerySet[Any]:
    """Filter `posts` by `query`: every wanted word and no unwanted one, in the live text or in the newest revision.

    Live texts are looked up in the index. Newest revisions are not indexed: their text is scanned for the usual
    spellings. A query of punctuation alone finds nothing.
    """
    if not (query.wanted or query.unwanted):
        return posts.none() if query.skipped else posts
    for word in query.wanted:
        posts = posts.filter(_live(word) | _working(word))
    for word in query.unwanted:
        posts = posts.exclude(_live(word) | _working(word))
    return posts


def _live(word: Word) -> Q:
    found = Q(pk__in=posts_with([word.text]))
    if is_exact(word.text):
        return found
    holds = GreaterThan(StrIndex("text", Value(word.text)), 0)
    part = SearchPart.objects.filter(holds, post=OuterRef("pk")).values("pk")[:1]
    # Instead of `Exists`: PostgreSQL may then scan all texts of the magazine at once.
    return found & Q(IsNull(Subquery(part), False))


def _working(word: Word) -> Q:
    """Match the title, text or tags of the newest revision, where it differs from the live one."""
    open_posts = (
        Post.objects.unpublished() | Post.objects.changed_since_publication() | Post.objects.trashed()
    )
    found = Q()
    for spelling in spellings(word.typed):
        found |= Q(working_title__icontains=spelling)
        found |= Q(latest_revision__content__body__icontains=spelling)
        # A list in JSON is compared as the database stores it: SQLite with escapes, PostgreSQL without.
        found |= Q(latest_revision__content__tags__icontains=spelling)
        found |= Q(latest_revision__content__tags__icontains=json.dumps(spelling)[1:-1])
    return Q(pk__in=open_posts.filter(found).values("pk"))


def spellings(word: str) -> list[str]:
    """Spelling variants of `word`: as typed, full and half width, katakana and hiragana."""
    plain = unicodedata.normalize("NFKC", word)
    katakana = plain.translate(dict(zip(range(0x3041, 0x3097), range(0x30A1, 0x30F7), strict=True)))
    hiragana = plain.translate(dict(zip(range(0x30A1, 0x30F7), range(0x3041, 0x3097), strict=True)))
    # Databases fold the case of ASCII only.
    wide = [case.translate(_WIDE) for case in (plain.lower(), plain.upper())]
    return list(dict.fromkeys((word, plain, katakana, hiragana, *wide)))
