"""`make test`: the whole suite on SQLite, then again on PostgreSQL.

With REQUIRE_POSTGRES=1 a machine without PostgreSQL fails, and so do counts that differ.
"""

import os
import re
import subprocess
import sys

from tests.postgres import server

COMMAND = [sys.executable, "-W", "error", "manage.py", "test", "--parallel", "auto", *sys.argv[1:]]
COUNTS = re.compile(r"^\w+: (\d+ passed, \d+ failed, \d+ skipped)$")
# A developer's .env must not decide what the tests see.
NEUTRAL = dict.fromkeys(
    (
        *("DEBUG", "SITE_URL", "DATA_DIR", "MEDIA_ROOT", "MEDIA_URL", "LEGACY_ROOT"),
        *("REDIS_URL", "EMAIL_URL", "NOINDEX", "INDEXNOW_KEY", "WEBSUB_HUB", "WEBHOOK_URL"),
    ),
    "",
)


def run(database_url: str) -> tuple[str, bool]:
    """Run the suite; gives its line of counts (empty when it did not get that far) and whether all is well."""
    key = {"SECRET_KEY": "tests-only", "DATABASE_URL": database_url}
    process = subprocess.Popen(
        COMMAND, env=os.environ | NEUTRAL | key, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    counts = ""
    assert process.stdout
    for line in process.stdout:
        print(line, end="", flush=True)
        if found := COUNTS.match(line):
            counts = found[1]
    return counts, process.wait() == 0


def main() -> int:
    required = os.environ.get("REQUIRE_POSTGRES") == "1"
    sqlite_counts, good = run("sqlite:///db.sqlite3")
    with server() as url:
        if url is None:
            print("postgresql: この機械には PostgreSQL がないので、SQLite だけで試しました。")
            return 0 if good and not required else 1
        postgres_counts, also_good = run(url)
    if required and sqlite_counts != postgres_counts:
        print(f"二つのデータベースで数が違います: {sqlite_counts} / {postgres_counts}")
        return 1
    return 0 if good and also_good else 1


if __name__ == "__main__":
    sys.exit(main())
