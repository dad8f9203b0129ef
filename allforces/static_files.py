"""Storage of static files: hashed names, compressed copies, and style sheets that are joined from their parts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

PART = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """As WhiteNoise's, but browsers get each style sheet in one piece: a part stands in the place of its `@import "…";`.

    Parts import nothing themselves, and name no file: a relative address would be read from the sheet's folder.
    """

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            for name in [name for name in paths if name.endswith(".css")]:
                if PART.search(_text(paths, name)):
                    # The copy under the plain name too: a page that must not need the manifest links it (500.html).
                    joined = ContentFile(_joined(paths, name))
                    self.delete(name)
                    self.save(name, joined)
                    paths[name] = (self, name)
        yield from super().post_process(paths, dry_run=dry_run, **options)  # type: ignore[no-untyped-call]  # WhiteNoise annotates half


def _joined(paths: dict[str, Any], name: str) -> str:
    """The style sheet `name` with its parts in it. Raises KeyError for a part that nobody has."""
    folder = posixpath.dirname(name)
    return PART.sub(lambda part: _text(paths, posixpath.join(folder, part[1])), _text(paths, name))


def _text(paths: dict[str, Any], name: str) -> str:
    """A file as it stands in its source, not as it was collected: that may be joined already."""
    storage, path = paths[name]
    with storage.open(path) as file:
        return str(file.read().decode())
