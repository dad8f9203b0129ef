"""Backup, export and database of an older program (`from_7b9dbaa`) in this one: nothing is lost, work goes on."""

import json
import lzma
import os
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from blog.editorial.content import Content
from blog.models import MissedSearch, Post, Revision, SiteSettings
from blog.public import delivery
from tests.base import running
from tests.clock import at
from tests.make import NOON
from tests.on_both_databases import NEUTRAL
from tests.public.test_outbox import webhook
from tests.transfer.backing_up import BackupTestCase, everything, rewritten
from tests.transfer.documents import document

MADE = Path(__file__).with_name("from_7b9dbaa")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
RIVER, WINDMILLS = "/2026/11/10/kawabe-no-chikudensho/", "/2026/11/15/fusha/"
SNOW, SNOW_HOUR = "/2026/11/21/yuki/", NOON + DAY
TIDE, NEW_TIDE, TIDE_HOUR = "/2026/11/14/shio/", "/2026/11/14/shio-hatsuden/", NOON + 2 * DAY
PASSWORD = "yoake-no-denryoku"
TOKEN = "allforces_1_E7iVvMl2gxL-cmhxQMB61kTnStJzYs5OsQA3dM0rwzM"


class OlderProgramTestCase(BackupTestCase):
    def get(self, path, *, now=NOON, **query):
        with at(now):
            return self.client.get(path, query)

    def text(self, path, *, status=200, **options):
        answer = self.get(path, **options)
        self.assertEqual(answer.status_code, status, path)
        return running(answer.content.decode())

    def assert_shows(self, path, *texts, **options):
        page = self.text(path, **options)
        for text in texts:
            self.assertIn(text, page, path)

    def assert_leads(self, path, to, **options):
        self.assertRedirects(self.get(path, **options), to, 301, fetch_redirect_response=False)

    def assert_readers_find_everything(self):
        self.assert_shows("/", "夜明けの電力", "川と送電線の便り", "川べりの蓄電所", "潮の満ち引きを測る")
        picture = self.get(RIVER).context["post"].hero.url
        self.assert_shows(RIVER, "<strong>「静かだ」</strong>", "棚は四十段ある。", "高瀬ミナ", picture)
        with closing(self.get(picture)) as answer:
            self.assertTrue(b"".join(answer).startswith(b"\x89PNG"))
        self.assert_shows(f"{RIVER.rstrip('/')}.md", "# 川べりの蓄電所", "棚は四十段ある。")
        self.assert_shows(TIDE, "潮位は一日に二度変わる。", f'href="{RIVER}"')
        lists = (
            "/category/energy/",
            "/tags/蓄電池/",
            "/authors/takase/",
            "/feed.xml",
            "/sitemap-2026-11.xml",
        )
        for path in lists:
            self.assert_shows(path, RIVER, TIDE)
        self.assert_shows("/collections/night/", RIVER, "眠らない設備を訪ねる。")
        self.assert_shows("/authors/takase/", "川の町に住む。")
        self.assert_shows("/about/", "川の町で作っています。")
        self.assert_leads("/2026/11/10/kawabe/", RIVER)
        self.assert_leads("/old-about/", "/about/")
        self.assert_leads("/tags/バッテリー/", "/tags/%E8%93%84%E9%9B%BB%E6%B1%A0/")
        self.assert_shows(WINDMILLS, "数を数え直しています", status=410)
        self.assertNotIn("十二基", self.text(WINDMILLS, status=410))
        self.assert_shows("/kaigi/", "会議は終わりました", status=410)
        self.assert_shows("/search/", RIVER, q="四十段")
        self.assert_shows("/search/", TIDE, q="蓄電池")
        self.assertNotIn(WINDMILLS, self.text("/search/", q="十二基"))

    def assert_dialects_are_as_it_showed_texts(self):
        """What once was a file was shown like the old site's, and so was what is typed: which needs it no more."""
        found = {(revision.post.import_ref, revision.content["dialect"]) for revision in self.revisions()}
        self.assertEqual(found, {("2026-11-18-kaze", "old-site"), (None, "")})

    def revisions(self):
        for revision in Revision.objects.select_related("post"):
            revision.content = Content.from_json(revision.content).to_json()
            yield revision

    def assert_snow_appears_at_its_hour(self):
        before = SNOW_HOUR - SECOND
        self.text(SNOW, now=before, status=404)
        for path in ("/", "/feed.xml", "/sitemap-2026-11.xml"):
            self.assertNotIn(SNOW, self.text(path, now=before))
            self.assert_shows(path, SNOW, now=SNOW_HOUR)
        self.assertNotIn(SNOW, self.text("/search/", q="碍子", now=before))
        self.assert_shows("/search/", SNOW, q="碍子", now=SNOW_HOUR)
        self.assert_shows(SNOW, "雪は碍子に積もる。", now=SNOW_HOUR)


class OlderBackupTests(OlderProgramTestCase):
    def test_readers_find_everything_and_what_is_scheduled_comes_at_its_hour(self):
        self.assertIn("表をこのプログラムの版に移します", self.restore(MADE / "backup.zip"))
        self.assert_dialects_are_as_it_showed_texts()
        self.assert_readers_find_everything()
        with webhook() as receiver:
            self.assertEqual(
                self.told(receiver, now=NOON), {"潮の満ち引きを測る", "消えた風車の数", "川べりの蓄電所"}
            )
            self.assert_snow_appears_at_its_hour()
            self.assert_shows("/search/", SNOW, q="がいし", now=SNOW_HOUR)  # what the desk says is the same
            self.assertEqual(self.told(receiver, now=SNOW_HOUR), {"雪の町の変電所"})

            before = TIDE_HOUR - SECOND
            self.assert_shows(TIDE, "潮の満ち引きを測る", "潮位は一日に二度変わる。", now=before)
            self.text(NEW_TIDE, now=before, status=404)
            self.assert_leads(TIDE, NEW_TIDE, now=TIDE_HOUR)
            self.assert_shows(NEW_TIDE, "潮の満ち引きで発電する", "発電が始まった。", now=TIDE_HOUR)
            self.assertEqual(self.told(receiver, now=TIDE_HOUR), {"潮の満ち引きで発電する"})

    def told(self, receiver, *, now):
        """The titles that the webhook hears in a delivery at `now`."""
        receiver.got.clear()
        with self.assertLogs("blog.public.delivery"):  # hub and search engines are not named any more
            delivery.deliver(clock=lambda: now)
        return {body["data"]["title"] for body in receiver.bodies()}

    def test_desk_and_machines_go_on_where_they_were(self):
        self.restore(MADE / "backup.zip")
        cache.clear()  # where sign-ins count
        with self.settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.PBKDF2PasswordHasher"]):
            self.client.post(reverse("account_login"), {"username": "writer", "password": PASSWORD})
        river = Post.objects.get(working_title="川べりの蓄電所、その後")
        form = reverse("admin:blog_post_change", args=[river.pk])
        page = self.client.get(form)
        self.assertContains(page, "保存していない書きかけがあります")
        self.assertEqual(page.context["form"]["title"].value(), "川べりの蓄電所、その後")
        self.assertIn("棚は四十段ある。", page.context["form"]["body"].value())
        [offered] = page.context["drafts"]
        opened = self.client.get(form, {"draft": str(offered.key)})
        self.assertEqual(opened.context["form"]["body"].value(), "水位が上がった。まだ書きかけ\n")
        history = self.client.get(reverse("admin:blog_post_history", args=[river.pk]))
        for number in (1, 2, 3):
            self.assertContains(history, reverse("admin:blog_post_revision", args=[river.pk, number]))

        self.client.post(reverse("account_logout"))
        self.client.force_login(river.revisions.get(number=2).by)
        diary = Post.objects.get(working_title="停電の日記")
        page = self.client.get(reverse("admin:blog_post_change", args=[diary.pk]))
        self.assertIn("二日目、本を読む。", page.context["form"]["body"].value())
        self.assertEqual(diary.revisions.get(stage="review"), diary.latest_revision)
        listed = self.client.get(reverse("admin:blog_post_changelist"))
        for title in ("雪の町の変電所", "停電の日記", "風のない日の記録", "消えた風車の数"):
            self.assertContains(listed, title)
        self.assertNotContains(listed, "やめた企画")  # in the bin
        arrived = self.client.get(reverse("admin:blog_manuscript_changelist"))
        self.assertContains(arrived, "2026-11-18-kaze")
        tokens = self.client.get(reverse("admin:blog_apitoken_changelist"))
        self.assertContains(tokens, "観測所の機械")
        self.assertEqual(MissedSearch.objects.get().query, "揚水発電")

        headers = {"authorization": f"Bearer {TOKEN}"}
        answer = self.client.post(
            "/intake/?name=2026-11-20-nagi.md", document(), content_type="text/markdown", headers=headers
        )
        self.assertEqual((answer.status_code, answer.json()["outcome"]), (201, "created"))

    def test_restore_that_fails_leaves_an_empty_database_and_the_next_one_succeeds(self):
        def one_row_less(manifest, members):
            members["rows/blog.draft.jsonl"] = b""

        self.addCleanup(call_command, "migrate", verbosity=0)
        call_command("migrate", "admin", "zero", verbosity=0)  # as a run that was killed may leave it
        shutil.copy(MADE / "backup.zip", self.file)
        with self.assertRaisesMessage(CommandError, "行数"):
            self.restore(rewritten(self.file, one_row_less))
        self.assert_nothing_is_there()

        call_command("migrate", "blog", "0011", verbosity=0)
        with connection.cursor() as cursor:  # by a foreign hand, where a later migration makes an index
            cursor.execute("CREATE TABLE post_next_try (id integer)")
        with self.assertRaisesMessage(CommandError, "post_next_try"):
            self.restore(self.file)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE post_next_try")
        call_command("migrate", verbosity=0)
        self.assert_nothing_is_there()
        self.restore(self.file)
        self.assert_shows(RIVER, "棚は四十段ある。")

    def assert_nothing_is_there(self):
        found = everything()  # of the tables of today
        self.assertEqual(
            [found["blog.Post"], found["blog.Draft"], found["auth.User"], self.files()], [[], [], [], {}]
        )

    def test_groups_are_given_what_the_older_program_had_no_permission_for(self):
        def without_machines(manifest, members):
            rows = {
                name: [json.loads(line) for line in data.splitlines()]
                for name, data in members.items()
                if name.startswith("rows/auth.")
            }
            unknown = {
                row["id"]
                for row in rows["rows/auth.permission.jsonl"]
                if row["codename"].endswith("_machinetoken")
            }
            for name, key in (("auth.permission", "id"), ("auth.group_permissions", "permission_id")):
                kept = [row for row in rows[f"rows/{name}.jsonl"] if row[key] not in unknown]
                members[f"rows/{name}.jsonl"] = b"".join(json.dumps(row).encode() + b"\n" for row in kept)
                manifest["tables"][name] = len(kept)

        shutil.copy(MADE / "backup.zip", self.file)
        self.restore(rewritten(self.file, without_machines))
        self.client.force_login(User.objects.get(username="chief"))
        tokens = self.client.get(reverse("admin:blog_apitoken_changelist"))
        self.assertContains(tokens, "観測所の機械")

    def test_database_file_of_that_time_migrates_to_the_same_rows(self):
        self.restore(MADE / "backup.zip")
        restored = everything()
        (self.folder / "db.sqlite3").write_bytes(lzma.decompress((MADE / "db.sqlite3.xz").read_bytes()))
        variables = {"SECRET_KEY": "x", "DATA_DIR": str(self.folder), "DATABASE_URL": "sqlite:///db.sqlite3"}
        for command in (("migrate",), ("backup", str(self.file))):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=settings.BASE_DIR,
                env=os.environ | NEUTRAL | variables,
                check=True,
                capture_output=True,
            )
        self.burn_down()
        self.restore()
        migrated = everything()
        for rows in (restored, migrated):
            for draft in rows["blog.Draft"]:
                del draft["key"]  # made up by the migration
        self.assertEqual(migrated, restored)


class OlderExportTests(OlderProgramTestCase):
    def test_export_comes_back_as_it_was(self):
        with ZipFile(MADE / "export.zip") as export:
            export.extractall(self.folder / "export")
        out = StringIO()
        with at(NOON):
            call_command("import_posts", self.folder / "export", stdout=out, stderr=out)
        self.assertIn("新規 6、更新 0、変更なし 0、提案（編集者の版を残しました） 0、失敗 0", out.getvalue())
        self.assert_readers_find_everything()
        self.assert_snow_appears_at_its_hour()
        site = SiteSettings.objects.current(NOON)
        self.assertEqual((site.publisher, site.contact), ("夜明け社", "desk@example.com"))
        unpublished = {post.working_title: post.working.content for post in Post.objects.unpublished()}
        self.assertEqual(unpublished.keys(), {"停電の日記", "風のない日の記録"})
        self.assertEqual(unpublished["風のない日の記録"]["extra"], {"weather": "無風"})
        self.assert_dialects_are_as_it_showed_texts()
