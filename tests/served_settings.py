"""The site's own settings for servers that a test starts on its database: files as the tests have them."""

import os

from allforces.settings import *  # noqa: F403  # a settings module is one more layer of names
from allforces.settings import DATABASES, STORAGES

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["OPTIONS"]["init_command"] = os.environ["INIT_COMMAND"]
