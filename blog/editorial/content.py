"""Content of a post (`Content`): everything an editor can change, as one immutable value.

The form, a revision, the autosaved draft, a merge, a restore and an import all use `Content`. `write_columns` is the only
code that writes the live columns of a post, `save_links` the only code that writes its tags and by-lines.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self
from urllib.parse import urlsplit

from django.conf import settings

from blog.editorial.content_fields import FIELDS, ContentField, ContentFields
from blog.editorial.content_kinds import Credit, Kind  # noqa: F401  whoever speaks `Content` speaks of credits
from blog.editorial.lookups import ContentLookups
from blog.models import TERMS, Author, Byline, Image, Post, Term
from blog.text.defects import find_blocking
from blog.text.dialects import DIALECTS
from blog.text.excerpt import begins_with, finished, without_headings, without_truncation
from blog.text.excerpt import excerpt as beginning
from blog.text.findings import Finding
from blog.text.markdown import RENDERER_VERSION, Rendered, render
from blog.text.merge import merge as merge_text
from blog.text.names import is_visible
from blog.text.normalise import normalise
from blog.text.pasted import is_title, repeats_title
from blog.text.places import Scan
from blog.text.portable import HERE, portable
from blog.text.post_paths import post_path
from blog.text.scan import scan

_MAYBE_HEADLINE = re.compile(r"\s+|[。！？?!]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Content(ContentFields):
    """Editable content of a post, with what is computed from it: public path, HTML, live columns."""

    def in_names_of_today(self, known: ContentLookups) -> Self:
        """A copy with the current names of renamed terms (section, authors, …). Unknown names and open kinds stay."""
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
        """Public path, as `Address` stores it; "" while the day or the slug is unknown."""
        return post_path(self.day, self.slug) if self.day and self.slug else ""

    def render(
        self, *, pictures: Mapping[str, Any] | None = None, imported: Content | None = None
    ) -> Rendered:
        """Render the body: HTML and what is derived from it. One query when the body shows uploaded images.

        `imported`: the text as it came (`blog.editorial.imported_texts`); None: this is it.
        """
        return render(**self.rendering(pictures=pictures, imported=imported))

    def rendering(
        self, *, pictures: Mapping[str, Any] | None = None, imported: Content | None = None
    ) -> dict[str, Any]:
        """Arguments for `blog.text.markdown.render`: plain data, so that a worker process can render."""
        return {
            "body": self.body,
            "title": self.title,
            "images": Image.objects.pictures(self.body) if pictures is None else pictures,
            "own_hosts": frozenset({urlsplit(settings.SITE_URL).netloc}),
            "dialect": DIALECTS[self.dialect],
            "imported": imported.body if imported else None,
        }

    def scan(self, *, imported: Content | None = None) -> Scan:
        """Scan the body as it is rendered."""
        return scan(
            self.body,
            title=self.title,
            dialect=DIALECTS[self.dialect],
            imported=imported.body if imported else None,
        )

    def summaries(self, rendered: Rendered, *, imported: Content | None = None) -> tuple[str, str]:
        """Excerpt and description as readers see them, without a repeated headline, a joined heading, a truncated end.

        Where nothing is left, the description is taken from the beginning of the body. `imported` as in `render`.
        """
        text, generated = rendered.plain_text, self._generated(imported)
        excerpt, description = self._shortened("excerpt", imported), self._shortened("description", imported)
        hidden = self.hidden_summaries(imported=imported)
        if "excerpt" in hidden and "description" in generated:
            description = description.removeprefix(excerpt).lstrip(" 　:：。")
        excerpt = "" if "excerpt" in hidden else excerpt
        if "description" in hidden or self._repeats_title(description, "description" in generated):
            description = ""
        if not excerpt and not description:
            description = beginning(text)
            if DIALECTS[self.dialect].cut_summaries:
                description = without_truncation(description)
        return (
            finished(excerpt, text) if "excerpt" in generated else excerpt,
            finished(description, text) if "description" in generated else description,
        )

    def hidden_summaries(self, *, imported: Content | None = None) -> list[str]:
        """Names of the summaries that are not shown because they say the headline."""
        generated = self._generated(imported)
        return [
            name
            for name in ("excerpt", "description")
            if self._repeats_title(self._shortened(name, imported), name in generated)
        ]

    def _generated(self, imported: Content | None) -> set[str]:
        """Names of the summaries that the generator of the dialect wrote, and nobody has changed since.

        The old site's took the first line of a text for both, and that line was the headline in other words.
        """
        if not DIALECTS[self.dialect].cut_summaries:
            return set()
        before = imported or self
        return {name for name in ("excerpt", "description") if getattr(self, name) == getattr(before, name)}

    def _shortened(self, name: str, imported: Content | None) -> str:
        said: str = getattr(self, name)
        said = without_headings(said) if is_visible(said) else ""
        return without_truncation(said) if name in self._generated(imported) else said

    def _repeats_title(self, summary: str, is_generated: bool) -> bool:
        return repeats_title(summary, self.title) if is_generated else is_title(summary, self.title)

    def blocking_defects(self, *, besides: Collection[str] = ()) -> tuple[Finding, ...]:
        """What no reader may be shown of it, except for the codes in `besides`."""
        found = find_blocking(self.body, title=self.title, slug=self.slug)
        return tuple(finding for finding in found if finding.code not in besides)

    def apply(self, post: Post, *, rendered: Rendered, imported: Content | None = None) -> None:
        """Write the live columns, tags and by-lines of `post`, and save it. `day` must be set.

        Call it inside a transaction: term names are resolved there, since a merge may have changed what they mean.
        """
        known = ContentLookups([self])
        self.write_columns(post, rendered=rendered, known=known, imported=imported)
        post.save()
        for through in (model.through() for model in TERMS if model.declared.is_many):
            through.model.objects.filter(**{through.post: post}).delete()
        save_links([(post, self)], known=known)

    def write_columns(
        self, post: Post, *, rendered: Rendered, known: ContentLookups, imported: Content | None = None
    ) -> None:
        """Set the live columns of `post` without saving it; the only code that sets them.

        A blocking defect that nobody has settled (`Post.settled`) keeps the post out of all lists. What was settled ends
        with its defect: who writes it anew is asked anew.
        """
        for name, declared in FIELDS.items():
            if declared.has_column:
                setattr(post, name, _live(declared, getattr(self, name), known))
        codes = {finding.code for finding in self.blocking_defects()}
        post.settled = [entry for entry in post.settled if entry["code"] in codes]
        post.is_blocked = bool(codes - post.settled_codes)
        derive(post, self, rendered, imported=imported)


def _live(declared: ContentField, value: Any, known: ContentLookups) -> Any:
    """Column value of a field."""
    if term := next((model for model in TERMS if model.declared.field == declared.name), None):
        return known.terms(term).get(value)
    match declared.kind:
        case Kind.IMAGE:
            return known.images.get(value)
        case Kind.PATHS:
            return list(value)
    return value


def save_links(texts: Sequence[tuple[Post, Content]], *, known: ContentLookups) -> None:
    """Insert the many-to-many rows (tags, by-lines) of posts that have none yet: one statement per kind for any number of
    posts, plus some for each new tag.

    Not tags.set(): it makes one query per tag, and keeps the order of the previous tags.
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
        # Two names in an old snapshot may have been merged into one author since.
        for order, (author, role) in enumerate(
            dict.fromkeys((authors[credit.author], credit.role) for credit in content.bylines)
        )
    )


def _many(model: type[Term], names: Iterable[str], known: ContentLookups) -> list[Term]:
    """Terms for `names`, without duplicates; missing terms of an open kind are created."""
    rows: Any = model.objects
    if model.declared.is_open:
        return list(rows.for_names(names, known=known.terms(model)))
    return list(dict.fromkeys(known.terms(model)[name] for name in names))


DERIVED = (
    "excerpt",
    "description",
    "begins_with_excerpt",
    "body_html",
    "portable_html",
    "toc",
    "plain_text",
    "characters",
    "reading_minutes",
    "renderer_version",
)


def _first_words(rendered: Rendered) -> str:
    """Plain text without the headings that it begins with."""
    text = rendered.plain_text
    for heading in rendered.toc:
        if not text.startswith(f"{heading.text}\n"):
            break
        text = text.removeprefix(heading.text).lstrip("\n")
    return text


def _begins_with_excerpt(rendered: Rendered, excerpt: str, *, title: str) -> bool:
    """Whether the text says the excerpt again at its start; of an excerpt that begins with the headline, the rest."""
    text = _first_words(rendered)
    ends = (end.end() for end in _MAYBE_HEADLINE.finditer(excerpt))
    rests = (excerpt[at:] for at in ends if repeats_title(excerpt[:at].strip(), title))
    return any(begins_with(text, said) for said in (excerpt, *rests))


def derive(post: Post, content: Content, rendered: Rendered, *, imported: Content | None = None) -> None:
    """Set the derived columns (`DERIVED`) of `post` from its live text, `content`, without saving it."""
    post.excerpt, post.description = content.summaries(rendered, imported=imported)
    post.begins_with_excerpt = _begins_with_excerpt(rendered, post.excerpt, title=content.title)
    post.body_html = rendered.html
    # Previews of texts without a public path have no feed.
    page = HERE + (post.get_absolute_url() if post.day and post.slug else "/")
    post.portable_html = normalise(portable(rendered.html, page=page))
    post.toc = [asdict(heading) for heading in rendered.toc]
    post.plain_text = rendered.plain_text
    post.characters = rendered.characters
    post.reading_minutes = rendered.reading_minutes
    post.renderer_version = RENDERER_VERSION


def merge(base: Content, ours: Content, theirs: Content) -> tuple[Content, list[str]]:
    """Three-way merge of the changes since `base`; returns the result and the names of the conflicting fields.

    Texts are merged by paragraph and sentence, tags one by one; any other field changed on both sides to
    different values is a conflict. In a conflict the result holds `ours`.
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
