"""Search query parser: words, quoted phrases, and words excluded by a minus."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from blog.text.grams import fold
from blog.text.normalise import one_line

MAX_CHARACTERS = 200
"""Maximum length of a query; the rest is ignored."""
MAX_WORDS = 8
MAX_WORD = 100
"""Maximum length of one word or phrase, folded: one character may expand to eighteen."""

_QUOTES = '"“”„＂'
_TOKEN = re.compile(
    rf"((?<!\S)[-－−](?=\S))?(?:[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]|「([^「」]*)」|『([^『』]*)』|([^\s{_QUOTES}「」『』]+))"
)


@dataclass(frozen=True)
class Word:
    """Word or phrase of a query, as typed and folded. A quoted one is exact: it has no synonyms."""

    typed: str
    text: str
    is_quoted: bool = False


@dataclass(frozen=True)
class Query:
    """Parsed query. `shown`: text for the search field; `skipped`: what cannot be searched for (punctuation alone,
    including quotes and invisible characters).

    `was_cut`: the end of a very long query or word was ignored.
    """

    shown: str
    wanted: tuple[Word, ...] = ()
    unwanted: tuple[Word, ...] = ()
    skipped: tuple[str, ...] = ()
    was_cut: bool = False

    def without(self, word: Word) -> str:
        """Return the query text without `word`."""
        kept = [_written(other) for other in self.wanted if other != word]
        return " ".join(kept + [f"-{_written(other)}" for other in self.unwanted])


def parse(typed: str) -> Query:
    """Parse any text as a query; the only operators are quotes and a leading minus."""
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
    """Whether the text has a letter, a digit or a pictogram: punctuation alone occurs in every text."""
    return any(char.isalnum() or unicodedata.category(char) == "So" for char in text)
