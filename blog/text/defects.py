"""Defects of an article that came in from outside. Cheap, certain tests: an editor reads every line of them.

*Blocking* defects are what no reader may be shown: broken merges, instructions to a language model, its replies
and refusals, broken characters, walls of signs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from blog.text.findings import Code, Finding
from blog.text.generator_replies import ACKNOWLEDGEMENT, HINT, QUOTED, REFUSAL, REFUSAL_SLUG, REPLY, UNABLE
from blog.text.places import Heading, Scan
from blog.text.raw_markup import find_raw_markup
from blog.text.scan import scan

MIN_REPEATED = 40
"""Characters from which on a paragraph that stands twice is no refrain."""
MAX_HEADING = 200
"""Characters that a heading may have: more are a paragraph."""

_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?: .*)?$", re.MULTILINE)
_CONFLICT_MIDDLE = re.compile(r"^={7}$", re.MULTILINE)
# Not where a sentence speaks of it.
_PROMPT = re.compile(
    r"(?:【(?:既存の記事|元の記事|これまでの記事)の?[^】\n]{0,20}】|【(?:文体|文字数|出力形式|執筆|構成)の?(?:指示|指定|ルール|条件)】)"
    r"(?![、」』がでとなにのはへもやを])|記事の末尾に---END---を"
)
_BROKEN = re.compile("[^\n]{0,8}\ufffd")
# {}^{}^{}, nested or not: what is left of a formula in which a generator got lost. Other signs in a row are a table, a rule or
# a picture of its author's.
_WALL = re.compile(r"(?:(?!(.)\s?\1\s?\1)(?=.{0,4}[{}])[{}^_$\\][^\W_]?\s?){100}")
_SUSPICIOUS = (_CONFLICT, re.compile(">>>>>>>"), _PROMPT, _BROKEN, _WALL, HINT)
_END_MARK = re.compile(r"-{3} ?END ?-{3}|---END(?![A-Za-z0-9_-])")
_CITE = re.compile(r"\[cite: ?[^\[\]\n]*\]")
_PAIRS = (("「", "」"), ("『", "』"), ("（", "）"), ("【", "】"))


def find_blocking(source: str, *, title: str, slug: str) -> tuple[Finding, ...]:
    """The blocking defects of an article alone, as `find_defects` finds them, by lines of the body.

    A text is parsed, to know what is code in it, only if it seems to have one.
    """
    prose = _prose(source)
    found = _unshowable(title, slug, prose, lambda position: 1 + prose.count("\n", 0, position))
    return tuple(sorted(found, key=lambda finding: (finding.line or 0, finding.code)))


def find_defects(
    text: Scan, *, title: str, slug: str, description: str, tags: Collection[str], body_line: int = 1
) -> tuple[Finding, ...]:
    """The defects of an article, blocking ones first, then by line. `body_line` is the file's line of the body, `text`."""
    prose = text.without_code()

    def line(position: int) -> int:
        return body_line + prose.count("\n", 0, position)

    found = [*_unshowable(title, slug, _prose(text.source), line), *_doubtful(prose, line)]
    found += find_raw_markup(text, prose, line)
    found += _headings(text.headings, body_line)
    if repeated := _repeated(text.paragraphs):
        found.append(Code.REPEATED.found(count=repeated))
    if not description:
        found.append(Code.DESCRIPTION.found())
    if not tags:
        found.append(Code.TAGS.found())
    if any(title.count(opening) != title.count(closing) for opening, closing in _PAIRS):
        found.append(Code.TITLE_BRACKETS.found())
    return tuple(
        sorted(found, key=lambda finding: (not finding.is_blocking, finding.line or 0, finding.code))
    )


def _prose(source: str) -> str:
    """A text without code and comments, as far as it seems to have a blocking defect. All dialects agree on both."""
    return scan(source).as_shown() if any(pattern.search(source) for pattern in _SUSPICIOUS) else ""


def _unshowable(title: str, slug: str, prose: str, line: Callable[[int], int]) -> Iterator[Finding]:
    """What no reader may be shown."""
    marks = _CONFLICT.search(prose) or (_CONFLICT_MIDDLE.search(prose) if ">>>>>>>" in prose else None)
    for code, match in (
        (Code.CONFLICT, marks),
        (Code.PROMPT, _PROMPT.search(prose)),
        (Code.CHAT, ACKNOWLEDGEMENT.search(prose) or REPLY.search(prose)),
        (Code.BROKEN_CHARACTER, _BROKEN.search(prose)),
        (Code.WALL_OF_SIGNS, _WALL.search(prose)),
        (Code.REFUSAL, REFUSAL.match(prose)),
    ):
        if match:
            start = match.start("said" if "said" in match.re.groupindex else 0)
            yield code.found(line=line(match.end() if code is Code.BROKEN_CHARACTER else start))
    if "\ufffd" in title:
        yield Code.BROKEN_TITLE.found()
    if REFUSAL.match(title) or UNABLE.search(QUOTED.sub("", title)) or REFUSAL_SLUG.match(slug):
        yield Code.REFUSAL_TITLE.found()


def _doubtful(prose: str, line: Callable[[int], int]) -> Iterator[Finding]:
    for code, pattern in ((Code.END_MARK, _END_MARK), (Code.CITATION, _CITE)):
        if places := list(pattern.finditer(prose)):
            yield code.found(count=len(places), line=line(places[0].start()))


def _headings(headings: Sequence[Heading], body_line: int) -> Iterator[Finding]:
    for before, heading in pairwise(headings):
        if heading.level > before.level + 1:
            yield Code.HEADING_JUMP.found(line=body_line + heading.line - 1)
            break
    for heading in headings:
        if len(heading.text) > MAX_HEADING:
            yield Code.LONG_HEADING.found(count=len(heading.text), line=body_line + heading.line - 1)
            break


def _repeated(paragraphs: Iterable[str]) -> int:
    """Number of paragraphs that repeat another one word for word."""
    counts = Counter(text for text in paragraphs if len(text) >= MIN_REPEATED)
    return sum(count - 1 for count in counts.values())
