"""Images that imported texts name: found, re-encoded ahead in worker processes, and stored in the library."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.conf import settings

from blog.editorial import images
from blog.editorial.actors import IMPORT
from blog.editorial.pixels import Reencoded
from blog.editorial.reencoding import reencoded
from blog.models import Image
from blog.text.findings import Code, Finding
from blog.text.parallel import InlineExecutor
from blog.text.pictures import stored_name
from blog.transfer.importing.reader import Article, Unreadable
from blog.transfer.importing.sources import Pictures

ELSEWHERE = ("http://", "https://", "//", "data:")
AHEAD = 16
"""Maximum number of images that wait re-encoded, or to be: enough to keep every process busy between two articles."""
AHEAD_BYTES = 64 * 1024 * 1024
"""Maximum size of their files together."""


class Library:
    """Images that texts name: from the folder or zip that came along, else from those the magazine has.

    `must_store`: a storage that takes no images raises `images.NotStored`; else each text that misses one says so.
    """

    def __init__(
        self,
        pictures: Pictures,
        *,
        executor: Executor,
        now: datetime,
        dry_run: bool,
        must_store: bool = False,
    ) -> None:
        self.pictures, self.now, self.dry_run, self.must_store = pictures, now, dry_run, must_store
        self._ahead = _Ahead(executor)

    def expect(self, articles: Iterable[Article]) -> None:
        """Prepare for `articles`, whose images will be asked for in this order."""
        if not self.dry_run:
            self._ahead.begin(self._files(articles))

    def hash_of(self, target: str, findings: list[Finding], *, alt: str, before: str) -> str:
        """The hash of the image called `target`, "" when there is none.

        An image that was found once and does not come along again stays what it was: `before`. (The library keeps one
        name of an image; the archive has some under two.)
        """
        if not target:
            return ""
        if before and not (self._stored(target) or self.pictures.find(target)):
            return before
        image = self.find(target, findings, alt=alt)
        return image.hash if image else ""

    def find(self, target: str, findings: list[Finding], *, alt: str = "") -> Image | None:
        """The image called `target`; None, with a doubt, when there is none. `alt` is for a new one."""
        if stored := self._stored(target):
            return stored
        if _is_elsewhere(target):
            return None
        load = self.pictures.find(target)
        if load is None:
            pks = self._by_name.get(target.rpartition("/")[2], [])
            if len(pks) == 1:
                return Image.objects.get(pk=pks[0])
            findings.append(Code.IMAGE.found(name=target))
            return None
        try:
            return self._taken(load(), target, alt=alt)
        except (images.ImageRefused, Unreadable) as error:
            if isinstance(error, images.NotStored) and self.must_store:
                raise
            findings.append(Code.IMAGE_REFUSED.found(name=target, reason=error))
            return None

    def url_of(self, target: str, findings: list[Finding], *, before: Mapping[str, str]) -> str | None:
        """The URL to write for the image called `target`; None when there is none, or `target` is its URL already.

        `before`: the URLs that the text had, by stored name. They stay when the images are kept elsewhere today.
        """
        image = self.find(target, findings)
        if image is None or image.name == stored_name(target):
            return None
        return before.get(image.name, image.url)

    def _stored(self, target: str) -> Image | None:
        name = stored_name(target)
        return Image.objects.filter(file=name).first() if name else None

    def _taken(self, original: bytes, target: str, *, alt: str) -> Image | None:
        digest = images.digest_of(original)
        known = images.known_as(digest)
        if known or self.dry_run:
            return known
        made = self._ahead.reencoded(digest, original)
        name = target.rpartition("/")[2]
        return images.store(made, original_hash=digest, name=name, by=IMPORT, now=self.now, alt=alt[:250])

    @cached_property
    def _by_name(self) -> dict[str, list[int]]:
        """The images that the magazine had before, by what their senders called them."""
        names: dict[str, list[int]] = {}
        for name, pk in Image.objects.values_list("original_name", "pk"):
            names.setdefault(name, []).append(pk)
        return names

    def _files(self, articles: Iterable[Article]) -> Iterator[tuple[str, bytes]]:
        """Files that have to be re-encoded for `articles`, each with its digest."""
        for article in articles:
            for target in (article.hero, article.image, *_images_in(article)):
                load = None if not target or _is_elsewhere(target) else self.pictures.find(target)
                if load is None:
                    continue
                try:
                    original = load()
                except Unreadable:
                    continue  # told when the article itself asks for it
                digest = images.digest_of(original)
                if not images.known_as(digest):
                    yield digest, original


def _is_elsewhere(target: str) -> bool:
    return target.startswith((*ELSEWHERE, settings.MEDIA_URL))


def _images_in(article: Article) -> Iterator[str]:
    return (target.url for target in article.text.targets if target.is_image)


@dataclass(frozen=True)
class _Waiting:
    made: Future[Reencoded]
    size: int


class _Ahead:
    """Images that worker processes re-encode before they are asked for: a bounded number of them, in order."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self.coming: Iterator[tuple[str, bytes]] = iter(())
        self.waiting: dict[str, _Waiting] = {}

    def begin(self, coming: Iterator[tuple[str, bytes]]) -> None:
        self.coming = iter(()) if isinstance(self.executor, InlineExecutor) else coming
        self.waiting.clear()

    def reencoded(self, digest: str, original: bytes) -> Reencoded:
        """The image of this digest. Raises ImageRefused."""
        # They are asked for in order: what waits before this one is asked for no more.
        while self.waiting and digest in self.waiting and next(iter(self.waiting)) != digest:
            self.waiting.pop(next(iter(self.waiting))).made.cancel()
        if digest in self.waiting:
            made = self.waiting.pop(digest).made
        else:
            self.waiting.clear()
            made = self.executor.submit(reencoded, original)
        self._fill(but=digest)
        return made.result()

    def _fill(self, *, but: str) -> None:
        while len(self.waiting) < AHEAD and sum(one.size for one in self.waiting.values()) < AHEAD_BYTES:
            digest, original = next(self.coming, ("", b""))
            if not digest:
                return
            if digest != but and digest not in self.waiting:
                self.waiting[digest] = _Waiting(self.executor.submit(reencoded, original), len(original))
