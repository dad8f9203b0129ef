"""Command: drop all kept pages, by raising the content version."""

from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from blog.editorial import changes
from blog.editorial.actors import REBUILD
from blog.models import ContentVersion


class Command(BaseCommand):
    help = (
        "すべてのプロセスが覚えているページを捨てさせます。データベースを手で直したあとに使います"
        "（編集画面やコマンドでの変更には要りません）。"
    )

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        now = timezone.now()
        # A number that no process has seen, also after a database was put back as it was before.
        unseen = int(now.timestamp() * 1000)
        note = "refresh_pages（手での変更のあと）"
        changes.record(kind=changes.Kind.REBUILT, actor=REBUILD, now=now, note=note, version=unseen)
        if verbosity:
            self.stdout.write(f"内容の版: {ContentVersion.objects.current():,}")
