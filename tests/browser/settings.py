"""The site's own settings; all files in the folder of the run, and passwords that cost nothing."""

from allforces.settings import *  # noqa: F403
from allforces.settings import DATA_DIR

STATIC_ROOT = DATA_DIR / "static"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
