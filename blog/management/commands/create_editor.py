"""Command: create an editor's login."""

import secrets
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import transaction


class Command(BaseCommand):
    help = "編集長のログインを一つ作り、パスワードを一度だけ表示します。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="editor", help="ユーザー名(既定: editor)")
        parser.add_argument("--if-none", action="store_true", help="利用者が一人もいないときだけ作ります")

    @transaction.atomic
    def handle(self, *args: Any, username: str, if_none: bool, **options: Any) -> None:
        User = get_user_model()
        if if_none and User.objects.exists():
            return
        if User.objects.filter(username=username).exists():
            raise CommandError(f"ユーザー名 {username} はもう使われています。")
        password = secrets.token_urlsafe(12)
        # The first person must be able to do everything, including giving logins to others.
        user = User.objects.create_superuser(username, password=password)
        user.groups.add(Group.objects.get_or_create(name="編集長")[0])
        self.stdout.write(
            f"ログインを作りました(この表示は一度だけです)\n  ユーザー名  {username}\n  パスワード  {password}"
        )
