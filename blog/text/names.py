"""Tag keys, slugs, lists of names and public paths, normalised from what editors type."""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

from django.utils.text import slugify as django_slugify

from blog.text.normalise import INVISIBLE, one_line

MAX_PATH_LENGTH = 500
MAX_SLUG = 120
"""Maximum length of a slug, typed, from a file's name or made of a title."""

_TAG_SEPARATOR = re.compile(r"[,、，\n]")
# Characters that carry the meaning of a name and that a plain slug would drop: C, C++ and C# are three tags.
_SPOKEN = (
    (re.compile(r"(?<!\w)([a-z])\+\+(?!\+)"), r"\1pp"),
    (re.compile(r"(?<!\w)([a-z])#"), r"\1sharp"),
    (re.compile(r"(?<!\S)\.net\b"), "dotnet"),
    (re.compile(r"\s*&\s*"), " and "),
)
_EXTENSION = re.compile(r"\.[a-z][a-z0-9]{0,4}$", re.IGNORECASE)
_BLANK = set("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and signs by their category that show nothing: fillers of Hangul, the empty pattern of Braille."""
_UNSTORABLE = {"Cc", "Cs", "Zl", "Zp"}


def tag_key(name: str) -> str:
    """Return the unique key of a tag: `AI`, `ＡＩ` and ` ai ` are one tag, and so are names that look the same."""
    folded = unicodedata.normalize("NFKC", INVISIBLE.sub("", one_line(name))).casefold()
    return one_line(INVISIBLE.sub("", unicodedata.normalize("NFKC", folded)))


def tag_slug(name: str) -> str:
    """Return the slug of a tag; `tag` when the name has no letter or digit. The caller makes it unique."""
    spoken = tag_key(name)
    for pattern, replacement in _SPOKEN:
        spoken = pattern.sub(replacement, spoken)
    return slugify(spoken) or "tag"


def is_visible(text: str) -> bool:
    """Whether `text` has a letter, a digit or a sign to be seen, not only spaces, joiners, selectors and loose marks."""
    return any(unicodedata.category(char)[0] in "LNPS" and char not in _BLANK for char in text)


def slugify(text: str, *, limit: int = MAX_SLUG) -> str:
    """Return a slug of at most `limit` characters that keeps Japanese; empty when there is no letter or digit."""
    slug = unicodedata.normalize("NFC", django_slugify(one_line(text), allow_unicode=True))
    return slug[:limit].strip("-_")


def parse_tags(text: str) -> list[str]:
    """Split a typed list of tags at commas of any kind and line ends; spaces belong to the name."""
    return list(unique_names(_TAG_SEPARATOR.split(text)))


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """Remove empty and repeated names (equal `tag_key`), keeping the order and the first spelling."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(tag_key(name), one_line(name))
    first.pop("", None)
    return tuple(first.values())


def format_tags(names: Iterable[str]) -> str:
    """Format `names` as one line that `parse_tags` reads back."""
    return "、".join(names)


def public_path(text: str) -> str:
    """Normalise a URL path to the form in which addresses are stored and compared.

    Decoded, NFC, one slash at the start, no empty segments, a slash at the end unless the last segment
    looks like a file. Decoding repeats until nothing changes, so that no `..` is hidden in `%252e`.
    Raises ValueError, with a message for editors, for a path that no public page may have.
    """
    if len(text) > MAX_PATH_LENGTH * 10:
        raise ValueError("URLのパスが長すぎます。")
    path = text.strip(" \u3000")
    while (decoded := _decode(path)) != path:
        path = decoded
    path = unicodedata.normalize("NFC", path)
    if any(unicodedata.category(char) in _UNSTORABLE for char in path):
        raise ValueError("URLのパスに制御文字や改行は使えません。")
    if "\\" in path:
        raise ValueError("URLのパスに「\\」は使えません。「/」で区切ってください。")
    if "?" in path or "#" in path:
        raise ValueError("URLのパスに「?」と「#」は使えません。パスの部分だけを入力してください。")
    segments = [segment for segment in path.split("/") if segment]
    if any(segment.strip() in {".", ".."} for segment in segments):
        raise ValueError("URLのパスに「.」や「..」だけの区切りは使えません。")
    if not segments:
        return "/"
    path = "/" + "/".join(segments) + ("" if _EXTENSION.search(segments[-1]) else "/")
    if len(path) > MAX_PATH_LENGTH:
        raise ValueError(f"URLのパスは{MAX_PATH_LENGTH}文字までです。")
    return path


def _decode(path: str) -> str:
    try:
        return unquote(path, errors="strict")
    except UnicodeDecodeError as error:
        raise ValueError("URLのパスをUTF-8として読めません。") from error
