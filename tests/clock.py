"""Tests at a moment of their choice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Requests inside see `moment` as now: the views ask `django.utils.timezone.now`, and only once."""
    with patch("django.utils.timezone.now", return_value=moment):
        yield
