"""Strict parsing of environment variables.

django-environ reads the `.env` file and parses URLs. It is lenient otherwise (`DEBUG=flase` is False), so the functions
here accept only valid values, and raise an error that names the variable.
"""

import base64
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured


class SettingError(ImproperlyConfigured):
    """An environment variable is missing or invalid; str() is a sentence for the operator."""


def load(path: Path) -> None:
    """Load variables from the file `path`, if it exists; the environment takes precedence."""
    if path.is_file():
        environ.Env.read_env(path)


def text(name: str, default: str = "") -> str:
    """String variable; an empty one counts as absent."""
    return os.environ.get(name, "").strip() or default


def secret(name: str) -> str:
    """Required secret without a default."""
    value = text(name)
    if not value:
        raise SettingError(
            f"環境変数 {name} がありません。`make run` を一度実行すると .env に作られます(手で設定しても構いません)。"
        )
    return value


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").lower()
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise SettingError(f"環境変数 {name} は 1 か 0 にしてください(いまの値: {value})。")


def number(name: str, default: int, *, minimum: int = 0, maximum: int = 1_000_000_000) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or not minimum <= int(value) <= maximum:
        raise SettingError(
            f"環境変数 {name} は {minimum} から {maximum} までの整数にしてください(いまの値: {value})。"
        )
    return int(value)


def choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in choices:
        raise SettingError(
            f"環境変数 {name} は {'、'.join(choices)} のどれかにしてください(いまの値: {value})。"
        )
    return value


def origin(name: str, default: str) -> SplitResult:
    """Origin of a site: scheme, host and port without a path, like `https://example.jp`."""
    value = text(name, default)
    wrong = SettingError(
        f"環境変数 {name} は https://example.jp のような形にしてください(パスなし。いまの値: {value})。"
    )
    try:
        url = urlsplit(value.rstrip("/"))
        port_is_a_number = url.port is None or url.port > 0
    except ValueError:
        raise wrong from None
    plain = url.hostname and url.username is None and not (url.path or url.query or url.fragment)
    if url.scheme not in ("http", "https") or not plain or not port_is_a_number:
        raise wrong
    return url


def url(name: str, default: str = "") -> str:
    """Optional absolute http(s) URL without a password. Its path may be a secret, so no message repeats it."""
    value = text(name, default)
    wrong = SettingError(
        f"環境変数 {name} は、利用者名や合言葉を含まない https://example.jp/path のような形にしてください。"
    )
    try:
        parts = urlsplit(value)
        complete = parts.scheme in ("http", "https") and parts.hostname and parts.username is None
    except ValueError:
        raise wrong from None
    if value and (not complete or not value.isascii() or any(sign.isspace() for sign in value)):
        raise wrong
    return value


def signing_secret(name: str) -> str:
    """Required signing secret that must be hard to guess: any text, or `whsec_` and a key in base64."""
    value = text(name)
    if len(value) < 24:
        raise SettingError(f"環境変数 {name} に24文字以上の推測しにくい文字列を入れてください。")
    if value.startswith("whsec_"):
        key = value.removeprefix("whsec_")
        try:
            size = len(base64.b64decode(key + "=" * (-len(key) % 4), validate=True))
        except ValueError:
            size = 0
        if size < 24:
            raise SettingError(
                f"環境変数 {name} の whsec_ のあとは、24バイト以上の鍵を base64 で書いてください。"
            )
    return value


def indexnow_key(name: str) -> str:
    """Optional IndexNow key, as described in https://www.indexnow.org/documentation."""
    value = text(name)
    if value and not re.fullmatch(r"[A-Za-z0-9-]{8,128}", value):
        raise SettingError(f"環境変数 {name} は英数字とハイフンの8〜128文字にしてください。")
    return value


def folder(name: str, *, inside: Path) -> Path | None:
    """Optional existing folder; a relative path starts at `inside`."""
    value = text(name)
    if value and not (inside / value).is_dir():
        raise SettingError(f"環境変数 {name} は、あるフォルダーにしてください(いまの値: {value})。")
    return inside / value if value else None


def database(name: str, *, folder: Path) -> dict[str, Any]:
    """Django's database settings from a `sqlite:` or `postgresql:` URL; a relative file is in `folder`."""
    value = text(name, "sqlite:///db.sqlite3")
    wrong = SettingError(
        f"環境変数 {name} は sqlite:///db.sqlite3 か postgresql://利用者:合言葉@ホスト/データベース の形にしてください。"
    )
    if not value.startswith(("sqlite:///", "postgresql://", "postgres://")):
        raise wrong
    try:
        config: dict[str, Any] = environ.Env.db_url_config(value)
    except ValueError:
        raise wrong from None
    if config["NAME"] in ("", ":memory:"):
        raise wrong
    if value.startswith("sqlite"):
        config["NAME"] = folder / config["NAME"]
    return config


def email(name: str) -> dict[str, Any]:
    """Django's EMAIL_* settings for `consolemail:` (the default), `smtp:`, `smtps:` (STARTTLS) or `smtp+ssl:`."""
    value = text(name, "consolemail://")
    wrong = SettingError(f"環境変数 {name} は smtps://利用者:合言葉@ホスト:587 のような形にしてください。")
    scheme = value.partition(":")[0]
    if scheme not in ("consolemail", "smtp", "smtps", "smtp+ssl") or "://" not in value:
        raise wrong
    try:
        config: dict[str, Any] = environ.Env.email_url_config(value)
    except ValueError:
        raise wrong from None
    if scheme != "consolemail" and not config["EMAIL_HOST"]:
        raise wrong
    default_port = {"smtp": 25, "smtps": 587, "smtp+ssl": 465}.get(scheme)
    return config | {"EMAIL_PORT": config["EMAIL_PORT"] or default_port}


def redis(name: str) -> str:
    """Optional `redis:` URL."""
    value = text(name)
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise SettingError(
            f"環境変数 {name} は redis://ホスト:6379/0 の形にしてください(いまの値: {value})。"
        )
    return value
