from django.db import migrations, models
from django.db.models import Q


def try_at_the_hour(apps, schema_editor):
    """What is scheduled already is tried first when it is due."""
    posts = apps.get_model("blog", "Post").objects
    posts.filter(next_at__isnull=False).update(next_try_at=models.F("next_at"))


class Migration(migrations.Migration):
    dependencies = [("blog", "0012_drafts_per_tab")]

    operations = [
        migrations.RemoveConstraint(model_name="post", name="scheduled_update_is_complete"),
        migrations.RemoveIndex(model_name="post", name="post_next_at"),
        migrations.AddField(
            model_name="post",
            name="next_try_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="更新を次に試す日時"),
        ),
        migrations.AddField(
            model_name="post",
            name="next_attempts",
            field=models.PositiveSmallIntegerField(
                default=0, editable=False, verbose_name="更新を試した回数"
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="next_error",
            field=models.CharField(
                blank=True, editable=False, max_length=300, verbose_name="更新できなかった理由"
            ),
        ),
        migrations.RunPython(try_at_the_hour, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("next_try_at"), condition=Q(("next_try_at__isnull", False)), name="post_next_try"
            ),
        ),
        migrations.AddConstraint(
            model_name="post",
            constraint=models.CheckConstraint(
                condition=Q(
                    next_revision__isnull=True,
                    next_at__isnull=True,
                    next_try_at__isnull=True,
                    next_attempts=0,
                    next_error="",
                )
                | Q(
                    next_revision__isnull=False,
                    next_at__isnull=False,
                    next_try_at__isnull=False,
                    live_revision__isnull=False,
                ),
                name="scheduled_update_is_complete",
            ),
        ),
    ]
