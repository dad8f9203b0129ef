"""App configurations: the project itself, and the admin with its custom site."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class PlatformConfig(AppConfig):
    """App without models, so that Django finds the system checks and commands of the project."""

    name = "allforces"
    verbose_name = "ALLFORCES"

    def ready(self) -> None:
        from allforces import checks  # noqa: F401  importing registers them


class DeskConfig(admin.AdminConfig):
    """Django's admin with a custom `admin.site`."""

    default = False  # of `allforces`; settings name this one in full
    default_site = "allforces.admin.DeskSite"
