"""API tokens for programs that deliver articles, and rate limiting."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import compare_digest, token_urlsafe

from django.core.cache import cache

from blog.editorial.actors import Actor
from blog.models import ApiToken

TOKEN = re.compile(r"allforces_(?P<pk>[1-9]\d{0,17})_(?P<secret>[\w-]{43})", re.ASCII)
"""Token format: primary key for the lookup, 256 random bits, and a prefix that secret scanners can detect."""

USE_IS_NOTED_EVERY = timedelta(minutes=1)


def issue(machine: ApiToken, *, by: Actor, now: datetime) -> str:
    """Save a new `machine` and return its token, which is not stored and cannot be shown again."""
    secret = token_urlsafe(32)
    machine.digest, machine.created_by, machine.created_at = _digest(secret), by.user, now
    machine.save(force_insert=True)
    return f"allforces_{machine.pk}_{secret}"


def revoke(machine: ApiToken, *, now: datetime) -> bool:
    """Revoke the token permanently; False if it was revoked already."""
    return bool(ApiToken.objects.filter(pk=machine.pk, revoked_at=None).update(revoked_at=now))


def recognise(token: str) -> ApiToken | None:
    """Authenticate a token; returns its row, even if revoked, or None."""
    found = TOKEN.fullmatch(token)
    machine = ApiToken.objects.filter(pk=int(found["pk"])).first() if found else None
    return machine if found and machine and compare_digest(machine.digest, _digest(found["secret"])) else None


def note_use(machine: ApiToken, *, now: datetime) -> None:
    """Store when the token was last used, to the minute."""
    if machine.last_used_at is None or now - machine.last_used_at >= USE_IS_NOTED_EVERY:
        ApiToken.objects.filter(pk=machine.pk).update(last_used_at=now)


def _digest(secret: str) -> str:
    """Hash of the secret. No slow password hash is needed for 256 random bits."""
    return sha256(secret.encode()).hexdigest()


class Limit:
    """Rate limit: at most `times` calls in `seconds`, counted for all processes in the shared cache.

    The default database cache counts without a lock, so simultaneous calls may count as one. That is enough to bound the
    load, which is the purpose.
    """

    def __init__(self, name: str, *, times: int, seconds: int) -> None:
        self.name, self.times, self.seconds = name, times, seconds

    def key(self, who: object, now: datetime) -> str:
        # An address may be too long for a cache key, or contain characters that are not allowed in one.
        who = sha256(str(who).encode()).hexdigest()[:32]
        return f"limit:{self.name}:{who}:{int(now.timestamp()) // self.seconds}"

    def count(self, who: object, *, now: datetime) -> bool:
        """Count one call; False when the limit is exceeded."""
        key = self.key(who, now)
        cache.add(key, 0, timeout=2 * self.seconds)
        return cache.incr(key) <= self.times
