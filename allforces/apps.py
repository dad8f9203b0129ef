from django.apps import AppConfig


class PlatformConfig(AppConfig):
    """How the site runs; it stores nothing. An app so that Django finds its checks and commands."""

    name = "allforces"
    verbose_name = "ALLFORCES"

    def ready(self) -> None:
        from allforces import checks  # noqa: F401  importing registers them
