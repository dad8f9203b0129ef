"""Command: rebuild the search index from the live texts."""

from typing import Any

from django.core.management import BaseCommand, CommandParser
from django.utils import timezone

from blog.models import Post
from blog.public import search


class Command(BaseCommand):
    help = "検索の索引を作り直します。何度実行しても同じで、サイトは動いたままでかまいません。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--missing", action="store_true", help="索引にない記事と、古い形の索引だけを作ります"
        )

    def handle(self, *args: Any, missing: bool, verbosity: int, **options: Any) -> None:
        def progress(done: int, total: int) -> None:
            if verbosity:
                self.stdout.write(f"{done:,} / {total:,}")

        posts = search.outdated() if missing else Post.objects.with_live_revision()
        count = search.rebuild(posts, afresh=not missing, now=timezone.now(), progress=progress)
        if verbosity or count:
            self.stdout.write(f"検索の索引: {count:,} 件")
