"""System checks for combinations of settings that are valid individually but wrong together."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register

from allforces import caches
from blog.public import share_images


@register(Tags.security)
def site_url_and_its_company(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.HTTPS and settings.DEBUG:
        found.append(
            Error(
                "SITE_URL が https なのに DEBUG=1 です。読者に内部の情報が見えます。",
                hint="公開するサイトでは DEBUG を外してください。",
                id="allforces.E001",
            )
        )
    if settings.HTTPS and not settings.TRUSTED_PROXIES:
        found.append(
            Error(
                "SITE_URL が https なのに TRUSTED_PROXIES=0 です。すべてのページが自分自身へ転送され続けます。",
                hint="TLS を受け持つプロキシの数(たいてい 1)にしてください。",
                id="allforces.E002",
            )
        )
    return found


@register(Tags.security)
def site_can_be_found(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Report NOINDEX: intended on a staging copy, but wrong on a production site with a copied .env."""
    if settings.NOINDEX:
        return [
            Info(
                f"NOINDEX=1 です。{settings.SITE_URL} は検索結果に載りません。",
                hint="読者に公開するサイトでは NOINDEX を外してください。",
                id="allforces.I001",
            )
        ]
    return []


@register(Tags.files)
def media_has_a_folder_of_its_own(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    media = Path(settings.MEDIA_ROOT).resolve()
    if holds_more_than_it_should(media):
        return [
            Error(
                f"MEDIA_ROOT({media})の中にプログラムやデータベースがあります。",
                hint="画像だけを入れるフォルダを指定してください。",
                id="allforces.E003",
            )
        ]
    return []


@register(Tags.files)
def old_pages_have_a_folder_of_their_own(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.LEGACY_ROOT and holds_more_than_it_should(Path(settings.LEGACY_ROOT).resolve()):
        return [
            Error(
                f"LEGACY_ROOT({settings.LEGACY_ROOT})の中にプログラムやデータベースがあります。",
                hint="旧サイトの固定ページだけを入れるフォルダを指定してください。",
                id="allforces.E004",
            )
        ]
    return []


def holds_more_than_it_should(delivered: Path) -> bool:
    """Whether the program or its data are inside a folder whose files are served."""
    keep_out = [settings.BASE_DIR, settings.DATA_DIR, Path(settings.STATIC_ROOT)]
    return any(folder.resolve().is_relative_to(delivered) for folder in keep_out)


@register(Tags.files)
def share_images_have_a_font(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if share_images.title_font() is None:
        return [
            Warning(
                f"SHARE_FONT({settings.SHARE_FONT})をフォントとして読めません。共有画像は記事ごとに作られません。",
                hint="日本語を含む OpenType か TrueType のファイルを指定するか、SHARE_FONT を外してください。",
                id="allforces.W002",
            )
        ]
    return []


@register(Tags.caches)
def redis_answers(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if problem := caches.redis_problem():
        return [
            Warning(
                f"REDIS_URL の Redis が使えません({problem})。ログインの制限はデータベースで数えます。",
                hint="Redis が動いていて、書き込めることを確かめるか、REDIS_URL を外してください。",
                id="allforces.W003",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def mail_goes_out(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND == "django.core.mail.backends.console.EmailBackend":
        return [
            Warning(
                "EMAIL_URL がないため、パスワード再設定のメールはログに出るだけで届きません。",
                hint="例: EMAIL_URL=smtps://利用者:合言葉@smtp.example.jp:587",
                id="allforces.W001",
            )
        ]
    return []
