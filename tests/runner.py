"""The settings under test are the real ones; only what is slow or leaves files behind is swapped."""

import logging
import tempfile
from pathlib import Path
from typing import Any

from django.db import connection
from django.test.runner import DiscoverRunner
from django.test.utils import override_settings

BROWSER = "tests.browser"


class Runner(DiscoverRunner):
    """Browser tests run when they are named, and then alone: their event loop forbids database queries."""

    def build_suite(self, test_labels: Any = None, **kwargs: Any) -> Any:
        self.in_browser = any(label.startswith(BROWSER) for label in test_labels or [])
        if not self.in_browser:
            self.exclude_tags.add("browser")
        return super().build_suite(test_labels, **kwargs)

    def setup_test_environment(self, **kwargs: Any) -> None:
        super().setup_test_environment(**kwargs)
        self.folder = tempfile.TemporaryDirectory(prefix="allforces-tests-")
        media, static = Path(self.folder.name, "media"), Path(self.folder.name, "static")
        media.mkdir()
        static.mkdir()
        self.swapped = override_settings(
            MEDIA_ROOT=media,
            STATIC_ROOT=static,
            PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
            CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
            STORAGES={
                "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
                "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
            },
        )
        self.swapped.enable()
        # Each 404 that a test asks for would be a line; a 500 reaches the test as its exception anyway.
        logging.getLogger("django.request").setLevel(logging.CRITICAL)
        logging.getLogger("blog").setLevel(logging.WARNING)
        # A statement that a test makes the database refuse reaches the test as its exception, too.
        logging.getLogger("psycopg").setLevel(logging.ERROR)

    def setup_databases(self, **kwargs: Any) -> Any:
        if connection.vendor == "sqlite":
            # A file, as in life: in memory, connections of two threads do not wait for each other's locks.
            connection.settings_dict["TEST"]["NAME"] = str(Path(self.folder.name, "test.sqlite3"))
            # Django clones the file alone, so nothing may wait in the log beside it; and no test needs fsync.
            connection.settings_dict["OPTIONS"]["init_command"] = (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA wal_autocheckpoint=1;"
            )
        return super().setup_databases(**kwargs)

    def teardown_test_environment(self, **kwargs: Any) -> None:
        self.swapped.disable()
        self.folder.cleanup()
        super().teardown_test_environment(**kwargs)

    def suite_result(self, suite: Any, result: Any, **kwargs: Any) -> int:
        """Print the counts in one line: a test with several failing parts is one failed test."""
        bad = {getattr(test, "test_case", test).id() for test, _ in result.failures + result.errors}
        bad |= {test.id() for test in result.unexpectedSuccesses}
        skipped = {getattr(test, "test_case", test).id() for test, _ in result.skipped} - bad
        passed = max(0, result.testsRun - len(bad) - len(skipped))
        name = "browser" if self.in_browser else connection.vendor
        print(f"\n{name}: {passed} passed, {len(bad)} failed, {len(skipped)} skipped", flush=True)
        return super().suite_result(suite, result, **kwargs)
