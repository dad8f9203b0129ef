"""Static files storage: hashed names, compressed copies, and style sheets bundled from their `@import` parts."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

PART = re.compile(r'^@import "([^"]+)";\n', re.MULTILINE)


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage that bundles style sheets: each `@import "…";` is replaced by the content of the file.

    Imported files must not import others or contain URLs: a relative one would resolve against the bundle's folder.
    """

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        if not dry_run:
            for name in [name for name in paths if name.endswith(".css")]:
                if PART.search(_text(paths, name)):
                    # Also bundle the copy under the plain name, which 500.html links to: it must not need the manifest.
                    joined = ContentFile(_joined(paths, name))
                    self.delete(name)
                    self.save(name, joined)
                    paths[name] = (self, name)
        yield from super().post_process(paths, dry_run=dry_run, **options)  # type: ignore[no-untyped-call]  # WhiteNoise annotates half


def _joined(paths: dict[str, Any], name: str) -> str:
    """Bundle the style sheet `name` with its imports. Raises KeyError for a missing file."""
    folder = posixpath.dirname(name)
    return PART.sub(lambda part: _text(paths, posixpath.join(folder, part[1])), _text(paths, name))


def _text(paths: dict[str, Any], name: str) -> str:
    """Read a file from its source; the collected copy may be bundled already."""
    storage, path = paths[name]
    with storage.open(path) as file:
        return str(file.read().decode())
