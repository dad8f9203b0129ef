"""Who may do what with a post: the desk's rules in one table. Doors ask here, `publishing` insists."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from blog.models import Post, Revision, SiteSettings

WRITERS, EDITORS, CHIEFS = "ライター", "編集者", "編集長"

_TAXONOMY = ("category", "collection", "tag", "author", "alias", "page", "address", "synonym")
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
        *(f"{verb}_machinetoken" for verb in ("view", "add", "change")),
    ),
}
"""Group → permissions of this app. `migrate` makes the groups and gives them each permission once, when that is new;
superusers change them by hand afterwards."""


def may_edit(user: Any, post: Post | None) -> bool:
    """Whether `user` may read and change the working text of `post` (None: of a new one)."""
    if post is None:
        return user.has_perm("blog.add_post")
    if not user.has_perm("blog.change_post"):
        return False
    return user.has_perm("blog.edit_any_post") or Post.objects.filter(pk=post.pk).written_by(user).exists()


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
        return user.has_perm("blog.publish_post") and user.has_perm("blog.change_sitesettings")
    if site.publishers == SiteSettings.Publishers.EDITOR:
        return user.has_perm("blog.publish_post")
    return may_edit(user, post)


def insist(allowed: bool, what: str) -> None:
    """Raise PermissionDenied with a sentence for the screen unless `allowed`."""
    if not allowed:
        raise PermissionDenied(f"{what}権限がありません。編集長に相談してください。")
