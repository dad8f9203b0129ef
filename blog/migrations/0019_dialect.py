from django.db import migrations, models

# One statement a table: there are thousands of revisions, each with a whole text. What says its dialect already keeps it: a
# database that was migrated backwards, where the program of before ignores the key.
STATEMENTS = {
    "sqlite": (
        "UPDATE blog_revision SET content = json_set(content, '$.dialect', 'old-site')"
        " WHERE json_type(content, '$.dialect') IS NULL AND post_id IN (SELECT id FROM blog_post WHERE import_ref > '')",
        "UPDATE blog_draft SET content = json_set(content, '$.dialect', 'old-site')"
        " WHERE json_type(content, '$.dialect') IS NULL AND post_id IN (SELECT id FROM blog_post WHERE import_ref > '')",
        "UPDATE blog_post SET dialect = coalesce((SELECT json_extract(live.content, '$.dialect')"
        " FROM blog_revision live WHERE live.id = live_revision_id), '') WHERE live_revision_id IS NOT NULL",
    ),
    "postgresql": (
        """UPDATE blog_revision SET content = content || '{"dialect": "old-site"}'"""
        " WHERE content -> 'dialect' IS NULL AND post_id IN (SELECT id FROM blog_post WHERE import_ref > '')",
        """UPDATE blog_draft SET content = content || '{"dialect": "old-site"}'"""
        " WHERE content -> 'dialect' IS NULL AND post_id IN (SELECT id FROM blog_post WHERE import_ref > '')",
        "UPDATE blog_post SET dialect = coalesce((SELECT live.content ->> 'dialect'"
        " FROM blog_revision live WHERE live.id = live_revision_id), '') WHERE live_revision_id IS NOT NULL",
    ),
}


def keep_what_is_shown(apps, schema_editor):
    """Until now everything was shown as the old site's archive is; what came in as a file still is, typed texts are not."""
    for statement in STATEMENTS[schema_editor.connection.vendor]:
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
        migrations.RunPython(keep_what_is_shown, migrations.RunPython.noop),
    ]
