"""A folder to export into, and the way back as an operator goes it."""

import tempfile
from datetime import timedelta
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command

from blog.models import TERMS, Address, Image, Manuscript, Page, Post, SiteSettings
from blog.transfer.exporting.exporter import export
from tests.admin.base import DeskTestCase
from tests.make import NOON

LATER = NOON + timedelta(days=2)


def empty_database():
    """Nothing left but logins, as after `migrate`."""
    for post in Post.objects.all():
        post.delete()
    for model in (Address, Page, Manuscript, *TERMS, Image, SiteSettings):
        model.objects.all().delete()
    SiteSettings().save()


class ExportTestCase(DeskTestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.new_media()

    def new_media(self):
        media = tempfile.TemporaryDirectory()
        self.addCleanup(media.cleanup)
        self.enterContext(self.settings(MEDIA_ROOT=media.name))

    def export(self, name="out", *, now=LATER):
        export(self.folder / name, now=now)
        return self.files(name)

    def files(self, name="out"):
        """Every file of an export by its path."""
        top = self.folder / name
        return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}

    def text(self, path, name="out"):
        return (self.folder / name / path).read_text(encoding="utf-8")

    def bring_back(self, name="out"):
        """Import an export as an operator does; gives what was said."""
        out, err = StringIO(), StringIO()
        try:
            call_command("import_posts", self.folder / name, stdout=out, stderr=err)
        except CommandError as error:
            return f"{out.getvalue()}{err.getvalue()}{error}"
        return out.getvalue() + err.getvalue()

    def import_documents(self, **documents):
        source = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name, text in documents.items():
            (source / f"{name.replace('_', '-')}.md").write_text(text, encoding="utf-8")
        call_command("import_posts", source, stdout=StringIO(), stderr=StringIO())

    def assert_round_trip(self):
        """Export, empty database and media, import, export: the same bytes. Gives the files."""
        first = self.export("first")
        addresses = self.addresses()
        empty_database()
        self.new_media()
        self.assertIn("失敗 0", self.bring_back("first"))
        second = self.export("second")
        self.assertEqual(first.keys(), second.keys())
        for path, data in first.items():
            self.assertEqual(data, second[path], path)
        self.assertEqual(self.addresses(), addresses)
        return first

    def addresses(self):
        """What every public path answers."""
        columns = ("path", "kind", "post__uuid", "page__path", "target", "reason")
        return set(Address.objects.exclude(kind=Address.Kind.HELD).values_list(*columns))
