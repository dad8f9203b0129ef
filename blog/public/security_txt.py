"""security.txt (RFC 9116): until when it holds."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def expires(now: datetime) -> datetime:
    """The first of a month, five to six months ahead: less than a year (2.5.5), and the same text for a whole month."""
    return _first_of_month(now, months=6)


def next_moment(*, now: datetime) -> datetime:
    """When it will hold for a month longer."""
    return _first_of_month(now, months=1)


def _first_of_month(now: datetime, *, months: int) -> datetime:
    today = timezone.localtime(now)
    month = today.month + months - 1
    return today.replace(
        year=today.year + month // 12, month=month % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
