"""How gunicorn serves the site; the application's own settings are in allforces/settings.py."""

import ctypes
import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allforces.settings")

from django.conf import settings
from gunicorn.http import message

from allforces import __version__, caches, env

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
# By default a proxy on this machine may say where the site is mounted; ours is at the root, whoever says otherwise.
forwarder_headers = ""
control_socket_disable = True  # its default path is shared by all instances of one user


def limit_arenas() -> None:
    """Have glibc give the memory of images back to the system. Its workers inherit this; other libraries of C ignore it.

    By default each of the 48 threads gets an arena of its own, and what an image leaves behind there is kept for the next.
    """
    M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # of malloc.h
    if hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(M_ARENA_MAX, 2)
        libc.mallopt(M_MMAP_THRESHOLD, 256 * 1024)


limit_arenas()


def when_ready(server: Any) -> None:  # its Arbiter is not annotated
    server.log.info(
        "ALLFORCES %s: %s で動いています。止めるには Ctrl-C を押してください。", __version__, site_url
    )
    if settings.NOINDEX:
        server.log.warning("NOINDEX=1 です。このサイトは検索結果に載りません。")
    if problem := caches.redis_problem():
        server.log.warning("Redis が使えません(%s)。ログインの制限はデータベースで数えます。", problem)
