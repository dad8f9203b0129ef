"""Similarity of posts: the stored pairs from which related posts are read."""

from __future__ import annotations

from django.db import models
from django.db.models import F

from blog.models.post import Post


class Similarity(models.Model):
    """Pair of related posts: `other` is shown beside `post`, ranked by `strength`.

    Computed by `blog.public.related` from live texts, including withdrawn and scheduled ones: queries must filter for
    published posts.
    """

    # Without database constraints, which lock the referenced posts: two related posts that are published at the same
    # moment would wait for each other. A row whose post was deleted matches nothing.
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
