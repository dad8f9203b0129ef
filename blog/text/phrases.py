"""Line-break opportunities of a Japanese headline: between phrases, never inside a number, a word or 【2026年版】.

Safari and Firefox have no `word-break: auto-phrase`, and generated images have no browser at all; so the server
decides. BudouX's trained model finds the phrases. It learned from sentences, so this module adds rules for headlines:
what stays together, where a break is always possible, and where a compound too long for a phone may be divided.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import pairwise

import budoux
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

MAX_PHRASE_LENGTH = 11
"""Maximum phrase length in characters. Longer phrases are divided: a phone shows about 13 characters of a headline per
line."""
KEPT, WHOLE = 8, 9
"""Widths in ems. Up to KEPT a phrase is never broken, even at doubled text size; up to WHOLE it fits in a line."""

_KANJI = "一-鿿々"
_TOGETHER = re.compile(
    # 2026年版, 380億ドル, 20%
    rf"[0-9０-９]+(?:[.,．，][0-9０-９]+)*(?:年[度版代間]?|[{_KANJI}]{{0,2}}[ァ-ヺー]{{1,3}}|[{_KANJI}%％]{{1,3}})"
    r"|[A-Za-zÀ-ɏ0-9０-９.,．，'’&+#/%％@_$¥€£~-]+"  # GPT-4o, C++, 1,200.5; and below Gemini 3, not Claude 100万
    rf"(?: [0-9][0-9.]*[A-Za-z]?(?![0-9A-Za-z.,%％ァ-ヺー{_KANJI}]))*"
    r"|【[^【】]{1,12}】|\[[^\[\]]{1,12}\]|［[^［］]{1,12}］"
    r"|[ァ-ヺー]+"
)
_ALWAYS = re.compile(r"(?<=[｜|：、。】\s])|(?<=[！？!?])(?![ぁ-ん])|(?=[（「『【〔〈《［])")
# Where a long phrase may be divided, best places first: lists and the year of a title, then boundaries between scripts.
_DIVISIBLE = tuple(
    map(
        re.compile,
        (
            rf"(?<=[・／/])|(?<=[0-9０-９]年)(?=[ァ-ヺA-Za-z{_KANJI}])",
            rf"(?<=[ァ-ヺー])(?=[{_KANJI}])|(?<=[{_KANJI}])(?=[ァ-ヺ])|(?<=[ぁ-ん])(?=[ァ-ヺ{_KANJI}])",
            rf"(?<=[ァ-ヺー{_KANJI}])(?=[A-Za-z])",
            rf"(?<=[A-Za-z0-9])(?=[ァ-ヺ{_KANJI}])",
        ),
    )
)
_FRAGILE = re.compile(r"[^\w\s、。「」『』（）【】？！]|\S \S")
# Japanese has no spaces between words: a space separates a title from an addition.
_BETWEEN_CLAUSES = re.compile(r"(?<=[^\x00-\x7f])[ \u3000](?=[^\x00-\x7f])")
# Kinsoku: characters that must not begin a line, and those that must not end one.
NO_START = frozenset(
    "、。，．,.・：；？！?!:;｜|%％）」』】〕〉》］｝)]}〜～ー―…‥ぁぃぅぇぉっゃゅょァィゥェォッャュョ々”’>\u3000 "
)
NO_END = frozenset("（「『【〔〈《［｛([{“‘＃#<")
# A phrase rarely begins with one kana before other script: 「もたら」「す産業」. Exceptions are the prefixes of 「お金」「ご案内」.
_STRAY_KANA = re.compile(r"(?<=[ぁ-ん])(?![おご])[ぁ-ん](?![ぁ-んー])")
# Nor does it separate one kanji from others: 「方」「法」.
_COMPOUND = re.compile(rf"[{_KANJI}]+")


def phrases(text: str) -> list[str]:
    """Split `text` wherever a line may end. The parts joined are `text`; a part may end in a space."""
    held = {at for match in _TOGETHER.finditer(text) for at in range(match.start() + 1, match.end())}
    held |= {at for at in range(1, len(text)) if text[at] in NO_START or text[at - 1] in NO_END}
    read = _starts(_model().parse(text))
    breaks = (read - _misread(text, read)) | {match.start() for match in _ALWAYS.finditer(text)}
    breaks -= held
    for borders in _DIVISIBLE:
        breaks |= _divisions(text, breaks, {match.start() for match in borders.finditer(text)} - held)
    edges = [0, *sorted(at for at in breaks if 0 < at < len(text)), len(text)]
    return [text[start:end] for start, end in pairwise(edges) if end]


@lru_cache(maxsize=8192)
def phrased(text: str) -> SafeString:
    """Render `text` as HTML with `<wbr>` between its phrases, for CSS with `word-break: keep-all`.

    `keep-all` still breaks lines after a hyphen and before a bar, so phrases with such characters get a span; a phrase
    too long for most lines gets one that begins a line and in which kinsoku applies again. A title of two clauses is
    broken between them. Cached, because a list shows everybody the same twenty headlines.
    """
    clauses = _BETWEEN_CLAUSES.split(text)
    if len(clauses) == 1:
        return _with_breaks(text)
    return format_html_join(
        " ", '<span class="clause">{}</span>', ((_with_breaks(clause),) for clause in clauses)
    )


def _with_breaks(text: str) -> SafeString:
    first, *others = (_in_one_line(phrase) for phrase in phrases(text) or [""])
    return format_html("{}{}", first, format_html_join("", "<wbr>{}", ((other,) for other in others)))


def _in_one_line(phrase: str) -> str:
    width = sum(1 if unicodedata.east_asian_width(character) in "WF" else 0.5 for character in phrase)
    if width > WHOLE:
        return format_html('<span class="long">{}</span>', phrase)
    fragile = width <= KEPT and _FRAGILE.search(phrase)
    return format_html('<span class="unbroken">{}</span>', phrase) if fragile else phrase


@cache
def _model() -> budoux.Parser:
    return budoux.load_default_japanese_parser()


def _starts(parts: Iterable[str]) -> set[int]:
    """Return the start positions of all parts but the first."""
    starts, at = set(), 0
    for part in parts:
        starts.add(at)
        at += len(part)
    return starts - {0}


def _misread(text: str, breaks: set[int]) -> set[int]:
    """Return the model's wrong `breaks`: those that separate a single kana or kanji from its word."""
    wrong = {match.start() for match in _STRAY_KANA.finditer(text)}
    for match in _COMPOUND.finditer(text):
        edges = [match.start(), *sorted(at for at in breaks if match.start() < at < match.end()), match.end()]
        for before, at, after in zip(edges, edges[1:], edges[2:], strict=False):
            if at - before == 1 or after - at == 1:
                wrong.add(at)
    return wrong


def _divisions(text: str, breaks: set[int], borders: set[int]) -> set[int]:
    """Return the `borders` at which a phrase longer than MAX_PHRASE_LENGTH is divided, into pieces of two characters or
    more."""
    chosen = set()
    for start, end in pairwise(sorted({0, *breaks, len(text)})):
        if end - start > MAX_PHRASE_LENGTH:
            for at in sorted(border for border in borders if start + 1 < border < end - 1):
                if at - start > 1:
                    chosen.add(at)
                    start = at
    return chosen
