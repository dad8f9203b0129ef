"""Posts that readers see from their first moment on: an archive that comes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.admin.models import ADDITION
from django.db.models import OuterRef

from blog.editorial import addresses, permissions
from blog.editorial.changes import Kind, changing
from blog.editorial.content import Content, file
from blog.editorial.lookups import Known
from blog.editorial.publishing.common import log, publication_news
from blog.editorial.publishing.readiness import NotReady, check_ready, placed
from blog.models import Post, Revision
from blog.text.markdown import Rendered


@dataclass(frozen=True, kw_only=True)
class Debut:
    """A post that is to be, and since when readers see it. `updated_at`: when they were last told of a change.

    `rendered` is what `content.render()` gives. `uuid`, `guid` and `import_ref` are as in `Post`.
    """

    content: Content
    rendered: Rendered
    at: datetime
    updated_at: datetime | None = None
    uuid: UUID
    guid: str
    import_ref: str | None = None


def publish_new(
    debuts: Sequence[Debut], *, by: Any, now: datetime, kind: str = Revision.Kind.SAVE
) -> list[Post]:
    """Make posts, by `by`, that are public since (or from) their moment: the house passes and publishes them.

    Gives the rows that `create` and then `publish` would, in as many statements for a hundred posts as for one (but
    for new tags). All or none. Raises NotReady, AddressTaken, PermissionDenied, IntegrityError.
    """
    permissions.insist(by is None or permissions.may_edit(by, None), "記事を作る")
    texts = [placed(debut.content, at=debut.at) for debut in debuts]
    with changing(kind=Kind.IMPORTED, actor=by, now=now) as change:
        known = Known(texts)
        posts = []
        for text, debut in zip(texts, debuts, strict=True):
            post = _live(debut, text, by=by, now=now)
            if problems := check_ready(text, post=post, images_described=False, known=known):
                raise NotReady(problems)
            text.assign(post, rendered=debut.rendered, known=known)
            posts.append(post)
        Post.objects.bulk_create(posts)
        revisions = Revision.objects.bulk_create(
            Revision(
                post=post,
                number=1,
                kind=kind,
                stage=Post.Stage.APPROVED,
                by=by,
                created_at=now,
                approved_at=now,
                content=debut.content.to_json(),
            )
            for post, debut in zip(posts, debuts, strict=True)
        )
        first = Revision.objects.filter(post=OuterRef("pk")).order_by().values("pk")
        Post.objects.filter(pk__in=[post.pk for post in posts]).update(
            latest_revision=first, live_revision=first
        )
        addresses.reserve_new(posts)
        file(list(zip(posts, texts, strict=True)), known=known)
        for debut, post, revision in zip(debuts, posts, revisions, strict=True):
            post.latest_revision = post.live_revision = revision
            change.went_live(post, words=debut.rendered.words)
            log(by, post, "作成しました。", flag=ADDITION)
            log(None, post, publication_news(revision, at=debut.at, now=now))
    return posts


def _live(debut: Debut, text: Content, *, by: Any, now: datetime) -> Post:
    return Post(
        uuid=debut.uuid,
        guid=debut.guid,
        import_ref=debut.import_ref,
        created_by=by,
        created_at=now,
        modified_at=now,
        working_title=text.title,
        stage=Post.Stage.APPROVED,
        published_at=debut.at,
        live_at=max(debut.at, now),
        featured_at=debut.at if text.featured else None,
        updated_at=debut.updated_at,
        day=text.day,
    )
