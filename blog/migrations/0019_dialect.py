from django.db import migrations, models

# One statement a table: there are thousands of revisions, each with a whole text.
SET = {
    "sqlite": (
        "UPDATE blog_revision SET content = json_set(content, '$.dialect', 'old-site')"
        " WHERE post_id IN (SELECT id FROM blog_post WHERE import_ref > '')",
        "UPDATE blog_draft SET content = json_set(content, '$.dialect', 'old-site')"
        " WHERE post_id IN (SELECT id FROM blog_post WHERE import_ref > '')",
    ),
    "postgresql": (
        """UPDATE blog_revision SET content = content || '{"dialect": "old-site"}'"""
        " WHERE post_id IN (SELECT id FROM blog_post WHERE import_ref > '')",
        """UPDATE blog_draft SET content = content || '{"dialect": "old-site"}'"""
        " WHERE post_id IN (SELECT id FROM blog_post WHERE import_ref > '')",
    ),
}
REMOVE = {
    "sqlite": (
        "UPDATE blog_revision SET content = json_remove(content, '$.dialect')",
        "UPDATE blog_draft SET content = json_remove(content, '$.dialect')",
    ),
    "postgresql": (
        "UPDATE blog_revision SET content = content - 'dialect'",
        "UPDATE blog_draft SET content = content - 'dialect'",
    ),
}


def keep_what_is_shown(apps, schema_editor):
    """Until now everything was shown as the old site's archive is; what came in as a file still is, typed texts are not."""
    for statement in SET[schema_editor.connection.vendor]:
        schema_editor.execute(statement)
    live = apps.get_model("blog", "Post").objects.filter(import_ref__gt="", live_revision__isnull=False)
    live.update(dialect="old-site")


def forget(apps, schema_editor):
    for statement in REMOVE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("blog", "0018_search_forms")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="dialect",
            field=models.CharField(
                blank=True, default="", editable=False, max_length=10, verbose_name="取り込み元の書き方"
            ),
            preserve_default=False,
        ),
        migrations.RunPython(keep_what_is_shown, forget),
    ]
