"""Which words stand for each other: what the desk has written down, and all names of a tag."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import F, Q, Value

from blog.models import Alias, Synonym
from blog.models.search import keys_of
from blog.text.grams import fold
from blog.text.names import tag_key
from blog.text.query import Query

Alternatives = Mapping[str, tuple[str, ...]]
"""A folded word → it and the folded words that find as much; for each wanted word of a query."""


def alternatives(query: Query) -> Alternatives:
    """What else may stand in a post for the words of `query`: one query. A phrase in quotes stands for itself."""
    open_words = [word for word in query.wanted if not word.is_quoted]
    found = {word.text: [word.text] for word in query.wanted}
    if not open_words:
        return {word: tuple(others) for word, others in found.items()}
    written, called = Q(), Q()
    for word in open_words:
        written |= Q(keys__contains=keys_of([word.typed]))
        called |= Q(tag__aliases__key=tag_key(word.typed)) | Q(tag__key=tag_key(word.typed))
    aliases = (
        Alias.objects.filter(called, tag__isnull=False).order_by().values_list(F("tag__name"), F("name"))
    )
    groups: dict[str, set[str]] = {}
    rows = Synonym.objects.filter(written).order_by().values_list(Value(""), "keys").union(aliases)
    for tag, text in rows:
        members = {fold(tag), fold(text)} if tag else {key for key in text.split("\n") if key}
        groups.setdefault(tag or text, set()).update(members - {""})
    for word in open_words:
        for members in groups.values():
            if word.text in members:
                found[word.text] += sorted(members - set(found[word.text]))
    return {word: tuple(others) for word, others in found.items()}
