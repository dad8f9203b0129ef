"""Image names of an export in the library: `/assets/images/<start of the hash>.<ending>`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from django.core.files.storage import default_storage

from blog.models import Image
from blog.models.image import MEDIA_NAME

FOLDER = "/assets/images/"
EXPORTED = re.compile(r"/assets/images/[0-9a-f]{32}\.[a-z]+")


@dataclass(frozen=True)
class Assets:
    """Names there and back again. `lost`: media names of images whose files are not in the storage."""

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
        """The exported path of an image or of an image's hash; "" for none."""
        return self.by_hash.get(image.hash if isinstance(image, Image) else image or "", "")

    def image_at(self, path: object) -> Image | None:
        """The image that `path_of` gave `path`."""
        digest = self._by_path.get(str(path))
        return Image.objects.get(hash=digest) if digest else None

    @cached_property
    def _by_path(self) -> dict[str, str]:
        return {path: digest for digest, path in self.by_hash.items()}

    def outward(self, text: str) -> str:
        """`text` with the URLs of the library's images as the export names them."""
        for name in set(MEDIA_NAME.findall(text)) & self.by_name.keys():
            text = text.replace(default_storage.url(name), self.by_name[name])
        return text

    def inward(self, text: str) -> str:
        """What `outward` was given."""
        names = {path: name for name, path in self.by_name.items()} if EXPORTED.search(text) else {}
        return EXPORTED.sub(
            lambda match: default_storage.url(names[match[0]]) if match[0] in names else match[0], text
        )
