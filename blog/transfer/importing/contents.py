"""Conversion of an imported article to a `Content`: its sections, authors, images and links."""

from __future__ import annotations

import re
from collections.abc import Collection
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import IntegrityError

from blog.editorial.actors import IMPORT
from blog.editorial.content import Content
from blog.editorial.content_kinds import Credit
from blog.editorial.taxonomy import keep_alias, known_as, make_named
from blog.models import TERMS, Author, Category, SiteSettings, Term
from blog.text.findings import Code, Finding
from blog.text.pictures import picture_urls
from blog.text.places import Target
from blog.transfer.importing import links
from blog.transfer.importing.library import Library
from blog.transfer.importing.reader import Article
from blog.transfer.importing.targets import Targets
from blog.transfer.old_site import sections

ORGANIZATION = re.compile(r"(編集部|チーム|編集室|研究所|委員会|事務局|取材班)$")


KNOWN_BEFORE = tuple(model for model in TERMS if not model.declared.is_open)
"""Kinds of which a text may not make a new one by naming it."""


class Names:
    """Terms by the names that files use, but for tags, which are made as they come.

    A name that a section had before means the section of today, unless the magazine still has one of that name. Case
    and width tell nobody apart. They are looked up one after the other: a name may have been made under another spelling.

    What the magazine does not know yet is made, and noted, for the articles of `shown`, those of an archive that go out: its
    names are those that readers know. A draft makes none: a section stands in the menu and an author has a page from
    the moment they are made, and neither is for whoever sends a draft to decide, let alone for a machine with a
    typing error. The draft keeps the name it came with, cannot be published under it, and its problems say what to do.
    Another import may make the same name in the same moment: whoever comes second takes what is there.
    """

    def __init__(
        self, articles: Collection[Article], *, shown: Collection[Article], now: datetime, dry_run: bool
    ) -> None:
        self.now, self.dry_run = now, dry_run
        self.site = SiteSettings.objects.current(now)
        self.for_readers = {model: _names_in(model, shown) for model in KNOWN_BEFORE}
        self.for_readers[Author].add(self.site.publisher)  # it signs drafts too, and no file names it
        self.notes: list[str] = []
        self.unknown: dict[tuple[type[Term], str], Finding] = {}
        self.in_batch = {model: _names_in(model, articles) for model in KNOWN_BEFORE}
        self.in_batch[Author].add(self.site.publisher)
        self.today = {
            model: {name: self._today(model, name) for name in sorted(names)}
            for model, names in self.in_batch.items()
        }
        if shown and not dry_run:
            self._keep_old_names()

    def fields_of(self, article: Article) -> dict[str, Any]:
        """The terms of `article` as the fields of `Content` have them. What nobody signs, the house signs."""
        found: dict[str, Any] = {}
        for model in TERMS:
            kind, names = model.declared, article.terms[model.declared.field]
            if model in self.today:
                names = tuple(dict.fromkeys(self.today[model][name] for name in names))
            found[kind.field] = names if kind.is_many else next(iter(names), "")
        field = Author.declared.field
        signed = article.terms[field] or (self.site.publisher,)
        return found | {field: tuple(Credit(self.today[Author][name]) for name in signed)}

    def doubts(self, article: Article) -> list[Finding]:
        """What is to be said of names that the magazine does not know."""
        used = ((model, name) for model in self.today for name in article.terms[model.declared.field])
        return [self.unknown[pair] for pair in used if pair in self.unknown]

    def _today(self, model: type[Term], name: str) -> str:
        if known := known_as(model, name):
            return str(known.name)
        renamed = sections.RENAMED.get(name, "") if model is Category else ""
        if renamed and (renamed in self.in_batch[Category] or known_as(Category, renamed)):
            return renamed
        if self._is_to_be_made(model, name):
            make_named(model, name, by=IMPORT, now=self.now, **self._values(model, name))
        return name

    def _is_to_be_made(self, model: type[Term], name: str) -> bool:
        """Note what becomes of an unknown name."""
        what = model().label
        if name not in self.for_readers[model]:
            found = Code.UNKNOWN_NAME.found(field=model.declared.field, what=what, name=name)
            self.unknown[model, name] = found
            return False
        self.notes.append(f"{what}「{name}」を新しく作り{'ます' if self.dry_run else 'ました'}。")
        return not self.dry_run

    def _values(self, model: type[Term], name: str) -> dict[str, Any]:
        """What a new term has besides its name."""
        if model is Category:
            order = [*sections.SLUGS, name].index(name) * 10 + 10
            return {"slug": self._free_slug(name), "order": min(order, 100)}
        if model is Author:
            site = self.site
            is_house = name == site.publisher or name.startswith(site.name) or ORGANIZATION.search(name)
            return {"kind": Author.Kind.ORGANIZATION if is_house else Author.Kind.PERSON}
        return {}

    def _free_slug(self, name: str) -> str:
        slug = sections.SLUGS.get(name, "")
        return "" if Category.objects.filter(slug=slug).exists() else slug

    def _keep_old_names(self) -> None:
        for old, today in sections.RENAMED.items():
            section = Category.objects.filter(name=today).first()
            if section and not known_as(Category, old):
                with suppress(IntegrityError):  # another import keeps it in this moment
                    keep_alias(section, old, by=IMPORT, now=self.now)


def _names_in(model: type[Term], articles: Collection[Article]) -> set[str]:
    return {name for article in articles for name in article.terms[model.declared.field]}


def content_of(
    article: Article,
    *,
    path: str,
    day: date | None,
    slug: str,
    names: Names,
    library: Library,
    table: links.Table,
    targets: Targets,
    before: Content | None = None,
) -> tuple[Content, list[Finding]]:
    """What an editor could have typed, and what is doubtful about it. `path` is where the post stands or will.

    `before`: what the file said last time.
    """
    findings: list[Finding] = []
    before = before or Content()
    written = picture_urls(before.body)
    url_first = bool(article.permalink)

    def present(target: Target) -> str | None:
        url = links.present(target.url, table, url_first=url_first)
        return url or (library.url_of(target.url, findings, before=written) if target.is_image else None)

    for link in links.loose(article.text, table):
        if problem := targets.problem(link.path):
            code, target = problem
            line = article.body_line + link.line - 1
            findings.append(code.found(url=link.url, target=target, line=line))
    tail = (table.find(url, url_first=url_first) for url in article.text.related)
    named = {name: links.find_named(name, table) for name in map(links.name_of, article.related)}
    lost = [name for name, found in named.items() if not found and name != article.ref]
    findings += (Code.RELATED.found(name=name[:60]) for name in lost)
    findings += names.doubts(article)
    hero = library.hash_of(article.hero, findings, alt=article.title, before=before.hero)
    share = library.hash_of(article.image, findings, alt=article.title, before=before.share_image)
    extra = dict(article.extra)
    if article.image and not share:
        extra["image"] = article.image
    if lost:
        extra["related_articles"] = list(article.related)
    content = Content(
        title=article.title,
        slug=slug,
        day=day,
        **names.fields_of(article),
        hero=hero,
        share_image=share,
        related=links.related([*tail, *named.values()], own=path),
        canonical_url=_canonical(article.canonical_url, findings, table, own=path),
        noindex=article.noindex,
        dialect=article.dialect,
        extra=extra,
        body=article.text.retargeted(present),
        **article.fields,
    )
    return content, findings


def _canonical(url: str, findings: list[Finding], table: links.Table, *, own: str) -> str:
    """The address of the post that `url` means, "" for the article itself; the URLs of others stay."""
    path: Any = table.find(url) if url else None
    if path:
        return "" if path == own else f"{settings.SITE_URL}{quote(path)}"
    if not url or url.startswith(("http://", "https://")):
        return url
    findings.append(Code.CANONICAL.found(url=url[:60]))
    return ""
