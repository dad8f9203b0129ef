"""What comes in, seen from the desk: files that somebody brings, the list of manuscripts, tokens for machines."""

import io
import zipfile
from dataclasses import replace

from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from blog.admin.intake import MAX_FILES
from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Machine, Person
from blog.models import ApiToken, Manuscript, Post
from blog.transfer.intake import api_tokens, inbox
from tests.admin.base import DeskTestCase
from tests.make import NOON, make_author, make_autosave, make_category, make_machine, picture_bytes
from tests.transfer.documents import document

LIST = "/admin/blog/manuscript/"
PAGE = "/admin/blog/manuscript/import/"
BLOCKED = document(body="一段目。\n\n<<<<<<< HEAD\n二段目。\n=======\n別の二段目。\n>>>>>>> main\n")


def upload(name, text):
    data = text if isinstance(text, bytes) else text.encode()
    return SimpleUploadedFile(name, data, content_type="application/octet-stream")


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def arrive(name="2026-11-20-a.md", text=None, **values):
    [arrival] = inbox.receive(
        [inbox.document(name, (text or document()).encode())],
        **({"way": Manuscript.Way.FOLDER, "by": IMPORT, "now": NOON} | values),
    )
    return arrival


class BringingFilesTests(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.writer)

    def bring(self, *files):
        response = self.client.post(PAGE, {"files": files})
        self.assertEqual(response.status_code, 200, response)
        return response

    def outcomes(self, response):
        return {arrival.name: arrival.outcome for arrival, _ in response.context["arrivals"]}

    def test_a_writer_brings_files_and_finds_them_as_own_drafts(self):
        page = self.bring(
            upload("2026-11-20-a.md", document(title='"最初の記事"')),
            upload("2026-11-21-b.md", document(title='"次の記事"')),
        )
        self.assertEqual(self.outcomes(page), {"2026-11-20-a.md": "created", "2026-11-21-b.md": "created"})
        self.assertFalse(Post.objects.published(timezone.now()).exists())
        for post in Post.objects.all():
            self.assertContains(page, reverse("admin:blog_post_change", args=[post.pk]))
            self.assertEqual(self.open(post).status_code, 200)
        self.assertContains(page, "「最初の記事」を開く")
        self.assertEqual(
            set(Manuscript.objects.values_list("way", "sender")), {(Manuscript.Way.ADMIN, self.writer.pk)}
        )

    def test_the_second_time_doubles_nothing(self):
        for expected in ("created", "unchanged"):
            page = self.bring(upload("2026-11-20-a.md", document()))
            self.assertEqual(self.outcomes(page), {"2026-11-20-a.md": expected})
        self.assertContains(page, "何も変えていません")
        self.assertEqual((Post.objects.count(), Manuscript.objects.count()), (1, 1))
        self.assertEqual(Post.objects.get().revisions.count(), 1)

    def test_a_zip_is_opened_with_its_images(self):
        inside = {
            "posts/2026-11-20-a.md": document(body="![板](chip.png)"),
            "images/chip.png": picture_bytes(),
        }
        page = self.bring(upload("november.zip", zipped(**inside)))
        self.assertEqual(list(self.outcomes(page).values()), ["created"])
        self.assertIn("/media/", self.latest(Post.objects.get()).body)

    def test_a_writer_reads_why_a_file_is_not_for_readers_and_it_needs_no_date(self):
        inside = {"site/_drafts/mada.md": document(date=None), "site/_posts/2026-11-20-a.md": document()}
        page = self.bring(
            upload("blog.zip", zipped(**inside)), upload("2026-11-21-b.md", document(published='"false"'))
        )
        self.assertEqual(list(self.outcomes(page).values()), ["created"] * 3)
        self.assertContains(page, "フォルダー _drafts の中にあるので、公開せず下書きにします。", 1)
        self.assertContains(page, "published: false とあるので、公開せず下書きにします。", 1)
        self.client.force_login(self.editor)
        self.assertContains(self.client.get(LIST), "（公開しない印あり）", 2)
        arrived = Manuscript.objects.get(ref="mada")
        self.assertContains(self.client.get(f"{LIST}{arrived.pk}/change/"), "フォルダー _drafts の中に")
        self.assertEqual(self.client.get("/2026/11/21/b/").status_code, 404)
        self.assertNotIn("見出し", self.client.get("/feed.xml").content.decode())

    def test_values_that_no_database_keeps_lose_no_other_file(self):
        page = self.bring(
            upload("2026-11-20-a.md", document(x=r'"\udc00"')),
            upload("2026-11-21-b.md", document(x="0x" + "f" * 20_000)),
            upload("2026-11-22-c.md", document(x=r'"\0"', tags=r'["\0電力"]')),
            upload("2026-11-23-😀.md", document()),
            upload("2026-11-24-d.md", document()),
        )
        self.assertEqual(list(self.outcomes(page).values()), ["created"] * 5)

    def test_bad_files_get_a_sentence_each_and_stop_nothing(self):
        page = self.bring(
            upload("2026-11-20-good.md", document()),
            upload("2026-11-21-yaml.md", "---\ntitle: [\n---\n本文"),
            upload("2026-11-22-sjis.md", document().encode("cp932")),
            upload("photo.png", picture_bytes()),
            upload("broken.zip", b"PK no zip"),
            upload("empty.zip", zipped(readme="x")),
            upload("slip.zip", zipped(**{"../../2026-11-23-out.md": document()})),
        )
        outcomes = self.outcomes(page)
        self.assertEqual(outcomes.pop("2026-11-20-good.md"), "created")
        self.assertEqual(set(outcomes.values()), {"failed"})
        self.assertEqual(len(outcomes), 6)
        for sentence in (
            "YAMLとして読めません",
            "UTF-8",
            "Markdown（.md）かzip",
            "zipとして読めません",
            "外を指す",
        ):
            self.assertContains(page, sentence)
        self.assertEqual(Post.objects.count(), 1)

    def test_what_is_wrong_is_listed_with_its_line(self):
        page = self.bring(upload("2026-11-20-a.md", BLOCKED))
        self.assertContains(page, "要確認")
        self.assertContains(page, "13行目：")

    def test_too_much_at_once_is_sent_to_the_command(self):
        many = {f"2026-11-20-n{number}.md": document() for number in range(MAX_FILES + 1)}
        for files in (
            [upload("many.zip", zipped(**many))],
            [upload("2026-11-20-big.md", b"x" * (21 * 1024 * 1024))],
        ):
            page = self.bring(*files)
            self.assertContains(page, "import_posts --draft")
        self.assertFalse(Post.objects.exists() or Manuscript.objects.exists())

    def test_nothing_chosen_is_said(self):
        self.assertContains(self.bring(), "ファイルを選んでください")

    def test_over_an_edited_post_it_is_a_proposal(self):
        self.bring(upload("2026-11-20-a.md", document(body="元の段落。\n\n次の段落。")))
        post = Post.objects.get()
        self.send(post, title="人が直した題")
        page = self.bring(upload("2026-11-20-a.md", document(body="元の段落。\n\n届いた段落。")))
        self.assertEqual(self.outcomes(page), {"2026-11-20-a.md": "proposed"})
        content = self.latest(post)
        self.assertEqual(content.title, "人が直した題")
        self.assertIn("届いた段落", content.body)
        self.assertContains(self.open(post), "版は、届いた原稿から来ました。")
        self.send(post, title="確かめた題")
        self.assertNotContains(self.open(post), "届いた原稿から来ました")

    def test_over_a_public_post_nothing_goes_out(self):
        make_category()
        make_author()
        self.bring(upload("2026-11-20-a.md", document(body="読者が見る文。")))
        post = Post.objects.get()
        publishing.publish(revision=post.working, by=IMPORT, now=NOON)
        page = self.bring(upload("2026-11-20-a.md", document(body="まだ見せない文。")))
        self.assertEqual(self.outcomes(page), {"2026-11-20-a.md": "proposed"})
        post.refresh_from_db()
        self.assertIn("読者が見る文", post.body)
        self.assertContains(self.open(post), "版は、届いた原稿から来ました。")

    def test_the_post_of_another_writer_is_neither_changed_nor_shown(self):
        arrive(text=document(title='"よその秘密"'), by=Person(self.editor))
        post = Post.objects.get()
        page = self.bring(upload("2026-11-20-a.md", document(title='"乗っ取り"')))
        self.assertEqual(self.outcomes(page), {"2026-11-20-a.md": "failed"})
        self.assertContains(page, "権限がありません")
        self.assertNotContains(page, "よその秘密")
        self.assertEqual(self.latest(post).title, "よその秘密")

    def test_two_documents_of_one_name_get_an_answer_each(self):
        first, second = document(title='"一つ目"'), document(title='"二つ目"')
        page = self.bring(
            upload("1.zip", zipped(**{"2026-11-20-a.md": first})),
            upload("2.zip", zipped(**{"2026-11-20-a.md": second})),
            upload("2026-11-20-a.md", first),
        )
        answers = sorted((arrival.outcome, arrival.post) for arrival, _ in page.context["arrivals"])
        self.assertEqual(answers, [("created", Post.objects.get()), ("failed", None), ("unchanged", None)])
        self.assertContains(page, "同じ名前のファイルがほかにもあります: 2026-11-20-a.md")
        self.assertContains(page, "「一つ目」を開く")

    def test_what_the_sender_has_typed_and_not_saved_is_there_after_a_new_version(self):
        self.bring(upload("2026-11-20-a.md", document(body="一段目。\n\n二段目。")))
        post = Post.objects.get()
        typed = replace(self.latest(post), body="二時間かけて打った段落。")
        draft = make_autosave(post, content=typed, by=self.writer, base=post.working)
        page = self.bring(upload("2026-11-20-a.md", document(body="一段目。\n\n届いた二段目。")))
        self.assertEqual(self.outcomes(page), {"2026-11-20-a.md": "updated"})
        self.assertContains(self.open(post, draft=str(draft.key)), "二時間かけて打った段落。")

    def test_without_the_permission_to_write_nothing_is_taken(self):
        self.writer.groups.clear()
        self.writer.user_permissions.add(Permission.objects.get(codename="view_post"))
        self.assertEqual(self.client.get(PAGE).status_code, 403)
        response = self.client.post(PAGE, {"files": upload("2026-11-20-a.md", document())})
        self.assertEqual(response.status_code, 403)
        self.client.logout()
        self.client.post(PAGE, {"files": upload("2026-11-20-a.md", document())})
        self.assertFalse(Post.objects.exists())

    def test_the_way_there_stands_on_both_lists(self):
        self.assertContains(self.client.get("/admin/blog/post/"), PAGE)
        self.client.force_login(self.editor)
        self.assertContains(self.client.get(LIST), PAGE)


class ManuscriptTests(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.editor)

    def refs(self, **query):
        response = self.client.get(LIST, query)
        self.assertEqual(response.status_code, 200, response)
        return {manuscript.ref for manuscript in response.context["cl"].result_list}

    def test_thirty_rows_cost_as_many_queries_as_one(self):
        machine, _ = make_machine()

        def add(number):
            by = Machine(machine) if number % 2 else Person(self.writer)
            arrive(f"2026-11-20-n{number}.md", BLOCKED, by=by)

        self.assertSameQueries(LIST, rows=30, add=add)

    def test_the_list_says_what_came_how_and_what_became_of_it(self):
        machine, _ = make_machine("夜の機械")
        arrive(text=document(title='"届いた記事"'), way=Manuscript.Way.API, by=Machine(machine))
        page = self.client.get(LIST)
        for words in ("2026-11-20-a", "送信（夜の機械）", "新しい記事", "届いた記事", "執筆中", "2026-11-20"):
            self.assertContains(page, words)
        [manuscript] = page.context["cl"].result_list
        self.assertIn("source", manuscript.get_deferred_fields())

    def test_filters_and_search(self):
        arrive("2026-11-20-good.md", document(title='"良い記事"'))
        arrive("2026-11-20-bad.md", BLOCKED, way=Manuscript.Way.ADMIN, by=Person(self.writer))
        arrive("2026-11-20-none.md", "題のない本文")
        self.assertEqual(self.refs(check="open"), {"2026-11-20-bad", "2026-11-20-none"})
        self.assertEqual(self.refs(way__exact="admin"), {"2026-11-20-bad"})
        self.assertEqual(self.refs(outcome__exact="failed"), {"2026-11-20-none"})
        self.assertEqual(self.refs(q="良い"), {"2026-11-20-good"})
        self.assertEqual(self.refs(q="none"), {"2026-11-20-none"})

    def test_one_manuscript_shows_its_text_as_text(self):
        arrive(text=document(body="<script>alert(1)</script>\n\n<b>太字</b>"))
        page = self.client.get(reverse("admin:blog_manuscript_change", args=[Manuscript.objects.get().pk]))
        self.assertContains(page, "&lt;script&gt;alert(1)&lt;/script&gt;")
        self.assertNotContains(page, "<script>alert(1)")
        self.assertNotContains(page, "<b>太字")
        self.assertNotContains(page, 'name="_save"')

    def test_problems_lead_to_their_lines(self):
        arrive(text=BLOCKED)
        page = self.client.get(reverse("admin:blog_manuscript_change", args=[Manuscript.objects.get().pk]))
        self.assertContains(page, 'href="#line-13"')
        self.assertContains(page, '<li id="line-13">&lt;&lt;&lt;&lt;&lt;&lt;&lt; HEAD</li>', html=True)

    def test_problems_that_an_older_program_stored_are_shown_too(self):
        arrive(text=BLOCKED)
        old = [{"code": "conflict", "message": "印が残っています。", "line": 13, "blocking": True}]
        Manuscript.objects.update(problems=old)
        page = self.client.get(reverse("admin:blog_manuscript_change", args=[Manuscript.objects.get().pk]))
        self.assertContains(page, '13行目</a> <strong class="mark alarm">要確認</strong> 印が残っています。')

    def test_lines_are_counted_as_the_problems_count_them(self):
        arrive(text=document(body="一行\u2028のうち。\n\n<<<<<<< HEAD\n二段目。\n>>>>>>> main\n"))
        page = self.client.get(reverse("admin:blog_manuscript_change", args=[Manuscript.objects.get().pk]))
        [line] = [found.line for found in Manuscript.objects.get().findings if found.is_blocking]
        self.assertContains(page, f'<li id="line-{line}">&lt;&lt;&lt;&lt;&lt;&lt;&lt; HEAD</li>', html=True)

    def test_the_first_page_counts_what_waits(self):
        self.assertNotContains(self.client.get("/admin/"), "要確認が")
        arrive(text=BLOCKED)
        self.assertContains(self.client.get("/admin/"), "要確認が1件あります")
        self.client.force_login(self.writer)
        self.assertNotContains(self.client.get("/admin/"), "要確認が")

    def test_settling_takes_it_off_the_worklist_and_is_remembered(self):
        for number in range(2):
            arrive(f"2026-11-20-n{number}.md", BLOCKED)
        first, second = Manuscript.objects.all()
        page = self.client.get(reverse("admin:blog_manuscript_change", args=[first.pk]))
        settle = reverse("admin:blog_manuscript_settle", args=[first.pk])
        self.assertContains(page, settle)
        self.assertIn("1件を確認済みにしました", self.messages(self.client.post(settle)))
        action = {"action": "settle_selected", "_selected_action": [first.pk, second.pk]}
        self.assertIn("1件を確認済みにしました", self.messages(self.client.post(LIST, action)))
        self.assertEqual(self.refs(check="open"), set())
        self.assertEqual(self.refs(check="resolved"), {first.ref, second.ref})
        first.refresh_from_db()
        self.assertEqual(first.resolved_by, self.editor)
        self.assertNotContains(
            self.client.get(reverse("admin:blog_manuscript_change", args=[first.pk])), settle
        )

    def test_a_writer_sees_no_manuscripts_and_settles_none(self):
        arrive(text=BLOCKED)
        manuscript = Manuscript.objects.get()
        self.client.force_login(self.writer)
        self.assertEqual(self.client.get(LIST).status_code, 403)
        self.assertEqual(
            self.client.post(reverse("admin:blog_manuscript_settle", args=[manuscript.pk])).status_code, 403
        )
        self.assertTrue(Manuscript.objects.open().exists())

    def test_nobody_writes_or_deletes_a_manuscript(self):
        self.client.force_login(self.chief)
        arrive(text=BLOCKED)
        manuscript = Manuscript.objects.get()
        change = reverse("admin:blog_manuscript_change", args=[manuscript.pk])
        self.assertEqual(self.client.post(change, {"source": "書き換え"}).status_code, 403)
        self.client.post(
            LIST, {"action": "delete_selected", "_selected_action": [manuscript.pk], "post": "yes"}
        )
        self.assertEqual(Manuscript.objects.get().source, manuscript.source)


class TokenTests(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.chief)

    def test_a_token_is_shown_once_and_only_its_hash_is_kept(self):
        page = self.client.post("/admin/blog/apitoken/add/", {"name": "夜の機械"})
        token = page.context["token"]
        self.assertContains(page, token)
        self.assertIn("no-store", page.headers["Cache-Control"])
        self.assertNotIn(token.split("_", 2)[2], str(self.client.cookies))
        machine = ApiToken.objects.get()
        self.assertEqual((machine.name, machine.created_by), ("夜の機械", self.chief))
        self.assertNotIn(machine.digest, token)
        self.assertEqual(api_tokens.recognise(token), machine)
        for path in ("", f"{machine.pk}/change/", f"{machine.pk}/history/"):
            later = self.client.get(f"/admin/blog/apitoken/{path}")
            self.assertNotContains(later, token)
            self.assertNotContains(later, machine.digest)

    def test_a_changed_token_is_nobodys(self):
        machine, token = make_machine()
        other, _ = make_machine("別の機械")
        for wrong in (
            token[:-1],
            token + "A",
            token.replace(f"_{machine.pk}_", f"_{other.pk}_"),
            "",
            "allforces_9_x",
        ):
            with self.subTest(wrong):
                self.assertIsNone(api_tokens.recognise(wrong))

    def test_revoking_is_for_good(self):
        machine, _ = make_machine()
        action = {"action": "revoke_selected", "_selected_action": [machine.pk]}
        self.assertIn("取り消しました", self.messages(self.client.post("/admin/blog/apitoken/", action)))
        machine.refresh_from_db()
        when = machine.revoked_at
        self.assertIn(
            "もう取り消されています", self.messages(self.client.post("/admin/blog/apitoken/", action))
        )
        machine.refresh_from_db()
        self.assertEqual(machine.revoked_at, when)

    def test_renaming_keeps_the_token(self):
        machine, token = make_machine()
        self.client.post(f"/admin/blog/apitoken/{machine.pk}/change/", {"name": "新しい名前"})
        self.assertEqual(api_tokens.recognise(token).name, "新しい名前")

    def test_only_the_chief_gives_tokens(self):
        self.client.force_login(self.editor)
        for path in ("", "add/"):
            self.assertEqual(self.client.get(f"/admin/blog/apitoken/{path}").status_code, 403)
        self.client.post("/admin/blog/apitoken/add/", {"name": "抜け道"})
        self.assertFalse(ApiToken.objects.exists())


class NewPermissionTests(DeskTestCase):
    def test_a_group_that_stands_gets_a_new_permission_once(self):
        group = Group.objects.get(name="編集者")
        Permission.objects.filter(codename="view_manuscript").delete()
        call_command("migrate", verbosity=0)
        self.assertTrue(group.permissions.filter(codename="view_manuscript").exists())
        group.permissions.remove(Permission.objects.get(codename="view_manuscript"))
        call_command("migrate", verbosity=0)
        self.assertFalse(group.permissions.filter(codename="view_manuscript").exists())
