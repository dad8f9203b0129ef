"""Excerpts: plain text shortened by characters for cards and descriptions, since Japanese has no spaces between
words."""

import re
import unicodedata

ELLIPSIS = "…"
_CLOSING = "」』）】〉》”’)"
_SENTENCE_END = re.compile(rf"(?:[。！？]|[.!?](?=\s|$))[{_CLOSING}]*")
# Remains of a formula in which a text generator got lost: ${{皆さんも}^{{}^{}{}^{}…
# Eight underscores alone are a blank to fill in. (Both runs are bounded: otherwise a long line of spaces or of
# names_like_this would be scanned again from each position.)
_TRUNCATION = re.compile(r"\s{,9}(?:[$_^{}]{1,9}[^\W_]\w{,39})?(?!_{8})[$_^{}]{8,}.*", re.DOTALL)
_BRACKETS = dict.fromkeys("「『（【〈《", 1) | dict.fromkeys("」』）】〉》", -1)
_ENDS = "。！？!?.…"
_TAIL = 20
"""Number of characters long enough not to occur in a text by chance."""
_HEADING = re.compile(r"(?:(?<=\s)|(?<=[。！？]))#{2,6}[ \u3000].*", re.DOTALL)
_OWN_MARKS = re.compile(r"^(?:#{1,6}[ \u3000]+|#{2,6})")
_SHORT = 20
"""Number of letters and digits below which an excerpt repeats the text only if it is a whole sentence of it."""
_JOINERS = "\u200d\ufe0e\ufe0f"


def excerpt(plain_text: str, *, limit: int = 120) -> str:
    """Return the beginning of `plain_text` on one line, at most `limit` characters.

    Ends after a whole sentence if one ends outside brackets in the last two thirds of the limit;
    otherwise cuts and adds an ellipsis, which counts.
    """
    text = _join_lines(plain_text)
    if len(text) <= limit:
        return text
    if end := _last_sentence_end(text, limit):
        return text[:end]
    return _trimmed(text[: _safe_cut(text, max(limit - 1, 0))]) + ELLIPSIS


def without_truncation(summary: str) -> str:
    """Cut `summary` at the first remains of a broken formula."""
    kept, cut = _TRUNCATION.subn("", summary)
    return f"{_trimmed(kept)}{ELLIPSIS}" if cut and kept and not _is_ended(kept) else kept


def without_headings(summary: str) -> str:
    """Cut `summary` before a heading of the text that was joined to it: 「…です。## 背景 …」. Its own marks are removed."""
    kept, cut = _HEADING.subn("", _OWN_MARKS.sub("", summary))
    kept = kept.rstrip()
    return f"{_trimmed(kept)}{ELLIPSIS}" if cut and kept and not _is_ended(kept) else kept


def begins_with(text: str, excerpt: str) -> bool:
    """Whether a plain `text` begins by saying `excerpt`, whatever their spaces and punctuation."""
    wanted = [char for char in excerpt if char.isalnum()]
    at = 0
    for char in wanted:
        while at < len(text) and not text[at].isalnum():
            at += 1
        if text[at : at + 1] != char:
            return False
        at += 1
    return len(wanted) >= _SHORT or (bool(wanted) and not text[at : at + 1].strip(_CLOSING + _ENDS + "\n"))


def finished(summary: str, text: str) -> str:
    """Add an ellipsis to `summary` if a generator cut it off within a sentence of `text`."""
    at = text.find(summary[-_TAIL:]) if len(summary) >= 3 * _TAIL else -1
    goes_on = at >= 0 and text[at + _TAIL : at + _TAIL + 1].strip().strip(_ENDS)
    breaks_off = goes_on and not _is_ended(summary)
    return f"{_trimmed(summary)}{ELLIPSIS}" if breaks_off else summary


def _is_ended(summary: str) -> bool:
    return summary.rstrip(_CLOSING).endswith(tuple(_ENDS))


def _trimmed(text: str) -> str:
    return text.rstrip(" 、，,")


def _join_lines(text: str) -> str:
    """Join lines with a space only between Latin words; Japanese lines join without one."""
    joined = ""
    for line in text.split("\n"):
        words = " ".join(line.split())
        if joined and words and joined[-1].isascii() and words[0].isascii():
            joined += " "
        joined += words
    return joined


def _last_sentence_end(text: str, limit: int) -> int:
    """Return the position after the last sentence that fits in `limit`; 0 when none is long enough."""
    best = depth = seen = 0
    for match in _SENTENCE_END.finditer(text, 0, limit + 1):
        depth += sum(_BRACKETS.get(char, 0) for char in text[seen : match.end()])
        seen = match.end()
        if depth <= 0 and limit // 3 <= seen <= limit:
            best = seen
    return best


def _safe_cut(text: str, cut: int) -> int:
    """Move `cut` back so that it splits no Latin word and separates no character from its combining marks."""
    while cut > 0 and (
        unicodedata.combining(text[cut]) or text[cut] in _JOINERS or text[cut - 1] == "\u200d"
    ):
        cut -= 1
    start = cut
    while start > 0 and _in_word(text[start - 1]) and _in_word(text[start]):
        start -= 1
    return start if start > cut // 2 else cut


def _in_word(char: str) -> bool:
    return char.isascii() and char.isalnum()
