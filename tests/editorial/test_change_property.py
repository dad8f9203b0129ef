"""Whatever people do at a door: where a public answer differs afterwards, the content version has risen."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import transaction
from django.test import Client, TestCase
from django.urls import reverse

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import Person
from blog.models import (
    Address,
    Author,
    Category,
    Collection,
    ContentVersion,
    Draft,
    Image,
    Page,
    Post,
    SearchPart,
    Similarity,
    SiteSettings,
    Synonym,
    Tag,
)
from tests.admin.base import DeskTestCase
from tests.admin.test_drafts import Tab
from tests.base import update
from tests.clock import at
from tests.make import (
    NOON,
    make_category,
    make_collection,
    make_content,
    make_draft,
    make_image,
    make_machine,
    make_post,
    picture_bytes,
)
from tests.surfaces import Answer, crawl, differing, surfaces
from tests.transfer.documents import document

HOUR = timedelta(hours=1)
POST = "/2026/11/20/kiji/"
NO_ALIASES = {"aliases-TOTAL_FORMS": "0", "aliases-INITIAL_FORMS": "0"}

VISIBLE = {
    "publish": "/",
    "publish_update": POST,
    "withdraw": POST,
    "settle": "/2026/11/20/shoutotsu/",
    "update_at_its_hour": "/2026/11/20/koushin/",
    "rename_tag": POST,
    "search_by_the_new_name_of_a_tag": "/search/?q=電気",
    "give_a_tag_another_name": "/search/?q=電気",
    "rename_section": POST,
    "describe_author": "/authors/",
    "rename_collection": "/collections/",
    "add_section": "/category/新しい欄/",
    "delete_section": "/category/空の欄/",
    "merge_tags": POST,
    "publish_page": "/sitemap-pages.xml",
    "hide_page": "/about/",
    "delete_page": "/about/",
    "change_settings": "/",
    "change_rules_for_crawlers": "/robots.txt",
    "add_redirect": "/old/",
    "change_redirect": "/moved/",
    "delete_redirect": "/moved/",
    "describe_image": POST,
    "move_focal_point": "/",
    "add_synonym": "/search/?q=電気",
    "change_synonym": "/search/?q=株",
    "delete_synonym": "/search/?q=株",
    "import_post": "/",
    "import_over_a_post": "/2026/11/04/kita/",
    "import_with_paths_of_the_old_site": "/categories/",
    "restore_export": "/2026/11/20/modoru/",
    "rerender": "/2026/11/20/furui/",
    "rebuild_search": "/search/?q=本文",
    "rebuild_related": POST,
    "retire_paths": "/nothing/here/",
    "empty_the_bin": "/空の欄/",
}
"""Where each act shows, at least."""
OF_THE_CLOCK = ("schedule", "unschedule", "schedule_update", "plan_withdrawal", "fail_update")
"""Readers see nothing of these yet; but the next moment at which they will has moved."""
INVISIBLE = (
    *("save_draft", "save_over_a_public_post", "ask_for_review", "assign", "autosave", "send_back"),
    *(
        "discard",
        "take_from_the_bin",
        "deposit",
        "upload_image",
        "make_login",
        "export",
        "describe_unused_login",
    ),
    *("save_image_as_it_is", "deliver", "import_what_is_known", "rebuild_what_is_built"),
)


class PropertyTests(DeskTestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        earlier = NOON - HOUR
        cls.image = make_image(alt="青い板", now=earlier)
        make_collection("計算の値段")
        cls.post = make_post(
            slug="kiji",
            title="電力の値段",
            tags=("電力", "計算"),
            collection="計算の値段",
            hero=cls.image.hash,
            at=earlier,
        )
        cls.other = make_post(slug="tonari", title="電力の需要", tags=("電力",), at=earlier)
        cls.alike = make_post(
            slug="kankei", title="電力と計算の話", tags=("電力", "計算"), at=earlier - 2 * HOUR
        )
        cls.planned = make_post(slug="koushin", title="更新を待つ話", at=earlier)
        update(cls.planned, now=earlier, by=cls.editor, at=NOON + HOUR, body="新しくなった話。")
        cls.leaving = make_post(slug="saru", title="去る予定の話", at=earlier)
        publishing.withdraw(
            post=cls.leaving, by=Person(cls.editor), now=earlier, at=NOON + HOUR, reason="終わり"
        )
        cls.gone = make_post(slug="kieta", title="取り下げた話", at=earlier)
        publishing.withdraw(post=cls.gone, by=Person(cls.editor), now=earlier, reason="誤り")
        cls.blocked = make_post(slug="shoutotsu", title="衝突の話", body="<<<<<<< HEAD", at=earlier)
        cls.stale = make_post(slug="furui", title="古い表示の話", at=earlier - HOUR)
        make_category("空の欄")
        cls.draft = make_draft(slug="shitagaki", title="下書きの話", by=cls.writer, now=earlier)
        publishing.submit(revision=cls.draft.working, by=Person(cls.writer))
        cls.page = Page(path="/about/", title="約束", body="約束です。", is_public=True)
        taxonomy.save_page(cls.page, by=Person(cls.editor), now=earlier)
        cls.unused_image = make_image(alt="使わない板", now=earlier)
        cls.redirect = Address.objects.create(path="/moved/", target="/about/")
        cls.synonym = Synonym(words="株、株式、本文")
        cls.synonym.save()
        cls.machine, cls.token = make_machine()

    def setUp(self) -> None:
        self.client.force_login(self.chief)
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def command(self, name: str, *arguments: Any, **options: Any) -> None:
        call_command(name, *map(str, arguments), stdout=StringIO(), stderr=StringIO(), **options)

    def form(self, item: Any, **typed: Any) -> None:
        """Save the admin's form of `item`, or of a new one, as a browser sends it."""
        name = f"admin:blog_{item._meta.model_name}"
        url = reverse(f"{name}_change", args=[item.pk]) if item.pk else reverse(f"{name}_add")
        page = self.client.get(url)
        form = page.context["adminform"].form
        sent = {
            bound.html_name: "" if bound.value() is None else bound.value()
            for bound in form
            if bound.value() is not False
        }
        answer = self.client.post(url, sent | NO_ALIASES | typed)
        self.assertEqual(answer.status_code, 302, answer.content.decode()[:9000])

    def delete(self, item: Any) -> None:
        url = reverse(f"admin:blog_{item._meta.model_name}_delete", args=[item.pk])
        self.assertEqual(self.client.post(url, {"post": "yes"}).status_code, 302)

    def write(self, name: str, text: str) -> Path:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        return file

    # What readers see

    def publish_(self) -> None:
        self.publish(self.draft)

    def publish_update(self) -> None:
        self.publish(self.post, body="書き直した本文。")

    def withdraw(self) -> None:
        self.act(self.post, "withdraw", when="now", reason="誤報でした。")

    def settle(self) -> None:
        self.act(self.blocked, "settle", shown="conflict")

    def update_at_its_hour(self) -> None:
        self.assertEqual(len(publishing.apply_due(now=NOON + HOUR)), 1)

    def rename_tag(self) -> None:
        self.form(Tag.objects.get(name="電力"), name="電気")

    search_by_the_new_name_of_a_tag = rename_tag

    def give_a_tag_another_name(self) -> None:
        tag = Tag.objects.get(name="電力")
        one = {"aliases-TOTAL_FORMS": "1", "aliases-INITIAL_FORMS": "0", "aliases-0-tag": tag.pk}
        self.form(tag, **one, **{"aliases-0-name": "電気"})

    def rename_section(self) -> None:
        self.form(self.post.category, name="新しい名の欄")

    def describe_author(self) -> None:
        self.form(Author.objects.get(), bio="毎日書いています。")

    def rename_collection(self) -> None:
        self.form(Collection.objects.get(), name="計算の原価")

    def add_section(self) -> None:
        self.form(Category(), name="新しい欄")

    def delete_section(self) -> None:
        self.delete(Category.objects.get(name="空の欄"))

    def merge_tags(self) -> None:
        source, into = Tag.objects.get(name="計算"), Tag.objects.get(name="電力")
        data = {"action": "merge", "_selected_action": [source.pk, into.pk], "confirm": "yes"}
        self.client.post(reverse("admin:blog_tag_changelist"), data | {"into": into.pk, "confirmed": "on"})
        self.assertEqual(Tag.objects.count(), 1)

    def publish_page(self) -> None:
        self.form(Page(), title="会社", path="/company/", body="会社です。", is_public="on")

    def hide_page(self) -> None:
        url = reverse("admin:blog_page_change", args=[self.page.pk])
        seen = self.client.get(url).context["adminform"].form.initial["seen"]
        self.client.post(url, {"title": "約束", "path": "/about/", "body": "", "seen": seen})

    def delete_page(self) -> None:
        self.delete(self.page)

    def change_settings(self) -> None:
        self.form(SiteSettings.objects.current(NOON), name="新しい名の雑誌")

    def change_rules_for_crawlers(self) -> None:
        self.form(SiteSettings.objects.current(NOON), allow_ai_training="on")

    def add_redirect(self) -> None:
        self.form(Address(), path="/old/", kind="moved", target="/about/")

    def change_redirect(self) -> None:
        self.form(self.redirect, target="/tags/")

    def delete_redirect(self) -> None:
        self.delete(self.redirect)

    def describe_image(self) -> None:
        self.form(self.image, alt="濃い青の板")

    def move_focal_point(self) -> None:
        self.form(self.image, focal_x="10")

    def add_synonym(self) -> None:
        self.form(Synonym(), words="電気、電力")

    def change_synonym(self) -> None:
        self.form(self.synonym, words="株、株式")

    def delete_synonym(self) -> None:
        self.delete(self.synonym)

    def import_post(self) -> None:
        self.command("import_posts", self.write("2026-11-04-kita.md", document(tags='["電力"]')))

    def import_over_a_post(self) -> None:
        self.command("import_posts", self.write("2026-11-04-kita.md", document(body="直した本文。")))

    def import_with_paths_of_the_old_site(self) -> None:
        self.command(
            "import_posts", self.write("2026-11-04-kita.md", document()), site_url="https://old.example"
        )

    def restore_export(self) -> None:
        self.command("import_posts", self.folder / "export")

    def rerender(self) -> None:
        self.command("rerender_posts", all=True)

    def rebuild_search(self) -> None:
        self.command("rebuild_search")

    def rebuild_related(self) -> None:
        self.command("rebuild_related")

    def retire_paths(self) -> None:
        paths = self.write("paths.txt", "/nothing/here/\n")
        self.command("check_urls", paths, retire="もうありません。", verbosity=0)

    def empty_the_bin(self) -> None:
        self.act(make_draft(), "discard")

    # What readers will see by the clock

    def schedule(self) -> None:
        publishing.publish(revision=self.draft.working, by=Person(self.chief), now=NOON, at=NOON + HOUR)

    def unschedule(self) -> None:
        self.act(self.leaving, "unschedule")

    def schedule_update(self) -> None:
        update(self.post, now=NOON, by=self.chief, at=NOON + 2 * HOUR, body="あとで読む本文。")

    def plan_withdrawal(self) -> None:
        publishing.withdraw(post=self.post, by=Person(self.chief), now=NOON, at=NOON + HOUR, reason="終わり")

    def fail_update(self) -> None:
        with self.assertLogs("blog.editorial.publishing", "ERROR"):
            self.assertEqual(publishing.apply_due(now=NOON + HOUR), [])

    # What readers do not see

    def save_draft(self) -> None:
        self.send(self.draft, title="書きかけの題")

    def save_over_a_public_post(self) -> None:
        self.send(self.post, title="まだ出さない題")

    def ask_for_review(self) -> None:
        self.send(self.post, "submit", title="読んでほしい題")

    def assign(self) -> None:
        publishing.assign(post=self.draft, to=self.writer, by=Person(self.chief))

    def autosave(self) -> None:
        Tab(self, self.post).autosave(body="打ちかけの本文")
        self.assertTrue(Draft.objects.exists())

    def send_back(self) -> None:
        publishing.send_back(revision=self.draft.working, by=Person(self.chief), now=NOON, reason="出典を。")

    def discard(self) -> None:
        self.act(self.draft, "discard")

    def take_from_the_bin(self) -> None:
        self.act(self.draft, "discard")
        self.act(self.draft, "restore_from_trash")

    def deposit(self) -> None:
        answer = Client().post(
            f"/intake/?name={quote('2026-11-20-a.md')}",
            document().encode(),
            content_type="text/markdown",
            headers={"authorization": f"Bearer {self.token}"},
        )
        self.assertEqual(answer.status_code, 201)

    def upload_image(self) -> None:
        file = SimpleUploadedFile("a.png", picture_bytes(size=(61, 43)))
        self.client.post(reverse("admin:blog_image_add"), {"upload": file, "alt": "板"})
        self.assertEqual(Image.objects.count(), 3)

    def make_login(self) -> None:
        User.objects.create_user("newcomer", "n@example.com", "pass-word-1")

    def describe_unused_login(self) -> None:
        User.objects.filter(pk=self.writer.pk).update(first_name="花子")

    def export(self) -> None:
        self.command("export_posts", self.folder / "out")

    def save_image_as_it_is(self) -> None:
        self.form(self.image)

    def deliver(self) -> None:
        self.command("deliver")

    def import_what_is_known(self) -> None:
        self.command("import_posts", self.folder / "2026-11-04-kita.md")

    def rebuild_what_is_built(self) -> None:
        self.command("rebuild_search", missing=True)
        self.command("rerender_posts")

    # What stands before some of them

    def before_import_over_a_post(self) -> None:
        self.command("import_posts", self.write("2026-11-04-kita.md", document()))

    before_import_what_is_known = before_import_over_a_post

    def before_restore_export(self) -> None:
        with transaction.atomic():
            make_post(slug="modoru", title="戻る話", at=NOON - HOUR)
            self.command("export_posts", self.folder / "export")
            transaction.set_rollback(True)

    def before_rerender(self) -> None:
        Post.objects.filter(pk=self.stale.pk).update(body_html="<p>前の形</p>")

    def before_rebuild_search(self) -> None:
        SearchPart.objects.filter(post=self.stale).delete()

    def before_rebuild_related(self) -> None:
        Similarity.objects.all().delete()

    def before_empty_the_bin(self) -> None:
        Address.objects.create(path="/空の欄/", post=self.draft)
        publishing.discard(post=self.draft, by=Person(self.chief), now=NOON - timedelta(days=31))

    def before_fail_update(self) -> None:
        Post.objects.filter(pk=self.planned.pk).update(next_revision=self.draft.working)
        content = make_content(category="").to_json()
        type(self.draft.working).objects.filter(pk=self.draft.working.pk).update(content=content)

    def do(
        self, act: str, *, paths: list[str], before: dict[str, Answer] | None = None
    ) -> tuple[int, list[str]]:
        """By how much the version has risen, and which of `paths` answer otherwise; then all is as it was."""
        with transaction.atomic():
            prepare: Callable[[], None] = getattr(self, f"before_{act}", lambda: None)
            with at(NOON), self.captureOnCommitCallbacks(execute=True):
                prepare()
            if before is None:
                before = crawl(self.readers, paths, now=NOON)
            version = ContentVersion.objects.current()
            with at(NOON), self.captureOnCommitCallbacks(execute=True):
                getattr(self, f"{act}_" if act == "publish" else act)()
            risen, after = ContentVersion.objects.current() - version, crawl(self.readers, paths, now=NOON)
            transaction.set_rollback(True)
        return risen, differing(before, after)

    readers = Client()

    def test_version_rises_with_every_act_that_readers_see(self) -> None:
        for act, path in VISIBLE.items():
            with self.subTest(act):
                risen, changed = self.do(act, paths=[path])
                self.assertGreater(risen, 0)
                self.assertEqual(changed, [path], "the table says that it shows here")

    def test_nothing_changes_where_the_version_stays(self) -> None:
        paths = surfaces()
        before = crawl(self.readers, paths, now=NOON)
        for act in INVISIBLE:
            with self.subTest(act):
                known = None if hasattr(self, f"before_{act}") else before
                self.assertEqual(self.do(act, paths=paths, before=known), (0, []))

    def test_version_rises_where_the_next_moment_moves(self) -> None:
        for act in OF_THE_CLOCK:
            with self.subTest(act):
                risen, changed = self.do(act, paths=["/", POST])
                self.assertGreater(risen, 0)
                self.assertEqual(changed, [])

    def test_every_act_is_in_a_table(self) -> None:
        tables = {*VISIBLE, *OF_THE_CLOCK, *INVISIBLE}
        self.assertEqual(len(tables), len(VISIBLE) + len(OF_THE_CLOCK) + len(INVISIBLE))


class DemoTests(TestCase):
    def test_version_rises_as_the_demo_comes_and_goes(self) -> None:
        self.enterContext(self.settings(MEDIA_ROOT=self.enterContext(tempfile.TemporaryDirectory())))
        paths = ["/", "/about/", "/tags/", "/category/", "/sitemap.xml", "/feed.xml"]
        for command in ("load_demo", "clear_demo"):
            before, version = crawl(self.client, paths, now=NOON), ContentVersion.objects.current()
            with at(NOON), self.captureOnCommitCallbacks(execute=True):
                call_command(command, stdout=StringIO())
            self.assertGreater(ContentVersion.objects.current(), version)
            self.assertNotEqual(differing(before, crawl(self.client, paths, now=NOON)), [])
