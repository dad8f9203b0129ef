import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def end_requests_that_a_save_has_left_behind(apps, schema_editor):
    """A save used to leave the request with the version before, where no list showed it."""
    revisions = apps.get_model("blog", "Revision").objects.filter(stage="review")
    revisions.exclude(post__latest_revision=models.F("pk")).update(stage="writing")


def take_up_what_was_sent_back(apps, schema_editor):
    """The way back: a stage that the program before does not know."""
    for model in ("Revision", "Post"):
        apps.get_model("blog", model).objects.filter(stage="returned").update(stage="writing")


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0013_tries_of_scheduled_updates"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="returned_at",
            field=models.DateTimeField(null=True, verbose_name="差し戻した日時"),
        ),
        migrations.AddField(
            model_name="revision",
            name="returned_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="差し戻した人",
            ),
        ),
        migrations.AddField(
            model_name="revision",
            name="returned_reason",
            field=models.TextField(blank=True, verbose_name="差し戻しの理由"),
        ),
        migrations.AlterField(
            model_name="post",
            name="stage",
            field=models.CharField(
                choices=[
                    ("writing", "執筆中"),
                    ("review", "校閲待ち"),
                    ("approved", "校閲済"),
                    ("returned", "差し戻し"),
                ],
                default="writing",
                editable=False,
                max_length=8,
                verbose_name="段階",
            ),
        ),
        migrations.AlterField(
            model_name="revision",
            name="stage",
            field=models.CharField(
                choices=[
                    ("writing", "執筆中"),
                    ("review", "校閲待ち"),
                    ("approved", "校閲済"),
                    ("returned", "差し戻し"),
                ],
                default="writing",
                max_length=8,
                verbose_name="段階",
            ),
        ),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("returned_at__isnull", True), ("returned_by__isnull", True), ("returned_reason", "")
                    ),
                    models.Q(
                        ("returned_at__isnull", False), models.Q(("returned_reason", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="what_is_sent_back_has_its_reason",
            ),
        ),
        migrations.RunPython(end_requests_that_a_save_has_left_behind, take_up_what_was_sent_back),
        migrations.AddConstraint(
            model_name="revision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("stage", "review")),
                fields=("post",),
                name="one_request_for_review_per_post",
            ),
        ),
    ]
