import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("blog", "0002_image_is_animated")]

    operations = [
        migrations.CreateModel(
            name="Collection",
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
                        choices=[("series", "連載"), ("feature", "特集")],
                        default="series",
                        help_text="連載の記事には、公開した順に第1回、第2回と付きます。",
                        max_length=7,
                        verbose_name="種別",
                    ),
                ),
                (
                    "description",
                    models.TextField(
                        blank=True, help_text="ページの見出しの下に出ます。", verbose_name="説明"
                    ),
                ),
                (
                    "picture",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="blog.image",
                        verbose_name="画像",
                    ),
                ),
            ],
            options={
                "verbose_name": "連載・特集",
                "verbose_name_plural": "連載・特集",
                "ordering": ("name",),
            },
        ),
        migrations.AddField(
            model_name="post",
            name="collection",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="posts",
                to="blog.collection",
                verbose_name="連載・特集",
            ),
        ),
        migrations.RemoveConstraint(model_name="alias", name="alias_has_one_target"),
        migrations.AddField(
            model_name="alias",
            name="collection",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="aliases",
                to="blog.collection",
            ),
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.CheckConstraint(
                condition=Q(
                    Q(
                        category__isnull=False,
                        collection__isnull=True,
                        tag__isnull=True,
                        author__isnull=True,
                    ),
                    Q(
                        category__isnull=True,
                        collection__isnull=False,
                        tag__isnull=True,
                        author__isnull=True,
                    ),
                    Q(
                        category__isnull=True,
                        collection__isnull=True,
                        tag__isnull=False,
                        author__isnull=True,
                    ),
                    Q(
                        category__isnull=True,
                        collection__isnull=True,
                        tag__isnull=True,
                        author__isnull=False,
                    ),
                    _connector="OR",
                ),
                name="alias_has_one_target",
            ),
        ),
        migrations.AddConstraint(
            model_name="alias",
            constraint=models.UniqueConstraint(
                condition=Q(collection__isnull=False),
                fields=("key",),
                name="one_collection_per_alias",
                violation_error_message="この別名はもう使われています。",
            ),
        ),
    ]
