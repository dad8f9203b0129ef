"""Defects of an article that came in from outside. Cheap, certain tests: an editor reads every line of them.

*Blocking* defects are what no reader may be shown: broken merges, instructions to a language model, its replies
and refusals, broken characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from blog.text.leftovers import END_MARK
from blog.text.scan import Heading, Scan

MIN_REPEATED = 40
"""Characters from which on a paragraph that stands twice is no refrain."""
MAX_HEADING = 200
"""Characters that a heading may have: more are a paragraph."""

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)
_CONFLICT_MIDDLE = re.compile(r"^={7}$", re.MULTILINE)
_PROMPT = re.compile(
    r"【(?:既存の記事|元の記事|これまでの記事)の?[^】\n]{0,20}】|【(?:文体|文字数|出力形式|執筆|構成)の?(?:指示|指定|ルール|条件)】"
    r"|記事の末尾に---END---を"
)
_CHAT = re.compile(
    r"^(?:\*\*)?(?:はい|ええ|もちろん(?:です)?|了解しました)?[、。！!]?[^\S\n]*(?:承知(?:いた)?しました|かしこまりました)"
    r"|^(?:\*\*)?(?:Sure|Certainly|Of course)[,!.] (?:[Hh]ere|I)\b",
    re.MULTILINE,
)
_REFUSAL = re.compile(
    r"^\W{0,3}(?:申し訳(?:ありません|ございません)|I(?:'m| am) (?:sorry|unable|currently unable)|I apologize|As an AI\b)"
    r"|\bI am (?:currently )?unable to (?:perform|provide|access|search|fulfil)",
    re.IGNORECASE,
)
_REFUSAL_SLUG = re.compile(r"(?:^|-)i-(?:am-(?:currently-)?unable|apologi[sz]e|am-sorry|cannot)(?:-|$)")
_BROKEN = re.compile("[^\n]{0,8}\ufffd")
_CITE = re.compile(r"\[cite: ?[^\[\]\n]*\]")
_PAIRS = (("「", "」"), ("『", "』"), ("（", "）"), ("【", "】"))


@dataclass(frozen=True)
class Defect:
    """One thing an editor should look at. `line` counts from 1 in the file; None when it is nowhere in particular."""

    code: str
    message: str
    line: int | None = None
    blocking: bool = False

    @property
    def sentence(self) -> str:
        return f"{self.line}行目: {self.message}" if self.line else self.message

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def find_defects(
    text: Scan, *, title: str, slug: str, description: str, tags: Collection[str], body_line: int = 1
) -> tuple[Defect, ...]:
    """The defects of an article, blocking ones first, then by line. `body_line` is the file's line of the body, `text`."""
    prose = text.without_code()

    def line(position: int) -> int:
        return body_line + prose.count("\n", 0, position)

    found = [*_blocking(title, slug, prose, line), *_doubtful(prose, line)]
    found += _headings(text.headings, body_line)
    if repeated := _repeated(prose[block.start : block.end] for block in text.blocks):
        found.append(Defect("repeated", f"同じ段落が繰り返されています（{repeated}回）。"))
    if not description:
        found.append(Defect("description", "検索結果向けの説明（description）がありません。"))
    if not tags:
        found.append(Defect("tags", "タグがありません。"))
    if any(title.count(opening) != title.count(closing) for opening, closing in _PAIRS):
        found.append(Defect("title-brackets", "タイトルの括弧が閉じていません。"))
    return tuple(sorted(found, key=lambda defect: (not defect.blocking, defect.line or 0, defect.code)))


def _blocking(title: str, slug: str, prose: str, line: Callable[[int], int]) -> Iterator[Defect]:
    marks = _CONFLICT.search(prose) or (_CONFLICT_MIDDLE.search(prose) if ">>>>>>>" in prose else None)
    tests = (
        ("conflict", "統合の衝突の印（<<<<<<< や >>>>>>>）が残っています。", marks),
        ("prompt", "生成の指示文が本文に混ざっています。", _PROMPT.search(prose)),
        ("chat", "生成ツールの返事が本文に混ざっています。", _CHAT.search(prose)),
        ("broken-character", "文字化け（U+FFFD）があります。", _BROKEN.search(prose)),
        (
            "refusal",
            "本文が、記事を書けないという断りになっています。",
            _REFUSAL.match(prose.lstrip("*# \n")),
        ),
    )
    for code, message, match in tests:
        if match:
            yield Defect(
                code, message, line(match.end() if code == "broken-character" else match.start()), True
            )
    if "\ufffd" in title:
        yield Defect("broken-character", "タイトルに文字化け（U+FFFD）があります。", None, True)
    if _REFUSAL.search(title) or _REFUSAL_SLUG.search(slug):
        yield Defect(
            "refusal", "タイトルかファイル名が、記事を書けないという断りになっています。", None, True
        )


def _doubtful(prose: str, line: Callable[[int], int]) -> Iterator[Defect]:
    if ends := list(END_MARK.finditer(prose)):
        yield Defect("end-mark", f"---END--- が{len(ends)}か所に残っています。", line(ends[0].start()))
    if cites := list(_CITE.finditer(prose)):
        yield Defect("citation", f"[cite: …] が{len(cites)}か所に残っています。", line(cites[0].start()))
    if prose.count("**") % 2:
        yield Defect("bold", "太字の印 ** の数が合いません。")


def _headings(headings: Sequence[Heading], body_line: int) -> Iterator[Defect]:
    for before, heading in pairwise(headings):
        if heading.level > before.level + 1:
            yield Defect("heading-jump", "見出しの段が飛んでいます。", body_line + heading.line - 1)
            break
    for heading in headings:
        if len(heading.text) > MAX_HEADING:
            sentence = f"見出しが長すぎます（{len(heading.text)}字）。"
            yield Defect("long-heading", sentence, body_line + heading.line - 1)
            break


def _repeated(blocks: Iterable[str]) -> int:
    """How many blocks only say again what another has said, word for word."""
    words = (" ".join(block.split()) for block in blocks)
    counts = Counter(text for text in words if len(text) >= MIN_REPEATED)
    return sum(count - 1 for count in counts.values())
