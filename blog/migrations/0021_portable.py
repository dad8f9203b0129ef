"""The HTML for feeds is derived when a text goes live, and slugs are found by an index.

The column is filled by `rerender_posts`; until then feeds derive it at each request.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("blog", "0020_blocked")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="portable_html",
            field=models.TextField(blank=True, default="", editable=False),
            preserve_default=False,
        ),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.F("slug"), condition=models.Q(("live_revision__isnull", False)), name="post_slug"
            ),
        ),
    ]
