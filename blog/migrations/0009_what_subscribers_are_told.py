import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0008_likeness"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="left_feeds",
            field=models.JSONField(default=list, editable=False, verbose_name="離れたフィード"),
        ),
        migrations.AddField(
            model_name="post",
            name="live_at",
            field=models.DateTimeField(
                editable=False, null=True, verbose_name="読者に見えるものを最後に変えた日時"
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.OrderBy(
                    django.db.models.functions.comparison.Coalesce("updated_at", "published_at"),
                    descending=True,
                ),
                models.OrderBy(models.F("id"), descending=True),
                models.F("withdrawn_at"),
                condition=models.Q(("live_revision__isnull", False)),
                name="post_told",
            ),
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.OrderBy(models.F("live_at"), descending=True),
                condition=models.Q(("live_at__isnull", False)),
                name="post_live_at",
            ),
        ),
    ]
