"""Actors: who acts on the magazine. A person, a machine with a token, or a named process of ours; never None.

Doors make one and pass it on as `by=`. What it may do is for `blog.editorial.permissions` to say. `name` is for logs,
`user` for columns that name a person: empty where nobody does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    from blog.models import ApiToken


@dataclass(frozen=True)
class Person:
    """Somebody who has signed in."""

    user: User

    @property
    def name(self) -> str:
        return self.user.get_username()


@dataclass(frozen=True)
class Machine:
    """A program outside that has a token of ours."""

    token: ApiToken
    user: ClassVar[None] = None

    @property
    def name(self) -> str:
        return self.token.name


@dataclass(frozen=True)
class Process:
    """A part of this program that nobody sits before."""

    name: str
    user: ClassVar[None] = None


Actor = Person | Machine | Process

IMPORT = Process("import")
"""Files that a command or a watched folder brings."""
RESTORE = Process("restore")
"""An export that comes back."""
DEMO = Process("demo")
SCHEDULED_UPDATE = Process("scheduled update")
RERENDERING = Process("rerendering")
REBUILD = Process("rebuild")
"""What is derived from many texts is made anew: search, related posts."""
TRASH = Process("trash")
"""What has lain in the bin for long enough is deleted."""
NOBODY = Process("nobody")
"""Whoever may read a sentence, when nobody knows who will; a request without a login."""


def actor_of(user: User | AnonymousUser) -> Actor:
    """The actor behind `request.user`."""
    return Person(user) if user.is_authenticated else NOBODY


def signed_in(user: User | AnonymousUser) -> Person:
    """The person behind `request.user`, where only people come. Raises PermissionDenied."""
    if not user.is_authenticated:
        raise PermissionDenied("ログインしてください。")
    return Person(user)
