"""Backup and restore: the whole magazine in one file, restorable into an empty SQLite or PostgreSQL database.

Public functions: `back_up`, `restore`, `drill`. The file is a zip: `rows/<table>.jsonl` with one JSON object per row,
`media/<name>` as stored, and `manifest.json`, written last, with the SHA-256 of every other member. It contains password
hashes. It does not contain sessions, the cache and environment variables (above all SECRET_KEY).
"""

from blog.transfer.backup.container import Refused
from blog.transfer.backup.drill import drill
from blog.transfer.backup.restoring import restore
from blog.transfer.backup.taking import back_up

__all__ = ["Refused", "back_up", "drill", "restore"]
