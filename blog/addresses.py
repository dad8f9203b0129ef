"""Public paths: reserving them, moving them, and finding what a path answers. Every door asks here."""

from __future__ import annotations

from blog.models import Address, Page, Post
from blog.text.names import public_path


class AddressTaken(Exception):
    """The path already answers something else; str() is a sentence for the editor."""


def reserve(
    *, path: str, post: Post | None = None, page: Page | None = None, keep_old: bool = True
) -> Address:
    """Make `path` the current address of `post` or `page`. Raises AddressTaken.

    Where it stood before answers 301 from now on; with `keep_old` False (it was never public) nothing.
    """
    if taken_by := owner(path, besides=post or page):
        raise AddressTaken(f"{path} は{taken_by}が使っています。別のパスにしてください。")
    mine = Address.objects.filter(post=post, page=page)
    before = mine.filter(kind=Address.Kind.CURRENT).exclude(path=path)
    if keep_old:
        before.update(kind=Address.Kind.MOVED)
    else:
        before.delete()
    return Address.objects.update_or_create(
        path=path, defaults={"kind": Address.Kind.CURRENT, "post": post, "page": page, "reason": ""}
    )[0]


def hold(*, path: str, post: Post) -> None:
    """Keep `path` for a scheduled update of a live `post`: until then it leads to where the post is now."""
    if taken_by := owner(path, besides=post):
        raise AddressTaken(f"{path} は{taken_by}が使っています。別のパスにしてください。")
    Address.objects.get_or_create(path=path, defaults={"kind": Address.Kind.MOVED, "post": post})


def owner(path: str, *, besides: Post | Page | None = None) -> str | None:
    """Who but `besides` answers at `path`, in words for an editor; None when it is free.

    A path that is gone is free: something new may answer there.
    """
    address = (
        Address.objects.filter(path=path)
        .exclude(kind=Address.Kind.GONE)
        .select_related("post", "page")
        .first()
    )
    if address is None or (besides is not None and besides in (address.post, address.page)):
        return None
    if address.post:
        return f"記事「{address.post.working_title}」"
    if address.page:
        return f"固定ページ「{address.page.title}」"
    return "転送の設定"


def move(*, old: str, new: str) -> None:
    """Let `old` answer 301 to `new`, and what led to `old` too: never two hops."""
    old, new = public_path(old), public_path(new)
    if old == new:
        return
    Address.objects.filter(target=old).update(target=new)
    Address.objects.filter(path=new, kind=Address.Kind.MOVED, post=None, page=None).delete()
    Address.objects.update_or_create(
        path=old,
        defaults={"kind": Address.Kind.MOVED, "target": new, "post": None, "page": None, "reason": ""},
    )


def settle(address: Address) -> None:
    """Answer like `address` wherever its path was the target: never two hops."""
    Address.objects.filter(target=address.path).update(
        kind=address.kind, post=address.post, page=address.page, target=address.target, reason=address.reason
    )


def find(path: str) -> Address | None:
    """What the decoded request path answers, with its post, in one query."""
    found = Address.objects.select_related("post__category", "post__hero").defer(
        "post__body", "post__plain_text"
    )
    return next(iter(found.order_by().filter(path=path)), None)
