from django.db import migrations, models


class Migration(migrations.Migration):
    """The shape of the column is that of `Finding.to_json`; rows of the old shape are read as they are."""

    dependencies = [("blog", "0016_changes")]

    operations = [
        migrations.AlterField(
            model_name="manuscript",
            name="problems",
            field=models.JSONField(blank=True, default=list, verbose_name="気になる点"),
        ),
    ]
