import uuid

import django.core.validators
import django.db.models.deletion
import taggit.managers
from django.conf import settings
from django.db import migrations, models

import blog.models.revision


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名前")),
                (
                    "slug",
                    models.SlugField(
                        allow_unicode=True,
                        blank=True,
                        help_text="空欄なら名前から作ります。",
                        max_length=80,
                        unique=True,
                        verbose_name="スラッグ",
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="説明")),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="並び順")),
            ],
            options={
                "verbose_name": "カテゴリ",
                "verbose_name_plural": "カテゴリ",
                "ordering": ("order", "name"),
            },
        ),
        migrations.CreateModel(
            name="Page",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "path",
                    models.CharField(
                        help_text="例: /about/", max_length=200, unique=True, verbose_name="パス"
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="タイトル")),
                ("description", models.TextField(blank=True, verbose_name="検索結果向けの説明")),
                ("is_public", models.BooleanField(default=False, verbose_name="公開")),
                ("modified_at", models.DateTimeField(auto_now=True, verbose_name="最終保存")),
                ("body_html", models.TextField(blank=True, editable=False)),
                ("body", models.TextField(blank=True, verbose_name="本文")),
            ],
            options={
                "verbose_name": "固定ページ",
                "verbose_name_plural": "固定ページ",
                "ordering": ("path",),
            },
        ),
        migrations.CreateModel(
            name="Author",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="名前")),
                (
                    "slug",
                    models.SlugField(
                        allow_unicode=True,
                        blank=True,
                        help_text="空欄なら名前から作ります。",
                        max_length=80,
                        unique=True,
                        verbose_name="スラッグ",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "個人"), ("organization", "組織")],
                        default="person",
                        max_length=12,
                        verbose_name="種別",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=80, verbose_name="肩書")),
                ("bio", models.TextField(blank=True, verbose_name="紹介")),
                (
                    "links",
                    models.TextField(
                        blank=True,
                        help_text="1行に1つ、「名前 | URL」の形で書きます。",
                        verbose_name="リンク",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        help_text="この人が管理画面に入るときの利用者（任意）。",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="author",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ログイン",
                    ),
                ),
            ],
            options={
                "verbose_name": "著者",
                "verbose_name_plural": "著者",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Byline",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("writer", "執筆"),
                            ("supervisor", "監修"),
                            ("editor", "編集"),
                            ("photographer", "写真"),
                        ],
                        default="writer",
                        max_length=12,
                        verbose_name="役割",
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(verbose_name="順")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="bylines",
                        to="blog.author",
                        verbose_name="著者",
                    ),
                ),
            ],
            options={
                "verbose_name": "署名",
                "verbose_name_plural": "署名",
                "ordering": ("order",),
            },
        ),
        migrations.CreateModel(
            name="Image",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "file",
                    models.ImageField(
                        height_field="height",
                        max_length=120,
                        upload_to="images/%Y/%m/",
                        verbose_name="画像",
                        width_field="width",
                    ),
                ),
                ("hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("original_hash", models.CharField(db_index=True, editable=False, max_length=64)),
                (
                    "original_name",
                    models.CharField(
                        blank=True, editable=False, max_length=255, verbose_name="元のファイル名"
                    ),
                ),
                ("width", models.PositiveIntegerField(editable=False, verbose_name="幅")),
                ("height", models.PositiveIntegerField(editable=False, verbose_name="高さ")),
                ("size", models.PositiveIntegerField(editable=False, verbose_name="バイト数")),
                (
                    "alt",
                    models.CharField(
                        blank=True,
                        help_text="画像を見られない人に伝える内容。飾りの画像なら空のまま「装飾」を選びます。",
                        max_length=250,
                        verbose_name="代替テキスト",
                    ),
                ),
                (
                    "is_decorative",
                    models.BooleanField(
                        default=False,
                        help_text="意味を持たない飾りの画像。読み上げられません。",
                        verbose_name="装飾",
                    ),
                ),
                ("caption", models.CharField(blank=True, max_length=250, verbose_name="キャプション")),
                ("credit", models.CharField(blank=True, max_length=120, verbose_name="クレジット")),
                ("licence", models.CharField(blank=True, max_length=120, verbose_name="ライセンス")),
                (
                    "focal_x",
                    models.PositiveSmallIntegerField(
                        default=50,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="焦点（横 %）",
                    ),
                ),
                (
                    "focal_y",
                    models.PositiveSmallIntegerField(
                        default=50,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(100),
                        ],
                        verbose_name="焦点（縦 %）",
                    ),
                ),
                ("created_at", models.DateTimeField(db_index=True, verbose_name="追加日時")),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="追加した人",
                    ),
                ),
            ],
            options={
                "verbose_name": "画像",
                "verbose_name_plural": "画像",
                "ordering": ("-created_at", "-pk"),
            },
        ),
        migrations.AddField(
            model_name="author",
            name="picture",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="blog.image",
                verbose_name="写真",
            ),
        ),
        migrations.CreateModel(
            name="MachineToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="機械の名前")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("created_at", models.DateTimeField(editable=False, verbose_name="発行日時")),
                (
                    "last_used_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="最後に使った日時"),
                ),
                (
                    "revoked_at",
                    models.DateTimeField(
                        blank=True, editable=False, null=True, verbose_name="取り消した日時"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="発行した人",
                    ),
                ),
            ],
            options={
                "verbose_name": "投稿用トークン",
                "verbose_name_plural": "投稿用トークン",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "guid",
                    models.CharField(
                        editable=False, max_length=500, unique=True, verbose_name="フィードのID"
                    ),
                ),
                (
                    "import_ref",
                    models.CharField(
                        editable=False, max_length=200, null=True, unique=True, verbose_name="取り込み元"
                    ),
                ),
                ("created_at", models.DateTimeField(editable=False, verbose_name="作成日時")),
                ("working_title", models.CharField(editable=False, max_length=200, verbose_name="タイトル")),
                (
                    "stage",
                    models.CharField(
                        choices=[("writing", "執筆中"), ("review", "校閲待ち"), ("approved", "校閲済")],
                        default="writing",
                        editable=False,
                        max_length=8,
                        verbose_name="段階",
                    ),
                ),
                ("modified_at", models.DateTimeField(editable=False, verbose_name="最終保存")),
                ("next_at", models.DateTimeField(editable=False, null=True, verbose_name="更新の予約")),
                (
                    "binned_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="ゴミ箱に入れた日時"),
                ),
                ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="公開日時")),
                (
                    "updated_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="読者に伝えた更新日時"),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="取り下げ日時"),
                ),
                (
                    "withdrawn_reason",
                    models.CharField(
                        blank=True, editable=False, max_length=200, verbose_name="取り下げの理由"
                    ),
                ),
                (
                    "title",
                    models.CharField(blank=True, editable=False, max_length=200, verbose_name="タイトル"),
                ),
                (
                    "slug",
                    models.CharField(blank=True, editable=False, max_length=120, verbose_name="スラッグ"),
                ),
                ("day", models.DateField(editable=False, null=True, verbose_name="URLの日付")),
                ("related", models.JSONField(default=list, editable=False, verbose_name="関連記事のパス")),
                (
                    "noindex",
                    models.BooleanField(default=False, editable=False, verbose_name="検索エンジンに載せない"),
                ),
                ("featured", models.BooleanField(default=False, editable=False, verbose_name="注目")),
                (
                    "canonical_url",
                    models.URLField(blank=True, editable=False, max_length=500, verbose_name="正規URL"),
                ),
                ("excerpt", models.TextField(blank=True, editable=False, verbose_name="リード")),
                (
                    "description",
                    models.TextField(blank=True, editable=False, verbose_name="検索結果向けの説明"),
                ),
                ("disclosure", models.TextField(blank=True, editable=False, verbose_name="読者への開示")),
                ("characters", models.PositiveIntegerField(default=0, editable=False, verbose_name="文字数")),
                (
                    "reading_minutes",
                    models.PositiveSmallIntegerField(
                        default=1, editable=False, verbose_name="読了時間（分）"
                    ),
                ),
                ("renderer_version", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("toc", models.JSONField(default=list, editable=False)),
                ("plain_text", models.TextField(blank=True, editable=False)),
                ("body_html", models.TextField(blank=True, editable=False)),
                ("body", models.TextField(blank=True, editable=False, verbose_name="本文")),
                (
                    "assignee",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="assigned_posts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="担当",
                    ),
                ),
                (
                    "authors",
                    models.ManyToManyField(related_name="posts", through="blog.Byline", to="blog.author"),
                ),
                (
                    "category",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="posts",
                        to="blog.category",
                        verbose_name="カテゴリ",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="作成者",
                    ),
                ),
                (
                    "hero",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="blog.image",
                        verbose_name="主画像",
                    ),
                ),
                (
                    "share_image",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="+",
                        to="blog.image",
                        verbose_name="共有画像",
                    ),
                ),
            ],
            options={
                "verbose_name": "記事",
                "verbose_name_plural": "記事",
                "permissions": (
                    ("edit_any_post", "ほかの人の記事を編集できる"),
                    ("approve_post", "校閲を通せる"),
                    ("publish_post", "公開・予約・取り下げができる"),
                ),
            },
        ),
        migrations.CreateModel(
            name="Manuscript",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("ref", models.CharField(max_length=200, verbose_name="ファイル")),
                ("sha256", models.CharField(max_length=64)),
                ("received_at", models.DateTimeField(db_index=True, verbose_name="届いた日時")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("command", "コマンド"),
                            ("admin", "管理画面"),
                            ("folder", "監視フォルダー"),
                            ("api", "送信"),
                        ],
                        max_length=7,
                        verbose_name="届き方",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("created", "新しい記事"),
                            ("updated", "更新"),
                            ("proposed", "提案（編集者の版を残しました）"),
                            ("failed", "取り込めず"),
                        ],
                        max_length=8,
                        verbose_name="結果",
                    ),
                ),
                (
                    "problems",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="[{line, code, blocking, message}]",
                        verbose_name="気になる点",
                    ),
                ),
                ("is_blocking", models.BooleanField(default=False, verbose_name="要確認")),
                (
                    "settled_at",
                    models.DateTimeField(blank=True, null=True, verbose_name="確認済みにした日時"),
                ),
                ("source", models.TextField(blank=True, verbose_name="原稿")),
                (
                    "machine",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="blog.machinetoken",
                        verbose_name="送った機械",
                    ),
                ),
                (
                    "sender",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="送った人",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="確認した人",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="manuscripts",
                        to="blog.post",
                        verbose_name="記事",
                    ),
                ),
            ],
            options={
                "verbose_name": "届いた原稿",
                "verbose_name_plural": "届いた原稿",
                "ordering": ("-received_at", "-pk"),
            },
        ),
        migrations.AddField(
            model_name="byline",
            name="post",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="bylines", to="blog.post"
            ),
        ),
        migrations.CreateModel(
            name="Address",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "path",
                    models.CharField(
                        help_text="例: /old/page/（日本語はそのまま書けます）",
                        max_length=500,
                        unique=True,
                        verbose_name="パス",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("current", "現在のURL"),
                            ("moved", "転送（301）"),
                            ("gone", "廃止（410）"),
                            ("held", "更新の予約のため確保"),
                        ],
                        default="moved",
                        max_length=7,
                        verbose_name="種類",
                    ),
                ),
                (
                    "target",
                    models.CharField(
                        blank=True,
                        help_text="記事・固定ページ以外への転送先のパスかURL。",
                        max_length=500,
                        verbose_name="転送先",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="廃止の理由")),
                (
                    "page",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="blog.page",
                        verbose_name="固定ページ",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="addresses",
                        to="blog.post",
                        verbose_name="記事",
                    ),
                ),
            ],
            options={
                "verbose_name": "URL",
                "verbose_name_plural": "URLと転送",
                "ordering": ("path",),
            },
        ),
        migrations.CreateModel(
            name="Revision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="版")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("save", "保存"),
                            ("import", "取り込み"),
                            ("merge", "統合"),
                            ("restore", "復元"),
                        ],
                        default="save",
                        max_length=7,
                        verbose_name="種類",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[("writing", "執筆中"), ("review", "校閲待ち"), ("approved", "校閲済")],
                        default="writing",
                        max_length=8,
                        verbose_name="段階",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="保存日時")),
                ("approved_at", models.DateTimeField(null=True, verbose_name="校閲日時")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="メモ")),
                (
                    "content",
                    models.JSONField(encoder=blog.models.revision.ContentEncoder, verbose_name="内容"),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="校閲した人",
                    ),
                ),
                (
                    "base",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="blog.revision",
                        verbose_name="元の版",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="post_revisions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="保存した人",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="revisions", to="blog.post"
                    ),
                ),
            ],
            options={
                "verbose_name": "版",
                "verbose_name_plural": "版",
                "ordering": ("-number",),
            },
        ),
        migrations.AddField(
            model_name="post",
            name="latest_revision",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="blog.revision",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="live_revision",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="blog.revision",
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="next_revision",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="blog.revision",
            ),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("content", models.JSONField(encoder=blog.models.revision.ContentEncoder)),
                ("saved_at", models.DateTimeField()),
                (
                    "editor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to="blog.post"
                    ),
                ),
                (
                    "base",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="blog.revision",
                    ),
                ),
            ],
            options={
                "verbose_name": "書きかけ",
                "verbose_name_plural": "書きかけ",
            },
        ),
        migrations.CreateModel(
            name="SiteSettings",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(default="ALLFORCES", max_length=60, verbose_name="サイト名")),
                (
                    "tagline",
                    models.CharField(
                        blank=True,
                        default="AI・テクノロジー・投資を読み解く",
                        max_length=120,
                        verbose_name="キャッチフレーズ",
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="サイトの説明")),
                (
                    "publisher",
                    models.CharField(default="ALLFORCES編集部", max_length=120, verbose_name="発行者"),
                ),
                ("contact", models.EmailField(blank=True, max_length=254, verbose_name="連絡先")),
                (
                    "menu",
                    models.TextField(
                        blank=True,
                        help_text="1行に1つ、「名前 | /パス/」の形で書きます。",
                        verbose_name="メニュー",
                    ),
                ),
                (
                    "footer",
                    models.TextField(blank=True, help_text="Markdownで書けます。", verbose_name="フッター"),
                ),
                ("footer_html", models.TextField(blank=True, editable=False)),
                (
                    "publishers",
                    models.CharField(
                        choices=[
                            ("chief", "編集長だけ"),
                            ("editor", "編集者と編集長"),
                            ("writer", "書いた本人も"),
                        ],
                        default="editor",
                        max_length=6,
                        verbose_name="公開できる人",
                    ),
                ),
                (
                    "four_eyes",
                    models.BooleanField(
                        default=False,
                        help_text="選ぶと、書いた本人は自分の原稿の校閲を通せません。",
                        verbose_name="校閲は別の人が行う",
                    ),
                ),
                (
                    "allow_indexing",
                    models.BooleanField(
                        default=True,
                        help_text="外すと、robots.txt が全ページの巡回を断ります。",
                        verbose_name="検索エンジンに載せる",
                    ),
                ),
                (
                    "logo",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="blog.image",
                        verbose_name="ロゴ",
                    ),
                ),
            ],
            options={
                "verbose_name": "サイト設定",
                "verbose_name_plural": "サイト設定",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="名前")),
                ("key", models.CharField(editable=False, max_length=80, unique=True)),
                (
                    "slug",
                    models.SlugField(
                        allow_unicode=True,
                        blank=True,
                        help_text="空欄なら名前から作ります。",
                        max_length=80,
                        unique=True,
                        verbose_name="スラッグ",
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="説明")),
            ],
            options={
                "verbose_name": "タグ",
                "verbose_name_plural": "タグ",
                "ordering": ("name",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("key", ""), _negated=True), models.Q(("slug", ""), _negated=True)
                        ),
                        name="tag_has_key_and_slug",
                        violation_error_message="タグの名前を入れてください。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Alias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="別名")),
                ("key", models.CharField(editable=False, max_length=80)),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="blog.author",
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="blog.category",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="blog.tag",
                    ),
                ),
            ],
            options={
                "verbose_name": "別名",
                "verbose_name_plural": "別名",
                "ordering": ("name",),
            },
        ),
        migrations.CreateModel(
            name="TaggedPost",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "content_object",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tagged", to="blog.post"
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="tagged", to="blog.tag"
                    ),
                ),
            ],
            options={
                "verbose_name": "記事のタグ",
                "verbose_name_plural": "記事のタグ",
                "ordering": ("pk",),
            },
        ),
        migrations.AddField(
            model_name="post",
            name="tags",
            field=taggit.managers.TaggableManager(
                blank=True,
                help_text="A comma-separated list of tags.",
                through="blog.TaggedPost",
                to="blog.Tag",
                verbose_name="タグ",
            ),
        ),
        migrations.AddConstraint(
            model_name="image",
            constraint=models.CheckConstraint(
                condition=models.Q(("alt", ""), ("is_decorative", False), _connector="OR"),
                name="decorative_image_has_no_alt",
                violation_error_message="「装飾」の画像には代替テキストを付けられません。どちらか一方にしてください。",
            ),
        ),
        migrations.AddIndex(
            model_name="manuscript",
            index=models.Index(
                condition=models.Q(("is_blocking", True), ("settled_at__isnull", True)),
                fields=["-received_at"],
                name="manuscript_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="manuscript",
            constraint=models.UniqueConstraint(fields=("ref", "sha256"), name="one_manuscript_per_version"),
        ),
        migrations.AddConstraint(
            model_name="byline",
            constraint=models.UniqueConstraint(
                fields=("post", "author", "role"), name="one_byline_per_author_and_role"
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("kind", "current"),
                        ("target", ""),
                        models.Q(
                            models.Q(("page__isnull", True), ("post__isnull", False)),
                            models.Q(("page__isnull", False), ("post__isnull", True)),
                            _connector="OR",
                        ),
                    ),
                    models.Q(
                        ("kind", "moved"), ("page__isnull", True), ("post__isnull", False), ("target", "")
                    ),
                    models.Q(
                        ("kind", "moved"), ("page__isnull", False), ("post__isnull", True), ("target", "")
                    ),
                    models.Q(
                        ("kind", "moved"),
                        ("page__isnull", True),
                        ("post__isnull", True),
                        models.Q(("target", ""), _negated=True),
                    ),
                    models.Q(
                        ("kind", "held"), ("page__isnull", True), ("post__isnull", False), ("target", "")
                    ),
                    models.Q(
                        ("kind", "gone"), ("page__isnull", True), ("post__isnull", True), ("target", "")
                    ),
                    _connector="OR",
                ),
                name="address_has_one_answer",
                violation_error_message="転送には記事・固定ページ・転送先のどれか1つを、廃止には理由だけを書きます。",
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "current")), fields=("post",), name="one_current_address_per_post"
            ),
        ),
        migrations.AddConstraint(
            model_name="address",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "current")), fields=("page",), name="one_current_address_per_page"
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(fields=("post", "number"), name="one_revision_per_number"),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", False), ("stage", "approved")),
                    models.Q(models.Q(("stage", "approved"), _negated=True), ("approved_at__isnull", True)),
                    _connector="OR",
                ),
                name="approval_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(
                fields=("post", "editor"), name="one_draft_per_editor_and_post"
            ),
        ),
        migrations.AddConstraint(
            model_name="sitesettings",
            constraint=models.CheckConstraint(condition=models.Q(("pk", 1)), name="one_site"),
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("author__isnull", True), ("category__isnull", False), ("tag__isnull", True)),
                    models.Q(("author__isnull", True), ("category__isnull", True), ("tag__isnull", False)),
                    models.Q(("author__isnull", False), ("category__isnull", True), ("tag__isnull", True)),
                    _connector="OR",
                ),
                name="alias_has_one_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.UniqueConstraint(
                condition=models.Q(("category__isnull", False)),
                fields=("key",),
                name="one_category_per_alias",
                violation_error_message="この別名はもう使われています。",
            ),
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.UniqueConstraint(
                condition=models.Q(("tag__isnull", False)),
                fields=("key",),
                name="one_tag_per_alias",
                violation_error_message="この別名はもう使われています。",
            ),
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.UniqueConstraint(
                condition=models.Q(("author__isnull", False)),
                fields=("key",),
                name="one_author_per_alias",
                violation_error_message="この別名はもう使われています。",
            ),
        ),
        migrations.AddConstraint(
            model_name="taggedpost",
            constraint=models.UniqueConstraint(
                fields=("content_object", "tag"), name="one_tag_once_per_post"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.OrderBy(models.F("published_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                models.F("withdrawn_at"),
                condition=models.Q(("live_revision__isnull", False)),
                name="post_published",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("category"),
                models.OrderBy(models.F("published_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                models.F("withdrawn_at"),
                condition=models.Q(("live_revision__isnull", False)),
                name="post_section",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("next_at"), condition=models.Q(("next_at__isnull", False)), name="post_next_at"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.OrderBy(models.F("modified_at"), descending=True), name="post_modified"
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("live_revision__isnull", True),
                    models.Q(
                        ("category__isnull", False),
                        ("day__isnull", False),
                        ("published_at__isnull", False),
                        models.Q(("title", ""), _negated=True),
                        models.Q(("slug", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="live_post_is_complete",
                violation_error_message="公開には、タイトル・スラッグ・日付・カテゴリ・公開日時が要ります。",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("next_at__isnull", True), ("next_revision__isnull", True)),
                    models.Q(
                        ("live_revision__isnull", False),
                        ("next_at__isnull", False),
                        ("next_revision__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="scheduled_update_is_complete",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("withdrawn_at__isnull", True), ("live_revision__isnull", False), _connector="OR"
                ),
                name="only_live_posts_are_withdrawn",
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("binned_at__isnull", True), ("live_revision__isnull", True), _connector="OR"
                ),
                name="nothing_public_is_binned",
                violation_error_message="一度公開した記事はゴミ箱に入れられません。取り下げてください。",
            ),
        ),
    ]
