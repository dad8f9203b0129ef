"""HTML sanitiser, the only place where HTML becomes safe: no other code may call mark_safe on texts of editors or
files."""

import json
import re
from typing import Any

import nh3
from django.utils.safestring import SafeString
from pygments.token import STANDARD_TYPES

from blog.text.highlight import LANGUAGES
from blog.text.notes import LABELS

URL_SCHEMES = frozenset({"http", "https", "mailto", "tel"})

_TAGS = frozenset(
    [
        "a",
        "aside",
        "blockquote",
        "br",
        "code",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "input",
        "li",
        "ol",
        "p",
        "picture",
        "pre",
        "rp",
        "rt",
        "ruby",
        "s",
        "section",
        "source",
        "span",
        "strong",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_ATTRIBUTES = {
    "a": {"aria-label", "href", "id", "rel", "role", "title"},
    "aside": {"role"},
    "div": {"aria-label", "role", "tabindex"},
    "img": {"alt", "decoding", "height", "loading", "src", "title", "width"},
    "input": {"aria-label", "checked", "disabled", "type"},
    "li": {"id"},
    "ol": {"start"},
    "pre": {"tabindex"},
    "section": {"aria-label", "role"},
    "source": {"sizes", "srcset", "type"},
    **{tag: {"id"} for tag in ("h2", "h3", "h4", "h5", "h6")},
}
_ALIGNMENTS = {"align-left", "align-center", "align-right"}
_CLASSES = {
    "a": {"footnote-backref"},
    "aside": {"note", *LABELS},
    "code": {f"language-{name}" for name in LANGUAGES},
    "details": {"note", *LABELS},
    "div": {"note-label", "table-scroll"},
    "em": {"dotted"},
    "figure": {"code-file"},
    "input": {"task-list-item-checkbox"},
    "li": {"footnote-item", "task-list-item"},
    "ol": {"contains-task-list", "footnotes-list"},
    "section": {"footnotes"},
    "summary": {"note-label"},
    "span": {"credit", *filter(None, STANDARD_TYPES.values())},
    "sup": {"footnote-ref"},
    "td": _ALIGNMENTS,
    "th": _ALIGNMENTS,
    "ul": {"contains-task-list"},
}
# Browsers ignore these inside a URL, and treat a backslash as a slash.
_IGNORED = re.compile("[\x00-\x20\x7f]+")
_CANDIDATE = re.compile(r"(?:https?://|/(?![/\\]))[^\s,]+(?: \d+(?:\.\d+)?[wx])?")
_SIZES = re.compile(r"[a-z0-9 .,:()%-]+")
_PICTURE_TYPES = {"image/avif", "image/webp"}


def _checked(tag: str, attribute: str, value: str) -> str | None:
    """Check one attribute value. A URL without a scheme but with a host gets https, so that it is visibly external."""
    if attribute in {"href", "src"}:
        start = _IGNORED.sub("", value[:50]).replace("\\", "/")
        if start.startswith("//"):
            return "https://" + _IGNORED.sub("", value).lstrip("/\\")
    if attribute == "srcset" and not all(_CANDIDATE.fullmatch(part.strip()) for part in value.split(",")):
        return None
    if tag == "source" and attribute == "sizes" and not _SIZES.fullmatch(value):
        return None
    if tag == "source" and attribute == "type" and value not in _PICTURE_TYPES:
        return None
    return value


_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    attributes=_ATTRIBUTES,
    allowed_classes=_CLASSES,
    clean_content_tags={"script", "style"},
    url_schemes=set(URL_SCHEMES),
    attribute_filter=_checked,
    set_tag_attribute_values={"input": {"disabled": "", "type": "checkbox"}},
    link_rel=None,  # the renderer sets rel: only it knows which hosts are ours
    strip_comments=True,
)


def sanitise(html: str) -> SafeString:
    """Sanitise `html`: keep only the tags, attributes, classes and URL schemes that articles use."""
    return SafeString(_CLEANER.clean(html))


def stored_html(html: str) -> SafeString:
    """Mark HTML as safe that `sanitise` produced before it was stored. Only for columns that no other code writes."""
    return SafeString(html)


# `<` could end the script or begin a comment in it; the two separators are line ends in old JavaScript.
_IN_SCRIPT = tuple((sign, f"\\u{ord(sign):04x}") for sign in "<>&\u2028\u2029")


def json_ld(data: Any) -> SafeString:
    """Render `data` as a JSON-LD block (https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents).

    It is a data block, not a script: browsers do not run it, and a Content-Security-Policy does not apply to it.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign, escaped in _IN_SCRIPT:  # `str.translate` takes fifty times as long
        text = text.replace(sign, escaped)
    return SafeString(f'<script type="application/ld+json">{text}</script>')
