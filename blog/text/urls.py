"""URLs as they are typed: bare ones in running text or alone on a line, and those with spaces in links and images."""

import re
from collections.abc import Iterable

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from blog.text.house_rules import HouseRules
from blog.text.positions import mark

# RFC 3986 characters, without the brackets and the asterisk that belong to Markdown.
_URL_REST = re.compile(r"://[a-z0-9][\w\-.~:/?#@!$&'()+,;=%]*", re.ASCII | re.IGNORECASE)
_TRAILING = ".,;:!?'_~"
_FULL_STOPS = "。．"
# A whole line, which goes on in Japanese where a part of a path or of a query may begin, or in a name such as `AI倫理`.
_WHOLE = re.compile(
    r"://[A-Za-z0-9][A-Za-z0-9_.\-:@]*[/?#][!-;=?-Z_a-z~]*"
    r"(?:(?<=[/=?#&_-])[^\x00-\x7f\s（「『【、。]|(?<=[A-Za-z0-9])[\u30a1-\u30ff\u3400-\u9fff])"
    r"[^\s<>\"\\^`{|}]*(?=[ \t]*(?:\n|$))"
)
_SENTENCE = re.compile(
    r"[/=?#&_-](?:を|です|から|まで|より|など|には|にて|では|とは|という|へ(?:の|$)|は(?:こちら|、))"
    r"|(?:です|ます|ました|ません|ください|下さい|こちら|をご覧|(?<![/=_])参照)[。．.！!]*$"
)
"""What follows a URL in running text, in its last part; it could begin a name, but then more rarely."""
_RAW_TAG = re.compile(r"<[A-Za-z][A-Za-z0-9-]*\s[^<>]*")
_TAG_LENGTH = 1000
# The destination of a link with spaces, before its title or `)`; brackets in it are balanced: `/写真 (1).png`.
_SPACED = re.compile(
    r"\]\([ \t]*+((?:[^()<>\"'\n\\]|(?<=\S)'|\([^()<>\"\n]{0,100}\)){1,300})(?=(?:(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}')[ \t]*)?\))"
)
_MAY_BE_SPACED = re.compile(r"\]\([^\s<>]{1,300}[ \t]++[^\s\"')]")
# Behind the URL of an image Zenn gives its size: `![図](/a.png =250x)`.
_SIZE = re.compile(r"[ \t]+=\d{0,9}%?x\d{0,9}%?$")
_LIKE_A_URL = re.compile(
    r"(?:\.{0,2}/|https?://)\S.*"
    r"|[^\s/].*\.(?:png|jpe?g|gif|webp|avif|svg|pdf|html?|md|txt|csv|zip|docx?|xlsx?|pptx?|mp[34]|webm)(?:[?#]\S*)?",
    re.IGNORECASE,
)
# A Unicode noncharacter: it stands for a space in a URL while a text is parsed.
_SPACE = "\ufdd1"


def urls(md: MarkdownIt, rules: HouseRules) -> None:
    """markdown-it plugin: install the rules of this module."""
    rules.add_inline(":", _bare_url)
    md.core.ruler.before("inline", "close_spaces", _close_spaces)
    md.core.ruler.after("inline", "open_spaces", _open_spaces)
    normalise = md.normalizeLink
    md.normalizeLink = lambda url: normalise(url.replace(_SPACE, " "))  # type: ignore[method-assign]  # its documented hook


def _bare_url(state: StateInline, silent: bool) -> bool:
    """Link `https://…`: in running text ASCII only, as the Japanese after a URL is not part of it."""
    pos = state.pos
    if not state.src.startswith("://", pos) or state.linkLevel > 0:
        return False
    before = state.src[max(pos - 5, 0) : pos].lower()
    scheme = next((word for word in ("https", "http") if before.endswith(word)), "")
    start = pos - len(scheme)
    if not scheme or (start and state.src[start - 1].isascii() and state.src[start - 1].isalnum()):
        return False
    match = _URL_REST.match(state.src, pos, state.posMax)
    if not match or _is_in_tag(state.src, start):
        return False
    url = _whole_line(state, start, pos) or _trimmed(state.src[start : match.end()])
    href = state.md.normalizeLink(url)
    if len(url) <= len(scheme) + 3 or not state.md.validateLink(href):
        return False
    if not silent:
        if not state.pending.endswith(state.src[start:pos]):
            return False  # the scheme belongs to something else, such as an escape
        state.pending = state.pending[: -len(scheme)]
        token = state.push("link_open", "a", 1)
        token.attrs, token.info = {"href": href}, "auto"
        state.push("text", "", 0).content = url
        state.push("link_close", "a", -1)
        mark(state, start, start + len(url), token=token)
    state.pos = start + len(url)
    return True


def _is_in_tag(src: str, start: int) -> bool:
    """Whether a URL stands within a raw tag, as in `<a href="https://…">`, which is shown as it was typed."""
    opening = src.rfind("<", max(start - _TAG_LENGTH, 0), start)
    return (
        opening >= 0
        and bool(_RAW_TAG.fullmatch(src, opening, start))
        and src.find(">", start, start + _TAG_LENGTH) >= 0
    )


def _whole_line(state: StateInline, start: int, pos: int) -> str:
    """Return the URL that is alone on its line and has Japanese in its path; "" when there is none."""
    line = state.src.rfind("\n", 0, start) + 1
    if state.src[line:start].strip(" \t") or not (match := _WHOLE.match(state.src, pos, state.posMax)):
        return ""
    url = match[0]
    is_sentence = "、" in url or _SENTENCE.search(url, url.rfind("/"))
    return "" if is_sentence else state.src[start : match.end()].rstrip(_FULL_STOPS)


def _trimmed(url: str) -> str:
    """Drop sentence punctuation and a closing bracket that the URL did not open."""
    unopened = url.count(")") - url.count("(")
    end = len(url)
    while end:
        if url[end - 1] == ")" and unopened > 0:
            unopened -= 1
        elif url[end - 1] not in _TRAILING:
            break
        end -= 1
    return url[:end]


def _close_spaces(state: StateCore) -> None:
    """`![図](/売上 グラフ.png)`: Markdown ends a URL at a space, and shows the whole as text."""
    for token in state.tokens:
        if token.type == "inline" and "](" in token.content and _MAY_BE_SPACED.search(token.content):
            closed = _SPACED.sub(_closed, token.content)
            if closed != token.content:
                token.meta["typed"], token.content = token.content, closed
                state.env["has_spaces"] = True


def _closed(link: re.Match[str]) -> str:
    """Put another character for the spaces of a URL, and spaces for the size behind it, which we do not use."""
    written = link[1].rstrip(" \t")
    url = _SIZE.sub("", written)
    if (url == written and " " not in url) or " =" in url or not _LIKE_A_URL.fullmatch(url):
        return link[0]
    begin = link.start(1) - link.start()
    closed = url.replace(" ", _SPACE).ljust(len(written))
    return link[0][:begin] + closed + link[0][begin + len(written) :]


def _open_spaces(state: StateCore) -> None:
    for token in state.tokens if "has_spaces" in state.env else ():
        if "typed" in token.meta:
            token.content = token.meta.pop("typed")
            _restore(token.children or ())


def _restore(tokens: Iterable[Token]) -> None:
    for token in tokens:
        token.content = token.content.replace(_SPACE, " ")
        for name, value in token.attrs.items():
            token.attrs[name] = value.replace(_SPACE, " ") if isinstance(value, str) else value
        _restore(token.children or ())
