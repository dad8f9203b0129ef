"""Content of a post (`Content`): everything an editor can change, as one immutable value.

The form, a revision, the autosaved draft, a merge, a restore and an import all speak `Content`, and `write_columns` is
the only code that writes the live columns of a post, `save_links` the only one that writes its tags and by-lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings

from blog.editorial.content_fields import FIELDS, ContentField, ContentFields
from blog.editorial.content_kinds import Credit, Kind  # noqa: F401  whoever speaks `Content` speaks of credits
from blog.editorial.lookups import ContentLookups
from blog.models import TERMS, Author, Byline, Image, Post, Term
from blog.text.excerpt import excerpt as beginning
from blog.text.excerpt import finished, without_truncation
from blog.text.markdown import RENDERER_VERSION, Rendered, render
from blog.text.merge import merge as merge_text
from blog.text.pasted import says_again
from blog.text.post_paths import post_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Content(ContentFields):
    """The fields, and what becomes of them: a page's path, its HTML, the columns that readers see."""

    def in_names_of_today(self, known: ContentLookups) -> Self:
        """With its section, its authors and so on by the names they have now; what nobody knows keeps its name, and so do
        terms of an open kind."""
        renewed: dict[str, Any] = {}
        for model in TERMS:
            kind, said = model.declared, getattr(self, model.declared.field)
            if kind.is_open:
                continue
            names = {name: row.name for name, row in known.terms(model).items()}
            if kind.entry:
                entries = ((entry, getattr(entry, kind.entry)) for entry in said)
                renewed[kind.field] = tuple(
                    replace(entry, **{kind.entry: names.get(name, name)}) for entry, name in entries
                )
            elif kind.is_many:
                renewed[kind.field] = tuple(names.get(name, name) for name in said)
            else:
                renewed[kind.field] = names.get(said, said)
        return replace(self, **renewed)

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

    def apply(self, post: Post, *, rendered: Rendered) -> None:
        """Write the live columns, tags and by-lines of `post`, and save it. The day must be known.

        Call it inside a transaction: what the names mean is asked there, for a merge may have changed it since.
        """
        known = ContentLookups([self])
        self.write_columns(post, rendered=rendered, known=known)
        post.save()
        for through in (model.through() for model in TERMS if model.declared.is_many):
            through.model.objects.filter(**{through.post: post}).delete()
        save_links([(post, self)], known=known)

    def write_columns(self, post: Post, *, rendered: Rendered, known: ContentLookups) -> None:
        """Write the live columns of `post` without saving it: the one place where what readers see changes."""
        for name, declared in FIELDS.items():
            if declared.has_column:
                setattr(post, name, _live(declared, getattr(self, name), known))
        derive(post, self, rendered)


def _live(declared: ContentField, value: Any, known: ContentLookups) -> Any:
    """What the column of a field holds."""
    if term := next((model for model in TERMS if model.declared.field == declared.name), None):
        return known.terms(term).get(value)
    match declared.kind:
        case Kind.IMAGE:
            return known.images.get(value)
        case Kind.PATHS:
            return list(value)
    return value


def save_links(texts: Sequence[tuple[Post, Content]], *, known: ContentLookups) -> None:
    """Write the tags, by-lines and whatever else posts have many of, of posts that have none: a statement for each kind
    and any number of posts, and some for each new tag.

    Not tags.set(): it asks one question a tag, and keeps the order of the tags that were there before.
    """
    for model in TERMS:
        if model is not Author and model.declared.is_many:
            through = model.through()
            through.model.objects.bulk_create(
                through.model(**{through.post: post, through.term: term})
                for post, content in texts
                for term in _many(model, getattr(content, model.declared.field), known)
            )
    authors = known.terms(Author)
    Byline.objects.bulk_create(
        Byline(post=post, author=author, role=role, order=order)
        for post, content in texts
        # Two names of an old snapshot may be one author by now.
        for order, (author, role) in enumerate(
            dict.fromkeys((authors[credit.author], credit.role) for credit in content.bylines)
        )
    )


def _many(model: type[Term], names: Iterable[str], known: ContentLookups) -> list[Term]:
    """The terms that `names` mean, each once; those of an open kind are made where they are missing."""
    rows: Any = model.objects
    if model.declared.is_open:
        return list(rows.for_names(names, known=known.terms(model)))
    return list(dict.fromkeys(known.terms(model)[name] for name in names))


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
            continue
        match FIELDS[name].kind:
            case Kind.TERMS:
                kept = (tag for tag in (*other, *mine) if tag not in before or (tag in other and tag in mine))
                merged[name] = tuple(dict.fromkeys(kept))
            case Kind.MARKDOWN:
                result = merge_text(before, mine, other)
                merged[name] = result.text
                conflicts += [name] if result.conflicts else []
            case _:
                merged[name] = mine
                conflicts.append(name)
    return replace(theirs, **merged), conflicts
