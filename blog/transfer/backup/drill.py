"""Restore drill: restore a backup into a separate folder, isolated from the running site.

Settings are read once per process, so the restore runs in a subprocess whose environment blanks the site's variables.
"""

from __future__ import annotations

import os
import secrets
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from blog.transfer.backup.container import Refused

SILENCED = (
    *("DEBUG", "SITE_URL", "TRUSTED_PROXIES", "HSTS_SECONDS", "HOST"),
    *("MEDIA_ROOT", "MEDIA_URL", "LEGACY_ROOT", "REDIS_URL"),
    *("PAGE_CACHE_MB", "DB_POOL_SIZE", "DB_STATEMENT_TIMEOUT", "DB_LOCK_TIMEOUT"),
    *(
        "EMAIL_URL",
        "EMAIL_FROM",
        "WEBSUB_HUB",
        "WEBHOOK_URL",
        "WEBHOOK_SECRET",
        "INDEXNOW_KEY",
        "INDEXNOW_URL",
    ),
)
"""Environment variables that lead to the site, its data, or external services. Set empty, which also overrides `.env`."""


def drill(file: Path, folder: Path, *, say: Callable[[str], object] = lambda sentence: None) -> str:
    """Restore the backup `file` into `folder`, new or empty; returns the command line that serves the restored site.

    After a failure `folder` is as before. `say` is called with each line of progress. Raises Refused, OSError.
    """
    file, folder = file.absolute(), folder.resolve()
    _check_folder(folder)
    is_new = not folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    environment = _environment(folder)
    try:
        _manage("restore", str(file), environment=environment, say=say)
        _manage("createcachetable", environment=environment, say=say)
    except BaseException:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if is_new:
            folder.rmdir()
        raise
    return _command_line(environment)


def _check_folder(folder: Path) -> None:
    if folder == Path(settings.DATA_DIR).resolve():
        raise Refused(f"{folder} はこのサイトのデータのフォルダーです。ほかのフォルダーを指定してください。")
    for served in (
        settings.MEDIA_ROOT,
        settings.STATIC_ROOT,
        *settings.STATICFILES_DIRS,
        settings.LEGACY_ROOT,
    ):
        if served and folder.is_relative_to(Path(served).resolve()):
            raise Refused(f"{folder} は読者に見えるフォルダーの中です。ほかのフォルダーを指定してください。")
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} はフォルダーではありません。")
    if folder.exists() and any(folder.iterdir()):
        raise Refused(f"{folder} は空ではありません。新しいフォルダーか、空のフォルダーを指定してください。")


def _environment(folder: Path) -> dict[str, str]:
    """Environment of the copy. It has its own SECRET_KEY, so that nothing it signs (password links) is valid on the site."""
    port = int(os.environ.get("PORT", "").strip() or 8000)
    return dict.fromkeys(SILENCED, "") | {
        "SECRET_KEY": secrets.token_urlsafe(40),
        "DATA_DIR": str(folder),
        "DATABASE_URL": "sqlite:///db.sqlite3",
        "NOINDEX": "1",
        "PORT": str(port % 65535 + 1),
    }


def _manage(command: str, *arguments: str, environment: dict[str, str], say: Callable[[str], object]) -> None:
    """Run a `manage.py` command in `environment`, with a umask under which only this user can read the new files."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603  # our own program
            [sys.executable, str(settings.BASE_DIR / "manage.py"), command, *arguments],
            env=os.environ | environment | {"PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            umask=0o077,
        )
        with process:
            for line in process.stdout or ():
                say(line.rstrip("\n"))
        if process.returncode:
            errors.seek(0)
            lines = errors.read().decode(errors="replace").strip().splitlines()
            reason = lines[-1].removeprefix("CommandError: ") if lines else f"終了コード {process.returncode}"
            raise Refused(reason)


def _command_line(environment: dict[str, str]) -> str:
    """Command line of the copy's server, with DEBUG: collected static files would go to the site's folder."""
    variables = environment | {"DEBUG": "1", "GUNICORN_CMD_ARGS": ""}
    values = " ".join(f"{name}={value and shlex.quote(value)}" for name, value in variables.items())
    folder, python = shlex.quote(str(settings.BASE_DIR)), shlex.quote(sys.executable)
    return f"(cd {folder} && {values} {python} -m gunicorn)"
