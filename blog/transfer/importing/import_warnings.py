"""Import warnings: what a file asks for and does not get, besides what is wrong in its text."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from blog.text.findings import Code, Finding
from blog.transfer.importing.existing_posts import ExistingPost
from blog.transfer.importing.reader import Article
from blog.transfer.importing.visibility import Hold


def held(hold: Hold) -> Finding:
    """Finding that an article is imported as a draft, with the reason."""
    return Code.HELD_BACK.found(because=hold.because, field=hold.key, line=hold.line)


def of_state(
    article: Article, post: ExistingPost | None, *, holds: Collection[Hold], as_draft: bool
) -> Iterator[Finding]:
    """Where the file says that readers may not see its article, or that they do and they do not. `post` None: a new one."""
    if post is None:
        yield from map(held, holds)
        return
    if post.is_trashed:
        yield Code.TRASHED.found()
    elif holds and not post.is_live:
        yield from map(held, holds)
    elif holds and not post.is_withdrawn:
        for hold in holds:
            yield Code.STILL_LIVE.found(although=hold.although, field=hold.key, line=hold.line)
    elif not (post.is_live or as_draft):
        yield Code.STILL_DRAFT.found()
    if post.is_live and article.has_date and post.published_at != article.published_at:
        yield Code.DATE_STAYS.found()


def of_paths(article: Article, *, path: str, ours: list[str], leads: bool) -> Iterator[Finding]:
    """`path`: where the post stands or will. `ours`: paths that the magazine needs itself. `leads`: whether
    `redirect_from` is heeded.
    """
    if path and article.permalink not in ("", path):
        yield Code.PERMALINK.found(permalink=article.permalink, path=path)
    for taken in ours:
        yield Code.REDIRECT_TAKEN.found(path=taken)
    if article.redirect_from and not leads:
        yield Code.REDIRECT_LATER.found()


def duplicate(ref: str) -> Finding:
    """Of an article that may be another version of the post `ref` ("": a secret), which came in before under a name
    without a day."""
    return Code.DUPLICATE.found(other=_another(ref))


def guessed(ref: str) -> Finding:
    """Of an article that is taken for a version of the post `ref` ("": a secret)."""
    return Code.GUESSED.found(other=_another(ref))


def namesake(ref: str, title: str) -> Finding:
    """Why an article is refused whose file has the name of another's. `title`: the other's; "" when it is a secret."""
    return Code.NAMESAKE.found(ref=ref, other=_another(title))


def _another(name: str) -> str:
    return f"記事「{name}」" if name else "ほかの記事"
