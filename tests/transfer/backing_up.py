"""A magazine with some of everything, and a house that can burn down."""

import json
import shutil
import tempfile
from datetime import timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.test import TransactionTestCase

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.editorial.content import Content
from blog.editorial.taxonomy import keep_alias, save_page
from blog.models import (
    Address,
    ApiToken,
    Author,
    Change,
    ContentVersion,
    Manuscript,
    MissedSearch,
    Page,
    Post,
    SearchPart,
    Synonym,
    Tag,
)
from blog.transfer.intake import api_tokens
from tests.base import update
from tests.make import NOON, make_autosave, make_draft, make_editor, make_image, make_post, make_writer

HOUR = timedelta(hours=1)


def fill_magazine():
    """Some of everything that the database can hold."""
    writer, editor = make_writer(), make_editor()
    writer.user_permissions.add(Permission.objects.get(codename="add_tag", content_type__app_label="blog"))
    image = make_image(alt="図")
    edited = make_post(
        title="直した記事", slug="mae", tags=("LLM", "電力"), body=f"前の文。\n\n![図]({image.url})\n"
    )
    edited = update(edited, now=NOON - HOUR, slug="ato", body=f"後の文。\n\n![図]({image.url})\n")
    update(edited, now=NOON, at=NOON + HOUR, title="明日のタイトル")
    Post.objects.filter(pk=edited.pk).update(next_attempts=2, next_error="著者がいません。")
    keep_alias(Tag.objects.get(name="LLM"), "大規模言語モデル", by=IMPORT, now=NOON)
    gone = make_post(slug="gone")
    publishing.withdraw(post=gone, by=IMPORT, now=NOON, reason="事実の誤り")
    draft = make_draft(by=writer, title="下書き")
    typed = Content(title="書きかけ😀", body="途中まで\\u0000の\u2028文")
    moment = NOON.replace(microsecond=123456)
    make_autosave(draft, content=typed, by=writer, now=moment, base=draft.latest_revision)
    make_autosave(None, content=typed, by=writer, now=moment)
    save_page(
        Page(path="/company/", title="会社について", body="# 雑誌", is_public=True), by=IMPORT, now=NOON
    )
    Address.objects.create(path="/古い/道/", kind="gone", reason="終わった連載")
    Author.objects.filter(name="ALLFORCES編集部").update(user=editor, picture=image)
    machine = ApiToken(name="工場")
    api_tokens.issue(machine, by=Person(editor), now=NOON)
    Manuscript.objects.create(
        ref="2026-11-20-a", sha256="0" * 64, received_at=NOON, way="api", outcome="created", machine=machine,
        post=draft, problems=[{"line": 3, "code": "x", "blocking": False, "message": "「気になる」"}],
        source="---\ntitle: 元\n---\n",
    )  # fmt: skip
    Synonym.objects.create(words="電力、電気")
    MissedSearch.objects.create(query="らまぬじゃん", last_day=NOON.date())
    LogEntry.objects.create(
        user=editor, content_type=ContentType.objects.get_for_model(Post), object_id=str(edited.pk),
        object_repr="直した記事", action_flag=CHANGE, change_message="[]",
    )  # fmt: skip
    return image


def everything():
    """All rows of all tables but the sessions; what `migrate` numbers itself stands there by its name."""
    types = {row.pk: row.natural_key() for row in ContentType.objects.all()}
    permissions = {
        row.pk: (row.codename, types[row.content_type_id]) for row in Permission.objects.order_by("pk")
    }
    found = {"contenttypes": sorted(types.values()), "permissions": sorted(permissions.values())}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.label in ("sessions.Session", "contenttypes.ContentType", "auth.Permission"):
            continue
        rows = list(model._base_manager.order_by("pk").values())
        for row in rows:
            for column, names in (("content_type_id", types), ("permission_id", permissions)):
                if row.get(column):
                    row[column] = names[row[column]]
        if model is ContentVersion:
            continue  # a restore raises it
        if model is Change:  # and says so in the history
            rows = [row for row in rows if row["kind"] not in (Change.Kind.RESTORED, Change.Kind.REBUILT)]
        if model is SearchPart:  # made anew by a restore, and told apart by post and kind
            rows = sorted(
                ({**row, "id": None} for row in rows), key=lambda row: (row["post_id"], row["kind"])
            )
        found[model._meta.label] = rows
    return found


def rewritten(backup, change):
    """A copy of `backup` after `change(manifest, members)`, with checksums that fit, as a forger would make it."""
    with ZipFile(backup) as old:
        members = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(members.pop("manifest.json"))
    change(manifest, members)
    manifest["members"] = {name: [sha256(data).hexdigest(), len(data)] for name, data in members.items()}
    copy = backup.with_name("forged.zip")
    with ZipFile(copy, "w") as new:
        for name, data in members.items():
            new.writestr(name, data)
        new.writestr("manifest.json", json.dumps(manifest))
    return copy


class BackupTestCase(TransactionTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.media = self.folder / "media"
        self.media.mkdir()
        self.enterContext(self.settings(MEDIA_ROOT=self.media))
        self.file = self.folder / "magazine.zip"

    def backup(self, **options):
        call_command("backup", str(self.file), stdout=StringIO(), **options)

    def restore(self, file=None):
        out = StringIO()
        call_command("restore", str(file or self.file), stdout=out)
        return out.getvalue()

    def burn_down(self):
        """An empty database, whose content types and permissions have other numbers than before; no images."""
        call_command("flush", interactive=False, verbosity=0)
        ContentType.objects.all().delete()
        ContentType.objects.clear_cache()
        call_command("migrate", interactive=False, verbosity=0)
        shutil.rmtree(self.media)
        self.media.mkdir()

    def files(self):
        return {
            str(path.relative_to(self.media)): path.read_bytes()
            for path in self.media.rglob("*")
            if path.is_file()
        }
