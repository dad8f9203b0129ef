"""Visibility: what a front matter, or the folder of a file, says against showing an article to readers. Pure.

The words are those of every generator we know of, in any case, width and spelling. What says something that nobody knows
holds an article back too: to publish it later takes one click, and nothing calls back what subscribers have.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import PurePath
from typing import Any

from blog.text.normalise import one_line
from blog.transfer.importing.dates import moment_of
from blog.transfer.importing.paths import TOKYO
from blog.transfer.importing.values import items

MAX_SHOWN = 40
"""Characters of a value that a sentence repeats."""


class Why(Enum):
    """A name for a total, then how a sentence begins: because of it (…ので), and in spite of it (…が)."""

    SAID = ("{key}: {value}", "{key}: {value} とあるので", "{key}: {value} とありますが")
    UNKNOWN = (
        "{key}: {value}",
        "{key}: {value} が公開してよい印か分からないので",
        "{key}: {value} は公開してよい印か分かりませんが",
    )
    FOLDER = (
        "フォルダー {value}",
        "フォルダー {value} の中にあるので",
        "フォルダー {value} の中にありますが",
    )
    EARLY = (
        "先の {key}",
        "{key} がまだ来ていない日時（{value}）なので",
        "{key} はまだ来ていない日時（{value}）ですが",
    )
    LATE = ("過ぎた {key}", "{key}（{value}）を過ぎているので", "{key}（{value}）を過ぎていますが")
    ENDS = (
        "{key} あり",
        "{key}（{value}）に公開を終える原稿なので",
        "{key}（{value}）に公開を終える原稿ですが",
    )
    UNREADABLE = (
        "読めない {key}",
        "{key} が日時として読めないので（{value}）",
        "{key} は日時として読めませんが（{value}）",
    )


@dataclass(frozen=True)
class Hold:
    """One reason not to show an article to readers. `line`: of the key in the file; `key` "" for a folder.

    `is_schedule`: nothing but the article's own date, which is to come.
    """

    why: Why
    key: str = ""
    value: str = ""
    line: int | None = None
    is_schedule: bool = False

    @property
    def label(self) -> str:
        return self._words(0)

    @property
    def because(self) -> str:
        return self._words(1)

    @property
    def although(self) -> str:
        return self._words(2)

    def _words(self, which: int) -> str:
        return str(self.why.value[which]).format(key=self.key, value=self.value)


def _fold(text: object) -> str:
    """What is the same word in any case, width, spelling (`auto-draft`, `Auto Draft`) and quotes."""
    seen = unicodedata.normalize("NFKC", str(text)).casefold()
    if re.fullmatch(r"\s*-\d+\s*", seen):
        return seen.strip()  # -1 is not 1
    return "".join(sign for sign in seen if unicodedata.category(sign)[0] in "LMN" or sign in "○×✓✔")


def _words(*texts: str) -> frozenset[str]:
    return frozenset(_fold(word) for text in texts for word in text.split())


YES = _words("true yes y on 1 t はい 有 有効 する ○ ✓ ✔")
NO = _words("false no n off 0 f none null nil never いいえ 無 無効 なし しない ×")
PUBLIC = _words(
    "publish published public publicly live online posted released visible listed everyone anyone all world featured",
    "公開 公開中 公開済 公開済み 一般公開 全体公開 全体に公開 全員 掲載 掲載中 掲載済 掲載済み 配信中 配信済 配信済み",
)
HIDDEN = _words(
    "draft drafts auto-draft private pending review in-review hidden trash trashed deleted unpublished unlisted scheduled",
    "schedule future queue queued inherit internal secret skip embargo embargoed withdrawn wip members paid tiers subscribers",
    "下書き 草稿 非公開 未公開 限定公開 会員限定 公開前 公開予定 公開待ち 予約 予約中 予約済み 予約投稿 承認待ち 確認待ち 校閲待ち",
    "校閲中 執筆中 編集中 作成中 保留 取り下げ 削除 削除済み ゴミ箱 内部 社内",
)
DRAFT_FOLDERS = _words("draft drafts 下書き")
SECRETS = _words("password post_password passphrase")
"""Keys whose value nobody may be shown."""

NO_DATE = "00010101"
"""How Go, and so Hugo, writes that there is none."""

Rule = Callable[[str, Any, datetime], Why | None]
"""Called with the folded word, the value itself and the clock."""


def _must_be_public(word: str, value: Any, now: datetime) -> Why | None:
    if word in YES | PUBLIC:
        return None
    if word in NO | HIDDEN:
        return Why.SAID
    at = moment_of(value)  # some generators keep the date of publication under this key
    if at is None:
        return Why.UNKNOWN
    return Why.EARLY if at > now else None


def _must_not_be(word: str, value: Any, now: datetime) -> Why | None:
    return None if word in NO | PUBLIC else Why.SAID


def _must_not_be_given(word: str, value: Any, now: datetime) -> Why | None:
    return None if value is False else Why.SAID


def _may_not_deny(word: str, value: Any, now: datetime) -> Why | None:
    """Of a key that may speak of something else: `output: html_document`."""
    return Why.SAID if word in NO | HIDDEN else None


def _may_not_affirm(word: str, value: Any, now: datetime) -> Why | None:
    """Of a key that may speak of something else: `hide: [toc]`."""
    return Why.SAID if word in YES | HIDDEN else None


def _state(word: str, value: Any, now: datetime) -> Why | None:
    if word in YES | PUBLIC:
        return None
    return Why.SAID if word in NO | HIDDEN else Why.UNKNOWN


def _perhaps_a_state(word: str, value: Any, now: datetime) -> Why | None:
    """`state: Tokyo`."""
    return Why.SAID if word in HIDDEN else None


def _start(word: str, value: Any, now: datetime) -> Why | None:
    found = _named(word, value)
    return (Why.EARLY if found > now else None) if isinstance(found, datetime) else found


def _end(word: str, value: Any, now: datetime) -> Why | None:
    found = _named(word, value)
    return (Why.LATE if found <= now else Why.ENDS) if isinstance(found, datetime) else found


def _named(word: str, value: Any) -> datetime | Why | None:
    """The moment under a key that wants one, or what is to be thought of another value; None when it names none."""
    if word in NO or word.startswith(NO_DATE):
        return None
    return Why.SAID if word in YES else moment_of(value) or Why.UNREADABLE


def _perhaps_a_start(word: str, value: Any, now: datetime) -> Why | None:
    """Of a key that may speak of something else: `release_date` of a film. Only a moment that is to come counts."""
    at = moment_of(value)
    return Why.EARLY if at and at > now else None


def _perhaps_an_end(word: str, value: Any, now: datetime) -> Why | None:
    at = moment_of(value)
    return Why.LATE if at and at <= now else None


def _address(word: str, value: Any, now: datetime) -> Why | None:
    """Eleventy and Lume write no page for a text whose address is `false`."""
    return Why.SAID if value is False or word == "false" else None


_KEYS: dict[Rule, frozenset[str]] = {
    _must_be_public: _words("published publish is_published public is_public dg-publish 公開 公開する 掲載"),
    _may_not_deny: _words(
        "live is_live online visible listed enabled active is_active output render routable"
    ),
    _must_not_be: _words(
        "draft drafts is_draft save_as_draft unpublished not_published no_publish ignore_publish private is_private",
        "hidden is_hidden unlisted trash trashed members_only subscribers_only email_only",
        "eleventyExcludeFromCollections 下書き 非公開 未公開 限定公開 会員限定",
    ),
    _may_not_affirm: _words(
        "hide secret internal protected deleted expired embargoed wip headless disabled restricted unpublish"
    ),
    _must_not_be_given: SECRETS,
    _state: _words(
        "status post_status workflow_state review_state publish_state publish_status published_status publishing_status publication_status visibility",
        "post_visibility 状態 ステータス 公開状態 公開設定 公開範囲",
    ),
    _perhaps_a_state: _words("state stage workflow access audience type post_type"),
    _start: _words(
        "publishDate publish_on publish_at publish_from publish_time published_at published_on published_date",
        "publication_date pubDate go_live go_live_at embargo embargo_until scheduled scheduled_at scheduled_for",
        "visible_from 公開日 公開日時 公開予定日 公開開始日 掲載開始日",
    ),
    _end: _words(
        "expiryDate expiry expire expires expire_at expires_at expire_date expires_on expiration expiration_date",
        "unpublishDate unpublish_on unpublish_at publish_until publish_end visible_until",
        "公開終了日 公開終了日時 掲載終了日",
    ),
    _address: _words("permalink url"),
}
_WHEN = "(date|time|datetime|at|on)?"
STARTS = re.compile(
    rf"date(publish|release)(ed|d)?|(publish|publication|release|embargo|schedule|available|live|start|valid)(ed|d)?{_WHEN}"
    r"|\w+(from|since)"
)
ENDS = re.compile(rf"(date)?(unpublish|expir)\w*|(end|valid|available){_WHEN}|\w*(until|till)")
"""Keys that nobody has told us of and that may name the first or the last moment; folded."""
RULES = {key: rule for rule, keys in _KEYS.items() for key in keys}
BUILD = _words("build _build")
"""Hugo's table of what is made of a page."""


def holds(
    meta: Mapping[str, Any],
    *,
    now: datetime,
    at: datetime | None = None,
    at_key: str = "date",
    drafts: str = "",
) -> tuple[Hold, ...]:
    """Why the article of a file is not for readers, a reason each; empty when it is.

    `at`: the article's own date, and `at_key` what it was read from. `drafts`: as `drafts_folder` gives it.
    """
    found = [Hold(Why.FOLDER, value=drafts)] if drafts else []
    found += _said(meta, now)
    if at and at > now:
        found.append(Hold(Why.EARLY, key=at_key, value=_date(at), is_schedule=True))
    return tuple(found)


def drafts_folder(name: str, *, root: PurePath | None = None) -> str:
    """The folder of drafts that a file lies in, as it is written; "" for none.

    `name`: its path within `root`, the folder or zip that is imported. `_drafts` (Jekyll, Hexo, exporters of WordPress) counts
    wherever it stands. `drafts` means that to people alone: it counts in `root` and its own name, but not above, where
    it may be anybody's folder of projects.
    """
    parts = root.parts if root else ()
    here = (*parts[-1:], *PurePath(name).parts[:-1])
    above = (part for part in parts[:-1] if part.startswith("_"))
    return next((part for part in (*here, *above) if _fold(part) in DRAFT_FOLDERS), "")


def flags(meta: Mapping[str, Any], *, now: datetime) -> set[str]:
    """The keys that hold an article back for good. Once the desk has decided, no export may repeat them."""
    return {hold.key for hold in _said(meta, now) if hold.why in (Why.SAID, Why.UNKNOWN)}


def _said(meta: Mapping[str, Any], now: datetime) -> Iterator[Hold]:
    for key, value in meta.items():
        folded = _fold(key)
        if folded in BUILD and isinstance(value, dict):
            yield from _built(key, value)
        elif rule := _rule(folded):
            for item in items(value):
                word = _fold(int(item) if isinstance(item, float) and item.is_integer() else item)
                if (word or str(item).strip()) and (why := rule(word, item, now)):
                    yield Hold(why, key=key, value="***" if folded in SECRETS else _shown(item, why))
                    break


def _rule(folded: str) -> Rule | None:
    if known := RULES.get(folded):
        return known
    if STARTS.fullmatch(folded):
        return _perhaps_a_start
    return _perhaps_an_end if ENDS.fullmatch(folded) else None


def _built(key: str, table: Mapping[Any, Any]) -> Iterator[Hold]:
    for part, value in table.items():
        if _fold(part) in ("render", "list") and _fold(value) in NO | {"link"}:
            yield Hold(Why.SAID, key=key, value=f"{part}: {_shown(value, Why.SAID)}")


def _shown(value: Any, why: Why) -> str:
    at = moment_of(value) if why in (Why.EARLY, Why.LATE, Why.ENDS) else None
    if at:
        return _date(at)
    return str(value).lower() if isinstance(value, bool) else one_line(str(value))[:MAX_SHOWN]


def _date(at: datetime) -> str:
    return f"{at.astimezone(TOKYO):%Y-%m-%d %H:%M}"
