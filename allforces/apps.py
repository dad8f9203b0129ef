import atexit

from django.apps import AppConfig
from django.db import connections


class PlatformConfig(AppConfig):
    """How the site runs; it stores nothing. An app so that Django finds its checks and commands."""

    name = "allforces"
    verbose_name = "ALLFORCES"

    def ready(self) -> None:
        from allforces import checks  # noqa: F401  importing registers them

        atexit.register(close_pools)


def close_pools() -> None:
    """End the threads of psycopg's pool: left alone, each holds up the end of its process for five seconds."""
    for connection in connections.all():
        if close_pool := getattr(connection, "close_pool", None):
            close_pool()
