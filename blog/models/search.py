"""Search models: index rows, synonyms, and searches that found nothing."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from blog.models.post import Post
from blog.text.grams import fold
from blog.text.normalise import one_line

MAX_SYNONYM = 60
"""Maximum length of one word."""


class SearchPart(models.Model):
    """Search index row: a part of a live post, folded (`blog.text.grams`). Written and deleted only by
    `blog.public.search`.

    A changed part becomes a new row, because its primary key is also the key of its grams: on SQLite in the FTS5
    table `blog_searchgrams`, from which rows cannot be deleted; on PostgreSQL in a column `grams` of this table.
    The head is separate from the body so that renaming a tag rewrites short texts only.
    """

    class Kind(models.TextChoices):
        HEAD = "head", "タイトルとタグ"
        LEAD = "lead", "リード"
        BODY = "body", "本文"

    # No index of its own: the constraint's index begins with this column.
    post = models.ForeignKey(Post, models.CASCADE, related_name="search_parts", db_index=False)
    kind = models.CharField(max_length=4, choices=Kind)
    version = models.PositiveSmallIntegerField()
    text = models.TextField()

    class Meta:
        verbose_name = verbose_name_plural = "検索用の文章"
        constraints = (models.UniqueConstraint(fields=("post", "kind"), name="one_part_of_a_kind_per_post"),)

    def __str__(self) -> str:
        return f"{self.post_id} {self.kind}"


class Synonym(models.Model):
    """Group of synonyms: a search for one finds the others. The names of a tag are synonyms without a row here."""

    words = models.TextField(
        "同じ意味の語",
        help_text="読点「、」か改行で区切ります。どれで探しても、ほかの語のある記事も見つかります。"
        "大文字と小文字、全角と半角、ひらがなとカタカナの違いは、書かなくても区別しません。",
    )
    keys = models.TextField(editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "検索の同義語"
        ordering = ("words",)

    def __str__(self) -> str:
        return self.words

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.words = "、".join(self.word_list)
        self.keys = keys_of(self.word_list)
        super().save(*args, **kwargs)

    @property
    def word_list(self) -> list[str]:
        """Words as typed, without repeats."""
        first: dict[str, str] = {}
        for word in map(one_line, self.words.replace("、", "\n").replace(",", "\n").splitlines()):
            first.setdefault(fold(word), word)
        first.pop("", None)
        return list(first.values())

    def clean(self) -> None:
        words = self.word_list
        if len(words) < 2:
            raise ValidationError({"words": "違う語を2つ以上書いてください。"})
        if long := [word for word in words if len(word) > MAX_SYNONYM]:
            raise ValidationError({"words": f"「{long[0]}」が長すぎます（{MAX_SYNONYM}文字まで）。"})
        for word in words:
            other = Synonym.objects.exclude(pk=self.pk).filter(keys__contains=keys_of([word])).first()
            if other and fold(word) in other.keys.split("\n"):
                raise ValidationError(
                    {"words": f"「{word}」は「{other}」の中にもうあります。そちらに足してください。"}
                )


def keys_of(words: list[str]) -> str:
    """Join the folded words with a line end around each, so that a query can match whole words."""
    return "".join(f"\n{fold(word)}" for word in words) + "\n"


class MissedSearch(models.Model):
    """Search query without results: how often and when last, and nothing about the reader."""

    query = models.CharField("探された語", max_length=50, unique=True)
    count = models.PositiveIntegerField("回数", default=1)
    last_day = models.DateField("最後の日")

    class Meta:
        verbose_name = verbose_name_plural = "見つからなかった検索"
        ordering = ("-count", "-last_day", "query")

    def __str__(self) -> str:
        return self.query
