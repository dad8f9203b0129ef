"""Broken-link check of an import: internal links that lead to nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache, cached_property
from pathlib import PurePosixPath
from urllib.parse import unquote

from django.conf import settings

from blog.editorial.addresses import route, term_page
from blog.models import TERMS, Address, Category
from blog.text.findings import Code
from blog.text.post_paths import is_post_path
from blog.transfer.importing.reader import Article
from blog.transfer.importing.sources import PICTURES
from blog.transfer.old_site import legacy, old_pages, sections


class Targets:
    """Paths that will answer after the import of `articles`. `addresses`: rows of (path, kind, post)."""

    def __init__(
        self, addresses: Iterable[tuple[str, str, object]], *, articles: Collection[Article], now: datetime
    ) -> None:
        self.articles, self.now = articles, now
        answering = (Address.Kind.CURRENT, Address.Kind.MOVED)
        self.answering = {path for path, kind, _ in addresses if kind in answering}
        self.problem = cache(self._problem)

    def _problem(self, path: str) -> tuple[Code, str] | None:
        """Problem of a link to `path` (as from `public_path`), and the URL to write instead; None when it answers.

        Images are not checked here; the image lookup reports them.
        """
        folders = tuple(url for url in (settings.MEDIA_URL, settings.STATIC_URL) if url)
        if path in self.answering or path.startswith(folders):
            return None
        if PurePosixPath(path).suffix.lower() in PICTURES or self.is_ours(path):
            return None
        if is_post_path(path):
            return Code.DEAD_LINK, ""
        if old_pages.find(path):
            return None
        led = legacy.find(path, now=self.now)
        if led is None or not led.target:
            return Code.DEAD_PAGE, ""
        # A bare section name was never a page: readers are redirected, but the link is still wrong.
        return None if "/" in path.strip("/") else (Code.OLD_LINK, unquote(led.target))

    def is_ours(self, path: str) -> bool:
        """Whether a page of the magazine itself answers at `path`; a redirect at that path has no effect."""
        match = route(path)
        return bool(match and not term_page(match)) or path in self._by_name

    @cached_property
    def _by_name(self) -> set[str]:
        """Paths of term pages: of existing terms, and of those that the articles will create."""
        slugs = {(model, slug) for model in TERMS for slug in model.objects.values_list("slug", flat=True)}
        said = {
            (model, name)
            for article in self.articles
            for model in TERMS
            for name in article.terms[model.declared.field]
        }
        slugs |= {(model, model.slug_of(name)) for model, name in said}
        categories = {name for model, name in said if model is Category}
        slugs |= {
            (Category, slug) for name in categories for slug in (name, sections.SLUGS.get(name)) if slug
        }
        pages = {f"/{model.declared.prefix}/{slug}/" for model, slug in slugs}
        return pages | set(legacy.paths_of_sections(categories))
