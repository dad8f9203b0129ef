from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("blog", "0003_collections")]

    operations = [
        migrations.AddIndex(
            model_name="image",
            index=models.Index(fields=["original_name"], name="image_by_original_name"),
        ),
    ]
