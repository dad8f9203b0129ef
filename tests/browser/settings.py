"""The site's own settings; all files in the folder of the run, and passwords that cost nothing."""

from allforces.settings import *  # noqa: F403
from allforces.settings import DATA_DIR, DATABASES

STATIC_ROOT = DATA_DIR / "static"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# A test waits for the end of somebody's patience with a locked file.
DATABASES["default"]["OPTIONS"]["timeout"] = 3
