"""App configuration: followers of changes, and the rows that every site needs after `migrate`."""

from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.module_loading import import_string

FOLLOWERS = (
    "blog.public.search.follow",
    "blog.public.related.follow",
    "blog.public.outbox.follow",
    "blog.public.share_images.follow",
    "blog.public.renditions.follow",
    "blog.public.page_cache.follow",
)
"""Followers (event handlers) of a change of what readers see (`blog.editorial.changes`), in calling order."""


class BlogConfig(AppConfig):
    name = "blog"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "編集"

    def ready(self) -> None:
        # After `migrate`, not in a migration: permissions exist only once all migrations have run.
        post_migrate.connect(set_up, sender=self)
        import blog.models.lookups  # noqa: F401  registers them

        # These import models, which cannot be loaded before the apps are ready.
        from blog.editorial import changes
        from blog.public import per_version
        from blog.public.search.grams import prepare

        post_migrate.connect(per_version.forget, sender=self)
        changes.register(*map(import_string, FOLLOWERS))
        connection_created.connect(prepare)


def set_up(sender: AppConfig, using: str, apps: Apps | None = None, **_: Any) -> None:
    """Create the required rows after `migrate`: editor groups with permissions, site settings, content version."""
    # Models cannot be loaded before the apps are ready.
    from django.contrib.auth.management import create_permissions
    from django.contrib.auth.models import Group, Permission

    from blog.editorial.permissions import GROUPS
    from blog.models import ContentVersion, SiteSettings
    from blog.public import search

    # `flush` sends the signal too, without `apps`: nothing was migrated, all tables exist.
    if apps is not None and "contentversion" not in apps.all_models["blog"]:
        return  # migrated back: the tables are those of an older program
    ours = Permission.objects.using(using).filter(content_type__app_label="blog")
    # This receiver runs before Django's own, which creates the permissions: "blog" is the first of INSTALLED_APPS.
    known = set(ours.values_list("codename", flat=True))
    create_permissions(sender, verbosity=0, using=using)
    permissions = {permission.codename: permission for permission in ours.all()}
    for name, codenames in GROUPS.items():
        group, created = Group.objects.using(using).get_or_create(name=name)
        # An existing group gets permissions new in this version; permissions revoked by a superuser stay revoked.
        granted = [permissions[codename] for codename in codenames if created or codename not in known]
        group.permissions.add(*granted)
    if not SiteSettings.objects.using(using).exists():
        SiteSettings().save(using=using)
    if apps is None or "contentversion" in apps.all_models["blog"]:
        ContentVersion.objects.using(using).get_or_create(pk=1)
    if using == DEFAULT_DB_ALIAS and (apps is None or "searchpart" in apps.all_models["blog"]):
        search.tidy()
