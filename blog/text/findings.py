"""Findings (lint results) and the registry of their codes: what is wrong in a text, a file or a form.

Every code is declared here with its severity, its field and its message; docs/editing.md lists them for editors. A finding
is made by `Code.REPEATED.found(count=2)`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

from blog.text.names import MAX_SLUG


class Severity(StrEnum):
    """Severity of a finding."""

    BLOCKING = "blocking"
    """Must be corrected before the text may be published or the file imported."""
    WARNING = "warning"
    """Should be known to an editor."""


_PLACEHOLDER = re.compile(r"\{\w+\}")

BLOCKING, WARNING = Severity.BLOCKING, Severity.WARNING


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem found.

    `field`: a field of `Content` or a key of the front matter; "" for none in particular. `line` counts from 1, in the
    file or, without a file, in the field. `fix`: what to do, if the sentence does not say so itself.
    """

    code: str
    severity: Severity
    field: str
    line: int | None
    sentence: str
    fix: str

    @property
    def is_blocking(self) -> bool:
        return self.severity is BLOCKING

    @property
    def message(self) -> str:
        """Message for the editor: the sentence and the fix."""
        return self.sentence + self.fix

    @property
    def message_with_line(self) -> str:
        return f"{self.line}行目: {self.message}" if self.line else self.message

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read the result of `to_json`, or of an older program, which stored {code, message, line, blocking}."""
        old = BLOCKING if data.get("blocking") else WARNING
        return cls(
            code=data["code"],
            severity=Severity(data.get("severity", old)),
            field=data.get("field", ""),
            line=data["line"],
            sentence=data.get("sentence", data.get("message", "")),
            fix=data.get("fix", ""),
        )


class Code(StrEnum):
    """Code of a finding, declared as (code, severity, field, sentence, fix) with placeholders in {}."""

    severity: Severity
    field: str
    sentence: str
    fix: str

    def __new__(cls, code: str, severity: Severity, field: str, sentence: str, fix: str = "") -> Self:
        one = str.__new__(cls, code)
        one._value_ = code
        one.severity, one.field, one.sentence, one.fix = severity, field, sentence, fix
        return one

    @property
    def kind(self) -> str:
        """The sentence without its particulars, for counts."""
        return _PLACEHOLDER.sub("…", self.sentence)

    def found(self, *, line: int | None = None, field: str | None = None, **words: object) -> Finding:
        """Make a finding of this code. `field`: overrides the declared one; `words`: values of the placeholders."""
        return Finding(
            code=self.value,
            severity=self.severity,
            field=self.field if field is None else field,
            line=line,
            sentence=self.sentence.format(**words),
            fix=self.fix.format(**words),
        )

    # fmt: off

    # In a text
    CONFLICT = "conflict", BLOCKING, "body", "統合の衝突の印（<<<<<<< や >>>>>>>）が残っています。"
    PROMPT = "prompt", BLOCKING, "body", "生成の指示文が本文に混ざっています。"
    CHAT = "chat", BLOCKING, "body", "生成ツールの返事が本文に混ざっています。"
    BROKEN_CHARACTER = "broken-character", BLOCKING, "body", "文字化け（U+FFFD）があります。"
    BROKEN_TITLE = "broken-title", BLOCKING, "title", "タイトルに文字化け（U+FFFD）があります。"
    REFUSAL = "refusal", BLOCKING, "body", "本文が、記事を書けないという断りになっています。"
    WALL_OF_SIGNS = "wall-of-signs", BLOCKING, "body", "文字のない、記号だけの続きがあります。"
    REFUSAL_TITLE = (
        "refusal-title", BLOCKING, "title",
        "タイトルかファイル名が、記事を書けないという断りになっています。",
    )
    END_MARK = "end-mark", WARNING, "body", "---END--- が{count}か所に残っています。"
    NOT_SHOWN = "not-shown", WARNING, "body", "「{words}」はページに出ません（{why}）。"
    CITATION = "citation", WARNING, "body", "[cite: …] が{count}か所に残っています。"
    REPEATED = "repeated", WARNING, "body", "同じ段落が繰り返されています（{count}回）。"
    BOLD = "bold", WARNING, "body", "太字の印 ** が{count}か所でそのまま見えます。"
    HEADING_MARK = "heading-mark", WARNING, "body", "見出しの印 # が、文の中に{count}か所そのまま見えます。"
    NOTE_MARK = "note-mark", WARNING, "body", "補足などの印（{shown}）が{count}か所でそのまま見えます。"
    LIST_MARK = "list-mark", WARNING, "body", "箇条書きの印（{shown}）が{count}か所でそのまま見えます。"
    RUBY = "ruby", WARNING, "body", "ルビ（{shown}）の読みがかなではないので、そのまま見えます（{count}か所）。"
    RAW_HTML = "raw-html", WARNING, "body", "HTMLのタグ（{shown}）がそのまま見えます（{count}か所）。"
    TEMPLATE = "template", WARNING, "body", "テンプレートの記法（{shown}）が残っています（{count}か所）。"
    SPACED_URL = (
        "spaced-url", WARNING, "body", "URLに空白があるので、リンクや画像にならずにそのまま見えます: {shown}",
        "空白を %20 と書いてください。",
    )
    CUT_OFF = "cut-off", WARNING, "body", "本文が文の途中（…{shown}）で終わっています。"
    HEADING_JUMP = "heading-jump", WARNING, "body", "見出しの段が飛んでいます。"
    LONG_HEADING = "long-heading", WARNING, "body", "見出しが長すぎます（{count}字）。"
    DESCRIPTION = "description", WARNING, "description", "検索結果向けの説明（description）がありません。"
    TAGS = "tags", WARNING, "tags", "タグがありません。"
    TITLE_BRACKETS = "title-brackets", WARNING, "title", "タイトルの括弧が閉じていません。"

    # What keeps a text from going out
    NO_TITLE = "no-title", BLOCKING, "title", "タイトルを入れてください。"
    INVISIBLE_TITLE = "invisible-title", BLOCKING, "title", "タイトルに、目に見える文字がありません。"
    NO_BODY = "no-body", BLOCKING, "body", "本文を入れてください。"
    NO_CATEGORY = "no-category", BLOCKING, "category", "カテゴリを選んでください。"
    NO_BYLINE = "no-byline", BLOCKING, "bylines", "署名を1人以上入れてください。"
    SLUG = (
        "slug", BLOCKING, "slug",
        "スラッグは、文字・数字・ハイフンだけで書いてください（例: ai-investment、生成aiの今）。",
    )
    LONG_SLUG = "long-slug", BLOCKING, "slug", f"スラッグが長すぎます（{MAX_SLUG}字まで）。"
    YEAR = "year", BLOCKING, "day", "URLの日付の年を確かめてください。"
    MISSING_TERM = "missing-term", BLOCKING, "", "{what}「{name}」がありません。"
    UNREGISTERED = "unregistered", BLOCKING, "", "{what}「{name}」がありません。", "先に{what}を登録してください。"
    PATH_TAKEN = (
        "path-taken", BLOCKING, "slug", "{path} は{owner}が使っています。",
        "スラッグか日付を変えてください。",
    )
    HERO_LOST = "hero-lost", BLOCKING, "hero", "主画像が見つかりません。", "選び直してください。"
    SHARE_IMAGE_LOST = (
        "share-image-lost", BLOCKING, "share_image", "共有画像が見つかりません。",
        "選び直してください。",
    )
    HERO_WITHOUT_ALT = (
        "hero-without-alt", BLOCKING, "hero",
        "主画像に代替テキストを付けるか、「装飾」にしてください。",
    )
    IMAGE_WITHOUT_ALT = (
        "image-without-alt", BLOCKING, "body", "画像 {url} に代替テキストがありません。",
        "![ここに説明]({url}) のように書いてください。",
    )
    RELATED_IN_TEXT = (
        "related-in-text", WARNING, "related",
        "本文の「関連記事」「あわせて読みたい」の一覧はページに出ません。",
        "「関連記事」の欄に入れてください：{paths}",
    )

    # A file that does not come in
    UNREADABLE = "unreadable", BLOCKING, "", "{reason}"
    REFUSED = "refused", BLOCKING, "", "{reason}"
    DOUBLED = "doubled", BLOCKING, "", "同じ名前のファイルがほかにもあります: {name}"
    NAMESAKE = (
        "namesake", BLOCKING, "", "「{ref}」というファイル名の{other}がもうあります。",
        "別の記事なら、ほかのファイル名で送ってください。"
        "同じ記事の新しい版なら、title と date のどちらかは前のままにして送ってください。",
    )
    RESTORE = "restore", BLOCKING, "", "{reason}"

    # A front matter
    DUPLICATE_KEY = "duplicate-key", WARNING, "", "「{key}」が二度書かれています（後のほうを使います）。"
    NOT_TEXT = (
        "not-text", WARNING, "",
        "{key} に文字でない値があります（使いません。引用符で囲んでください）: {shown}",
    )
    AUTHOR_KEYS = "author-keys", WARNING, "", "{key} の {unheeded} は使いません: {name}"
    CATEGORIES = "categories", WARNING, "categories", "categories は1つにします（{unused}）。"
    LAYOUT = "layout", WARNING, "layout", "layout は使いません: {layout}（記事として取り込みます）。"
    ROBOTS = "robots", WARNING, "robots", "robots は noindex だけを使います（使いません: {unheeded}）。"
    DATE = "date", WARNING, "date", "{reason}"
    LAST_MODIFIED = "last-modified", WARNING, "last_modified_at", "last_modified_at は{reason}"
    NO_SLUG = (
        "no-slug", WARNING, "",
        "ファイル名にも題名にも、URL に使える文字がありません（{slug} にします）。",
    )
    BAD_PATH = "bad-path", WARNING, "", "{path}: {reason}"
    PERMALINK_FORM = (
        "permalink-form", WARNING, "permalink",
        "permalink は /年/月/日/スラッグ/ の形にします: {path}",
    )
    PERMALINK = (
        "permalink", WARNING, "permalink",
        "permalink は使いません: {permalink}（この記事の URL は {path} です）。",
    )
    REDIRECT_TAKEN = (
        "redirect-taken", WARNING, "redirect_from",
        "redirect_from は使いません: {path}（サイトのページがあります）。",
    )
    REDIRECT_LATER = (
        "redirect-later", WARNING, "redirect_from",
        "redirect_from は、公開中の記事の取り込みでだけ転送になります。",
        "要るものは「URLと転送」で設定してください。",
    )
    CANONICAL = (
        "canonical", WARNING, "canonical_url",
        "canonical_url の記事がありません（使いません）: {url}",
    )
    RELATED = (
        "related", WARNING, "related",
        "関連記事 {name} は、公開した記事にまだありません（公開してから取り込み直すと入ります）。",
    )
    UNKNOWN_NAME = (
        "unknown-name", WARNING, "", "{what}「{name}」がありません。",
        "ほかの{what}を選ぶか、編集長に作ってもらってください。",
    )

    # Links and images of a file
    DEAD_LINK = "dead-link", WARNING, "body", "リンク先の記事がありません: {url}"
    DEAD_PAGE = "dead-page", WARNING, "body", "リンク先のページがありません: {url}"
    OLD_LINK = "old-link", WARNING, "body", "リンク先は {target} に書き換えてください: {url}"
    IMAGE = "image", WARNING, "", "画像 {name} が見つかりません。"
    IMAGE_REFUSED = "image-refused", WARNING, "", "画像 {name}: {reason}"

    # What becomes of a file, and what does not
    HELD_BACK = (
        "held-back", WARNING, "", "{because}、公開せず下書きにします。",
        "公開するときは、記事の画面で公開してください。",
    )
    STILL_LIVE = (
        "still-live", WARNING, "", "{although}、記事は公開か予約のままです。",
        "取り下げや予約の取り消しは、記事の画面でしてください。",
    )
    STILL_DRAFT = (
        "still-draft", WARNING, "",
        "記事は下書きのままです。一度下書きになった記事は、取り込みでは公開されません。",
        "記事の画面で公開してください。",
    )
    TRASHED = (
        "trashed", WARNING, "", "この記事はゴミ箱にあります。",
        "また使うなら、ゴミ箱から戻してください。",
    )
    DATE_STAYS = (
        "date-stays",
        WARNING,
        "date",
        "date が公開日時と違います。公開した記事の日時は変わりません。",
    )
    DUPLICATE = (
        "duplicate", WARNING, "", "同じ日時の{other}があります。",
        "同じ記事なら、どちらかを取り下げてください。",
    )
    GUESSED = (
        "guessed", WARNING, "", "日時が同じなので、{other}の別の版とみなして提案にします。",
        "別の記事なら、日付で始まるファイル名で送り直してください。",
    )
    OLD_VERSION = (
        "old-version", WARNING, "",
        "前に届いた古い版です。あとから届いた版があるので、何も変えていません。",
        "この版に戻すなら、記事の「版の履歴」から戻してください。",
    )
    THROWN_AWAY = (
        "thrown-away", WARNING, "", "この版からできた記事は捨てられています。",
        "また使うなら、管理画面の「Markdownを取り込む」で取り込んでください。",
    )

    # fmt: on
