"""Progress bar of long-running commands."""

from __future__ import annotations

from django.core.management.base import OutputWrapper

WIDTH = 30
"""Width of the bar in characters."""


def show_bar(stream: OutputWrapper, done: int, total: int) -> None:
    """Redraw the progress bar; prints nothing unless `stream` is a terminal (log file, timer)."""
    if not stream.isatty():
        return
    bar = "#" * (WIDTH * done // total)
    line = f"\r[{bar:<{WIDTH}}] {done}/{total}"
    stream.write(line, style_func=str, ending="\n" if done == total else "")  # stderr would be red by default
