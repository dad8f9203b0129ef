"""Command: remove the demo data."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from blog.transfer import demo


class Command(BaseCommand):
    help = "Remove the demo magazine. What you wrote yourself stays."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"デモの記事 {demo.clear(now=timezone.now())} 本を消しました。")
