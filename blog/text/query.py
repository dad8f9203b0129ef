"""Search query parser: words, phrases in quotes, and a minus before what must not be there."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from blog.text.grams import fold
from blog.text.normalise import one_line

MAX_CHARACTERS = 200
"""Of a query; what follows is not read."""
MAX_WORDS = 8
MAX_WORD = 100
"""Characters of one word or phrase, folded: one sign may stand for eighteen."""

_QUOTES = '"“”„＂'
_TOKEN = re.compile(
    rf"((?<!\S)[-－−](?=\S))?(?:[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]|「([^「」]*)」|『([^『』]*)』|([^\s{_QUOTES}「」『』]+))"
)


@dataclass(frozen=True)
class Word:
    """A word or phrase: as typed, and folded. A quoted one is meant exactly: no synonym stands for it."""

    typed: str
    text: str
    is_quoted: bool = False


@dataclass(frozen=True)
class Query:
    """`shown` is what stands in the field again; `skipped` what cannot be searched for (signs alone, quotes
    and what shows nothing included).

    `was_cut`: the end of a very long query or word was not read.
    """

    shown: str
    wanted: tuple[Word, ...] = ()
    unwanted: tuple[Word, ...] = ()
    skipped: tuple[str, ...] = ()
    was_cut: bool = False

    def without(self, word: Word) -> str:
        """The query to type for everything but `word`."""
        kept = [_written(other) for other in self.wanted if other != word]
        return " ".join(kept + [f"-{_written(other)}" for other in self.unwanted])


def parse(typed: str) -> Query:
    """Read any text at all as a query; nothing in it is an operator but quotes and a leading minus."""
    head = typed[:MAX_CHARACTERS]
    wanted: dict[str, Word] = {}
    unwanted: dict[str, Word] = {}
    skipped: list[str] = []
    was_cut = len(typed) > MAX_CHARACTERS
    for minus, *quoted, plain in _TOKEN.findall(head):
        spelled = one_line(plain or "".join(quoted))
        folded = fold(spelled)
        word = Word(spelled, folded[:MAX_WORD].strip(" "), is_quoted=not plain)
        was_cut |= len(folded) > MAX_WORD
        if not _says_something(word.text):
            skipped += [spelled] if spelled else []
        elif len(wanted) + len(unwanted) == MAX_WORDS:
            was_cut = True
        else:
            (unwanted if minus else wanted).setdefault(word.text, word)
    shown = one_line(head)
    if head.strip() and not (wanted or unwanted):
        skipped = skipped or [shown]
    return Query(shown, tuple(wanted.values()), tuple(unwanted.values()), tuple(skipped), was_cut)


def _written(word: Word) -> str:
    return f'"{word.typed}"' if word.is_quoted else word.typed


def _says_something(text: str) -> bool:
    """Whether there is a letter, a digit or a pictogram: signs alone stand in every text."""
    return any(char.isalnum() or unicodedata.category(char) == "So" for char in text)
