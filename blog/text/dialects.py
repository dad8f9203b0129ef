"""Dialects of Markdown: what the generator of a text left in it that readers are not shown.

A text typed here is PLAIN. What a dialect hides, it hides only in lines that stood in the text when it was imported: what
an editor has written or changed since is shown as written (docs/decisions/0013).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """Rules for texts of one origin. `name`: value of `Content.dialect`; `label`: for editors.

    `template_tags`: kramdown attribute lists (`{: .class}`) and Liquid tags (`{% … %}`) are hidden; `end_marks`: so is
    `---END---`. `similar_titles`: so are first lines that say the title in other words, later ones that are equal to it, and
    summaries that repeat it. `related_posts`, `contents`: so are pasted lists of them. `cut_summaries`: a generator cut
    summaries off anywhere. Of every text the first line is hidden if it is the title, word for word.
    """

    name: str
    label: str
    template_tags: bool = False
    end_marks: bool = False
    similar_titles: bool = False
    related_posts: bool = False
    contents: bool = False
    cut_summaries: bool = False


PLAIN = Dialect(name="", label="（ここで書いた文章）")
JEKYLL = Dialect(name="jekyll", label="静的サイトの原稿（Jekyllなど）", template_tags=True)
OLD_SITE = Dialect(
    name="old-site",
    label="旧サイトの記事",
    template_tags=True,
    end_marks=True,
    similar_titles=True,
    related_posts=True,
    contents=True,
    cut_summaries=True,
)
DIALECTS = {dialect.name: dialect for dialect in (PLAIN, JEKYLL, OLD_SITE)}


class Reason(StrEnum):
    """Reason why a place is not shown, as editors are told."""

    TITLE = "タイトルの繰り返し"
    RELATED = "関連記事の一覧"
    CONTENTS = "目次の一覧"
    TEMPLATE = "テンプレートの印"
    END = "終わりの印"
    TOC = "目次の印。目次はページが作ります"


MAX_WORDS = 30
"""Maximum number of characters of hidden text that an editor is told."""


@dataclass(frozen=True, slots=True)
class NotShown:
    """A place of a source that readers are not shown. `lines`: the first and the one after the last, from 0; the same twice
    where it is only a part of a line."""

    reason: Reason
    lines: tuple[int, int]
    words: str

    @property
    def line(self) -> int:
        """Number of the first line, from 1."""
        return self.lines[0] + 1


@dataclass
class Hiding:
    """Decision of what is hidden in one `source`: asked by rules of the parser and by those that drop its tokens.

    `imported`: the source as it was imported; None: `source` is that itself. `found` and `related` (URLs of pasted lists) are
    filled while tokens are dropped.
    """

    source: str
    dialect: Dialect = PLAIN
    imported: str | None = None
    found: list[NotShown] = field(default_factory=list)
    related: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lines = self.source.split("\n")
        is_same = self.imported is None or self.imported == self.source
        self._imported = None if is_same else _lines(self.imported or "")
        self._starts = [0, *accumulate(len(line) + 1 for line in self.lines)] if self.is_restricted else []

    @property
    def is_restricted(self) -> bool:
        """Whether lines have been written or changed since the import."""
        return self._imported is not None

    def may_hide(self, first: int, after: int) -> bool:
        """Whether all lines from `first` until `after` stood in the imported text. Blank lines count for nothing."""
        if self._imported is None:
            return True
        return all(line in self._imported for line in map(str.rstrip, self.lines[first:after]) if line)

    def may_hide_at(self, position: int) -> bool:
        """Whether the line at `position` of the source stood in the imported text."""
        line = bisect_right(self._starts, position) - 1
        return self.may_hide(line, line + 1)

    def note(self, reason: Reason, first: int, after: int, words: str) -> None:
        self.found.append(not_shown(reason, first, after, words))


def not_shown(reason: Reason, first: int, after: int, words: str) -> NotShown:
    words = " ".join(words.split())
    return NotShown(reason, (first, after), words if len(words) <= MAX_WORDS else f"{words[:MAX_WORDS]}…")


def _lines(source: str) -> frozenset[str]:
    return frozenset(map(str.rstrip, source.split("\n")))
