import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0007_outbox"),
    ]

    operations = [
        migrations.CreateModel(
            name="Likeness",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("strength", models.FloatField()),
                (
                    "other",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="blog.post",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="likenesses",
                        to="blog.post",
                    ),
                ),
            ],
            options={
                "verbose_name": "近い記事",
                "verbose_name_plural": "近い記事",
                "indexes": [
                    models.Index(
                        models.F("post"),
                        models.OrderBy(models.F("strength"), descending=True),
                        name="likeness_strongest",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("post", "other"), name="one_likeness_per_pair"),
                    models.CheckConstraint(
                        condition=models.Q(("post", models.F("other")), _negated=True),
                        name="nothing_is_beside_itself",
                    ),
                ],
            },
        ),
    ]
