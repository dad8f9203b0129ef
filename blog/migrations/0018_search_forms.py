"""Keys of tags, aliases and synonyms in the form in which names are compared now: without invisible characters, synonyms
also without separators of digits, old kanji and so on (`blog.text.names.tag_key`, `blog.text.grams.fold`).

A tag whose new key another tag has already (葛飾 twice, once with a variation selector) keeps its own, and its page: the
desk merges the two.
"""

from typing import Any

from django.db import migrations

from blog.text.grams import fold
from blog.text.names import tag_key


def renew_keys(apps: Any, schema_editor: Any) -> None:
    using = schema_editor.connection.alias
    for name in ("Tag", "Alias"):
        rows = apps.get_model("blog", name).objects.using(using)
        taken = set(rows.values_list("key", flat=True))
        for row in rows.order_by("pk"):
            key = tag_key(row.name)
            if key and key not in taken:
                taken.add(key)
                row.key = key
                row.save(update_fields=["key"])
    for synonym in apps.get_model("blog", "Synonym").objects.using(using).all():
        synonym.keys = "".join(f"\n{fold(word)}" for word in synonym.words.split("、")) + "\n"
        synonym.save(update_fields=["keys"])


class Migration(migrations.Migration):
    dependencies = [("blog", "0017_problems_are_findings")]

    operations = [migrations.RunPython(renew_keys, migrations.RunPython.noop)]
