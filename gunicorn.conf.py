"""How gunicorn serves the site; the application's own settings are in allforces/settings.py."""

import ctypes
import os
import sys
from contextlib import suppress
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allforces.settings")

from django.conf import settings
from gunicorn.http import message

from allforces import __version__, caches, env, private_files

try:
    host = env.text("HOST", "127.0.0.1")
    site_url = settings.SITE_URL  # reads the settings and .env: a wrong variable ends the start here
    bind = f"{f'[{host}]' if ':' in host else host}:{env.number('PORT', 8000, minimum=1, maximum=65535)}"
    workers = env.number("WEB_CONCURRENCY", 2, minimum=1, maximum=64)
    # A slow client holds a thread for as long as it reads: 2 x 8 threads starved under 40 of them, 2 x 48 did not.
    threads = env.number("WEB_THREADS", 48, minimum=1, maximum=512)
    accesslog = "-" if env.flag("ACCESS_LOG", default=True) else None
    loglevel = settings.LOG_LEVEL.lower()
except env.SettingError as error:
    sys.exit(f"設定エラー: {error}")

wsgi_app = "allforces.wsgi:application"
worker_class = "gthread"
keepalive = 5
timeout = 60
graceful_timeout = 20
# A search for 10 KB of Japanese takes 30 KB percent-encoded. gunicorn cuts the setting down to this constant of its own.
limit_request_line = message.MAX_REQUEST_LINE = 40_960
# By default gunicorn believes a proxy on this machine, and FORWARDED_ALLOW_IPS, about where the site is mounted and whether
# the client came by https. Ours is at the root, and Django reads X-Forwarded-Proto itself, where TRUSTED_PROXIES says so.
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
# glibc gives large blocks back to the system until one has been freed, and then keeps what is no larger, up to 32 MB: after some
# uploads a worker held 600 MB. A threshold that was set stays (mallopt(3), M_MMAP_THRESHOLD); workers inherit it.
with suppress(AttributeError):  # another libc
    ctypes.CDLL(None).mallopt(-3, 1 << 20)
control_socket_disable = True  # its default path is shared by all instances of one user


def on_starting(server: Any) -> None:  # its Arbiter is not annotated
    private_files.close_data()


def when_ready(server: Any) -> None:
    server.log.info(
        "ALLFORCES %s: %s で動いています。止めるには Ctrl-C を押してください。", __version__, site_url
    )
    if os.geteuid() == 0:
        server.log.warning(
            "root で動いています。サイト専用の利用者で動かしてください(docs/operations.md の Which user)。"
        )
    if settings.NOINDEX:
        server.log.warning("NOINDEX=1 です。このサイトは検索結果に載りません。")
    if problem := caches.redis_problem():
        server.log.warning("Redis が使えません(%s)。ログインの制限はデータベースで数えます。", problem)
