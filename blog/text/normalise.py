"""Normalisation of text from forms, files and clipboards into the one form that is stored.

It is done where text enters: in `Content`, in the forms of what is no post, and to a file that is read. Whoever gets the
text later (renderer, scanner, search, export) takes it as it is. A page or a footer that was saved before its form did
so may still have the line ends of a browser until it is saved again; the parser reads them as what they are.
"""

import re
import unicodedata

# What XML 1.0 (https://www.w3.org/TR/xml/#charsets) forbids: one such character makes a whole feed
# unreadable. The byte order mark is allowed there, but inside a text it only breaks comparisons. U+FDD0 to U+FDEF are
# no characters but for a program's own use: `blog.text.syntax` makes use of one.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]")
_LINE_END = re.compile("\r\n?")
# Stacked marks beyond what any script needs (Unicode's stream-safe format, UAX 15, allows 30): sorting them
# costs squares of their number, and they draw over the lines around them.
_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f]"
# The first mark stands outside of the repetition: so `re` looks for it, which is three times as fast.
_MARKS = re.compile(f"({_MARK}{_MARK}{{29}}){_MARK}+")
_WHITESPACE = re.compile(r"\s+")


def normalise(text: str) -> str:
    """Return `text` in NFC with LF line ends and without characters that XML forbids. Idempotent."""
    allowed = _FORBIDDEN.sub("", _LINE_END.sub("\n", text))
    return unicodedata.normalize("NFC", _MARKS.sub(r"\1", allowed))


def one_line(text: str) -> str:
    """Return `text` normalised, on one line: every run of whitespace is one space, none at the ends."""
    return _WHITESPACE.sub(" ", normalise(text)).strip()
