"""Taxonomy models: sections, collections, tags and authors, and the aliases of these terms."""

from __future__ import annotations

import functools
import operator
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from taggit.models import ItemBase, TagBase

from blog.models.term import Term, TermKind
from blog.querysets import PostQuerySet, TagQuerySet, TermQuerySet
from blog.text.names import tag_key, tag_slug


class Category(Term):
    """Section of the magazine (category). Every live post is in exactly one."""

    declared: ClassVar = TermKind(
        name="category",
        plural="categories",
        prefix="category",
        relation="category",
        field="category",
        is_on_every_post=True,
        columns=("description", "order", "is_news"),
        has_empty_page=True,  # menus name sections before their first post is out
        feed="section_feed",
        feed_path="feeds/<unicode_slug:slug>.<feed_format:feed_format>",
        has_feed_formats=True,
        parameter="section",
        sitemap="sections",
    )

    is_news = models.BooleanField(
        "ニュース",
        default=True,
        help_text="外すと、検索エンジンにニュースではなく読み物の欄だと伝え、ニュースのサイトマップに載せません。",
    )
    order = models.PositiveSmallIntegerField("並び順", default=100)

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "カテゴリ"
        ordering = ("order", "name")


class Tag(Term, TagBase):  # type: ignore[django-manager-missing]  # taggit has no types
    """Tag. `key` is its identity: NFKC and casefolded, so that `AI`, `ＡＩ` and `ai` are one."""

    declared: ClassVar = TermKind(
        name="tag",
        plural="tags",
        prefix="tags",
        relation="tags",
        field="tags",
        is_many=True,
        is_open=True,
        columns=("description",),
        has_most_used_first=True,
        feed="tag_feed",
        feed_path="tags/<unicode_slug:slug>/feed.xml",
        parameter="tag",
        sitemap="tags",
        indexed_from=2,
    )
    name = models.CharField("名前", max_length=60)
    key = models.CharField(max_length=80, unique=True, editable=False)

    objects = TagQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "タグ"
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=~Q(key="") & ~Q(slug=""),
                name="tag_has_key_and_slug",
                violation_error_message="タグの名前を入れてください。",
            ),
        )

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = tag_key(self.name)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.key = tag_key(self.name)

    @staticmethod
    def slug_of(name: str) -> str:
        return tag_slug(name)

    @property
    def heading(self) -> str:
        return f"#{self.name}"


class TaggedPost(ItemBase):
    """Tag of a live post. (A revision stores its tags in its content.)"""

    content_object = models.ForeignKey("blog.Post", models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, models.RESTRICT, related_name="tagged")

    class Meta:
        verbose_name = verbose_name_plural = "記事のタグ"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("content_object", "tag"), name="one_tag_once_per_post"),
        )


class AuthorQuerySet(TermQuerySet["Author"]):
    posts_relation = "bylines__post__"


class Author(Term):
    """Author: a person or an organization that signs posts."""

    class Kind(models.TextChoices):
        PERSON = "person", "個人"
        ORGANIZATION = "organization", "組織"

    declared: ClassVar = TermKind(
        name="author",
        plural="authors",
        prefix="authors",
        relation="authors",
        field="bylines",
        is_many=True,
        is_on_every_post=True,
        entry="author",
        told_apart_by=("role",),
        columns=("kind", "title", "bio", "picture", "links"),
        has_most_used_first=True,
        feed="author_feed",
        feed_path="authors/<unicode_slug:slug>/feed.xml",
        parameter="author",
        sitemap="authors",
    )

    kind = models.CharField("種別", max_length=12, choices=Kind, default=Kind.PERSON)
    title = models.CharField("肩書", max_length=80, blank=True)
    bio = models.TextField("紹介", blank=True)
    description = None  # type: ignore[assignment]  # Django's way to leave out what the base has: `bio` says it
    picture = models.ForeignKey(
        "blog.Image", models.SET_NULL, null=True, blank=True, verbose_name="写真", related_name="+"
    )
    links = models.TextField("リンク", blank=True, help_text="1行に1つ、「名前 | URL」の形で書きます。")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="ログイン",
        related_name="author",
        help_text="この人が管理画面に入るときの利用者（任意）。",
    )

    objects = AuthorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "著者"
        ordering = ("name",)

    @property
    def about(self) -> str:
        return self.bio

    def among(self, posts: PostQuerySet) -> PostQuerySet:
        """Filter `posts` by author without a join, which would repeat a post that the author both wrote and
        photographed."""
        return posts.filter(pk__in=self.bylines.values("post"))

    def take_over(self, other: Author) -> None:
        """Take over the merged author's user account, if this author has none."""
        if other.user_id:
            Author.objects.filter(pk=self.pk, user=None).update(user=other.user_id)

    @property
    def is_organization(self) -> bool:
        return self.kind == self.Kind.ORGANIZATION

    @property
    def link_list(self) -> list[tuple[str, str]]:
        return label_and_target_lines(self.links)


class Collection(Term):
    """Collection of posts: a series in parts, or a feature with a page of its own.

    Ordered by publication, so that parts need no number that an editor could forget or assign twice.
    """

    class Kind(models.TextChoices):
        SERIES = "series", "連載"
        FEATURE = "feature", "特集"

    declared: ClassVar = TermKind(
        name="collection",
        plural="collections",
        prefix="collections",
        relation="collection",
        field="collection",
        columns=("kind", "description", "picture"),
        sitemap="sections",
    )

    kind = models.CharField(
        "種別",
        max_length=7,
        choices=Kind,
        default=Kind.SERIES,
        help_text="連載の記事には、公開した順に第1回、第2回と付きます。",
    )
    description = models.TextField("説明", blank=True, help_text="ページの見出しの下に出ます。")
    picture = models.ForeignKey(
        "blog.Image", models.SET_NULL, null=True, blank=True, verbose_name="画像", related_name="+"
    )

    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "連載・特集"
        ordering = ("name",)

    @property
    def label(self) -> str:
        return self.get_kind_display()

    @property
    def heading(self) -> str:
        return f"{self.label}「{self.name}」"

    @property
    def is_series(self) -> bool:
        return self.kind == self.Kind.SERIES


TERMS: tuple[type[Term], ...] = (Category, Collection, Tag, Author)
"""All kinds of terms, in the order of forms, files and menus. Code for all kinds loops over them."""
NAMES = tuple(model.declared.name for model in TERMS)


class Alias(models.Model):
    """Alias of a term (one of the foreign keys): a name that imports and old snapshots may still use."""

    name = models.CharField("別名", max_length=60)
    key = models.CharField(max_length=80, editable=False)
    category = models.ForeignKey(Category, models.CASCADE, null=True, blank=True, related_name="aliases")
    collection = models.ForeignKey(Collection, models.CASCADE, null=True, blank=True, related_name="aliases")
    tag = models.ForeignKey(Tag, models.CASCADE, null=True, blank=True, related_name="aliases")
    author = models.ForeignKey(Author, models.CASCADE, null=True, blank=True, related_name="aliases")

    class Meta:
        verbose_name = verbose_name_plural = "別名"
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=functools.reduce(
                    operator.or_,
                    (Q(**{f"{kind}__isnull": kind != target for kind in NAMES}) for target in NAMES),
                ),
                name="alias_has_one_target",
            ),
            *(
                models.UniqueConstraint(
                    fields=("key",),
                    condition=Q(**{f"{kind}__isnull": False}),
                    name=f"one_{kind}_per_alias",
                    violation_error_message="この別名はもう使われています。",
                )
                for kind in NAMES
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = tag_key(self.name)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.key = tag_key(self.name)


def label_and_target_lines(text: str) -> list[tuple[str, str]]:
    """Parse lines 「名前 | 行き先」 into pairs; a line without `|` or with an unsafe target is dropped."""
    pairs = (line.split("|", 1) for line in text.splitlines() if "|" in line)
    return [
        (label.strip(), target.strip())
        for label, target in pairs
        if target.strip().startswith(("/", "https://", "http://", "mailto:"))
        and not target.strip().startswith("//")
    ]
