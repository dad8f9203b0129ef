"""Legacy redirects: paths of the old site other than posts, and where they lead today.

Paths that are known in advance become rows of the `Address` table, which editors can see and change (`write_redirects`).
Paths that depend on changing names or files are looked up on request (`find`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from urllib.parse import quote, unquote

from django.db.models import Q

from blog.editorial import addresses, taxonomy
from blog.editorial.actors import Actor
from blog.models import Address, Category, Image, Post
from blog.text.names import public_path
from blog.transfer.old_site.sections import RENAMED, SLUGS

MAX_NAME = 60
"""Length of the longest name of a section."""
REDIRECTS = (
    ("/sitemap_index.xml", "/sitemap.xml"),
    ("/categories/", "/category/"),
)
SECTION_PATHS = (
    *((slug, name) for name, slug in SLUGS.items()),
    *RENAMED.items(),
    # Linked from old menus and structured data; they were never pages.
    ("industry", "業界別AI活用"),
    ("case-studies", "導入事例"),
)
"""(Last part of `/category/…/`, name of the section) on the old site."""


def write_redirects(*, by: Actor, now: datetime) -> int:
    """Create redirects for the well-known paths of the old site; returns the number of new rows.

    Idempotent. Existing addresses are kept, and a section that was renamed or merged since is found by its old name.
    """
    wanted = dict(REDIRECTS)
    for path, name in _section_paths():
        if section := taxonomy.known_as(Category, name):
            wanted[path] = unquote(section.get_absolute_url())
    wanted = {public_path(old): new for old, new in wanted.items()}
    rows = (
        Address(path=old, kind=Address.Kind.MOVED, target=new) for old, new in wanted.items() if old != new
    )
    return addresses.add_missing(rows, by=by, now=now)


def paths_of_sections(names: Collection[str]) -> list[str]:
    """Paths that `write_redirects` will redirect once sections of these names exist."""
    return [*(old for old, _ in REDIRECTS), *(path for path, name in _section_paths() if name in names)]


def _section_paths() -> Iterator[tuple[str, str]]:
    for slug, name in SECTION_PATHS:
        yield f"/category/{slug}/", name


def retire(paths: Iterable[str], *, reason: str, by: Actor, now: datetime) -> int:
    """Create 410 addresses with `reason` for `paths` that have no address yet; returns the number of new rows.

    Invalid public paths are skipped; they answer 404.
    """
    wanted = set()
    for path in paths:
        with suppress(ValueError):
            wanted.add(public_path(path))
    rows = (Address(path=path, kind=Address.Kind.GONE, reason=reason) for path in sorted(wanted))
    return addresses.add_missing(rows, by=by, now=now)


def find(path: str, *, now: datetime) -> Address | None:
    """Redirect of a legacy `path` without an `Address` row, as an unsaved `Address`; None when there is none.

    Covers a section by its name, an image by its file name, and the index file of a folder.
    """
    match path.strip("/").split("/"):
        case ["category", name]:
            section = Category.objects.filter(slug=name).first() or taxonomy.known_as(Category, name)
            return _moved(section.get_absolute_url()) if section else None
        case ["index.html"]:
            return _moved("/")
        case [*_, "index.html"]:
            known = addresses.find(path.removesuffix("index.html"))
            if known and known.post and known.post.is_published(now):
                return _moved(known.post.get_absolute_url())
            return _moved(quote(known.path)) if known else None
        case [name] if path.endswith("/") and not name.startswith(".") and len(name) <= MAX_NAME:
            # (A file is no section, and scanners ask for thousands.)
            section = taxonomy.known_as(Category, name)
            return _moved(section.get_absolute_url()) if section else None
        case ["assets", "images", "posts", name]:
            return _picture(name, now=now)
    return None


def _moved(target: str) -> Address:
    return Address(kind=Address.Kind.MOVED, target=target)


def _picture(name: str, *, now: datetime) -> Address | None:
    """Redirect to the library image with the original name `name`, if a published post shows it; 410 if withdrawn.

    Other images are not revealed: guessing file names would expose unpublished work.
    """
    ref = name.removesuffix("-ogp.png")
    posts = Post.objects.published(now).only("hero", "share_image").select_related("hero", "share_image")
    named = Image.objects.filter(original_name=name)
    post = (
        # One image under several names is stored once, under the first; the article text has the others.
        posts.filter(import_ref=ref).first()
        or posts.filter(Q(hero__in=named) | Q(share_image__in=named)).first()
    )
    if post is None:
        gone = Post.objects.withdrawn(now).filter(import_ref=ref).first()
        return Address(kind=Address.Kind.GONE, reason=gone.withdrawn_reason) if gone else None
    shown = [image for image in (post.share_image, post.hero) if image]
    image = next((image for image in shown if image.original_name == name), shown[0] if shown else None)
    return _moved(image.url) if image else None
