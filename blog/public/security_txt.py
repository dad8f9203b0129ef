"""Expiry date of security.txt (RFC 9116)."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def expires(now: datetime) -> datetime:
    """Return `Expires`: the first of a month, five to six months ahead (2.5.5: less than a year), equal for a whole
    month."""
    return _first_of_month(now, months=6)


def next_moment(*, now: datetime) -> datetime:
    """Return when `expires` moves on by a month."""
    return _first_of_month(now, months=1)


def _first_of_month(now: datetime, *, months: int) -> datetime:
    today = timezone.localtime(now)
    month = today.month + months - 1
    return today.replace(
        year=today.year + month // 12, month=month % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
