"""Command: apply due scheduled updates and deliver the notices of the outbox."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict
from threading import Event
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import Error, close_old_connections
from django.utils import timezone

from blog.public.delivery import deliver


class Command(BaseCommand):
    help = (
        "Make updates that have come due, and tell hubs, search engines and the webhook what has happened. "
        "Several may run at once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--loop", action="store_true", help="again and again, until it is stopped")
        parser.add_argument(
            "--every", type=float, default=10, metavar="SECONDS", help="with --loop: how often (default: 10)"
        )

    def handle(self, *args: Any, loop: bool, every: float, **options: Any) -> None:
        if every <= 0:
            raise CommandError("--every には、0より大きい秒数を指定してください。")
        if loop:
            self.loop(every)
        else:
            self.once()

    def once(self, stopped: Callable[[], bool] = lambda: False) -> None:
        tally = deliver(clock=timezone.now, stopped=stopped)
        if any(asdict(tally).values()):
            self.stdout.write(
                f"送信 {tally.delivered}、失敗（また送ります）{tally.failed}、"
                f"断念 {tally.given_up}、取りやめ {tally.dropped}"
            )

    def loop(self, every: float) -> None:
        """Deliver until SIGTERM or SIGINT; the current notice is still sent, the others wait for the next start."""
        stopped = Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopped.set())
        while not stopped.is_set():
            try:
                self.once(stopped.is_set)
            except Error as error:
                self.stderr.write(f"データベースが応答しません。{every:g} 秒後にまた試します: {error}")
                close_old_connections()
            stopped.wait(every)
