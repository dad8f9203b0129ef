"""Bulk publication of new posts, for imports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.admin.models import ADDITION
from django.db.models import OuterRef

from blog.editorial import addresses, permissions
from blog.editorial.actors import IMPORT, Actor
from blog.editorial.changes import Kind, changing
from blog.editorial.content import Content, save_links
from blog.editorial.lookups import ContentLookups
from blog.editorial.publishing.common import log, publication_news
from blog.editorial.publishing.readiness import NotReady, check_ready, with_public_path
from blog.models import Post, Revision
from blog.text.markdown import Rendered


@dataclass(frozen=True, kw_only=True)
class NewPost:
    """Input of `publish_new`: a post to be created and published at `at`. `updated_at`: time of its last announced update.

    `rendered` is the result of `content.render()`. `uuid`, `guid` and `import_ref` are as in `Post`.
    """

    content: Content
    rendered: Rendered
    at: datetime
    updated_at: datetime | None = None
    uuid: UUID
    guid: str
    import_ref: str | None = None


def publish_new(
    new_posts: Sequence[NewPost], *, by: Actor, now: datetime, kind: str = Revision.Kind.SAVE
) -> list[Post]:
    """Create and publish posts in bulk, each as of its `at`; the import approves and publishes them.

    Writes the same rows as `create` followed by `publish`, with as many statements for a hundred posts as for one (apart
    from new tags). All or nothing. Raises NotReady, AddressTaken, PermissionDenied, IntegrityError.
    """
    permissions.require(permissions.may_edit(by, None), "記事を作る")
    texts = [with_public_path(new_post.content, at=new_post.at) for new_post in new_posts]
    with changing(kind=Kind.IMPORTED, actor=by, now=now) as change:
        known = ContentLookups(texts)
        posts = []
        for text, new_post in zip(texts, new_posts, strict=True):
            post = _live(new_post, text, by=by, now=now)
            if problems := check_ready(text, post=post, by=by, by_hand=False, known=known):
                raise NotReady(problems)
            text.write_columns(post, rendered=new_post.rendered, known=known)
            posts.append(post)
        Post.objects.bulk_create(posts)
        revisions = Revision.objects.bulk_create(
            Revision(
                post=post,
                number=1,
                kind=kind,
                stage=Post.Stage.APPROVED,
                by=by.user,
                created_at=now,
                approved_at=now,
                content=new_post.content.to_json(),
            )
            for post, new_post in zip(posts, new_posts, strict=True)
        )
        first = Revision.objects.filter(post=OuterRef("pk")).order_by().values("pk")
        Post.objects.filter(pk__in=[post.pk for post in posts]).update(
            latest_revision=first, live_revision=first
        )
        addresses.reserve_new(posts)
        save_links(list(zip(posts, texts, strict=True)), known=known)
        for new_post, post, revision in zip(new_posts, posts, revisions, strict=True):
            post.latest_revision = post.live_revision = revision
            change.went_live(post, words=new_post.rendered.words)
            log(by, post, "作成しました。", flag=ADDITION)
            log(IMPORT, post, publication_news(revision, at=new_post.at, now=now))
    return posts


def _live(new_post: NewPost, text: Content, *, by: Actor, now: datetime) -> Post:
    return Post(
        uuid=new_post.uuid,
        guid=new_post.guid,
        import_ref=new_post.import_ref,
        created_by=by.user,
        created_at=now,
        modified_at=now,
        working_title=text.title,
        stage=Post.Stage.APPROVED,
        published_at=new_post.at,
        live_at=max(new_post.at, now),
        featured_at=new_post.at if text.featured else None,
        updated_at=new_post.updated_at,
    )
