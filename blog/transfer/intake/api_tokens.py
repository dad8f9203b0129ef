"""API tokens of programs that may deposit articles, and how often they may call."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import compare_digest, token_urlsafe

from django.core.cache import cache

from blog.editorial.actors import Actor
from blog.models import ApiToken

TOKEN = re.compile(r"allforces_(?P<pk>[1-9]\d{0,17})_(?P<secret>[\w-]{43})", re.ASCII)
"""The row's number finds the token, 256 random bits prove it. The prefix lets scanners for leaked secrets see it."""

USE_IS_NOTED_EVERY = timedelta(minutes=1)


def issue(machine: ApiToken, *, by: Actor, now: datetime) -> str:
    """Save `machine` as new and return its token, which is kept nowhere and cannot be shown again."""
    secret = token_urlsafe(32)
    machine.digest, machine.created_by, machine.created_at = _digest(secret), by.user, now
    machine.save(force_insert=True)
    return f"allforces_{machine.pk}_{secret}"


def revoke(machine: ApiToken, *, now: datetime) -> bool:
    """End the token for good; False when that was done before."""
    return bool(ApiToken.objects.filter(pk=machine.pk, revoked_at=None).update(revoked_at=now))


def recognise(token: str) -> ApiToken | None:
    """Whose token it is, revoked or not."""
    found = TOKEN.fullmatch(token)
    machine = ApiToken.objects.filter(pk=int(found["pk"])).first() if found else None
    return machine if found and machine and compare_digest(machine.digest, _digest(found["secret"])) else None


def note_use(machine: ApiToken, *, now: datetime) -> None:
    """Remember, to the minute, that the token is in use."""
    if machine.last_used_at is None or now - machine.last_used_at >= USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=machine.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    """Not a slow password hash: nobody guesses 256 random bits."""
    return sha256(secret.encode()).hexdigest()


class Limit:
    """At most `times` in each `seconds`, counted for all processes together in the shared cache.

    The table that is the cache by default counts without a lock: calls at the same instant may count as one. That
    bounds the load, which is what it is for.
    """

    def __init__(self, name: str, *, times: int, seconds: int) -> None:
        self.name, self.times, self.seconds = name, times, seconds

    def key(self, who: object, now: datetime) -> str:
        # An address may be long and have signs that a cache does not take.
        who = sha256(str(who).encode()).hexdigest()[:32]
        return f"limit:{self.name}:{who}:{int(now.timestamp()) // self.seconds}"

    def count(self, who: object, *, now: datetime) -> bool:
        """Count one call; False when it is one too many."""
        key = self.key(who, now)
        cache.add(key, 0, timeout=2 * self.seconds)
        return cache.incr(key) <= self.times
