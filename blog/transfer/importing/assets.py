"""Image paths in an export: library image ↔ `/assets/images/<start of the hash>.<extension>`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from django.core.files.storage import default_storage

from blog.models import Image
from blog.text.pictures import with_picture_urls

FOLDER = "/assets/images/"
EXPORTED = re.compile(r"/assets/images/[0-9a-f]{32}\.[a-z]+")


@dataclass(frozen=True)
class Assets:
    """Two-way mapping between library images and export paths. `lost`: media names of images missing from the storage."""

    by_name: dict[str, str] = field(default_factory=dict)
    by_hash: dict[str, str] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)

    @classmethod
    def of_library(cls) -> Assets:
        assets = cls()
        for name, digest in Image.objects.values_list("file", "hash"):
            path = f"{FOLDER}{digest[:32]}{PurePosixPath(name).suffix}"
            assets.by_name[name] = assets.by_hash[digest] = path
        return assets

    def path_of(self, image: Image | str | None) -> str:
        """Export path of an image or an image hash; "" for none."""
        return self.by_hash.get(image.hash if isinstance(image, Image) else image or "", "")

    def image_at(self, path: object) -> Image | None:
        """Image at an export path, the inverse of `path_of`."""
        digest = self._by_path.get(str(path))
        return Image.objects.get(hash=digest) if digest else None

    @cached_property
    def _by_path(self) -> dict[str, str]:
        return {path: digest for digest, path in self.by_hash.items()}

    def outward(self, text: str) -> str:
        """Replace library image URLs in `text`, on whatever host, by export paths."""
        return with_picture_urls(text, self.by_name.get)

    def inward(self, text: str) -> str:
        """Replace export paths in `text` by library image URLs, the inverse of `outward`."""
        names = {path: name for name, path in self.by_name.items()} if EXPORTED.search(text) else {}
        return EXPORTED.sub(
            lambda match: default_storage.url(names[match[0]]) if match[0] in names else match[0], text
        )
