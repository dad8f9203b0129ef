"""`make bench`: the running site beside what it is measured against, in one run on one machine.

Requests per second and CPU per request (user and system time of the server's own processes, from /proc: Linux only) of the
site with its page cache and without, of a bare WSGI application with the same bytes under the same gunicorn, of plain Django
blogs, and of nginx with files and before the site, where nginx is installed. Rounds are interleaved; medians and spread are
printed. Ratios of one run mean something elsewhere, figures do not. Results: docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from contextlib import ExitStack, suppress
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import unquote

ROOT = Path(__file__).parents[1]
KEY = "benchmark-only-0123456789-0123456789-0123456789-0123456789"
CONNECTIONS = 4
SKIPPED = {"connection", "date", "server", "transfer-encoding"}
NGINX = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; {user} worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off; keepalive_requests 1000000; default_type text/html;
    client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    proxy_cache_path {folder}/cache keys_zone=pages:10m;
    upstream site {{ server 127.0.0.1:{upstream}; keepalive 16; }}
    server {{ listen 127.0.0.1:{files}; root {folder}/www; gzip_static on; }}
    server {{
        listen 127.0.0.1:{before};
        location / {{
            proxy_pass http://site; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
            proxy_cache pages; proxy_cache_key $request_uri; proxy_cache_lock on;
            proxy_cache_lock_timeout 50ms;
            proxy_ignore_headers Cache-Control Expires Vary;
        }}
    }}
}}
"""


class Server:
    """A server process and its children. `port`: where it listens."""

    def __init__(self, command: list[str], port: int, **variables: str) -> None:
        self.port = port
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | variables, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )  # fmt: skip
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except ConnectionRefusedError:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(0.05)
        raise SystemExit(f"{' '.join(command)} does not start.")

    def cpu(self) -> float:
        """Seconds of CPU of all its processes so far."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if int(fields[3]) == self._process.pid:  # the session
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def gunicorn(application: str, port: int, **variables: str) -> Server:
    """The project's gunicorn, with its own workers and threads, around `application`."""
    command = [sys.executable, "-m", "gunicorn"]
    if application:
        command += [
            "-c",
            "/dev/null",
            "-k",
            "gthread",
            "-w",
            "2",
            "--threads",
            "48",
            "-b",
            f"127.0.0.1:{port}",
            application,
        ]
    return Server(command, port, HOST="127.0.0.1", PORT=str(port), ACCESS_LOG="0", **variables)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def fetch(port: int, path: str, **headers: str) -> tuple[int, str, list[tuple[str, str]], bytes]:
    client = HTTPConnection("127.0.0.1", port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client.request("GET", path, headers={"Host": "127.0.0.1", "Accept-Encoding": "gzip"} | named)
    response = client.getresponse()
    found = response.status, response.reason, response.getheaders(), response.read()
    client.close()
    return found


def load(port: int, path: str, count: int, extra: str = "") -> float:
    """Ask `count` times over some connections that stay open; seconds that it took."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n{extra}\r\n".encode()

    def ask(times: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for _ in range(times):
                client.sendall(request)
                received = client.recv(65536)
                head, _, body = received.partition(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                left = (int(length[1]) if length else 0) - len(body)
                while left > 0:
                    left -= len(client.recv(65536))

    threads = [Thread(target=ask, args=(count // CONNECTIONS,)) for _ in range(CONNECTIONS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started


def main(posts: int, characters: int, rounds: int, requests: int) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="allforces-benchmark-")))
        database = folder / "db.sqlite3"
        site = {
            "SECRET_KEY": KEY,
            "DATA_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{database}",
            "SITE_URL": "http://127.0.0.1",
        }
        site |= {"TRUSTED_PROXIES": "1", "DEBUG": ""}
        subprocess.run(
            [sys.executable, "manage.py", "prepare"],
            cwd=ROOT,
            env=os.environ | site,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        filling = f"from tests.benchmark import fill, pages; import json; fill({posts}, {characters}); print(json.dumps(pages()))"
        shown = subprocess.run([sys.executable, "-c", filling], cwd=ROOT, env=os.environ | site, check=True, capture_output=True, text=True)  # fmt: skip
        known = json.loads(shown.stdout.splitlines()[-1])
        paths = {name: known[name] for name in ("post", "home", "category", "tag", "feed", "404")}

        hot = _started(stack, gunicorn("", free_port(), **site, PAGE_CACHE_MB="64"))
        cold = _started(stack, gunicorn("", free_port(), **site, PAGE_CACHE_MB="0"))
        answers, etags = {}, {}
        (folder / "www").mkdir()
        for number, (name, path) in enumerate(paths.items()):
            status, reason, headers, body = fetch(hot.port, path)
            kept = [(key, value) for key, value in headers if key.lower() not in SKIPPED]
            answers[unquote(path).encode().decode("latin-1")] = (
                f"{status} {reason}",
                kept,
                b64encode(body).decode(),
            )
            etags[name] = dict(headers).get("ETag", "")
            (folder / "www" / f"{number}.html").touch()
            (folder / "www" / f"{number}.html.gz").write_bytes(body)
        (folder / "bare.json").write_text(json.dumps(answers))
        bare = _started(stack, gunicorn("tests.plain_blog:bare", free_port(), BARE=str(folder / "bare.json")))
        plain = {
            name: _started(
                stack, gunicorn(f"tests.plain_blog:{name}", free_port(), PLAIN_DATABASE=str(database))
            )
            for name in ("rendering", "storing")
        }
        targets: dict[str, tuple[Server, str, str]] = {}
        for name, path in paths.items():
            targets[f"{name}: bare"] = bare, path, ""
            targets[f"{name}: hot"] = hot, path, ""
            targets[f"{name}: no cache"] = cold, path, ""
            if name == "post":
                targets["post: hot 304"] = hot, path, f"If-None-Match: {etags[name]}\r\n"
                targets["post: plain blog, renders"] = plain["rendering"], path, ""
                targets["post: plain blog, stores"] = plain["storing"], path, ""
        if shutil.which("nginx"):
            files, before = free_port(), free_port()
            (folder / "nginx.conf").write_text(
                NGINX.format(
                    folder=folder,
                    files=files,
                    before=before,
                    upstream=hot.port,
                    user="user root;" if os.geteuid() == 0 else "",
                )
            )
            nginx = _started(
                stack, Server(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], files)
            )
            targets["post: nginx, a file"] = nginx, "/0.html", ""
            proxy = Server.__new__(Server)
            proxy.port, proxy._process = before, nginx._process
            targets["post: nginx before the site"] = proxy, paths["post"], ""
        else:
            print("nginx is not installed: its lines are left out.")
        report(targets, rounds=rounds, requests=requests)


def report(targets: dict[str, tuple[Server, str, str]], *, rounds: int, requests: int) -> None:
    rates: dict[str, list[float]] = {name: [] for name in targets}
    costs: dict[str, list[float]] = {name: [] for name in targets}
    for name, (server, path, extra) in targets.items():
        status = fetch(server.port, path)[0]
        if status != (404 if name.startswith("404") else 200):
            raise SystemExit(f"{name}: {status}")
        load(server.port, path, 2 * CONNECTIONS, extra)
    for _ in range(rounds):
        for name, (server, path, extra) in targets.items():
            count = requests if "no cache" not in name and "plain" not in name else max(80, requests // 20)
            before = server.cpu()
            seconds = load(server.port, path, count, extra)
            rates[name].append(count / seconds)
            costs[name].append((server.cpu() - before) / count * 1000)
    print(f"\n{'page: server':<32}{'requests/s':>12}{'spread':>16}{'CPU ms':>9}{'x bare':>8}")
    for name in targets:
        floor = statistics.median(costs.get(f"{name.partition(':')[0]}: bare", costs["post: bare"]))
        rate, cost = statistics.median(rates[name]), statistics.median(costs[name])
        spread = f"{min(rates[name]):,.0f}–{max(rates[name]):,.0f}"
        print(f"{name:<32}{rate:>12,.0f}{spread:>16}{cost:>9.3f}{cost / floor if floor else 0:>8.1f}")


def _started(stack: ExitStack, server: Server) -> Server:
    stack.callback(server.close)
    return server


def _options() -> dict[str, Any]:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--posts", type=int, default=2513)
    parser.add_argument("--characters", type=int, default=14_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=2000)
    return vars(parser.parse_args())


if __name__ == "__main__":
    main(**_options())
