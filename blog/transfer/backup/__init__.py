"""Backup and restore: the whole magazine in one file, and back into an empty database of either kind.

`back_up`, `restore` and `drill` are all that others call. The file is a zip: `rows/<table>.jsonl` with one JSON object a row,
`media/<name>` as stored, and `manifest.json`, written last, which knows the SHA-256 of every other member. It holds
password hashes. Left out are the sessions, the cache and what the environment says (SECRET_KEY above all).
"""

from blog.transfer.backup.container import Refused
from blog.transfer.backup.drill import drill
from blog.transfer.backup.restoring import restore
from blog.transfer.backup.taking import back_up

__all__ = ["Refused", "back_up", "drill", "restore"]
