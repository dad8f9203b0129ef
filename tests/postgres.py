"""A PostgreSQL for the tests: the server that DATABASE_URL names, else one of our own for a minute."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Nothing here outlives the run, so nothing needs to reach the disk.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses=''"


def server_binaries() -> Path | None:
    """The folder of the newest server that Debian installed, or of the one in PATH."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(versions, key=lambda path: int(path.parent.name.partition(".")[0]))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def as_postgres() -> list[str]:
    """PostgreSQL refuses to run as root; its package brings a user for it."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@contextmanager
def throw_away_server(binaries: Path) -> Iterator[str]:
    """Start an empty server on a socket in a temporary folder; gives its URL."""
    with tempfile.TemporaryDirectory(prefix="allforces-pg-") as folder:
        if os.geteuid() == 0:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        data = Path(folder, "data")

        def call(program: str, *arguments: str) -> None:
            subprocess.run(
                [*as_postgres(), str(binaries / program), "-D", str(data), *arguments],
                cwd=folder,
                check=True,
                stdout=subprocess.DEVNULL,
            )

        call("initdb", "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        call("pg_ctl", "-w", "-s", "-l", f"{folder}/log", "-o", f"-k {folder} {FAST}", "start")
        try:
            yield f"postgresql://postgres@/postgres?host={folder}"
        finally:
            call("pg_ctl", "-m", "immediate", "-s", "stop")


@contextmanager
def server() -> Iterator[str | None]:
    """The URL of a server to test on, or None when this machine has none."""
    named = os.environ.get("DATABASE_URL", "")
    if named.startswith("postgres"):
        yield named
    elif binaries := server_binaries():
        with throw_away_server(binaries) as url:
            yield url
    else:
        yield None
