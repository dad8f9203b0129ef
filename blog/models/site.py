"""Site models: settings, fixed pages, and the table of addresses."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.safestring import SafeString

from blog.models.image import Image
from blog.models.post import Post
from blog.models.taxonomy import label_and_target_lines
from blog.text.markdown import render
from blog.text.names import public_path
from blog.text.normalise import normalise
from blog.text.sanitise import stored_html

GOOGLE_FILE = re.compile(r"google[0-9a-f]{10,40}")


class SiteSettingsManager(models.Manager["SiteSettings"]):
    def current(self, now: datetime) -> SiteSettings:
        """Load the settings with logo, public pages, whether a scheduled update is due at `now`, and the content version: one
        query."""
        from blog.models import raw_sql  # imported here: it depends on all models, this one too

        return raw_sql.current_settings(now)


class SiteSettings(models.Model):
    """Site settings that the desk may change, a single row. `migrate` creates it (see `blog.apps`)."""

    class Publishers(models.TextChoices):
        CHIEF = "chief", "編集長だけ"
        EDITOR = "editor", "編集者と編集長"
        WRITER = "writer", "書いた本人も"

    name = models.CharField("サイト名", max_length=60, default="ALLFORCES")
    tagline = models.CharField(
        "キャッチフレーズ", max_length=120, default="AI・テクノロジー・投資を読み解く", blank=True
    )
    description = models.TextField("サイトの説明", blank=True)
    logo = models.ForeignKey(
        Image, models.SET_NULL, null=True, blank=True, verbose_name="ロゴ", related_name="+"
    )
    publisher = models.CharField("発行者", max_length=120, default="ALLFORCES編集部")
    contact = models.EmailField("連絡先", blank=True)
    menu = models.TextField("メニュー", blank=True, help_text="1行に1つ、「名前 | /パス/」の形で書きます。")
    footer = models.TextField("フッター", blank=True, help_text="Markdownで書けます。")
    footer_html = models.TextField(editable=False, blank=True)
    publishers = models.CharField("公開できる人", max_length=6, choices=Publishers, default=Publishers.EDITOR)
    four_eyes = models.BooleanField(
        "校閲は別の人が行う", default=False, help_text="選ぶと、書いた本人は自分の原稿の校閲を通せません。"
    )
    allow_indexing = models.BooleanField(
        "検索エンジンに載せる",
        default=True,
        help_text="外すと、すべてのページに noindex が付き、検索結果から消えていきます。",
    )
    allow_ai_search = models.BooleanField(
        "AI検索に読ませる",
        default=True,
        help_text="ChatGPTやPerplexityのように、出典を示して答えるサービスの巡回です。読者が来る入口になります。",
    )
    allow_ai_training = models.BooleanField(
        "AIの学習に使わせる",
        default=False,
        help_text="学習用のデータを集める巡回です。断っても検索結果とAI検索には影響しません。",
    )
    crawlers = models.TextField(
        "巡回ごとの例外",
        blank=True,
        help_text="上の2つと違う扱いにするものだけ、1行に1つ「GPTBot | 許可」か「Bytespider | 拒否」の形で書きます。",
    )
    google_verification = models.CharField(
        "Googleの所有権の確認",
        max_length=100,
        blank=True,
        validators=[
            RegexValidator(r"\A[\w.-]+\Z", "記号や空白を除いて、渡された文字列だけを入れてください。")
        ],
        help_text="Search Console の「HTMLタグ」の content の値か、「HTMLファイル」の名前（google….html）。",
    )
    bing_verification = models.CharField(
        "Bingの所有権の確認",
        max_length=100,
        blank=True,
        validators=[RegexValidator(r"\A[0-9A-Fa-f]{32}\Z", "32桁の英数字を入れてください。")],
        help_text="Bing Webmaster Tools の msvalidate.01 の値（BingSiteAuth.xml の中の値と同じ）。",
    )

    # Columns added by `current`.
    update_is_due: bool
    content_version: int | None
    page_lines: str | None

    objects = SiteSettingsManager()

    class Meta:
        verbose_name = verbose_name_plural = "サイト設定"
        constraints = (models.CheckConstraint(condition=Q(pk=1), name="one_site"),)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        images = Image.objects.pictures(self.footer)
        self.footer_html = render(self.footer, images=images, prefix="footer").html
        super().save(*args, **kwargs)

    def clean(self) -> None:
        self.footer = normalise(self.footer)

    @property
    def google_file(self) -> str:
        """Name of Google's verification file, if verified by file."""
        name = self.google_verification.removesuffix(".html")
        return f"{name}.html" if GOOGLE_FILE.fullmatch(name) else ""

    @property
    def google_tag(self) -> str:
        """Content of Google's verification tag, if verified by tag."""
        return "" if self.google_file else self.google_verification

    @property
    def menu_items(self) -> list[tuple[str, str]]:
        return label_and_target_lines(self.menu)

    @property
    def pages(self) -> list[tuple[str, str]]:
        """Public fixed pages as (title, path), for the footer of every page."""
        lines = (line.rpartition(" | ") for line in (self.page_lines or "").split("\n"))
        return [(title, path) for title, _, path in lines if title]

    @property
    def footer_as_html(self) -> SafeString:
        return stored_html(self.footer_html)


class Page(models.Model):
    """Fixed page outside the stream of posts: about, privacy, contact."""

    path = models.CharField("パス", max_length=200, unique=True, help_text="例: /about/")
    title = models.CharField("タイトル", max_length=120)
    description = models.TextField("検索結果向けの説明", blank=True)
    is_public = models.BooleanField("公開", default=False)
    modified_at = models.DateTimeField("最終保存", auto_now=True)
    body_html = models.TextField(editable=False, blank=True)
    body = models.TextField("本文", blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "固定ページ"
        ordering = ("path",)

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.derive()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return self.path

    def derive(self) -> None:
        """Render the body to the HTML that readers see."""
        self.body_html = render(self.body, title=self.title, images=Image.objects.pictures(self.body)).html

    def clean(self) -> None:
        self.body = normalise(self.body)
        try:
            self.path = public_path(self.path)
        except ValueError as error:
            raise ValidationError({"path": str(error)}) from error

    @property
    def html(self) -> SafeString:
        return stored_html(self.body_html)


class Address(models.Model):
    """Address: a public path and its answer: a post or page (200), a redirect to its new place (301), or gone (410)."""

    class Kind(models.TextChoices):
        CURRENT = "current", "現在のURL"
        MOVED = "moved", "転送（301）"
        GONE = "gone", "廃止（410）"
        HELD = "held", "更新の予約のため確保"

    path = models.CharField(
        "パス", max_length=500, unique=True, help_text="例: /old/page/（日本語はそのまま書けます）"
    )
    kind = models.CharField("種類", max_length=7, choices=Kind, default=Kind.MOVED)
    post = models.ForeignKey(
        Post, models.CASCADE, null=True, blank=True, related_name="addresses", verbose_name="記事"
    )
    page = models.ForeignKey(
        Page, models.CASCADE, null=True, blank=True, related_name="addresses", verbose_name="固定ページ"
    )
    target = models.CharField(
        "転送先", max_length=500, blank=True, help_text="記事・固定ページ以外への転送先のパスかURL。"
    )
    reason = models.CharField("廃止の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "URL"
        verbose_name_plural = "URLと転送"
        ordering = ("path",)
        constraints = (
            models.CheckConstraint(
                condition=(
                    Q(kind="current", target="")
                    & (Q(post__isnull=False, page__isnull=True) | Q(post__isnull=True, page__isnull=False))
                    | Q(kind="moved", post__isnull=False, page__isnull=True, target="")
                    | Q(kind="moved", post__isnull=True, page__isnull=False, target="")
                    | Q(kind="moved", post__isnull=True, page__isnull=True) & ~Q(target="")
                    | Q(kind="held", post__isnull=False, page__isnull=True, target="")
                    | Q(kind="gone", post__isnull=True, page__isnull=True, target="")
                ),
                name="address_has_one_answer",
                violation_error_message="転送には記事・固定ページ・転送先のどれか1つを、廃止には理由だけを書きます。",
            ),
            models.UniqueConstraint(
                fields=("post",), condition=Q(kind="current"), name="one_current_address_per_post"
            ),
            models.UniqueConstraint(
                fields=("page",), condition=Q(kind="current"), name="one_current_address_per_page"
            ),
        )

    def __str__(self) -> str:
        return self.path

    def clean(self) -> None:
        try:
            self.path = public_path(self.path)
        except ValueError as error:
            raise ValidationError({"path": str(error)}) from error
        if self.target and not self.target.startswith(("/", "https://", "http://")):
            raise ValidationError({"target": "転送先は / か https:// で始めてください。"})
        if self.target == self.path:
            raise ValidationError({"target": "自分自身へは転送できません。"})
