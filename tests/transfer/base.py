"""A folder to import from, and the command as an operator runs it."""

import tempfile
import zipfile
from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command
from django.test import TestCase

from tests.transfer.documents import document

EVERYBODY_LISTENS = {
    "WEBSUB_HUB": "https://hub.example/",
    "INDEXNOW_KEY": "0123456789abcdef",
    "WEBHOOK_URL": "https://program.example/hook",
    "WEBHOOK_SECRET": "a-secret-that-is-long-enough",
}
"""Settings under which everything that is news is noted for somebody."""


class ImportCase(TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def write(self, name, text=None, **keys):
        """A file in the folder: `text`, else a plain document with `keys` in its front matter."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = document(**keys) if text is None else text
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def zip(self, name, members):
        """A zip outside the folder of members that are (name or ZipInfo, content)."""
        path = Path(self.enterContext(tempfile.TemporaryDirectory()), name)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members:
                archive.writestr(member, content)
        return path

    def run_import(self, *paths, **options):
        """What the command says; it ends in the error when there was one."""
        out, err = StringIO(), StringIO()
        try:
            call_command("import_posts", *(paths or (self.folder,)), stdout=out, stderr=err, **options)
        except CommandError as error:
            return f"{out.getvalue()}{err.getvalue()}{error}"
        return out.getvalue()
