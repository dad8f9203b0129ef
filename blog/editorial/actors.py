"""Actors (principals): a signed-in person, a machine with an API token, or a named process of this program; never None.

Views, admin and commands create the actor and pass it on as `by=`. `blog.editorial.permissions` decides what it may do.
`name` is for logs; `user` fills columns that name a person, and is None for machines and processes.
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
    """A signed-in user."""

    user: User

    @property
    def name(self) -> str:
        return self.user.get_username()


@dataclass(frozen=True)
class Machine:
    """An external program with an API token."""

    token: ApiToken
    user: ClassVar[None] = None

    @property
    def name(self) -> str:
        return self.token.name


@dataclass(frozen=True)
class Process:
    """A part of this program that acts without a user."""

    name: str
    user: ClassVar[None] = None


Actor = Person | Machine | Process

IMPORT = Process("import")
"""Import of files by a command or from a watched folder."""
RESTORE = Process("restore")
"""Restore of an export."""
DEMO = Process("demo")
SCHEDULED_UPDATE = Process("scheduled update")
RERENDERING = Process("rerendering")
REBUILD = Process("rebuild")
"""Rebuild of what is derived from many texts: search index, related posts."""
TRASH = Process("trash")
"""Deletion of posts whose time in the trash is over."""
NOBODY = Process("nobody")
"""The anonymous actor: a request without a login, or an unknown reader of a message."""


def actor_of(user: User | AnonymousUser) -> Actor:
    """The actor behind `request.user`."""
    return Person(user) if user.is_authenticated else NOBODY


def signed_in(user: User | AnonymousUser) -> Person:
    """The `Person` behind `request.user`. Raises PermissionDenied for an anonymous user."""
    if not user.is_authenticated:
        raise PermissionDenied("ログインしてください。")
    return Person(user)
