"""Search synonyms: save and delete; effective from the next search on."""

from __future__ import annotations

from datetime import datetime

from blog.editorial.actors import Actor
from blog.editorial.changes import Kind, changing
from blog.models import Synonym


def save(synonym: Synonym, *, by: Actor, now: datetime) -> None:
    with changing(kind=Kind.SYNONYM, actor=by, now=now, note=synonym.words):
        synonym.save()


def delete(synonym: Synonym, *, by: Actor, now: datetime) -> None:
    with changing(kind=Kind.SYNONYM, actor=by, now=now, note=f"{synonym.words} を削除"):
        synonym.delete()
