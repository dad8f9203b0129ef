"""`make bench`: what it takes to import a whole archive, in time and memory of all its processes together.

The documents are generated, or come from a folder; the database is thrown away, or an empty one that is named. CPU
is given as a ratio to rendering the same texts once in this process: seconds of one machine mean nothing elsewhere.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from blog.text.dialects import DIALECTS
from blog.text.markdown import render
from blog.transfer.importing.reader import read
from tests.benchmark import body
from tests.transfer.documents import document

TAGS = ("AI", "投資", "電力", "チップ", "Google", "NVIDIA", "計算センター", "規制")
EVERY = 0.2
"""Seconds between two looks at the memory."""


def generate(folder: Path, *, posts: int, characters: int) -> None:
    """Documents on days that go back from 2026-11-20, three a day, each with links to two others."""
    for n in range(posts):
        day = date(2026, 11, 20) - timedelta(days=n // 3)
        links = "".join(f"\n[前の記事]({_path(other)})\n" for other in (n + 1, n + 7) if other < posts)
        text = document(
            title=f'"計算の値段を読む その{n}"',
            date=f"{day} {8 + n % 3:02}:00:00 +0900",
            tags=f"[{', '.join(TAGS[(n + k) % len(TAGS)] for k in range(5))}]",
            body=body(n, characters) + links,
        )
        (folder / f"{day}-price-{n}.md").write_text(text, encoding="utf-8")


def _path(n: int) -> str:
    day = date(2026, 11, 20) - timedelta(days=n // 3)
    return f"/{day:%Y/%m/%d}/price-{n}/"


def measure(folder: Path, *, database: str, images: str) -> None:
    files = sorted(folder.glob("*.md"))
    size = sum(path.stat().st_size for path in files)
    now = datetime.now(UTC)
    sample = [read(path.name, path.read_bytes(), now=now) for path in files[:: max(1, len(files) // 100)]]
    started = time.process_time()
    for article in sample:
        render(article.body, title=article.title, dialect=DIALECTS[article.dialect])
    rendering = (time.process_time() - started) * len(files) / len(sample)
    with tempfile.TemporaryDirectory() as data:
        environment = os.environ | {
            "DATABASE_URL": database or f"sqlite:///{data}/db.sqlite3",
            "DATA_DIR": data,
            "MEDIA_ROOT": "",
            "DEBUG": "",
        }
        subprocess.run([*_manage("migrate"), "-v0"], env=environment, check=True)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        command = [*_manage("import_posts"), str(folder), *(["--images", images] if images else [])]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        peak = 0
        while process.returncode is None:
            peak = max(peak, _memory(process.pid))
            with suppress(subprocess.TimeoutExpired):
                process.wait(EVERY)
        wall = time.perf_counter() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        stored = sum(path.stat().st_size for path in Path(data).glob("db.sqlite3*"))
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"\nimport: {len(files):,} files, {size / 1e6:.0f} MB on {os.cpu_count()} processors: {wall:.0f} s,"
        f" CPU {cpu:.0f} s ({cpu / rendering:.2f} x rendering), memory {peak / 1024**2:.0f} MB,"
        f" {f'database {stored / size:.1f} x the files, ' if stored else ''}status {process.returncode}"
    )


def _manage(command: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), command]


def _memory(pid: int) -> int:
    """Bytes of a process and its children; pages that two share count twice; 0 where there is no /proc."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    return pages * resource.getpagesize() + sum(_memory(int(child)) for child in children)


def main(*, posts: int, characters: int, folder: str, **options: Any) -> None:
    if folder:
        measure(Path(folder), **options)
        return
    with tempfile.TemporaryDirectory() as generated:
        generate(Path(generated), posts=posts, characters=characters)
        measure(Path(generated), **options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=2513)
    parser.add_argument("--characters", type=int, default=14_000)
    parser.add_argument("--folder", default="", help="import these files instead of generated ones")
    parser.add_argument("--images", default="", help="folder of their images")
    parser.add_argument(
        "--database", default="", help="URL of an empty database instead of a SQLite file of its own"
    )
    main(**vars(parser.parse_args()))
