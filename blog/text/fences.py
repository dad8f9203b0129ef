"""Language and file name in the info string of a code block, in the forms of GitHub, Zenn, Qiita, Gatsby and Pandoc."""

import re

from markdown_it.common.utils import unescapeAll
from markdown_it.token import Token

from blog.text.highlight import language

MAX_NAME = 200
_TITLE = re.compile(r"\b(?:title|filename|file|name|caption)[:=](?:\"([^\"\n]*)\"|'([^'\n]*)'|([^\s\"'{}]+))")
# The language ends where its options or a file name begin: `js:a.js`, `js{1,3}`, `js,linenos`.
_WORD = re.compile(r"\{?\.?([^\s:{},.=]*)(:?)(\S*)")
_CLASS = re.compile(r"[\s{]\.([\w+#-]+)")
_SECOND = re.compile(r"\s+(?:[\w+#-]{1,20}:(?!//)(\S+)|([\w./@-]+\.[A-Za-z]\w{0,9})\s*$)")
_FILE = re.compile(r"[\w./@+-]*\.[A-Za-z]\w{0,9}")


def code_language(info: str) -> str:
    """Return the known language of a fence's info string, empty when unknown."""
    info = info[:1000].strip()
    word = _first(info)[0]
    if info.startswith("{") and (of_class := _CLASS.search(info)):
        word = of_class[1]
    # `diff_js`, `js-diff`: what has changed in code of another language.
    if known := language(word) or ("diff" if "diff" in re.split("[_-]", word) else ""):
        return known
    if word and not _FILE.fullmatch(info):
        return ""
    return language(file_name(info).rpartition(".")[2])


def file_name(info: str) -> str:
    """Return the file name or title that a fence's info string gives, empty when it gives none."""
    info = unescapeAll(info[:1000]).strip()
    title = given_title(info)
    if title is not None:
        found = title
    elif named := _first(info)[1]:
        found = named
    elif second := _SECOND.match(info, len(info.split(maxsplit=1)[0]) if info else 0):
        found = second[1] or second[2]
    else:
        found = info if _FILE.fullmatch(info) else ""
    return found.strip()[:MAX_NAME]


def given_title(options: str) -> str | None:
    """Return the title or file name among the options of a block of code, None when there is none: `title="a.js"`."""
    title = _TITLE.search(options)
    return next(filter(None, title.groups()), "") if title else None


def _first(info: str) -> tuple[str, str]:
    """Language and file name in the first word: `js:index.js`, `{.ruby}`, `:a.txt`."""
    match = _WORD.match(info)
    if not match:
        return "", ""
    is_named = match[2] and info[0] != "{" and not match[3].startswith("//")
    name = (match[3] or info[match.end() :]) if is_named else ""
    return match[1].lower(), name.removeprefix("title=")


def name_code(tokens: list[Token]) -> list[Token]:
    """Put each code block that has a file name into a figure with that name as its caption."""
    if not any(token.type == "fence" and token.info for token in tokens):
        return tokens
    named: list[Token] = []
    for token in tokens:
        name = file_name(token.info) if token.type == "fence" and token.info else ""
        if name:
            words = Token("inline", "", 0, children=[Token("text", "", 0, content=name)])
            named += [
                Token("code_figure_open", "figure", 1, attrs={"class": "code-file"}, block=True),
                Token("figcaption_open", "figcaption", 1, block=True),
                words,
                Token("figcaption_close", "figcaption", -1, block=True),
                token,
                Token("code_figure_close", "figure", -1, block=True),
            ]
        else:
            named.append(token)
    return named
