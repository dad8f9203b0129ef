from django.db import migrations, models

OLD_SITE = "old-site"
OF_IMPORTED_POSTS = "post_id IN (SELECT id FROM blog_post WHERE import_ref > '')"
SET = {
    "sqlite": f"json_set(content, '$.dialect', '{OLD_SITE}')",
    "postgresql": f"""content || '{{"dialect": "{OLD_SITE}"}}'""",
}
REMOVE = {"sqlite": "json_remove(content, '$.dialect')", "postgresql": "content - 'dialect'"}


def keep_what_is_shown(apps, schema_editor):
    """Until now everything was shown as the old site's archive is; what came in as a file still is, typed texts are not."""
    rewrite(schema_editor, SET)
    live = apps.get_model("blog", "Post").objects.filter(import_ref__gt="", live_revision__isnull=False)
    live.update(dialect=OLD_SITE)


def forget(apps, schema_editor):
    rewrite(schema_editor, REMOVE)


def rewrite(schema_editor, content):
    """One statement a table: there are thousands of revisions, each with a whole text."""
    for table in ("blog_revision", "blog_draft"):
        schema_editor.execute(
            f"UPDATE {table} SET content = {content[schema_editor.connection.vendor]} WHERE {OF_IMPORTED_POSTS}"
        )


class Migration(migrations.Migration):
    dependencies = [("blog", "0017_problems_are_findings")]

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
