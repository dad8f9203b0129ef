"""Django's SQLite backend, whose database file only its owner may read."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base

from allforces import private_files


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> sqlite3.Connection:
        """Connect to a file that was made private before SQLite would make it; the files beside it take its mode."""
        name = str(conn_params["database"])
        if not name.startswith(("file:", ":memory:")):
            private_files.make_database(Path(name))
        connection: sqlite3.Connection = super().get_new_connection(conn_params)
        return connection
