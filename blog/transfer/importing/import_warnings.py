"""Import warnings: what a file asks for and does not get, besides what is wrong in its text."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from blog.text.defects import Defect
from blog.transfer.importing.existing_posts import ExistingPost
from blog.transfer.importing.reader import Article
from blog.transfer.importing.visibility import Hold

OLD_VERSION = Defect(
    "old-version",
    "前に届いた古い版です。あとから届いた版があるので、何も変えていません。この版に戻すなら、記事の「版の履歴」から戻してください。",
)
THROWN_AWAY = Defect(
    "thrown-away",
    "この版からできた記事は捨てられています。また使うなら、管理画面の「Markdownを取り込む」で取り込んでください。",
)


def held(hold: Hold) -> Defect:
    """Why an article is a draft."""
    sentence = f"{hold.because}、公開せず下書きにします。公開するときは、記事の画面で公開してください。"
    return Defect("held-back", sentence, hold.line)


def of_state(
    article: Article, post: ExistingPost | None, *, holds: Collection[Hold], as_draft: bool
) -> Iterator[Defect]:
    """Where the file says that readers may not see its article, or that they do and they do not. `post` None: a new one."""
    if post is None:
        yield from map(held, holds)
        return
    if post.is_trashed:
        yield Defect("binned", "この記事はゴミ箱にあります。また使うなら、ゴミ箱から戻してください。")
    elif holds and not post.is_live:
        yield from map(held, holds)
    elif holds and not post.is_withdrawn:
        for hold in holds:
            yield Defect(
                "front-matter",
                f"{hold.although}、記事は公開か予約のままです。取り下げや予約の取り消しは、記事の画面でしてください。",
                hold.line,
            )
    elif not (post.is_live or as_draft):
        yield Defect(
            "front-matter",
            "記事は下書きのままです。一度下書きになった記事は、取り込みでは公開されません。記事の画面で公開してください。",
        )
    if post.is_live and article.has_date and post.published_at != article.published_at:
        yield Defect("front-matter", "date が公開日時と違います。公開した記事の日時は変わりません。")


def of_paths(article: Article, *, path: str, ours: list[str], leads: bool) -> Iterator[Defect]:
    """`path`: where the post stands or will. `ours`: paths that the magazine needs itself. `leads`: whether
    `redirect_from` is heeded.
    """
    if path and article.permalink not in ("", path):
        yield Defect(
            "front-matter",
            f"permalink は使いません: {article.permalink}（この記事の URL は {path} です）。",
        )
    for taken in ours:
        yield Defect("front-matter", f"redirect_from は使いません: {taken}（サイトのページがあります）。")
    if article.redirect_from and not leads:
        yield Defect(
            "front-matter",
            "redirect_from は、公開中の記事の取り込みでだけ転送になります。要るものは「URLと転送」で設定してください。",
        )


def duplicate(ref: str) -> Defect:
    """Of an article that may be another version of the post `ref` ("": a secret), which came in before under a name
    without a day."""
    return Defect(
        "same-moment",
        f"同じ日時の{_another(ref)}があります。同じ記事なら、どちらかを取り下げてください。",
    )


def guessed(ref: str) -> Defect:
    """Of an article that is taken for a version of the post `ref` ("": a secret)."""
    sentence = f"日時が同じなので、{_another(ref)}の別の版とみなして提案にします。別の記事なら、日付で始まるファイル名で送り直してください。"
    return Defect("same-moment", sentence)


def namesake(ref: str, title: str) -> Defect:
    """Why an article is refused whose file has the name of another's. `title`: the other's; "" when it is a secret."""
    sentence = (
        f"「{ref}」というファイル名の{_another(title)}がもうあります。別の記事なら、ほかのファイル名で送ってください。"
        "同じ記事の新しい版なら、title と date のどちらかは前のままにして送ってください。"
    )
    return Defect("namesake", sentence, blocking=True)


def _another(name: str) -> str:
    return f"記事「{name}」" if name else "ほかの記事"
