"""Front matter parser: YAML at the head of a Markdown file, as Jekyll and the pipeline write it.

Files are untrusted: only plain data is built (no tags, anchors or aliases, hence no objects and no expanding
references), and size and depth are limited.
"""

import re
from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from blog.text.findings import Code, Finding
from blog.text.normalise import normalise, one_line

HAS_LIBYAML: bool = yaml.__with_libyaml__
if HAS_LIBYAML:
    from yaml._yaml import CParser

MAX_FRONT_MATTER = 64 * 1024  # characters
MAX_FILE = 5 * 1024 * 1024
"""Maximum file size in bytes: thirty times the longest article of the archive (48,000 characters, 150 KB), and small
enough that sixty files read ahead stay in memory. A larger file is not an article but a mistake."""
MAX_DEPTH = 20
MAX_NUMBER = 100
"""Maximum number of digits: the cost of parsing a number grows with their square."""

YEARS = range(1900, 9000)
"""Valid years of an article's date and public path. Others are typing errors; `%Y` writes early years with fewer than
four digits, and at the ends of the calendar some time zones have no such day."""

_DELIMITER = re.compile(r"^---[ \t]*$", re.MULTILINE)
_DATE = re.compile(
    r"(?P<day>\d{4}-\d{1,2}-\d{1,2})"
    r"(?:(?:[ \t]+|[Tt])(?P<time>\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?"
    r"[ \t]*(?P<zone>Z|(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?)?"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_HEADING_MARKS = re.compile(r"^[ \t\u3000]*#{1,6}[ \t\u3000]*", re.MULTILINE)


class FrontMatterError(ValueError):
    """Error in the front matter. `message` is for editors, `line` counts from 1 in the file."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(f"{line}行目：{message}")
        self.message = message
        self.line = line


@dataclass(frozen=True)
class Document:
    """Parsed file. `head` is the YAML source of `meta`; `body_line`: first line of the body, from 1."""

    meta: dict[str, Any]
    body: str
    body_line: int = 1
    findings: tuple[Finding, ...] = field(default=())
    head: str = ""

    def line_of(self, key: str) -> int | None:
        """Return the line of the file with `key`, the last one if it is repeated; None when it is not found."""
        pattern = rf"^[\"']?{re.escape(key)}[\"']?[ \t]*:"
        found = [*re.finditer(pattern, self.head, re.MULTILINE | re.IGNORECASE)]
        return self.head.count("\n", 0, found[-1].start()) + 2 if found else None


def split(source: str) -> tuple[str, str, int]:
    """Split a file into YAML, body and the body's first line number; the YAML is empty when line 1 is not `---`.

    Only the first pair of delimiter lines counts: further down, `---` is a thematic break. Blank lines at the start of
    the body are dropped. Raises FrontMatterError when the closing delimiter is missing.
    """
    opening = _DELIMITER.match(source)
    if not opening:
        return "", source, 1
    closing = _DELIMITER.search(source, opening.end())
    if not closing:
        raise FrontMatterError("先頭の「---」に対応する、終わりの「---」の行がありません。", 1)
    head = source[opening.end() + 1 : closing.start()]
    rest = source[closing.end() :]
    body = rest.lstrip("\n")
    return head, body, source.count("\n", 0, len(source) - len(body)) + 1


def parse(source: str, *, limit: int = MAX_FRONT_MATTER) -> Document:
    """Parse a whole file; its front matter may have `limit` characters.

    Raises FrontMatterError; doubtful but readable things become findings.
    """
    head, body, body_line = split(normalise(source))
    if len(head) > limit:
        raise FrontMatterError(f"先頭の「---」から「---」までが長すぎます（{limit // 1024}KBまで）。", 1)
    meta, findings = load(head, first_line=2)
    if meta is None:
        meta = {}
    if not isinstance(meta, dict):
        raise FrontMatterError("「項目: 値」の形で書いてください。", 2)
    # Normalise again: an escape in a string can add characters that the file itself does not contain.
    meta = {normalise(str(key)): _normalised(value) for key, value in meta.items()}
    return Document(meta=meta, body=body, body_line=body_line, findings=findings, head=head)


def _normalised(value: Any) -> Any:
    if isinstance(value, dict):
        return {_normalised(key): _normalised(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_normalised(item) for item in value]
    return normalise(value) if isinstance(value, str) else value


def load(text: str, *, first_line: int = 1) -> tuple[Any, tuple[Finding, ...]]:
    """Parse YAML as plain data, with findings about doubtful things. Raises FrontMatterError.

    `first_line`: the line of the file on which `text` starts.
    """
    if HAS_LIBYAML and "\t" not in text:
        # libyaml takes a twentieth of the time. What it rejects is parsed again in Python, which defines the limits,
        # messages and line numbers of errors. Tabs are the only thing that libyaml accepts more of than Python.
        with suppress(yaml.YAMLError, ValueError, OverflowError):
            fast = _FastLoader(text, first_line)
            return fast.get_single_data(), tuple(fast.findings)
    loader = _PlainLoader(text, first_line)
    try:
        return loader.get_single_data(), tuple(loader.findings)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + first_line if mark else 1
        if isinstance(error, _RefusedError):
            raise FrontMatterError(str(error.problem), line) from error
        raise FrontMatterError(
            "YAMLとして読めません。引用符、コロン、字下げを確かめてください。", line
        ) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise FrontMatterError("YAMLとして読めない値があります。", first_line) from error
    finally:
        loader.dispose()


class _RefusedError(yaml.MarkedYAMLError):
    """Valid YAML that is not accepted here."""


class _Plain(Composer, SafeConstructor):
    """Mixin for a safe loader: also rejects references and tags, and reports repeated keys.

    Its values can be written as UTF-8 and JSON: no lone surrogates, and a number beyond 64 bits stays text. Dates stay
    text too: YAML's do not know `+0900`, and the code that needs a date reports a bad one better.
    """

    def start(self, first_line: int) -> None:
        self._first_line = first_line
        self.findings: list[Finding] = []
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        parser: Any = self
        event = parser.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _RefusedError(problem="「&」と「*」による参照は使えません。", problem_mark=event.start_mark)
        if getattr(event, "tag", None):
            raise _RefusedError(problem="「!」で始まる型の指定は使えません。", problem_mark=event.start_mark)
        if self._depth >= MAX_DEPTH:
            raise _RefusedError(problem="入れ子が深すぎます。", problem_mark=event.start_mark)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # the parent class rejects it
            if key.value in seen:
                line = key.start_mark.line + self._first_line
                self.findings.append(Code.DUPLICATE_KEY.found(line=line, field=key.value, key=key.value))
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)

    def construct_text(self, node: yaml.ScalarNode) -> str:
        text = self.construct_scalar(node)
        if _SURROGATE.search(text):  # JSON escapes an emoji as two of these, and YAML contains JSON
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
        return text

    def construct_number(self, node: yaml.ScalarNode) -> int | str:
        text = self.construct_scalar(node)
        value = self.construct_yaml_int(node) if len(text) <= MAX_NUMBER else None
        return value if value is not None and -(2**63) <= value < 2**63 else text


for _tag in ("str", "timestamp"):
    _Plain.add_constructor(f"tag:yaml.org,2002:{_tag}", _Plain.construct_text)  # type: ignore[type-var]  # a constructor is no whole loader
_Plain.add_constructor("tag:yaml.org,2002:int", _Plain.construct_number)  # type: ignore[type-var]  # the same


class _PlainLoader(_Plain, yaml.SafeLoader):
    def __init__(self, stream: str, first_line: int) -> None:
        yaml.SafeLoader.__init__(self, stream)
        self.start(first_line)


if HAS_LIBYAML:

    class _FastLoader(_Plain, CParser, Resolver):
        """Loader with libyaml's parser; Python composes the nodes and so can check them."""

        def __init__(self, stream: str, first_line: int) -> None:
            CParser.__init__(self, stream)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)
            self.start(first_line)


def parse_date(value: object, *, zone: tzinfo) -> datetime:
    """Parse a front matter date to a datetime in UTC.

    Accepts `YYYY-MM-DD[ HH:MM[:SS]][ ±HHMM|±HH:MM|±HH|Z]`, a datetime or a date; `zone` applies where none is given.
    Raises ValueError with a message for editors.
    """
    try:
        at = _moment(value, zone).astimezone(UTC)
        if at.year in YEARS:
            return at
        raise ValueError("no year of a magazine")
    except (ValueError, OverflowError) as error:
        raise ValueError(f"日時として読めません：{str(value)[:40]}") from error


def _moment(value: object, zone: tzinfo) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    match = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError("unknown form")
    year, month, day = (int(part) for part in match["day"].split("-"))
    hour, minute, second = (int(part) for part in f"{match['time'] or '0:0'}:0".split(":")[:3])
    return datetime(year, month, day, hour, minute, second, tzinfo=_offset(match) or zone)


def _offset(match: re.Match[str]) -> tzinfo | None:
    if not match["sign"]:
        return UTC if match["zone"] else None
    size = timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    return timezone(-size if match["sign"] == "-" else size)


def clean_title(raw: str) -> str:
    """Strip the Markdown around a title: `**…**`, leading `#`, enclosing backticks."""
    title = one_line(raw)
    while (stripped := _unwrap(title)) != title:
        title = stripped
    return title


def _unwrap(title: str) -> str:
    title = re.sub(r"^#{1,6}\s+|^#{2,6}", "", title)
    for mark in ("**", "__", "`"):
        inner = title[len(mark) : -len(mark)]
        if title == f"{mark}{inner}{mark}" and inner.strip() and mark not in inner:
            return inner.strip()
    return title.strip()


def strip_heading_marks(text: str) -> str:
    """Strip the `#` that generated excerpts carry at the start of their lines."""
    return _HEADING_MARKS.sub("", text).strip()
