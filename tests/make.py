"""Things for tests to happen to: keyword arguments, quiet defaults, made through the same doors as in life."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from PIL import Image as Pillow

from blog.editorial import images, permissions, publishing
from blog.editorial.actors import IMPORT, Actor, Person
from blog.editorial.content import Content, Credit
from blog.editorial.lookups import names_in
from blog.models import TERMS, ApiToken, Author, Category, Collection, Draft, Image, Post, Revision, Term
from blog.transfer.intake import api_tokens

NOON = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""12:00:00 JST, the `now` of most tests."""

_numbers = count(1)


def make_user(name: str, group: str | None = None, **values: Any) -> User:
    """Somebody who may enter the admin, in `group`."""
    user = User.objects.create_user(name, f"{name}@example.com", "pass-word-1", is_staff=True, **values)
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


def make_writer(name: str = "writer") -> User:
    return make_user(name, permissions.WRITERS)


def make_editor(name: str = "editor") -> User:
    return make_user(name, permissions.EDITORS)


def make_chief(name: str = "chief") -> User:
    return make_user(name, permissions.CHIEFS)


def make_category(name: str = "AI最新ニュース", **values: Any) -> Category:
    return Category.objects.get_or_create(name=name, defaults=values)[0]


def make_collection(name: str = "計算の値段", **values: Any) -> Collection:
    return Collection.objects.get_or_create(name=name, defaults=values)[0]


def make_author(name: str = "ALLFORCES編集部", kind: str = Author.Kind.ORGANIZATION, **values: Any) -> Author:
    return Author.objects.get_or_create(name=name, defaults={"kind": kind, **values})[0]


def filed_under(model: type[Term], *names: str) -> dict[str, Any]:
    """What content says that is filed under the terms of these names."""
    kind = model.declared
    if model is Author:
        return {kind.field: tuple(map(Credit, names))}
    return {kind.field: names if kind.is_many else names[0]}


def make_content(**values: Any) -> Content:
    """Content that is ready to go out; its section, its authors and whatever else must be known before exist."""
    number = next(_numbers)
    content = Content(
        **{
            "title": f"記事その{number}",
            "slug": f"kiji-{number}",
            "body": f"本文その{number}です。\n",
            "category": "AI最新ニュース",
            "bylines": (Credit("ALLFORCES編集部"),),
        }
        | values
    )
    for credit in content.bylines:
        make_author(credit.author)
    for model in (model for model in TERMS if not model.declared.is_open):
        for name in names_in(model.declared, getattr(content, model.declared.field)):
            if name:
                model.objects.get_or_create(name=name)
    return content


def acting(user: User | None) -> Actor:
    """The actor that `user` is; without one it is the import."""
    return Person(user) if user else IMPORT


def make_draft(*, by: User | None = None, now: datetime = NOON, **values: Any) -> Post:
    """A post that nobody but the desk has seen."""
    return publishing.create(content=make_content(**values), by=acting(by), now=now)


def make_post(*, at: datetime = NOON, by: User | None = None, **values: Any) -> Post:
    """A post published at `at`."""
    post = publishing.create(content=make_content(**values), by=acting(by), now=at)
    return publishing.publish(revision=post.working, by=IMPORT, now=at)


def make_scheduled(*, at: datetime, now: datetime = NOON, **values: Any) -> Post:
    """A post that the desk has passed at `now` and readers will see from `at` on."""
    post = publishing.create(content=make_content(**values), by=IMPORT, now=now)
    return publishing.publish(revision=post.working, by=IMPORT, now=now, at=at)


def throw_away(post: Post, *, now: datetime = NOON) -> Post:
    """Put `post` into the bin, as one of the desk does."""
    return publishing.discard(post=post, by=Person(make_chief(f"chief-{next(_numbers)}")), now=now)


def picture_bytes(
    size: tuple[int, int] = (40, 30),
    form: str = "PNG",
    mode: str = "RGB",
    color: Any = "teal",
    **options: Any,
) -> bytes:
    """The bytes of an image file."""
    out = io.BytesIO()
    Pillow.new(mode, size, color).save(out, form, **options)
    return out.getvalue()


def make_image(
    *, alt: str = "青緑の板", by: User | None = None, now: datetime = NOON, **values: Any
) -> Image:
    """A stored image, unlike any made before."""
    number = next(_numbers)
    data = picture_bytes(size=(40 + number, 30), color=(number % 256, 128, 128))
    return images.accept(
        upload=ContentFile(data), name=f"image-{number}.png", by=acting(by), now=now, alt=alt, **values
    )


def make_machine(name: str = "執筆パイプライン", *, by: User | None = None) -> tuple[ApiToken, str]:
    """A machine and the token that it sends."""
    machine = ApiToken(name=name)
    return machine, api_tokens.issue(machine, by=acting(by), now=NOON)


def make_autosave(
    post: Post | None, *, by: User, content: Content, base: Revision | None = None, now: datetime = NOON
) -> Draft:
    """What `by` has typed in a tab and not saved."""
    sent = publishing.SentDraft(key=uuid4(), tab="tab")
    return publishing.keep_draft(
        sent=sent, post=post, content=content, fields={}, by=Person(by), now=now, base=base
    )
