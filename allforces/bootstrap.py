"""Bootstrap from a fresh checkout to a running site, with nothing but Python: `make run` calls this.

Standard library only, and syntax that old interpreters can parse, so that they can show a version error.
Every step is idempotent: it does nothing when its work is already done.
"""

import hashlib
import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)

ENV_TEMPLATE = """\
# この設置だけの設定です。書ける変数は .env.example と docs/operations.md にあります。
# SECRET_KEY はログインと署名を守ります。人に見せず、Git にも入れないでください。
SECRET_KEY={key}
"""


class Refusal(Exception):
    """The start is not possible; str() is a sentence for the user."""


def require_python(version=sys.version_info[:2]):
    if tuple(version) < OLDEST:
        raise Refusal(
            "Python 3.11 以上が必要です(いまは {}.{})。例: make run PYTHON=python3.11".format(*version)
        )


def make_venv(folder):
    """Create the virtual environment unless a working one of a supported version exists; returns its Python."""
    python = folder / "bin" / "python"
    works = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    if (
        python.exists()
        and subprocess.run([str(python), "-c", works], stderr=subprocess.DEVNULL).returncode == 0
    ):
        return python
    try:
        import ensurepip  # noqa: F401  missing in Debian's plain python3
        import venv
    except ImportError:
        raise Refusal(
            "Python の venv がありません。Debian / Ubuntu では `apt-get install python3-venv` を実行してください。"
        ) from None
    print(".venv を作っています…", flush=True)
    venv.create(folder, with_pip=True, clear=True)
    return python


def install(python, wanted):
    """Install the requirements file `wanted`, unless exactly its content was installed before."""
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes() + wanted.read_bytes()).hexdigest()
    stamp = python.parent.parent / f"installed-{wanted.name}"
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print("必要なパッケージを入れています…", flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", str(wanted)]
    if subprocess.run(pip).returncode:
        raise Refusal(
            "パッケージを入れられませんでした。上の pip のメッセージとネットワークを確かめてください。"
        )
    stamp.write_text(digest)


def write_env(path):
    """Create `.env` with a new SECRET_KEY, readable by its owner only, unless it exists."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(ENV_TEMPLATE.format(key=secrets.token_urlsafe(50)))
    print(".env を作りました(SECRET_KEY 入り)。", flush=True)


def setting(name, default, path):
    """Value of `name` from the environment, else from the file `path`, as the settings read it: an empty variable overrides the file."""
    if name in os.environ:
        return os.environ[name].strip() or default
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
        key, _, value = line.partition("=")
        if key.strip() == name and value.strip():
            return value.strip().strip("\"'")
    return default


def require_free_port(host, port):
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise Refusal(f"PORT は 1 から 65535 までの数にしてください(いまの値: {port})。")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
            listener.bind(address)
    except OSError as error:
        raise Refusal(
            f"{host} のポート {port} を開けません({error.strerror})。"
            f"使用中なら別の番号で: make run PORT={int(port) % 65535 + 1}"
        ) from None


def require_writable(folder):
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refusal(f"フォルダ {folder} に書き込めません。持ち主か権限を変えてください。")


def run(mode):
    """`run` serves with gunicorn, `dev` with Django's reloading server, `test` and `lint` only install."""
    require_python()
    os.chdir(ROOT)
    serving = mode in ("run", "dev")
    host, port = (
        setting(name, default, ROOT / ".env") for name, default in (("HOST", "127.0.0.1"), ("PORT", "8000"))
    )
    if serving:
        require_free_port(host, port)
    try:
        require_writable(ROOT)
        python = make_venv(ROOT / ".venv")
        install(python, ROOT / ("requirements.txt" if serving else "requirements-dev.txt"))
        if serving:
            write_env(ROOT / ".env")
    except OSError as error:
        raise Refusal(f"{error.filename or ROOT}: {error.strerror}") from None
    if serving:
        if subprocess.run([str(python), "manage.py", "prepare", "--demo"]).returncode:
            sys.exit(1)
        serve = ["manage.py", "runserver", f"{host}:{port}"] if mode == "dev" else ["-m", "gunicorn"]
        os.execv(python, [str(python), *serve])


def main():
    try:
        run(sys.argv[1])
    except Refusal as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
