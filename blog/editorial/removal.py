"""Hard deletion of demo data: no path answers 410. Real posts are withdrawn and real terms merged instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from blog.editorial import image_uses, images, site_settings
from blog.editorial.actors import Actor
from blog.editorial.changes import Kind, changing
from blog.models import Author, Image, Page, Post, SiteSettings, Tag, Term


def remove(
    *,
    posts: Iterable[Post],
    named: Iterable[tuple[type[Term], Collection[str]]],
    pages: Iterable[Page],
    images_called: Collection[str],
    menu: str,
    by: Actor,
    now: datetime,
) -> int:
    """Delete `posts` with their addresses, `pages`, and the tags, `named` terms, menu and images that nothing else uses.

    Returns the number of posts. No path answers 410 or redirects.
    """
    posts = list(posts)
    with changing(kind=Kind.REMOVED, actor=by, now=now, note=f"{len(posts)}件の記事") as change:
        tags = set(Tag.objects.filter(tagged__content_object__in=posts).values_list("pk", flat=True))
        for post in posts:
            change.remove(post)
            post.delete()
        Tag.objects.filter(pk__in=tags, tagged__isnull=True).delete()
        for model, names in named:
            unused = {"bylines__isnull": True} if model is Author else {"posts__isnull": True}
            model.objects.filter(name__in=names, **unused).delete()
        for page in pages:
            page.delete()
        site = SiteSettings.objects.current(now)
        if site.menu == menu:
            site_settings.save(site, by=by, now=now, menu="")
        for image in Image.objects.filter(original_name__in=images_called):
            if not image_uses.is_needed(image):
                images.remove(image, by=by, now=now)
    return len(posts)
