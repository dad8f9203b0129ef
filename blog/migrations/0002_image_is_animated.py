from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("blog", "0001_initial")]

    operations = [
        migrations.AddField(
            "image",
            "is_animated",
            models.BooleanField(default=False, editable=False, verbose_name="動く画像"),
        ),
    ]
