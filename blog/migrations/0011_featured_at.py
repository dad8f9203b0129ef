from django.db import migrations, models


def date_what_is_featured(apps, schema_editor):
    """Nobody noted when: what was featured is as old as the post."""
    posts = apps.get_model("blog", "Post").objects
    posts.filter(featured=True).update(featured_at=models.F("published_at"))


def forget_when(apps, schema_editor):
    apps.get_model("blog", "Post").objects.filter(featured_at__isnull=False).update(featured=True)


class Migration(migrations.Migration):
    dependencies = [("blog", "0010_search_by_index_alone")]

    operations = [
        migrations.AddField(
            model_name="post",
            name="featured_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="注目された日時"),
        ),
        migrations.RunPython(date_what_is_featured, forget_when),
        migrations.RemoveField(model_name="post", name="featured"),
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                models.OrderBy(models.F("featured_at"), descending=True),
                condition=models.Q(("featured_at__isnull", False)),
                name="post_featured",
            ),
        ),
    ]
