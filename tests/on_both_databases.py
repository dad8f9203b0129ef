"""`make test`: the whole suite on SQLite, then again on PostgreSQL, then the scripts in a browser.

With REQUIRE_POSTGRES=1 a machine without PostgreSQL fails, and so do counts that differ; with REQUIRE_BROWSER=1 one
without a browser does.
"""

import os
import re
import subprocess
import sys

from tests.browser.executable import executable
from tests.postgres import server

COMMAND = [sys.executable, "-W", "error", "manage.py", "test"]
COUNTS = re.compile(r"^\w+: (\d+ passed, \d+ failed, \d+ skipped)$", re.MULTILINE)
# What Python prints and goes on: an error in a destructor or a thread, and warnings of processes that tests start.
NOISE = re.compile(r"^.*(?:Exception ignored|Exception in thread|Traceback \(|\w+Warning: ).*$", re.MULTILINE)
# A developer's .env must not decide what the tests see.
NEUTRAL = dict.fromkeys(
    (
        *("DEBUG", "SITE_URL", "DATA_DIR", "MEDIA_ROOT", "MEDIA_URL", "LEGACY_ROOT"),
        *("REDIS_URL", "PAGE_CACHE_MB", "EMAIL_URL", "NOINDEX", "INDEXNOW_KEY", "WEBSUB_HUB", "WEBHOOK_URL"),
    ),
    "",
)


def run(database_url: str, *arguments: str) -> tuple[str, bool]:
    """Run the suite; gives its line of counts (empty when it did not get that far) and whether all is well.

    A run that passes and prints a warning is not well.
    """
    key = {"SECRET_KEY": "tests-only", "DATABASE_URL": database_url}
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        env=os.environ | NEUTRAL | key,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout
    output = b""
    while chunk := os.read(process.stdout.fileno(), 65_536):  # dots are shown as they come
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
        output += chunk
    process.stdout.close()
    text = output.decode("utf-8", "replace")
    good = process.wait() == 0
    if good and (noise := NOISE.search(text)):
        print(f"テストは通りましたが、余計なものが出ています: {noise[0].lstrip('.s')}")
        good = False
    counts = COUNTS.search(text)
    return counts[1] if counts else "", good


def on_both_databases(*labels: str) -> bool:
    required = os.environ.get("REQUIRE_POSTGRES") == "1"
    sqlite_counts, good = run("sqlite:///db.sqlite3", "--parallel", "auto", *labels)
    with server() as url:
        if url is None:
            print("postgresql: この機械には PostgreSQL がないので、SQLite だけで試しました。")
            return good and not required
        postgres_counts, also_good = run(url, "--parallel", "auto", *labels)
    if required and sqlite_counts != postgres_counts:
        print(f"二つのデータベースで数が違います: {sqlite_counts} / {postgres_counts}")
        return False
    return good and also_good


def main() -> int:
    labels = sys.argv[1:]
    in_browser = not labels and executable() is not None
    good = bool(labels or in_browser or os.environ.get("REQUIRE_BROWSER") != "1")
    if not labels and not in_browser:  # first, because the last line of a run is its counts
        print("ブラウザー（chromium）がないので、画面のテストは飛ばします。", flush=True)
    good = on_both_databases(*labels) and good
    if in_browser:  # beside nothing else: nobody writes on a machine that is busy with a thousand tests
        good = run("sqlite:///db.sqlite3", "tests.browser")[1] and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
