"""Progress lines of long commands."""

from __future__ import annotations

from django.core.management.base import OutputWrapper

WIDTH = 30
"""Characters of the bar."""


def show_bar(stream: OutputWrapper, done: int, total: int) -> None:
    """Draw the bar over the one before; nothing where nobody watches (a log file, a timer)."""
    if not stream.isatty():
        return
    bar = "#" * (WIDTH * done // total)
    line = f"\r[{bar:<{WIDTH}}] {done}/{total}"
    stream.write(line, style_func=str, ending="\n" if done == total else "")  # not the red of errors
