"""Autosave per browser tab instead of per person and article; a new article has a draft before it has a row."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import blog.models.revision


def give_keys(apps, schema_editor):
    drafts = apps.get_model("blog", "Draft").objects.all()
    for draft in drafts.only("pk").iterator():
        drafts.filter(pk=draft.pk).update(key=uuid.uuid4())


def keep_newest(apps, schema_editor):
    """The way back: one draft a person and article, none of a new article."""
    drafts = apps.get_model("blog", "Draft").objects.all()
    drafts.filter(post=None).delete()
    seen = set()
    for pk, *owner in drafts.order_by("-saved_at", "-pk").values_list("pk", "post", "editor"):
        if tuple(owner) in seen:
            drafts.filter(pk=pk).delete()
        seen.add(tuple(owner))


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0011_featured_at"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="draft", name="one_draft_per_editor_and_post"),
        migrations.AlterModelOptions(
            name="draft",
            options={
                "ordering": ("-saved_at", "-pk"),
                "verbose_name": "書きかけ",
                "verbose_name_plural": "書きかけ",
            },
        ),
        migrations.AddField("draft", "key", models.UUIDField(null=True)),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
        migrations.AlterField("draft", "key", models.UUIDField(default=uuid.uuid4, unique=True)),
        migrations.AddField("revision", "draft_key", models.UUIDField(editable=False, null=True)),
        migrations.AddField("draft", "number", models.PositiveIntegerField(default=1)),
        migrations.AddField("draft", "tab", models.CharField(blank=True, max_length=36)),
        migrations.AddField("draft", "turn", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "draft", "fields", models.JSONField(default=dict, encoder=blog.models.revision.ContentEncoder)
        ),
        migrations.AlterField(
            "draft",
            "post",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="drafts",
                to="blog.post",
            ),
        ),
        # Last here is first on the way back, before `post` must not be empty any more.
        migrations.RunPython(migrations.RunPython.noop, keep_newest),
    ]
