"""Style guide page: every component of the public pages, in the real templates and style sheet, with sample text."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from blog.models import Author, Byline, Category, Image, Post, SiteSettings, Tag
from blog.text.markdown import render

SAMPLE = Path(__file__).with_name("style.md")
COLOURS = (
    ("paper", "紙。すべての地"),
    ("raised", "一段高い地。注記、コード"),
    ("ink", "本文と見出し、太い罫"),
    ("soft", "日付や説明など、控えめな文字"),
    ("accent", "紺。たどれるもの"),
    ("accent-soft", "触れたところ、飛んだ先"),
    ("mark", "朱。編集部が立てた印"),
    ("warn", "開示と、編集中の知らせ"),
    ("warn-soft", "その地"),
    ("edge", "押せるもの、書けるものの縁"),
)
TITLES = (
    "計算の値段　半導体・電力・冷却・資金を一枚の地図に",
    "【2026年版】生成AI社内ガイドライン策定ツール・サービス8選｜テンプレート付き",
    "汐見市、「根拠を添えて答える窓口」を全課に拡大",
    "推論を端末に載せる　C++とC#のどちらで書くか",
)


@never_cache
@require_GET
@admin.site.admin_view
def style(request: HttpRequest) -> HttpResponse:
    """View: the style guide, for all editors. Its sample posts are not stored; only the image is real."""
    now = timezone.now()
    hero = Image.objects.order_by("-pk").first()
    posts = [
        _post(title, now - timedelta(days=days), hero if days % 2 == 0 else None)
        for days, title in enumerate(TITLES)
    ]
    rendered = render(SAMPLE.read_text(encoding="utf-8"))
    context = {
        "site": SiteSettings.objects.current(now),
        "path": request.path,
        "colours": COLOURS,
        "lead": posts[0],
        "posts": posts[1:],
        "page": Paginator(range(60), 20).page(2),
        "section": posts[0].category,
        "author": posts[0].credits[0].author,
        "tags": [Tag(name=name, slug="x") for name in ("AI", "C++", "半導体", "投資")],
        "toc": [asdict(heading) for heading in rendered.toc],
        "text": rendered.html,
    }
    return HttpResponse(render_to_string("admin/blog/style.html", context))


def _post(title: str, at: datetime, hero: Image | None) -> Post:
    post = Post(
        title=title,
        slug="style",
        day=timezone.localdate(at),
        category=Category(name="投資分析", slug="style"),
        hero=hero,
        excerpt="AIの答え一つは、いくらで作られているのか。設備の値札から逆算し、どの数字が動けば費用が動くのかを一枚の地図にまとめる。",
        published_at=at,
        updated_at=at + timedelta(hours=3),
        reading_minutes=21,
        characters=10_027,
    )
    person = Author(name="佐伯 真理", slug="style", title="経済記者", bio="決算書と論文を、同じ机で読む。")
    house = Author(name="ALLFORCES編集部", slug="style", title="編集部", kind=Author.Kind.ORGANIZATION)
    post.credits = [Byline(author=person, role="writer"), Byline(author=house, role="editor")]
    return post
