"""Content of a post (`Content`): everything an editor can change, as one immutable value.

The form, a revision, the autosaved draft, a merge, a restore and an import all speak `Content`, and `write_columns` is
the only code that writes the live columns of a post, `save_tags_and_bylines` the only one that writes its tags and by-lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings

from blog.editorial.lookups import ContentLookups, by_name
from blog.models import Author, Byline, Category, Collection, Image, Post, Tag, TaggedPost
from blog.text.excerpt import excerpt as beginning
from blog.text.excerpt import finished, without_truncation
from blog.text.markdown import RENDERER_VERSION, Rendered, render
from blog.text.merge import merge as merge_text
from blog.text.names import unique_names
from blog.text.normalise import normalise, one_line
from blog.text.pasted import says_again
from blog.text.post_paths import post_path

LABELS = {
    "title": "タイトル",
    "slug": "スラッグ",
    "day": "URLの日付",
    "category": "カテゴリ",
    "collection": "連載・特集",
    "tags": "タグ",
    "bylines": "署名",
    "hero": "主画像",
    "share_image": "共有画像",
    "related": "関連記事",
    "excerpt": "リード",
    "description": "検索結果向けの説明",
    "disclosure": "読者への開示",
    "canonical_url": "正規URL",
    "noindex": "検索エンジンに載せない",
    "featured": "注目",
    "extra": "そのほかの項目",
    "body": "本文",
}


@dataclass(frozen=True, slots=True)
class Credit:
    """One by-line: an author's name, and the role as in `Byline.Role`."""

    author: str
    role: str = Byline.Role.WRITER

    def __str__(self) -> str:
        return f"{Byline.Role(self.role).label} {self.author}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an editor writes. Names, not ids, so that a snapshot is readable and outlives a merge of tags.

    `day` is the day in the public path; None means "the day of publication". `hero` and `share_image` are
    `Image.hash`es. `related` holds the public paths of posts chosen by hand, as `Address` stores them. `extra` keeps
    the front matter of an imported file that has no other place here, so that an export can give it back.
    """

    title: str = ""
    slug: str = ""
    day: date | None = None
    category: str = ""
    collection: str = ""
    tags: tuple[str, ...] = ()
    bylines: tuple[Credit, ...] = ()
    hero: str = ""
    share_image: str = ""
    related: tuple[str, ...] = ()
    excerpt: str = ""
    description: str = ""
    disclosure: str = ""
    canonical_url: str = ""
    noindex: bool = False
    featured: bool = False
    extra: dict[str, Any] = field(default_factory=dict)
    body: str = ""

    @classmethod
    def from_form(cls, cleaned: Mapping[str, Any], *, base: Self) -> Self:
        """From the cleaned data of the admin's form, whose fields have the names of ours.

        What the form does not show stays as it is in `base`.
        """
        values = {column.name: cleaned[column.name] for column in fields(cls) if column.name in cleaned}
        return replace(base, **values).normalised()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """From what `to_json` made, also by an older version: unknown keys are ignored, missing ones empty."""
        values = {column.name: data[column.name] for column in fields(cls) if column.name in data}
        values["day"] = date.fromisoformat(values["day"]) if values.get("day") else None
        values["tags"] = tuple(values.get("tags", ()))
        values["related"] = tuple(values.get("related", ()))
        values["bylines"] = tuple(Credit(**credit) for credit in values.get("bylines", ()))
        extra = values.get("extra", {})
        values["extra"] = {key: extra[key] for key in data.get("extra_order", extra)}
        return cls(**values)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON types, complete; the format of `Revision.content`."""
        return asdict(self) | {
            "day": self.day and self.day.isoformat(),
            "tags": list(self.tags),
            "related": list(self.related),
            "bylines": [asdict(credit) for credit in self.bylines],
            "extra_order": list(self.extra),  # PostgreSQL sorts the keys of what it stores as JSON
        }

    def normalised(self) -> Self:
        """NFC, one kind of line ending, no control characters, one line where one belongs, each tag once."""
        return replace(
            self,
            title=one_line(self.title),
            slug=one_line(self.slug),
            excerpt=one_line(self.excerpt),
            description=one_line(self.description),
            disclosure=normalise(self.disclosure).strip(),
            canonical_url=one_line(self.canonical_url),
            category=one_line(self.category),
            collection=one_line(self.collection),
            hero=one_line(self.hero),
            share_image=one_line(self.share_image),
            bylines=tuple(Credit(one_line(credit.author), credit.role) for credit in self.bylines),
            tags=unique_names(self.tags),
            body=normalise(self.body),
        )

    def in_names_of_today(self, known: ContentLookups) -> Self:
        """With its section, collection and authors by the names they have now; what nobody knows keeps its name."""

        def today(rows: Mapping[str, Category | Collection | Author], name: str) -> str:
            return rows[name].name if name in rows else name

        return replace(
            self,
            category=today(known.categories, self.category),
            collection=today(known.collections, self.collection),
            bylines=tuple(
                Credit(today(known.authors, credit.author), credit.role) for credit in self.bylines
            ),
        )

    @property
    def path(self) -> str:
        """The public path, as `Address` stores it; "" as long as the day or the slug is not known."""
        return post_path(self.day, self.slug) if self.day and self.slug else ""

    def render(self, *, pictures: Mapping[str, Any] | None = None) -> Rendered:
        """The HTML of the body and what follows from it. One query when the body shows images of ours."""
        return render(**self.rendering(pictures=pictures))

    def rendering(self, *, pictures: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What `render` is asked: plain data, so that another process may do the work."""
        return {
            "body": self.body,
            "title": self.title,
            "images": Image.objects.pictures(self.body) if pictures is None else pictures,
            "own_hosts": frozenset({urlsplit(settings.SITE_URL).netloc}),
        }

    def summaries(self, rendered: Rendered) -> tuple[str, str]:
        """Excerpt and description as readers see them: not what only says the headline again, nor a truncated end.

        A generator took the first line of its texts for both, and that line was the headline. Where nothing is left,
        the text describes itself.
        """
        text = rendered.plain_text
        excerpt, description = without_truncation(self.excerpt), without_truncation(self.description)
        if says_again(excerpt, self.title):
            excerpt, description = "", description.removeprefix(excerpt).lstrip(" 　:：。")
        if says_again(description, self.title):
            description = ""
        if not excerpt and not description:
            description = without_truncation(beginning(text))
        return finished(excerpt, text), finished(description, text)

    def diff(self, other: Self) -> dict[str, tuple[Any, Any]]:
        """Field name → (here, there), for the fields that differ."""
        pairs = (
            (field.name, getattr(self, field.name), getattr(other, field.name)) for field in fields(self)
        )
        return {name: (here, there) for name, here, there in pairs if here != there}

    def apply(self, post: Post, *, rendered: Rendered) -> None:
        """Write the live columns, tags and by-lines of `post`, and save it. `post.day` must be known.

        Call it inside a transaction: what the names mean is asked there, for a merge may have changed it since.
        """
        known = ContentLookups([self])
        self.write_columns(post, rendered=rendered, known=known)
        post.save()
        post.tagged.all().delete()
        post.bylines.all().delete()
        save_tags_and_bylines([(post, self)], known=known)

    def write_columns(self, post: Post, *, rendered: Rendered, known: ContentLookups) -> None:
        """Write the live columns of `post` without saving it: the one place where what readers see changes."""
        post.title, post.slug = self.title, self.slug
        post.category = known.categories.get(self.category)
        post.collection = known.collections.get(self.collection)
        post.hero, post.share_image = known.images.get(self.hero), known.images.get(self.share_image)
        post.related = list(self.related)
        for name in ("disclosure", "canonical_url", "noindex", "body"):
            setattr(post, name, getattr(self, name))
        derive(post, self, rendered)


def save_tags_and_bylines(texts: Sequence[tuple[Post, Content]], *, known: ContentLookups) -> None:
    """Write the tags and by-lines of posts that have none: two statements for any number, and some for each new tag.

    Not tags.set(): it asks one question a tag, and keeps the order of the tags that were there before.
    """
    TaggedPost.objects.bulk_create(
        TaggedPost(content_object=post, tag=tag)
        for post, content in texts
        for tag in Tag.objects.for_names(content.tags, known=known.tags)
    )
    Byline.objects.bulk_create(
        Byline(post=post, author=author, role=role, order=order)
        for post, content in texts
        # Two names of an old snapshot may be one author by now.
        for order, (author, role) in enumerate(
            dict.fromkeys((known.authors[credit.author], credit.role) for credit in content.bylines)
        )
    )


DERIVED = (
    "excerpt",
    "description",
    "body_html",
    "toc",
    "plain_text",
    "characters",
    "reading_minutes",
    "renderer_version",
)


def derive(post: Post, content: Content, rendered: Rendered) -> None:
    """Set the columns DERIVED of `post` without saving it: what follows from its live text, `content`."""
    post.excerpt, post.description = content.summaries(rendered)
    post.body_html = rendered.html
    post.toc = [asdict(heading) for heading in rendered.toc]
    post.plain_text = rendered.plain_text
    post.characters = rendered.characters
    post.reading_minutes = rendered.reading_minutes
    post.renderer_version = RENDERER_VERSION


def merge(base: Content, ours: Content, theirs: Content) -> tuple[Content, list[str]]:
    """Both sides' changes since `base`, and the names of the fields where they contradict each other.

    Texts are merged by paragraph and sentence, tags one by one; any other field changed on both sides to
    different values is a conflict. In conflicts the result holds `ours`.
    """
    merged: dict[str, Any] = {}
    conflicts: list[str] = []
    for name, (before, mine) in base.diff(ours).items():
        other = getattr(theirs, name)
        if other in (before, mine):
            merged[name] = mine
        elif name == "tags":
            merged[name] = tuple(
                tag for tag in (*other, *mine) if tag not in before or (tag in other and tag in mine)
            )
            merged[name] = tuple(dict.fromkeys(merged[name]))
        elif name == "body":
            result = merge_text(before, mine, other)
            merged[name] = result.text
            conflicts += ["body"] if result.conflicts else []
        else:
            merged[name] = mine
            conflicts.append(name)
    return replace(theirs, **merged), conflicts


def find_category(name: str) -> Category | None:
    """The section called `name`, now or once; None when there is none."""
    return by_name(Category, [name]).get(name)


def find_collection(name: str) -> Collection | None:
    """The collection called `name`, now or once; None when there is none."""
    return by_name(Collection, [name]).get(name)


def find_authors(names: Iterable[str]) -> dict[str, Author]:
    """Authors by the names asked for, aliases included. Unknown names are absent."""
    return by_name(Author, names)
