import django.db.models.deletion
from django.db import migrations, models

from blog.text.grams import fold

# Reader's words on the first day. Names only: what means the same in every article.
SYNONYMS = """
NVIDIA、エヌビディア
OpenAI、オープンAI、オープンエーアイ
Anthropic、アンソロピック
Google、グーグル
Microsoft、マイクロソフト
Apple、アップル
Amazon、アマゾン
Tesla、テスラ
Intel、インテル
Samsung、サムスン
SoftBank、ソフトバンク
Toyota、トヨタ
ChatGPT、チャットGPT、チャットジーピーティー
Gemini、ジェミニ
Claude、クロード
Copilot、コパイロット
GPU、画像処理半導体
LLM、大規模言語モデル
RAG、検索拡張生成
生成AI、ジェネレーティブAI、Generative AI
AIエージェント、AI Agent
データセンター、データセンタ、data center
サーバー、サーバ
ロボット、robot
セキュリティ、セキュリティー
クラウド、cloud
スタートアップ、startup
DX、デジタルトランスフォーメーション
IoT、モノのインターネット
ROI、投資対効果、投資収益率
FRB、連邦準備制度理事会、連邦準備理事会
日銀、日本銀行
経産省、経済産業省
金融庁、FSA
IPO、新規株式公開
M&A、合併・買収
ETF、上場投資信託
"""

# The tokenizer `ascii` takes every character beyond ASCII for part of a word; all of ASCII but the space is named here.
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
TOKENIZER = "ascii tokenchars '{}'".format(SIGNS.replace("'", "''"))
FTS5 = """
    CREATE VIRTUAL TABLE blog_searchgrams USING fts5(grams, content='', detail=none, columnsize=0, tokenize="{}")
""".format(TOKENIZER.replace('"', '""'))


def make_grams(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(FTS5, params=None)
    else:
        schema_editor.execute("ALTER TABLE blog_searchpart ADD COLUMN grams text[] NOT NULL")
        schema_editor.execute("CREATE INDEX search_grams ON blog_searchpart USING gin (grams)")


def drop_grams(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE blog_searchgrams")
    else:
        schema_editor.execute("ALTER TABLE blog_searchpart DROP COLUMN grams")


def seed_synonyms(apps, schema_editor):
    rows = []
    for line in SYNONYMS.strip().splitlines():
        keys = dict.fromkeys(map(fold, line.split("、")))
        rows.append({"words": line, "keys": "\n" + "".join(f"{key}\n" for key in keys)})
    Synonym = apps.get_model("blog", "Synonym")
    Synonym.objects.using(schema_editor.connection.alias).bulk_create(Synonym(**row) for row in rows)


class Migration(migrations.Migration):
    dependencies = [("blog", "0005_what_machines_are_told")]

    operations = [
        migrations.CreateModel(
            name="MissedSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("query", models.CharField(max_length=50, unique=True, verbose_name="探された語")),
                ("count", models.PositiveIntegerField(default=1, verbose_name="回数")),
                ("last_day", models.DateField(verbose_name="最後の日")),
            ],
            options={
                "verbose_name": "見つからなかった検索",
                "verbose_name_plural": "見つからなかった検索",
                "ordering": ("-count", "-last_day", "query"),
            },
        ),
        migrations.CreateModel(
            name="Synonym",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "words",
                    models.TextField(
                        help_text="読点「、」か改行で区切ります。どれで探しても、ほかの語のある記事も見つかります。大文字と小文字、全角と半角、ひらがなとカタカナの違いは、書かなくても区別しません。",
                        verbose_name="同じ意味の語",
                    ),
                ),
                ("keys", models.TextField(editable=False)),
            ],
            options={
                "verbose_name": "検索の同義語",
                "verbose_name_plural": "検索の同義語",
                "ordering": ("words",),
            },
        ),
        migrations.CreateModel(
            name="SearchPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("head", "タイトルとタグ"), ("lead", "リード"), ("body", "本文")],
                        max_length=4,
                    ),
                ),
                ("version", models.PositiveSmallIntegerField()),
                ("text", models.TextField()),
                (
                    "post",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_parts",
                        to="blog.post",
                    ),
                ),
            ],
            options={
                "verbose_name": "検索用の文章",
                "verbose_name_plural": "検索用の文章",
                "constraints": [
                    models.UniqueConstraint(fields=("post", "kind"), name="one_part_of_a_kind_per_post")
                ],
            },
        ),
        migrations.RunPython(make_grams, drop_grams),
        migrations.RunPython(seed_synonyms, migrations.RunPython.noop),
    ]
