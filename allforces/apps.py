from django.apps import AppConfig
from django.contrib.admin import apps as admin


class PlatformConfig(AppConfig):
    """How the site runs; it stores nothing. An app so that Django finds its checks and commands."""

    name = "allforces"
    verbose_name = "ALLFORCES"

    def ready(self) -> None:
        from allforces import checks  # noqa: F401  importing registers them


class DeskConfig(admin.AdminConfig):
    """Django's admin, with our `admin.site`."""

    default = False  # of `allforces`; settings name this one in full
    default_site = "allforces.admin.DeskSite"
