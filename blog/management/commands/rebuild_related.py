"""Command: recompute the related posts of all posts."""

from functools import partial
from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from blog.management.progress import show_bar
from blog.public import related


class Command(BaseCommand):
    help = "すべての記事の関連記事を選び直します。何度実行してもよく、サイトは動いたままでかまいません。"

    def handle(self, *args: Any, verbosity: int, **options: Any) -> None:
        count = related.rebuild(now=timezone.now(), progress=partial(show_bar, self.stderr))
        if verbosity:
            self.stdout.write(f"関連記事: {count:,} 件の記事について選び直しました。")
