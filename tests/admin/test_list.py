from datetime import timedelta

from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.models import Post, SiteSettings
from tests.admin.base import DeskTestCase
from tests.make import make_author, make_draft, make_post, make_scheduled, throw_away

LIST = "/admin/blog/post/"


class ListTests(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.editor)

    def titles(self, **query):
        response = self.client.get(LIST, query)
        self.assertEqual(response.status_code, 200, response)
        return [post.working_title for post in response.context["cl"].result_list]

    def test_thirty_posts_cost_as_many_queries_as_one(self):
        def add(number):
            make_post(title=f"題{number}", by=self.writer, tags=("AI", f"tag{number}"))
            draft = make_draft(title=f"下書き{number}", by=self.writer)
            publishing.assign(post=draft, to=self.editor, by=IMPORT)

        self.assertSameQueries(LIST, rows=15, add=add)

    def test_the_list_loads_no_texts(self):
        make_post(body="とても長い本文")
        [post] = self.client.get(LIST).context["cl"].result_list
        self.assertTrue({"body", "body_html", "plain_text", "toc"} <= post.get_deferred_fields())

    def test_each_state_has_its_filter(self):
        now = timezone.now()
        yesterday = now - timedelta(days=1)
        make_draft(title="書いている")
        make_post(title="出ている", at=yesterday)
        changed = make_post(title="出ている二", at=yesterday)
        self.send(changed, title="直している")
        make_scheduled(title="これから", at=now + timedelta(days=1), now=now)
        gone = make_post(title="取り下げた", at=yesterday)
        publishing.withdraw(post=gone, by=IMPORT, now=now, reason="誤報")
        trashed = make_draft(title="捨てた")
        throw_away(trashed, now=now)
        for state, expected in {
            "unpublished": {"書いている"},
            "published": {"出ている", "直している"},
            "changed": {"直している"},
            "scheduled": {"これから"},
            "withdrawn": {"取り下げた"},
            "bin": {"捨てた"},
        }.items():
            with self.subTest(state):
                self.assertEqual(set(self.titles(state=state)), expected)
        self.assertEqual(
            set(self.titles()), {"書いている", "出ている", "直している", "これから", "取り下げた"}
        )
        page = self.client.get(LIST)
        for words in ("未公開の変更あり", "予約 ", "取り下げ", "執筆中"):
            self.assertContains(page, words)

    def test_blocked_posts_are_found_and_listed_as_they_are_by_who_may_publish(self):
        yesterday = timezone.now() - timedelta(days=1)
        make_post(title="出ている", at=yesterday)
        blocked = [make_post(title=f"衝突{number}", body="<<<<<<< HEAD", at=yesterday) for number in (1, 2)]
        self.assertContains(self.client.get(LIST), "要確認（一覧に出ない記事） 2")
        self.assertEqual(set(self.titles(state="blocked")), {"衝突1", "衝突2"})
        action = {"action": "settle_selected", "_selected_action": [post.pk for post in blocked]}
        SiteSettings.objects.update(publishers=SiteSettings.Publishers.CHIEF)
        self.assertIn("権限がありません", self.messages(self.client.post(f"{LIST}?state=blocked", action)))
        self.client.force_login(self.chief)
        told = self.messages(self.client.post(f"{LIST}?state=blocked", action))
        self.assertIn("2件を、このまま一覧に載せました", told)
        self.assertEqual(self.titles(state="blocked"), [])
        self.assertEqual(Post.objects.listed(timezone.now()).count(), 3)

    def test_filters_by_section_person_and_stage(self):
        draft = make_draft(title="投資の下書き", category="投資")
        make_post(title="投資の記事", category="投資")
        make_post(title="AIの記事", category="AI最新ニュース")
        publishing.assign(post=draft, to=self.editor, by=IMPORT)
        publishing.submit(revision=draft.latest_revision, by=IMPORT)
        self.assertEqual(set(self.titles(category="投資")), {"投資の下書き", "投資の記事"})
        self.assertEqual(self.titles(assignee=self.editor.pk), ["投資の下書き"])
        self.assertEqual(self.titles(mine="1"), ["投資の下書き"])
        self.assertEqual(self.titles(stage__exact="review"), ["投資の下書き"])

    def test_search_reads_titles_texts_and_tags(self):
        make_post(title="半導体の夜明け", body="光の話。", tags=("エヌビディア",))
        make_draft(title="別の話")
        for words in ("夜明け", "光の", "エヌビ", "半導体 光", "半導体　エヌビディア"):
            with self.subTest(words):
                self.assertEqual(self.titles(q=words), ["半導体の夜明け"])
        self.assertEqual(self.titles(q="半導体 別の"), [])

    def test_a_draft_shows_the_section_and_writer_it_is_written_for(self):
        make_author("山田花子")
        make_draft(category="投資", by=self.writer)
        self.assertContains(self.client.get(LIST), 'field-section">投資</td>')
        self.assertContains(self.client.get(LIST), "ALLFORCES編集部")

    def test_a_writer_sees_only_what_is_theirs(self):
        make_draft(title="よその秘密", by=self.editor)
        make_draft(title="私の原稿", by=self.writer)
        self.client.force_login(self.writer)
        self.assertEqual(self.titles(), ["私の原稿"])
        self.assertNotContains(self.client.get(LIST, {"q": "秘密"}), "よその秘密")

    def test_many_go_to_the_bin_and_back_and_public_ones_stay(self):
        draft, public = make_draft(title="下書き"), make_post(title="公開")
        action = {"action": "discard_selected", "_selected_action": [draft.pk, public.pk]}
        told = self.messages(self.client.post(LIST, action))
        self.assertIn("1件をゴミ箱に入れました", told)
        self.assertIn("「公開」: 公開・予約した記事は捨てられません", told)
        self.assertEqual(self.titles(state="bin"), ["下書き"])
        self.client.post(f"{LIST}?state=bin", {"action": "restore_selected", "_selected_action": [draft.pk]})
        self.assertEqual(self.titles(state="bin"), [])

    def test_nothing_is_deleted_from_the_list(self):
        post = make_draft()
        page = self.client.get(LIST)
        self.assertNotContains(page, "delete_selected")
        self.client.post(LIST, {"action": "delete_selected", "_selected_action": [post.pk], "post": "yes"})
        self.assertTrue(Post.objects.filter(pk=post.pk).exists())
        with self.assertRaises(NoReverseMatch):
            reverse("admin:blog_post_delete", args=[post.pk])

    def test_the_packages_own_tag_pages_are_gone(self):
        self.client.force_login(self.chief)
        for path in (
            "/admin/taggit/tag/",
            "/admin/taggit/tag/merge-tags/",
            "/markdownx/upload/",
            "/markdownx/markdownify/",
        ):
            self.assertEqual(self.client.get(path).status_code, 404, path)

    def test_recent_actions_stand_before_what_may_follow_below(self):
        page = self.client.get(reverse("admin:index")).content.decode()
        self.assertLess(page.index('id="content-related"'), page.index("組版の見本"))
