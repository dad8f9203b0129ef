"""Taxonomy models: sections, collections, tags, authors, and the aliases they were once known by."""

from __future__ import annotations

import functools
import operator
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from taggit.models import ItemBase, TagBase

from blog.querysets import TagQuerySet, WithPublishedCount
from blog.text.names import slugify, tag_key, tag_slug


class Category(models.Model):
    """A section of the magazine. Every live post stands in exactly one."""

    name = models.CharField("名前", max_length=60, unique=True)
    slug = models.SlugField(
        "スラッグ",
        max_length=80,
        unique=True,
        allow_unicode=True,
        blank=True,
        help_text="空欄なら名前から作ります。",
    )
    description = models.TextField("説明", blank=True)
    is_news = models.BooleanField(
        "ニュース",
        default=True,
        help_text="外すと、検索エンジンにニュースではなく読み物の欄だと伝え、ニュースのサイトマップに載せません。",
    )
    order = models.PositiveSmallIntegerField("並び順", default=100)

    objects = WithPublishedCount.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "カテゴリ"
        ordering = ("order", "name")

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.slug or free_slug(Category, slugify(self.name), self.pk)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("blog:category", args=[self.slug])


class Tag(TagBase):
    """A tag. `key` is its identity: NFKC and casefolded, so that `AI`, `ＡＩ` and `ai` are one."""

    name = models.CharField("名前", max_length=60)
    key = models.CharField(max_length=80, unique=True, editable=False)
    slug = models.SlugField(
        "スラッグ",
        max_length=80,
        unique=True,
        allow_unicode=True,
        blank=True,
        help_text="空欄なら名前から作ります。",
    )
    description = models.TextField("説明", blank=True)

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
        # Not TagBase.save(): that one knows neither keys nor our slugs and retries in a nested transaction.
        self.key = tag_key(self.name)
        self.slug = self.slug or free_slug(Tag, tag_slug(self.name), self.pk)
        models.Model.save(self, *args, **kwargs)

    def clean(self) -> None:
        self.key = tag_key(self.name)

    def get_absolute_url(self) -> str:
        return reverse("blog:tag", args=[self.slug])


class TaggedPost(ItemBase):
    """A tag on a live post. (What a revision says of tags stands in the revision.)"""

    content_object = models.ForeignKey("blog.Post", models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, models.RESTRICT, related_name="tagged")

    class Meta:
        verbose_name = verbose_name_plural = "記事のタグ"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("content_object", "tag"), name="one_tag_once_per_post"),
        )


class AuthorQuerySet(WithPublishedCount["Author"]):
    posts_relation = "bylines__post__"


class Author(models.Model):
    """Somebody, or some body, that signs posts."""

    class Kind(models.TextChoices):
        PERSON = "person", "個人"
        ORGANIZATION = "organization", "組織"

    name = models.CharField("名前", max_length=60, unique=True)
    slug = models.SlugField(
        "スラッグ",
        max_length=80,
        unique=True,
        allow_unicode=True,
        blank=True,
        help_text="空欄なら名前から作ります。",
    )
    kind = models.CharField("種別", max_length=12, choices=Kind, default=Kind.PERSON)
    title = models.CharField("肩書", max_length=80, blank=True)
    bio = models.TextField("紹介", blank=True)
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

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.slug or free_slug(Author, slugify(self.name), self.pk)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("blog:author", args=[self.slug])

    @property
    def is_organization(self) -> bool:
        return self.kind == self.Kind.ORGANIZATION

    @property
    def link_list(self) -> list[tuple[str, str]]:
        return label_and_target_lines(self.links)


class Collection(models.Model):
    """Posts that belong together: a series told in parts, or a feature with a page of its own.

    Its order is that of publication, so that a part needs no number that an editor could forget or give twice.
    """

    class Kind(models.TextChoices):
        SERIES = "series", "連載"
        FEATURE = "feature", "特集"

    name = models.CharField("名前", max_length=60, unique=True)
    slug = models.SlugField(
        "スラッグ",
        max_length=80,
        unique=True,
        allow_unicode=True,
        blank=True,
        help_text="空欄なら名前から作ります。",
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

    objects = WithPublishedCount.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "連載・特集"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.slug or free_slug(Collection, slugify(self.name), self.pk)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("blog:collection", args=[self.slug])

    @property
    def is_series(self) -> bool:
        return self.kind == self.Kind.SERIES


ALIASED = ("category", "collection", "tag", "author")


class Alias(models.Model):
    """Another name of a section, collection, tag or author: what imports and old snapshots may still say."""

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
                    (Q(**{f"{kind}__isnull": kind != target for kind in ALIASED}) for target in ALIASED),
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
                for kind in ALIASED
            ),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = tag_key(self.name)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.key = tag_key(self.name)


def free_slug(model: type[models.Model], wanted: str, pk: int | None) -> str:
    """`wanted`, or the first of `wanted-2`, `wanted-3`, … that no other row has."""
    wanted = (wanted or "x")[:70]
    taken = set(
        model._default_manager.exclude(pk=pk).filter(slug__startswith=wanted).values_list("slug", flat=True)
    )
    slug, number = wanted, 2
    while slug in taken:
        slug, number = f"{wanted}-{number}", number + 1
    return slug


def label_and_target_lines(text: str) -> list[tuple[str, str]]:
    """「名前 | 行き先」 a line, as pairs; a line without `|` or with an unsafe target is left out."""
    pairs = (line.split("|", 1) for line in text.splitlines() if "|" in line)
    return [
        (label.strip(), target.strip())
        for label, target in pairs
        if target.strip().startswith(("/", "https://", "http://", "mailto:"))
        and not target.strip().startswith("//")
    ]
