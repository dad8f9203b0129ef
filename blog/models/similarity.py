"""Similarity of two posts: the stored pairs from which related posts are read."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from blog.models.post import Post


class Similarity(models.Model):
    """The post `other` goes well beside `post`; of two, the one with the greater `strength`.

    Derived by `blog.public.related` from live texts, withdrawn and scheduled ones too: who reads it asks for what is published.
    """

    # Without constraints of the database, which lock the posts that a row names: two related posts that are published
    # at the same moment would wait for each other. A row that names a post of the past is found in vain.
    post = models.ForeignKey(
        Post, models.CASCADE, related_name="similarities", db_index=False, db_constraint=False
    )
    other = models.ForeignKey(Post, models.CASCADE, related_name="+", db_constraint=False)
    strength = models.FloatField()

    class Meta:
        verbose_name = verbose_name_plural = "近い記事"
        indexes = (models.Index(F("post"), F("strength").desc(), name="similarity_strongest"),)
        constraints = (
            models.UniqueConstraint(fields=("post", "other"), name="one_similarity_per_pair"),
            models.CheckConstraint(condition=~models.Q(post=F("other")), name="nothing_is_beside_itself"),
        )

    def __str__(self) -> str:
        return f"{self.post_id} {self.other_id}"
