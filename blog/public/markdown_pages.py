"""Markdown versions of posts for machines, and llms.txt, which links to them.

llms.txt: https://llmstxt.org. A post's Markdown has the content of its page, from the live text only.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from blog.editorial.imported_texts import imported_text
from blog.models import Byline, Category, Image, Post, SiteSettings, Tag
from blog.public.seo import LANGUAGE, absolute, canonical_of, description_of, markdown_path
from blog.text import yaml_writer
from blog.text.dialects import DIALECTS
from blog.text.excerpt import excerpt
from blog.text.normalise import one_line
from blog.text.source import public_source

NOTE_LIMIT = 100
"""Maximum length of the note about each link."""


def document(post: Post, *, credits: Iterable[Byline], tags: Iterable[Tag]) -> str:
    """Write a published post as a Markdown file with front matter."""
    facts = {
        "title": post.title,
        "url": canonical_of(post),
        "date": post.published_at,
        "updated": post.updated_at,
        "section": post.category.name if post.category else "",
        "authors": list(dict.fromkeys(credit.author.name for credit in credits)),
        "tags": [tag.name for tag in tags],
        "description": description_of(post),
        "language": LANGUAGE,
    }
    head = yaml_writer.block({name: value for name, value in facts.items() if value})
    dek = "" if post.begins_with_excerpt else post.excerpt
    opening = [f"# {post.title}", quoted(dek), quoted(post.disclosure)]
    imported = imported_text(post.live_revision) if post.dialect and post.live_revision else None
    body = public_source(
        post.body,
        title=post.title,
        site=settings.SITE_URL,
        images=Image.objects.pictures(post.body),
        dialect=DIALECTS[post.dialect],
        imported=imported.body if imported else None,
    )
    return f"---\n{head}---\n\n" + "\n\n".join([*filter(None, opening), body])


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def guide(site: SiteSettings, *, sections: Iterable[Category], posts: Iterable[Post]) -> str:
    """Write llms.txt: a description of the magazine, links to its sections, and its newest posts as Markdown."""
    newest = [
        link(
            post.title,
            markdown_path(post.get_absolute_url()),
            f"{day(post)} {excerpt(description_of(post), limit=NOTE_LIMIT)}",
        )
        for post in posts
    ]
    parts = {
        "セクション": [link(one.name, one.get_absolute_url(), one.description) for one in sections],
        "新着記事": newest,
        "フィード": [link("RSS", reverse("blog:feed", args=["xml"]), "新着記事の全文")],
        # Links that a short answer may skip; the format defines this heading.
        "Optional": [
            link("アーカイブ", reverse("blog:archive"), "すべての記事を月別に"),
            link("タグ", reverse("blog:tags"), "すべてのタグ"),
            link("著者", reverse("blog:authors"), "すべての著者"),
            link("サイトマップ", reverse("blog:sitemap"), "すべてのURL（XML）"),
        ],
    }
    about = quoted(site.description or site.tagline or site.name)
    how = "どの記事も、URLの末尾の「/」を「.md」に替えるとMarkdownで読めます。"
    lines = [f"# {site.name}", about, how]
    for heading, links in parts.items():
        if links:
            lines += [f"## {heading}", "\n".join(links)]
    return "\n\n".join(lines) + "\n"


def link(name: str, path: str, note: str) -> str:
    name = one_line(name).replace("[", "［").replace("]", "］")
    note = one_line(note)
    return f"- [{name}]({absolute(path)})" + (f": {note}" if note else "")


def day(post: Post) -> str:
    return f"{timezone.localtime(post.published_at):%Y-%m-%d}"
