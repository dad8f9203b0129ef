"""Synonyms, what nobody found, and the desk's own search."""

from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.utils import timezone

from blog.models import MissedSearch, Post, SearchPart, Synonym
from blog.public import search
from tests.admin.base import DeskTestCase
from tests.make import make_draft, make_post

LIST = "/admin/blog/post/"


class DeskSearchTests(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.editor)

    def titles(self, q):
        response = self.client.get(LIST, {"q": q})
        self.assertEqual(response.status_code, 200)
        return sorted(post.working_title for post in response.context["cl"].result_list)

    def test_drafts_and_live_posts_are_found_in_any_spelling(self):
        yesterday = timezone.now() - timedelta(days=1)
        make_draft(title="下書き", body="カフェのＧＰＵ。", tags=("半導体",))
        make_post(title="公開中", body="ｶﾌｪのGPU。", tags=("半導体",), at=yesterday)
        make_post(title="ほか", body="無関係。", at=yesterday)
        for word in ("カフェ", "かふぇ", "gpu", "ＧＰＵ", "半導体", "カフェ GPU", "「カフェのGPU」"):
            with self.subTest(word):
                self.assertEqual(self.titles(word), ["下書き", "公開中"])
        self.assertEqual(self.titles("-カフェ"), ["ほか"])
        self.assertEqual(self.titles("。"), [])

    def test_a_live_post_is_found_by_what_is_being_written_in_it(self):
        post = make_post(title="公開中", body="前の文。", at=timezone.now() - timedelta(days=1))
        self.send(post, body="あとの文章。")
        self.assertEqual(self.titles("あとの文章"), ["公開中"])
        self.assertEqual(self.titles("前の文"), ["公開中"])


class SynonymAdminTests(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.editor)

    def add(self, words):
        return self.client.post("/admin/blog/synonym/add/", {"words": words})

    def test_an_editor_adds_words_that_mean_the_same(self):
        self.assertEqual(self.add("計算機、コンピューター\n ｺﾝﾋﾟｭｰﾀｰ ").status_code, 302)
        self.assertEqual(Synonym.objects.get(keys__contains="計算機").words, "計算機、コンピューター")

    def test_one_word_and_a_word_in_two_rows_are_refused(self):
        self.assertContains(self.add("計算機"), "違う語を2つ以上")
        self.assertContains(self.add("AI、ａｉ"), "違う語を2つ以上")
        self.assertContains(self.add("えぬびでぃあ、革ジャン"), "もうあります")
        self.assertContains(self.add("あ、" + "い" * 61), "長すぎます")

    def test_what_nobody_found_leads_to_a_synonym_and_can_be_deleted(self):
        row = MissedSearch.objects.create(query="らま3", last_day="2026-11-20", count=3)
        page = self.client.get("/admin/blog/missedsearch/")
        self.assertContains(page, "/admin/blog/synonym/add/?words=%E3%82%89%E3%81%BE3%E3%80%81")
        self.assertContains(self.client.get("/admin/blog/synonym/add/?words=らま3、"), "らま3、")
        self.client.post(
            "/admin/blog/missedsearch/",
            {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"},
        )
        self.assertFalse(MissedSearch.objects.exists())


class RebuildTests(DeskTestCase):
    def rebuild(self, **options):
        out = StringIO()
        call_command("rebuild_search", stdout=out, **options)
        return out.getvalue()

    def rows(self):
        return set(SearchPart.objects.values_list("post", "kind", "text"))

    def test_the_index_is_made_anew_and_twice_is_the_same(self):
        make_post(title="一", tags=("札",))
        make_post(title="二")
        before = self.rows()
        SearchPart.objects.all().delete()
        for _ in range(2):
            self.assertIn("2 / 2", self.rebuild())
            self.assertEqual(self.rows(), before)
        self.assertEqual(Post.objects.count() * 3, len(before))

    def test_only_what_is_missing_or_old_is_made(self):
        lost, old, good = make_post(title="一"), make_post(title="二"), make_post(title="三")
        before, kept = self.rows(), set(good.search_parts.values_list("pk", flat=True))
        lost.search_parts.all().delete()
        old.search_parts.update(version=0)
        self.assertEqual(set(search.outdated()), {lost, old})
        self.assertIn("検索の索引: 2 件", self.rebuild(missing=True))
        self.assertEqual(self.rows(), before)
        self.assertEqual(set(good.search_parts.values_list("pk", flat=True)), kept)
        self.assertEqual(self.rebuild(missing=True, verbosity=0), "")
