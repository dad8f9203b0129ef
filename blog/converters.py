"""Path converters. They know forms only; whether such a day or post exists is asked by the views."""

from __future__ import annotations


class _Digits:
    regex = ""

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int | str) -> str:
        return f"{int(value):0{self.width}d}"

    width = 2


class Year(_Digits):
    regex = "[0-9]{4}"
    width = 4


class Month(_Digits):
    regex = "0[1-9]|1[0-2]"


class Day(_Digits):
    regex = "0[1-9]|[12][0-9]|3[01]"


class Slug:
    """As Django's, with letters of every script: `slugify` in `blog.text.names` makes no others."""

    regex = r"[-\w]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class FeedFormat:
    """The extensions of `blog.feeds.FORMATS`."""

    regex = "xml|atom|json"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
