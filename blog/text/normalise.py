"""Normalisation of text from forms, files and clipboards into the one form that is stored.

Text is normalised where it enters: in `Content`, in the forms of other models, and when a file is read. Later stages
(renderer, scanner, search, export) use it unchanged. A page or a footer that was last saved before its form normalised
may have a browser's line ends until it is saved again; the parser treats them as line ends.
"""

import re
import unicodedata

# Characters that XML 1.0 (https://www.w3.org/TR/xml/#charsets) forbids: one makes a whole feed
# unreadable. The byte order mark is allowed there, but inside a text it only breaks comparisons. U+FDD0 to U+FDEF are
# noncharacters for a program's internal use: `blog.text.syntax` uses one.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_LINE_END = re.compile("\r\n?")
# Stacked marks beyond what any script needs (Unicode's stream-safe format, UAX 15, allows 30): the cost of sorting
# them grows with the square of their number, and they cover the lines around them.
_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f]"
# The first mark is outside the repetition, so that `re` can search for it: three times as fast.
_MARKS = re.compile(f"({_MARK}{_MARK}{{29}}){_MARK}+")
_WHITESPACE = re.compile(r"\s+")
UNSEEN = (
    "\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufffd\ud800-\udfff\U000e0000-\U000e0fff"
)
"""Invisible characters, for a character class of `re`: joiners, soft hyphens, direction marks, variation selectors, and
U+FFFD of broken bytes. Two words that differ in them alone look the same."""
INVISIBLE = re.compile(f"[{UNSEEN}]+")


def normalise(text: str) -> str:
    """Normalise `text`: NFC, LF line ends, no characters that XML forbids. Idempotent."""
    allowed = _FORBIDDEN.sub("", _LINE_END.sub("\n", text))
    return unicodedata.normalize("NFC", _MARKS.sub(r"\1", allowed))


def one_line(text: str) -> str:
    """Normalise `text` to one line: every run of whitespace becomes one space, none at the ends."""
    return _WHITESPACE.sub(" ", normalise(text)).strip()
