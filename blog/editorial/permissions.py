"""Permissions of editors, machines and processes: every rule in one module. Views ask, editorial functions `require`.

Django's own model permissions (add, change, delete, view) are granted by the groups below and checked by Django's admin.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from blog.editorial import image_uses
from blog.editorial.actors import (
    DEMO,
    IMPORT,
    NOBODY,
    RERENDERING,
    RESTORE,
    SCHEDULED_UPDATE,
    Actor,
    Machine,
    Person,
    Process,
)
from blog.models import TERMS, Image, Post, Revision, SiteSettings
from blog.querysets import PostQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.db.models import QuerySet

WRITERS, EDITORS, CHIEFS = "ライター", "編集者", "編集長"
ANOTHER_POST = "別の記事"
"""Name for a post in messages to users who may neither edit nor read it."""

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
"""Group → permissions of this app. `migrate` creates the groups and grants each permission once, when it is new;
afterwards superusers change them in the admin."""

_DRAFTS = ("add_post", "change_post", "edit_any_post")
MACHINES: tuple[str, ...] = _DRAFTS
"""Permissions of every machine with a token: deliver drafts, and new versions of drafts from the same file."""
PROCESSES: dict[Process, tuple[str, ...]] = {
    IMPORT: (*_DRAFTS, "approve_post", "publish_post", "add_image"),
    RESTORE: (*_DRAFTS, "approve_post", "publish_post", "add_image"),
    DEMO: ("add_image", "delete_image"),
    # A person has approved what these publish, and every editor reads their messages.
    SCHEDULED_UPDATE: (),
    RERENDERING: (),
    NOBODY: (),
}
"""Process → its permissions, named as in the groups. None may discard posts or change settings made by people."""

# Fields of a user that grant permissions.
RIGHTS = ("is_superuser", "groups", "user_permissions")


def _has(actor: Actor, right: str, *, app: str = "blog") -> bool:
    if isinstance(actor, Person):
        return actor.user.has_perm(f"{app}.{right}")
    return app == "blog" and right in (MACHINES if isinstance(actor, Machine) else PROCESSES.get(actor, ()))


# Working texts


def may_list_posts(actor: Actor) -> bool:
    """Whether `actor` may see the list of posts; it shows those that they may edit."""
    return _has(actor, "change_post")


def may_write(actor: Actor) -> bool:
    """Whether `actor` may write at all: create a post, or edit one."""
    return _has(actor, "add_post") or _has(actor, "change_post")


def may_edit_all(actor: Actor) -> bool:
    """Whether `actor` may edit all posts, including those of others."""
    return _has(actor, "change_post") and _has(actor, "edit_any_post")


def may_edit(actor: Actor, post: Post | None) -> bool:
    """Whether `actor` may read and change the working text of `post` (None: create or import a new one).

    This includes assigning it, submitting it for review, restoring old revisions and taking it out of the trash.
    """
    if post is None:
        return _has(actor, "add_post")
    return may_edit_all(actor) or editable(Post.objects.filter(pk=post.pk), actor).exists()


def editable(posts: PostQuerySet, actor: Actor) -> PostQuerySet:
    """Filter `posts` by those whose working text `actor` may read and change."""
    if may_edit_all(actor):
        return posts
    mine = _has(actor, "change_post") and actor.user
    return posts.written_by(mine) if mine else posts.none()


def assignable(*, besides: int | None = None) -> QuerySet[User]:
    """Users to whom a post can be assigned: active staff, and the user `besides` (a key), who has it already."""
    return get_user_model().objects.filter(Q(is_staff=True, is_active=True) | Q(pk=besides))


def may_know_title(actor: Actor, post: Post) -> bool:
    """Whether a message to `actor` may name `post`: its title may still be confidential; machines are never told."""
    return not isinstance(actor, Machine) and may_edit(actor, post)


def may_discard(actor: Actor, post: Post) -> bool:
    """Whether `actor` may move `post` to the trash."""
    return _has(actor, "delete_post") and may_edit(actor, post)


# Review and publication


def may_review(actor: Actor) -> bool:
    """Whether `actor` is a reviewer: may send back any text, and approve those that `may_approve` allows."""
    return _has(actor, "approve_post")


def may_approve(actor: Actor, revision: Revision, site: SiteSettings) -> bool:
    """Whether `actor` may approve `revision`; under four eyes (「校閲は別の人が行う」) not a text that they have changed since
    its last approval."""
    return may_review(actor) and not (site.four_eyes and _has_written_in(actor, revision))


def _has_written_in(actor: Actor, revision: Revision) -> bool:
    if actor.user is None:
        return False
    before = revision.post.revisions.filter(number__lt=revision.number)
    last_pass = before.filter(stage=Post.Stage.APPROVED).values_list("number", flat=True).first() or 0
    since = revision.post.revisions.filter(number__gt=last_pass, number__lte=revision.number)
    return since.filter(by=actor.user).exists()


def may_send_out(actor: Actor, revision: Revision, site: SiteSettings) -> bool:
    """Whether review allows `actor` to publish `revision`: it is approved, no second person is required, or `actor` may
    approve it (publishing approves)."""
    return revision.is_approved or not site.four_eyes or may_approve(actor, revision, site)


def may_publish(actor: Actor, post: Post | None, site: SiteSettings) -> bool:
    """Whether `actor` may publish, schedule and withdraw `post` (None: a new one).

    For people the setting 「公開できる人」 decides, for a process its entry in `PROCESSES`.
    """
    if not isinstance(actor, Person):
        return _has(actor, "publish_post")
    if site.publishers == SiteSettings.Publishers.CHIEF:
        return _has(actor, "publish_post") and _has(actor, "change_sitesettings")
    if site.publishers == SiteSettings.Publishers.EDITOR:
        return _has(actor, "publish_post")
    return may_edit(actor, post)


def may_change_seen(actor: Actor, site: SiteSettings) -> bool:
    """Whether `actor` may change what readers see at once, without a revision: public pages, term names, redirects.

    The setting 「公開できる人」 applies as for posts; the model permission is checked separately.
    """
    return site.publishers != SiteSettings.Publishers.CHIEF or _has(actor, "change_sitesettings")


def may_write_pages(actor: Actor) -> bool:
    """Whether `actor` may write and preview fixed pages."""
    return _has(actor, "add_page") or _has(actor, "change_page")


def may_send_notices_again(actor: Actor) -> bool:
    """Whether `actor` may resend failed notices."""
    return _has(actor, "change_notice")


# Images


def may_add_images(actor: Actor) -> bool:
    return _has(actor, "add_image")


def may_choose_images(actor: Actor) -> bool:
    """Whether `actor` may browse the image library and insert its images into their texts."""
    return may_write(actor) and _has(actor, "view_image")


def may_delete_images(actor: Actor) -> bool:
    """Whether `actor` may delete images; an image in use is kept regardless."""
    return _has(actor, "delete_image")


def why_not_describe(actor: Actor, image: Image, site: SiteSettings, now: datetime) -> str:
    """Refusal to change the description and focal point of `image`, as a sentence; empty when `actor` may.

    Readers see the change at once in every post that shows the image, so it takes permission to publish all these posts.
    Four-eyes review has no revision to look at here: where it is required, `actor` must be a reviewer.
    """
    whom = "編集長" if site.publishers == SiteSettings.Publishers.CHIEF else "編集者か編集長"
    if not _has(actor, "change_image"):
        return f"画像の説明を変える権限がありません。{whom}に頼んでください。"
    publishes = _has(actor, "publish_post")
    posts = list(image_uses.posts_showing(image, now=now).only("pk"))
    if not posts and not image_uses.shown_elsewhere(image):
        mine = publishes or (actor.user is not None and image.created_by_id == actor.user.pk)
        return (
            ""
            if mine
            else f"ほかの人が加えた画像です。説明を変えるときは、加えた人か{whom}に頼んでください。"
        )
    if publishes and may_change_seen(actor, site):
        return ""
    passes = not site.four_eyes or may_review(actor)
    if (
        passes
        and not image_uses.shown_elsewhere(image)
        and all(may_publish(actor, post, site) for post in posts)
    ):
        return ""
    return (
        "読者に見えている（または公開の決まった）所で使われている画像です。説明や焦点を変えるとすぐに読者に届くので、"
        f"変えられるのは公開できる人だけです。{whom}に頼んでください。"
    )


# Manuscripts, the log, logins


def may_see_manuscripts(actor: Actor) -> bool:
    return _has(actor, "view_manuscript")


def may_settle_manuscripts(actor: Actor) -> bool:
    """Whether `actor` may mark the problems of a manuscript as settled."""
    return _has(actor, "change_manuscript")


def may_read_log(actor: Actor) -> bool:
    """Whether `actor` may read the audit log (who did what, when)."""
    return _has(actor, "view_logentry", app="admin") or _has(actor, "change_sitesettings")


def may_link_logins(actor: Actor) -> bool:
    """Whether `actor` may link a login to an author; only those who may change logins."""
    return _has(actor, "change_user", app="auth")


def may_give_rights(actor: Actor) -> bool:
    """Whether `actor` may grant permissions to groups and users: superusers only, lest others raise their own."""
    return actor.user is not None and actor.user.is_superuser


def may_touch_login(actor: Actor, other: User | None) -> bool:
    """Whether `actor`, who may change logins, may change or delete the login `other` (None: a new one).

    Prevents privilege escalation: setting the password or e-mail address of a login with more permissions gives access to
    them, also of one that has been stopped and could be started again.
    """
    if may_give_rights(actor) or other is None:
        return True
    rights = actor.user.get_all_permissions() if actor.user else set()
    given = Permission.objects.filter(Q(user=other) | Q(group__user=other)).distinct()
    theirs = {f"{app}.{name}" for app, name in given.values_list("content_type__app_label", "codename")}
    return not (other.is_superuser or theirs - rights)


def require(allowed: bool, what: str) -> None:
    """Raise PermissionDenied with a message for the user unless `allowed`."""
    if not allowed:
        raise PermissionDenied(f"{what}権限がありません。編集長に相談してください。")
