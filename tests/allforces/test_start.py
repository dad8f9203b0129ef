"""What `make run` does before Django is there, and how it refuses."""

import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from unittest import mock  # of the process environment only

from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.core.management import CommandError, call_command
from django.test import SimpleTestCase, TestCase

from allforces import bootstrap


class BootstrapTests(SimpleTestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_the_first_start_writes_a_key_that_only_its_owner_reads(self):
        with redirect_stdout(StringIO()) as printed:
            bootstrap.write_env(self.folder / ".env")
        self.assertEqual(printed.getvalue(), ".env を作りました(SECRET_KEY 入り)。\n")
        self.assertEqual(stat.S_IMODE((self.folder / ".env").stat().st_mode), 0o600)
        self.assertRegex((self.folder / ".env").read_text(), r"\nSECRET_KEY=\S{50,}\n\Z")

    def test_the_second_start_leaves_the_key_alone(self):
        (self.folder / ".env").write_text("SECRET_KEY=mine\n")
        bootstrap.write_env(self.folder / ".env")
        self.assertEqual((self.folder / ".env").read_text(), "SECRET_KEY=mine\n")

    def test_a_port_in_use_is_one_sentence_with_a_way_out(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with self.assertRaisesRegex(
                bootstrap.Refusal, rf"^127\.0\.0\.1 のポート {port} を開けません.*make run PORT="
            ):
                bootstrap.require_free_port("127.0.0.1", str(port))
        bootstrap.require_free_port("127.0.0.1", str(port))

    def test_a_port_that_is_no_number_and_an_unknown_host_are_refused(self):
        for host, port in (
            ("127.0.0.1", "http"),
            ("127.0.0.1", "0"),
            ("127.0.0.1", "70000"),
            ("256.0.0.1", "8000"),
        ):
            with self.subTest(f"{host}:{port}"), self.assertRaises(bootstrap.Refusal):
                bootstrap.require_free_port(host, port)

    def test_an_old_python_is_told_which_one_is_needed(self):
        with self.assertRaisesRegex(bootstrap.Refusal, r"3\.11 以上が必要です\(いまは 3\.9\)"):
            bootstrap.require_python((3, 9))

    def test_host_and_port_come_from_the_env_file_too(self):
        (self.folder / ".env").write_text('# PORT=1\nPORT="8123"\nHOST=\n')
        self.assertEqual(bootstrap.setting("PORT", "8000", self.folder / ".env"), "8123")
        self.assertEqual(bootstrap.setting("HOST", "127.0.0.1", self.folder / ".env"), "127.0.0.1")

    def test_an_empty_variable_silences_the_env_file_as_it_does_for_the_settings(self):
        (self.folder / ".env").write_text("HOST=0.0.0.0\n")
        with mock.patch.dict(os.environ, {"HOST": " "}):
            self.assertEqual(bootstrap.setting("HOST", "127.0.0.1", self.folder / ".env"), "127.0.0.1")

    def test_packages_are_installed_once(self):
        wanted = self.folder / "wanted.txt"
        wanted.write_text("# nothing\n")
        pip = self.folder / "bin/python"
        pip.parent.mkdir()
        pip.write_text(f'#!/bin/sh\necho "$@" >> {self.folder}/calls\n')
        pip.chmod(0o755)
        with redirect_stdout(StringIO()) as printed:
            bootstrap.install(pip, wanted)
            bootstrap.install(pip, wanted)
            wanted.write_text("# something else\n")
            bootstrap.install(pip, wanted)
        self.assertEqual(printed.getvalue(), "必要なパッケージを入れています…\n" * 2)
        self.assertEqual((self.folder / "calls").read_text().count("pip install"), 2)

    def test_a_python_without_venv_is_refused_without_a_traceback(self):
        result = self.start("import sys; sys.modules['ensurepip'] = None; ")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"\APython の venv がありません。[^\n]+\n\Z")

    def test_a_folder_that_cannot_be_written_is_refused_without_a_traceback(self):
        result = self.start("import os; os.access = lambda *a: False; ")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"\Aフォルダ [^\n]+ に書き込めません。[^\n]+\n\Z")

    def start(self, before):
        """`make run` in an empty checkout, on a Python changed by the statements `before`."""
        shutil.copytree(settings.BASE_DIR / "allforces", self.folder / "allforces")
        program = (
            f"{before}from allforces import bootstrap; bootstrap.sys.argv[1:] = ['run']; bootstrap.main()"
        )
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = str(free.getsockname()[1])
        return subprocess.run(
            [sys.executable, "-c", program],
            cwd=self.folder,
            env=os.environ | {"PORT": port, "HOST": "127.0.0.1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
        )


class CreateEditorTests(TestCase):
    def create(self, **options):
        out = StringIO()
        call_command("create_editor", stdout=out, **options)
        return out.getvalue()

    def test_the_first_start_gives_one_login_and_says_its_password_once(self):
        printed = self.create(if_none=True)
        password = printed.split()[-1]
        user = authenticate(None, username="editor", password=password)
        self.assertTrue(user and user.is_staff and user.is_superuser)
        self.assertEqual([group.name for group in user.groups.all()], ["編集長"])
        self.assertEqual(self.create(if_none=True), "")
        self.assertEqual(get_user_model().objects.count(), 1)

    def test_a_desk_that_has_somebody_gets_nobody_more(self):
        get_user_model().objects.create_user("sato")
        self.assertEqual(self.create(if_none=True), "")
        self.assertFalse(get_user_model().objects.filter(username="editor").exists())

    def test_a_name_in_use_is_not_taken_over(self):
        get_user_model().objects.create_user("editor", password="theirs")
        with self.assertRaisesMessage(CommandError, "ユーザー名 editor はもう使われています。"):
            self.create()


class PrepareTests(SimpleTestCase):
    def test_a_data_folder_that_cannot_be_made_is_one_sentence(self):
        with tempfile.NamedTemporaryFile() as file:
            result = self.prepare(DATA_DIR=f"{file.name}/data")
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"\ACommandError: フォルダ [^\n]+ を作れません。\n\Z")

    def test_a_database_that_does_not_answer_is_one_sentence(self):
        with tempfile.TemporaryDirectory() as folder:
            result = self.prepare(
                DATA_DIR=folder, DATABASE_URL=f"postgresql:///magazine?host={folder}", DB_POOL_SIZE="0"
            )
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, r"\ACommandError: データベースにつながりません: [^\n]+\n\Z")

    def test_a_process_that_used_the_database_ends_without_a_complaint(self):
        program = "from django.db import connection; connection.ensure_connection(); print('done')"
        with tempfile.TemporaryDirectory() as folder:
            result = self.manage("shell", "--no-imports", "-c", program, DATA_DIR=folder)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "done\n", ""))

    def prepare(self, **variables):
        return self.manage("prepare", **variables)

    def manage(self, *arguments, **variables):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=os.environ | {"SECRET_KEY": "tests-only"} | variables,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
