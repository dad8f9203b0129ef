"""Site settings, the log of who did what, and the first page of the admin."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog.editorial import publishing
from blog.editorial.actors import Person
from blog.models import SiteSettings
from blog.public import crawlers
from tests.admin.test_pages_admin import make_page
from tests.make import make_chief, make_draft, make_editor, make_scheduled, make_writer

FORM = "/admin/blog/sitesettings/1/change/"


class SiteSettingsTests(TestCase):
    def setUp(self) -> None:
        self.client.force_login(make_chief())

    def save(self, **values):
        base = {
            "name": "ALLFORCES",
            "publisher": "ALLFORCES編集部",
            "publishers": "editor",
            "allow_indexing": "on",
        }
        return self.client.post(FORM, base | values)

    def test_the_list_is_the_form_and_the_row_is_neither_added_nor_deleted(self):
        self.assertRedirects(self.client.get("/admin/blog/sitesettings/"), FORM)
        self.assertEqual(self.client.get("/admin/blog/sitesettings/add/").status_code, 403)
        self.assertEqual(
            self.client.post("/admin/blog/sitesettings/1/delete/", {"post": "yes"}).status_code, 403
        )
        self.assertEqual(SiteSettings.objects.count(), 1)

    def test_the_chief_decides_who_may_publish(self):
        self.save(publishers="chief", four_eyes="on")
        site = SiteSettings.objects.get()
        self.assertEqual((site.publishers, site.four_eyes), ("chief", True))

    def test_a_menu_names_pages_that_exist(self):
        make_page("/about/")
        self.save(
            menu="案内 | /about/\n\nタグ | /tags/\n外 | https://example.com/\n便り | mailto:desk@example.com"
        )
        self.assertEqual(
            [name for name, _ in SiteSettings.objects.get().menu_items], ["案内", "タグ", "外", "便り"]
        )

    def test_a_bad_menu_line_is_named(self):
        for line in ("案内", "案内 |", "| /tags/", "悪い | javascript:alert(1)", "外 | //evil.example/"):
            with self.subTest(line):
                self.assertContains(self.save(menu=f"タグ | /tags/\n{line}"), f"2行目「{line}」が読めません")
        self.assertContains(
            self.save(menu="迷子 | /nowhere/"), "1行目「迷子」の /nowhere/ というページはありません。"
        )
        self.assertEqual(SiteSettings.objects.get().menu, "")

    def test_exceptions_for_crawlers_are_read_line_by_line(self):
        self.save(crawlers="GPTBot | 許可\n\nNewBot | 拒否")
        self.assertEqual(
            crawlers.exceptions(SiteSettings.objects.get().crawlers), {"GPTBot": True, "NewBot": False}
        )
        for line in ("GPTBot", "GPTBot | たぶん", "Bot\tX | 許可", "* | 拒否", "A: B | 許可"):
            with self.subTest(line):
                self.assertContains(self.save(crawlers=f"CCBot | 拒否\n{line}"), "2行目「")

    def test_proofs_of_ownership_hold_nothing_but_themselves(self):
        for name, value in (
            ("google_verification", '"><script>'),
            ("google_verification", "a b"),
            ("bing_verification", "short"),
        ):
            with self.subTest(name, value=value):
                self.assertEqual(self.save(**{name: value}).status_code, 200)
                self.assertEqual(getattr(SiteSettings.objects.get(), name), "")
        self.save(google_verification="google0123456789abcdef.html", bing_verification="0A" * 16)
        site = SiteSettings.objects.get()
        self.assertEqual((site.google_file, site.google_tag), ("google0123456789abcdef.html", ""))

    def test_editors_and_writers_do_not_see_the_settings(self):
        for user in (make_editor(), make_writer()):
            with self.subTest(user=user.username):
                self.client.force_login(user)
                self.assertEqual(self.client.get(FORM).status_code, 403)
                self.assertEqual(self.save(publishers="writer").status_code, 403)
                self.assertNotContains(self.client.get("/admin/"), "サイト設定")
        self.assertEqual(SiteSettings.objects.get().publishers, "editor")


class LogTests(TestCase):
    def test_the_chief_reads_who_did_what_and_nobody_writes_it(self):
        editor, chief = make_editor(), make_chief()
        make_draft(by=editor, title="記録に残る記事")
        entry = LogEntry.objects.get()
        self.client.force_login(chief)
        self.assertContains(self.client.get("/admin/admin/logentry/"), "記録に残る記事")
        for url in ("add/", f"{entry.pk}/delete/"):
            with self.subTest(url):
                self.assertEqual(
                    self.client.post(f"/admin/admin/logentry/{url}", {"post": "yes"}).status_code, 403
                )
        self.assertEqual(
            self.client.post(f"/admin/admin/logentry/{entry.pk}/change/", {"object_repr": "x"}).status_code,
            403,
        )
        self.client.force_login(editor)
        self.assertEqual(self.client.get("/admin/admin/logentry/").status_code, 403)

    def test_the_log_costs_the_same_for_one_line_and_for_thirty(self):
        chief = make_chief()
        self.client.force_login(chief)
        make_draft(by=chief)
        one = self.queries()
        for _ in range(29):
            make_draft(by=chief)
        self.assertEqual(self.queries(), one)

    def queries(self) -> int:
        with CaptureQueriesContext(connection) as captured:
            self.client.get("/admin/admin/logentry/")
        return len(captured)


class FrontPageTests(TestCase):
    def test_posts_stand_first_and_the_log_has_a_name(self):
        self.client.force_login(make_chief())
        response = self.client.get("/admin/")
        apps = response.context["app_list"]
        self.assertEqual([app["app_label"] for app in apps], ["blog", "admin"])
        self.assertEqual(apps[0]["models"][0]["name"], "記事")
        self.assertEqual(apps[1]["models"][0]["name"], "操作の記録")

    def test_it_shows_my_posts_what_waits_for_review_and_what_goes_out_today(self):
        editor, writer = make_editor(), make_writer()
        now = timezone.now()
        make_draft(by=editor, title="編集者の原稿", now=now)
        waiting = make_draft(by=writer, title="待っている原稿", now=now)
        publishing.submit(revision=waiting.latest_revision, by=Person(writer))
        midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0) + timedelta(days=1)
        today = make_scheduled(at=now + (midnight - now) / 2, now=now, title="今日の記事")
        later = make_scheduled(at=midnight + timedelta(hours=1), now=now, title="あすの記事")
        self.client.force_login(editor)
        lists = self.lists()
        self.assertEqual(lists["私の記事"], ["編集者の原稿"])
        self.assertEqual(lists["校閲待ち"], ["待っている原稿"])
        self.assertEqual(lists["今日の公開予定"], [today.working_title])
        self.assertNotIn(later.working_title, [title for titles in lists.values() for title in titles])

    def test_a_writer_sees_nothing_of_others(self):
        editor, writer = make_editor(), make_writer()
        theirs = make_draft(by=editor, title="ほかの人の原稿")
        publishing.submit(revision=theirs.latest_revision, by=Person(editor))
        make_draft(by=writer, title="自分の原稿")
        self.client.force_login(writer)
        self.assertEqual(self.lists(), {"私の記事": ["自分の原稿"], "校閲待ち": [], "今日の公開予定": []})

    def test_it_costs_the_same_for_no_posts_and_for_many(self):
        editor = make_editor()
        self.client.force_login(editor)
        make_draft(by=editor)
        one = self.queries()
        for _ in range(12):
            post = make_draft(by=editor)
            publishing.submit(revision=post.latest_revision, by=Person(editor))
        self.assertEqual(self.queries(), one)

    def lists(self) -> dict[str, list[str]]:
        lists = self.client.get("/admin/").context["lists"]
        return {entry["title"]: [post.working_title for post, _ in entry["rows"]] for entry in lists}

    def queries(self) -> int:
        with CaptureQueriesContext(connection) as captured:
            self.client.get("/admin/")
        return len(captured)
