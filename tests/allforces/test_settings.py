"""The start, as the person sees it who types a variable wrongly."""

import os
import runpy
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest import mock  # of the process environment only
from urllib.parse import quote

from django.conf import settings
from django.test import SimpleTestCase
from gunicorn.config import Config
from gunicorn.http import RequestParser

from allforces import env

PRODUCTION = {
    "SECRET_KEY": "a-production-key-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789",
    "SITE_URL": "https://example.jp",
    "DATABASE_URL": "postgresql://allforces:pass%40word@db.example.jp:5433/magazine?sslmode=require",
    "EMAIL_URL": "smtps://user:password@smtp.example.jp:587",
    # An empty variable is as good as none: what .env says on this machine stays out.
    **dict.fromkeys(
        (
            "DEBUG",
            "DATA_DIR",
            "MEDIA_ROOT",
            "MEDIA_URL",
            "LEGACY_ROOT",
            "SHARE_FONT",
            "REDIS_URL",
            "HSTS_SECONDS",
            "PAGE_CACHE_MB",
            "LOG_LEVEL",
            "NOINDEX",
            "INDEXNOW_KEY",
            "INDEXNOW_URL",
            "WEBSUB_HUB",
            "WEBHOOK_URL",
        ),
        "",
    ),
    **dict.fromkeys(("TRUSTED_PROXIES", "PORT", "HOST"), ""),
    **dict.fromkeys(("DB_POOL_SIZE", "DB_STATEMENT_TIMEOUT", "DB_LOCK_TIMEOUT"), ""),
}


def python(*arguments, **variables):
    """Run Python in the checkout with the variables of production, changed by `variables`."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | PRODUCTION | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def load(**variables):
    """The settings module, read anew with the variables of production, changed by `variables`."""
    source = Path(settings.BASE_DIR, "allforces/settings.py")
    names = {"__file__": str(source), "__name__": "settings_under_test"}
    with mock.patch.dict(os.environ, PRODUCTION | variables):
        exec(compile(source.read_text(encoding="utf-8"), source, "exec"), names)
    return names


class WrongVariableTests(SimpleTestCase):
    def assertRefused(self, result, name):
        self.assertEqual((result.returncode, result.stdout), (1, ""))
        self.assertRegex(result.stderr, rf"\A設定エラー: 環境変数 {name} [^\n]+。\n\Z")

    def test_each_wrong_value_is_named_in_one_sentence(self):
        for name, wrong in (
            ("SECRET_KEY", ""),
            ("DEBUG", "flase"),
            ("SITE_URL", "example.jp"),
            ("SITE_URL", "https://example.jp/magazine/"),
            ("SITE_URL", "ftp://example.jp"),
            ("SITE_URL", "https://example.jp:99999"),
            ("DATABASE_URL", "mysql://user@host/name"),
            ("DATABASE_URL", "postgresql://user:pa/ss@host:54x/name"),
            ("DATABASE_URL", "sqlite://db.sqlite3"),
            ("DB_POOL_SIZE", "many"),
            ("DB_STATEMENT_TIMEOUT", "30s"),
            ("DB_LOCK_TIMEOUT", "-1"),
            ("PAGE_CACHE_MB", "64MB"),
            ("REDIS_URL", "localhost:6379"),
            ("EMAIL_URL", "smtp.example.jp"),
            ("TRUSTED_PROXIES", "-1"),
            ("LOG_LEVEL", "loud"),
            ("PORT", "http"),
            ("LEGACY_ROOT", "/no/such/folder"),
            ("NOINDEX", "maybe"),
            ("INDEXNOW_KEY", "short"),
            ("INDEXNOW_KEY", "../../etc/passwd"),
            ("WEBSUB_HUB", "hub.example.jp"),
            ("WEBHOOK_URL", "file:///etc/passwd"),
            ("WEBHOOK_URL", "https://user:word@example.jp/"),
        ):
            with (
                self.subTest(f"{name}={wrong}"),
                self.assertRaisesMessage(env.SettingError, f"環境変数 {name} "),
            ):
                load(**{name: wrong})

    def test_address_that_may_be_a_password_is_not_repeated(self):
        with self.assertRaises(env.SettingError) as refused:
            load(WEBHOOK_URL="https://user:hunter2@hooks.example.jp/s3cr3t")
        self.assertNotRegex(str(refused.exception), "hunter2|s3cr3t")

    def test_webhook_without_a_secret_that_is_hard_to_guess_is_refused(self):
        for secret in ("", "short"):
            with self.assertRaisesMessage(env.SettingError, "環境変数 WEBHOOK_SECRET "):
                load(WEBHOOK_URL="https://example.jp/hook", WEBHOOK_SECRET=secret)
        for key in ("a-key-that-is-not-base64", "aGFsZi1hLWtleQ==" * 2, "dG9vLXNob3J0LWFzLWEta2V5"):
            with self.assertRaisesMessage(env.SettingError, "環境変数 WEBHOOK_SECRET "):
                load(WEBHOOK_URL="https://example.jp/hook", WEBHOOK_SECRET=f"whsec_{key}")

    def test_manage_py_says_it_without_a_traceback(self):
        self.assertRefused(python("manage.py", "migrate", SECRET_KEY=""), "SECRET_KEY")

    def received(self, head):
        """What gunicorn makes of `head` from this machine."""
        names = runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))
        config = Config()
        for name in ("limit_request_line", "forwarder_headers", "secure_scheme_headers"):
            config.set(name, names[name])
        return next(RequestParser(config, iter([head.encode()]), ("127.0.0.1", 1)))

    def test_search_for_ten_kilobytes_of_japanese_passes_gunicorns_limit(self):
        query = f"q={quote('投' * 3413)}"
        request = self.received(f"GET /search/?{query} HTTP/1.1\r\nHost: example.jp\r\n\r\n")
        self.assertEqual(request.query, query)

    def test_no_header_moves_the_site_to_another_path(self):
        request = self.received(
            "GET /category/ HTTP/1.1\r\nHost: example.jp\r\nSCRIPT_NAME: /category\r\nPATH_INFO: /admin/\r\n\r\n"
        )
        self.assertEqual(request.headers, [("HOST", "example.jp")])

    def test_gunicorn_leaves_it_to_the_settings_to_believe_that_a_proxy_has_tls(self):
        request = self.received("GET / HTTP/1.1\r\nHost: example.jp\r\nX-Forwarded-Proto: https\r\n\r\n")
        self.assertEqual(request.scheme, "http")

    def test_gunicorn_says_it_without_a_traceback(self):
        self.assertRefused(python("-m", "gunicorn", "--check-config", DEBUG="flase"), "DEBUG")
        self.assertRefused(python("-m", "gunicorn", "--check-config", WEB_THREADS="0"), "WEB_THREADS")


class DerivedTests(SimpleTestCase):
    def test_an_https_site_url_closes_every_door_that_needs_tls(self):
        live = load()
        self.assertEqual(live["ALLOWED_HOSTS"], ["example.jp", "127.0.0.1", "localhost"])
        self.assertEqual(live["CSRF_TRUSTED_ORIGINS"], ["https://example.jp"])
        self.assertEqual(live["SECURE_PROXY_SSL_HEADER"], ("HTTP_X_FORWARDED_PROTO", "https"))
        self.assertEqual(live["SECURE_HSTS_SECONDS"], 31_536_000)
        for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"):
            self.assertIs(live[name], True, name)
        self.assertIs(live["DEBUG"], False)

    def test_an_empty_variable_silences_a_line_of_the_env_file(self):
        with (
            tempfile.NamedTemporaryFile("w", suffix=".env") as file,
            mock.patch.dict(os.environ, MEDIA_ROOT=""),
        ):
            file.write("MEDIA_ROOT=/srv/media\nSHARE_FONT_OF_A_TEST=a.otf\n")
            file.flush()
            env.load(Path(file.name))
            self.assertEqual(env.text("MEDIA_ROOT", "media"), "media")
            self.assertEqual(env.text("SHARE_FONT_OF_A_TEST"), "a.otf")

    def test_a_laptop_works_without_tls_and_believes_no_proxy(self):
        laptop = load(SITE_URL="", PORT="9000")
        self.assertEqual(laptop["SITE_URL"], "http://127.0.0.1:9000")
        self.assertIs(laptop["SECURE_SSL_REDIRECT"], False)
        self.assertEqual(laptop["SECURE_HSTS_SECONDS"], 0)
        self.assertEqual(laptop["ALLAUTH_TRUSTED_PROXY_COUNT"], 0)
        self.assertNotIn("SECURE_PROXY_SSL_HEADER", laptop)

    def test_postgresql_is_reached_through_a_pool_with_the_password_decoded(self):
        site = load(DB_POOL_SIZE="8", DB_LOCK_TIMEOUT="0")
        database = site["DATABASES"]["default"]
        self.assertEqual(database["ENGINE"], "allforces.postgresql")
        self.assertEqual((database["PASSWORD"], database["PORT"]), ("pass@word", 5433))
        self.assertEqual(
            (database["OPTIONS"]["sslmode"], database["OPTIONS"]["connect_timeout"]), ("require", 2)
        )
        self.assertEqual(
            site["DATABASE_FOR_REQUESTS"], {"connections": 8, "statement_timeout": 30, "lock_timeout": 0}
        )
        slow = load(DATABASE_URL="postgresql://a:b@db.example.jp/magazine?connect_timeout=9")
        self.assertEqual(slow["DATABASES"]["default"]["OPTIONS"]["connect_timeout"], 9)

    def test_sqlite_lies_in_the_data_folder_and_waits_its_turn(self):
        database = load(DATABASE_URL="", DATA_DIR="/srv/data")["DATABASES"]["default"]
        self.assertEqual(database["NAME"], Path("/srv/data/db.sqlite3"))
        self.assertEqual(database["OPTIONS"]["transaction_mode"], "IMMEDIATE")
        absolute = load(DATABASE_URL="sqlite:////var/lib/magazine.db")["DATABASES"]["default"]
        self.assertEqual(absolute["NAME"], Path("/var/lib/magazine.db"))

    def test_images_of_another_server_are_let_through_the_policy(self):
        policy = load(MEDIA_URL="https://img.example.jp/2026")["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
        self.assertIn("https://img.example.jp", policy["img-src"])

    def test_no_page_may_run_inline_script_or_style(self):
        policy = str(load()["CONTENT_SECURITY_POLICY"])
        self.assertNotIn("unsafe", policy)


class DeployTests(SimpleTestCase):
    def test_the_documented_production_values_pass_the_deploy_check(self):
        result = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", DATABASE_URL="")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_combinations_that_cannot_work_are_named(self):
        for identity, variables in (
            ("allforces.E001", {"DEBUG": "1"}),
            ("allforces.E002", {"TRUSTED_PROXIES": "0"}),
            ("allforces.E003", {"MEDIA_ROOT": "."}),
            ("allforces.E004", {"LEGACY_ROOT": "/"}),
            ("allforces.W001", {"EMAIL_URL": ""}),
        ):
            with self.subTest(identity):
                result = python(
                    "manage.py", "check", "--deploy", "--fail-level", "WARNING", DATABASE_URL="", **variables
                )
                self.assertEqual(result.returncode, 1)
                self.assertIn(f"({identity})", result.stderr)

    def test_a_staging_copy_is_told_that_it_is_one(self):
        for value, told in (("1", True), ("0", False)):
            result = python("manage.py", "check", NOINDEX=value)
            self.assertEqual((result.returncode, "allforces.I001" in result.stderr), (0, told), result.stderr)
