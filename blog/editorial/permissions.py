"""Who may do what with a post: the desk's rules in one table. Doors ask here, `publishing` insists."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied

from blog.editorial import image_uses
from blog.models import TERMS, Image, Post, Revision, SiteSettings
from blog.querysets import PostQuerySet

WRITERS, EDITORS, CHIEFS = "ライター", "編集者", "編集長"
ANOTHER_POST = "別の記事"
"""What a post is called in a sentence for somebody who may neither edit nor read it."""

_TAXONOMY = (*(model.declared.name for model in TERMS), "alias", "page", "address", "synonym")
_VIEW_ALL = ("post", "revision", "image", *_TAXONOMY)
_WRITER = (
    *(f"view_{name}" for name in _VIEW_ALL),
    "add_post",
    "change_post",
    "delete_post",
    "add_image",
    "change_image",
)
_EDITOR = (
    *_WRITER,
    "edit_any_post",
    "approve_post",
    "publish_post",
    "delete_image",
    "view_manuscript",
    "change_manuscript",
    "view_notice",
    "change_notice",
    "view_missedsearch",
    "delete_missedsearch",
    *(f"{verb}_{name}" for name in _TAXONOMY for verb in ("add", "change", "delete")),
)
GROUPS: dict[str, tuple[str, ...]] = {
    WRITERS: _WRITER,
    EDITORS: _EDITOR,
    CHIEFS: (
        *_EDITOR,
        "view_sitesettings",
        "change_sitesettings",
        *(f"{verb}_apitoken" for verb in ("view", "add", "change")),
    ),
}
"""Group → permissions of this app. `migrate` makes the groups and gives them each permission once, when that is new;
superusers change them by hand afterwards."""


def may_edit(user: Any, post: Post | None) -> bool:
    """Whether `user` may read and change the working text of `post` (None: of a new one)."""
    if post is None:
        return bool(user.has_perm("blog.add_post"))
    if user.has_perm("blog.change_post") and user.has_perm("blog.edit_any_post"):
        return True
    return editable(Post.objects.filter(pk=post.pk), user).exists()


def editable(posts: PostQuerySet, user: Any) -> PostQuerySet:
    """Those of `posts` whose working text `user` may read and change."""
    if not user.has_perm("blog.change_post"):
        return posts.none()
    return posts if user.has_perm("blog.edit_any_post") else posts.written_by(user)


def may_approve(user: Any, revision: Revision, site: SiteSettings) -> bool:
    """Whether `user` may pass `revision`; with 「校閲は別の人が行う」 not what they have written in since the last pass."""
    if not user.has_perm("blog.approve_post"):
        return False
    return not (site.four_eyes and _has_written_in(user, revision))


def _has_written_in(user: Any, revision: Revision) -> bool:
    before = revision.post.revisions.filter(number__lt=revision.number)
    last_pass = before.filter(stage=Post.Stage.APPROVED).values_list("number", flat=True).first() or 0
    since = revision.post.revisions.filter(number__gt=last_pass, number__lte=revision.number)
    return since.filter(by=user).exists()


def may_send_out(user: Any, revision: Revision, site: SiteSettings) -> bool:
    """Whether the review of `revision` keeps nobody, or not `user`, from publishing it: whoever publishes also passes it."""
    return revision.is_approved or not site.four_eyes or may_approve(user, revision, site)


def may_publish(user: Any, post: Post | None, site: SiteSettings) -> bool:
    """Whether `user` may publish, schedule and withdraw `post` (None: a new one): the setting 「公開できる人」."""
    if site.publishers == SiteSettings.Publishers.CHIEF:
        return bool(user.has_perm("blog.publish_post") and user.has_perm("blog.change_sitesettings"))
    if site.publishers == SiteSettings.Publishers.EDITOR:
        return bool(user.has_perm("blog.publish_post"))
    return may_edit(user, post)


def may_change_seen(user: Any, site: SiteSettings) -> bool:
    """Whether `user` may change what readers see at once and without a revision: public pages, names, redirects.

    The permission for each of them is asked besides. 「公開できる人」 counts for them as it does for posts.
    """
    return site.publishers != SiteSettings.Publishers.CHIEF or user.has_perm("blog.change_sitesettings")


def why_not_describe(user: Any, image: Image, site: SiteSettings, now: datetime) -> str:
    """Why `user` may not change the words and the focal point of `image`, as a sentence; empty when they may.

    Readers see them at once in every post that shows the image: whoever may publish all these posts may. The eyes of
    a second person have no revision to look at here: where they are asked for, it takes somebody who passes texts.
    """
    whom = "編集長" if site.publishers == SiteSettings.Publishers.CHIEF else "編集者か編集長"
    if not user.has_perm("blog.change_image"):
        return f"画像の説明を変える権限がありません。{whom}に頼んでください。"
    publishes, posts = (
        user.has_perm("blog.publish_post"),
        list(image_uses.posts_showing(image, now=now).only("pk")),
    )
    if not posts and not image_uses.shown_elsewhere(image):
        mine = publishes or image.created_by_id == user.pk
        return (
            ""
            if mine
            else f"ほかの人が加えた画像です。説明を変えるときは、加えた人か{whom}に頼んでください。"
        )
    if publishes and may_change_seen(user, site):
        return ""
    passes = not site.four_eyes or user.has_perm("blog.approve_post")
    if (
        passes
        and not image_uses.shown_elsewhere(image)
        and all(may_publish(user, post, site) for post in posts)
    ):
        return ""
    return (
        "読者に見えている（または公開の決まった）所で使われている画像です。説明や焦点を変えるとすぐに読者に届くので、"
        f"変えられるのは公開できる人だけです。{whom}に頼んでください。"
    )


def require(allowed: bool, what: str) -> None:
    """Raise PermissionDenied with a sentence for the screen unless `allowed`."""
    if not allowed:
        raise PermissionDenied(f"{what}権限がありません。編集長に相談してください。")
