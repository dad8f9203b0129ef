"""The field's names for tables and columns (docs/glossary.md): no row changes, and permissions keep their holders."""

from functools import partial
from typing import Any

from django.db import migrations, models
from django.db.models import F, Q

OPEN = {"fields": ["-received_at"], "name": "manuscript_open"}


def rename_permissions(apps: Any, schema_editor: Any, *, old: str, new: str) -> None:
    """`RenameModel` moves the content type; the codenames of its permissions stay as they were."""
    permissions = apps.get_model("auth", "Permission").objects.using(schema_editor.connection.alias)
    for permission in permissions.filter(content_type__app_label="blog", codename__endswith=f"_{old}"):
        permission.codename = permission.codename.replace(old, new)
        permission.save(update_fields=["codename"])


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("blog", "0014_what_is_sent_back"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RenameModel("MachineToken", "ApiToken"),
        migrations.RunPython(
            partial(rename_permissions, old="machinetoken", new="apitoken"),
            partial(rename_permissions, old="apitoken", new="machinetoken"),
        ),
        migrations.RemoveIndex("manuscript", "manuscript_open"),
        migrations.RenameField("manuscript", "settled_at", "resolved_at"),
        migrations.RenameField("manuscript", "settled_by", "resolved_by"),
        migrations.AddIndex(
            "manuscript", models.Index(condition=Q(is_blocking=True, resolved_at__isnull=True), **OPEN)
        ),
        migrations.RemoveIndex("likeness", "likeness_strongest"),
        migrations.RemoveConstraint("likeness", "one_likeness_per_pair"),
        migrations.RenameModel("Likeness", "Similarity"),
        migrations.AlterField(
            "similarity",
            "post",
            models.ForeignKey(
                "blog.post",
                models.CASCADE,
                related_name="similarities",
                db_index=False,
                db_constraint=False,
            ),
        ),
        migrations.AddIndex(
            "similarity", models.Index(F("post"), F("strength").desc(), name="similarity_strongest")
        ),
        migrations.AddConstraint(
            "similarity", models.UniqueConstraint(fields=("post", "other"), name="one_similarity_per_pair")
        ),
        migrations.RemoveConstraint("post", "nothing_public_is_binned"),
        migrations.RenameField("post", "binned_at", "trashed_at"),
        migrations.AddConstraint(
            "post",
            models.CheckConstraint(
                condition=Q(trashed_at__isnull=True) | Q(live_revision__isnull=True),
                name="nothing_public_is_trashed",
                violation_error_message="一度公開した記事はゴミ箱に入れられません。取り下げてください。",
            ),
        ),
    ]
