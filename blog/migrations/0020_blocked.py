"""Posts with a blocking defect leave readers' lists; until now an import only hid them from search engines."""

import re

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Coalesce

SAYS_NOINDEX = re.compile(r"^(?:robots:.*noindex|sitemap:\s*['\"]?false)", re.MULTILINE | re.IGNORECASE)


def render_anew(apps, schema_editor):
    """`begins_with_excerpt` is derived: `rerender_posts` writes it, also where a renderer of this version or a later one was at
    work before the database was migrated backwards."""
    apps.get_model("blog", "Post").objects.filter(renderer_version__gte=6).update(renderer_version=0)


def block(apps, schema_editor):
    """What the import hid from search engines by itself, for a blocking defect, is blocked instead.

    It is known by the manuscript that the live text came from. Where its front matter asked for noindex, that stays.
    """
    manuscripts = apps.get_model("blog", "Manuscript").objects.filter(outcome__in=("created", "updated"))
    posts = apps.get_model("blog", "Post").objects
    revisions = apps.get_model("blog", "Revision").objects
    hidden = posts.filter(noindex=True, live_revision__kind="import")
    for pk in hidden.filter(manuscripts__is_blocking=True).distinct().values_list("pk", flat=True):
        newest = manuscripts.filter(post=pk).order_by("-received_at", "-pk").first()
        if newest is None or not newest.is_blocking:
            continue
        asks = SAYS_NOINDEX.search(newest.source.lstrip("\ufeff").partition("\n---")[0])
        posts.filter(pk=pk).update(is_blocked=True, noindex=bool(asks))
        if not asks:
            for key, content in list(revisions.filter(post=pk).values_list("pk", "content")):
                if content.get("noindex"):
                    revisions.filter(pk=key).update(content=content | {"noindex": False})


def hide(apps, schema_editor):
    apps.get_model("blog", "Post").objects.filter(is_blocked=True).update(noindex=True)


class Migration(migrations.Migration):
    dependencies = [("blog", "0019_dialect")]

    operations = [
        migrations.AlterField(
            model_name="change",
            name="kind",
            field=models.CharField(
                choices=[
                    ("published", "公開"),
                    ("updated", "予約した更新"),
                    ("unscheduled", "予約の取り消し"),
                    ("withdrawn", "取り下げ"),
                    ("settled", "このまま載せる"),
                    ("imported", "取り込み"),
                    ("restored", "復元"),
                    ("rerendered", "表示の作り直し"),
                    ("rebuilt", "索引の作り直し"),
                    ("term", "カテゴリ・連載・タグ・著者"),
                    ("merged", "統合"),
                    ("page", "固定ページ"),
                    ("image", "画像"),
                    ("settings", "サイト設定"),
                    ("address", "URLと転送"),
                    ("synonym", "検索の同義語"),
                    ("removed", "削除"),
                ],
                max_length=11,
                verbose_name="種類",
            ),
        ),
        migrations.RemoveIndex(model_name="post", name="post_published"),
        migrations.RemoveIndex(model_name="post", name="post_section"),
        migrations.RemoveIndex(model_name="post", name="post_told"),
        migrations.AddField(
            model_name="post",
            name="is_blocked",
            field=models.BooleanField(default=False, editable=False, verbose_name="一覧に出ない"),
        ),
        migrations.AddField(
            model_name="post",
            name="settled",
            field=models.JSONField(default=list, editable=False, verbose_name="このまま載せると決めたこと"),
        ),
        migrations.AddField(
            model_name="post",
            name="next_settled",
            field=models.JSONField(
                default=list, editable=False, verbose_name="予約した更新をこのまま載せると決めたこと"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="begins_with_excerpt",
            field=models.BooleanField(default=False, editable=False, verbose_name="本文がリードで始まる"),
        ),
        migrations.RunPython(render_anew, migrations.RunPython.noop),
        migrations.RunPython(block, hide),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("published_at").desc(),
                models.F("id").desc(),
                models.F("withdrawn_at"),
                models.F("is_blocked"),
                condition=Q(("live_revision__isnull", False)),
                name="post_published",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("category"),
                models.F("published_at").desc(),
                models.F("id").desc(),
                models.F("withdrawn_at"),
                models.F("is_blocked"),
                condition=Q(("live_revision__isnull", False)),
                name="post_section",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                Coalesce("updated_at", "published_at").desc(),
                models.F("id").desc(),
                models.F("withdrawn_at"),
                models.F("is_blocked"),
                condition=Q(("live_revision__isnull", False)),
                name="post_told",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("published_at").desc(), condition=Q(("is_blocked", True)), name="post_blocked"
            ),
        ),
    ]
