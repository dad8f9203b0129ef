from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from blog.editorial import publishing
from blog.editorial.actors import IMPORT
from blog.editorial.content import Content, Credit
from blog.models import Post, Tag
from tests.admin.base import DeskTestCase
from tests.make import (
    NOON,
    make_author,
    make_category,
    make_draft,
    make_image,
    make_post,
)


class WritingTests(DeskTestCase):
    def test_a_draft_is_saved_with_nothing_but_a_title(self):
        self.client.force_login(self.writer)
        response = self.send(None, title="見出しだけ")
        post = Post.objects.get()
        self.assertRedirects(response, reverse("admin:blog_post_change", args=[post.pk]))
        self.assertEqual(self.latest(post), Content(title="見出しだけ"))
        self.assertEqual(post.created_by, self.writer)

    def test_what_is_odd_in_a_text_stands_beside_it_with_its_line_and_stops_nothing(self):
        self.client.force_login(self.editor)
        post = make_draft(body="一。\n\n<b>太い</b>字。\n\n二の文。### 次の話。\n\n三の文。これは、単")
        page = self.open(post)
        for words in (
            "3行目: HTMLのタグ（&lt;b&gt;）がそのまま見えます（2か所）。",
            "5行目: 見出しの印 # が",
            "7行目: 本文が文の途中",
        ):
            self.assertContains(page, words)
        self.assertEqual(
            [one.code for one in page.context["noticed"]], ["raw-html", "heading-mark", "cut-off"]
        )
        asked = self.client.get(self.send(post, "publish")["Location"])
        self.assertContains(asked, "3行目: HTMLのタグ")
        self.assertContains(asked, "button publish")
        self.send(post, body="直した文。")
        self.assertNotContains(self.open(post), "気になる点")

    def test_a_slug_may_be_as_long_as_its_column_and_a_title_must_be_seen(self):
        self.client.force_login(self.editor)
        long = "kotoba-" * 17 + "x"
        post = make_draft(slug=long)
        self.publish(post)
        self.assertEqual(Post.objects.get().slug, long)
        self.assertContains(self.send(post, slug=f"{long}y"), "120 文字以下")
        self.assertContains(self.send(post, title="\u2060"), "タイトルに、目に見える文字がありません。")

    def test_pasted_related_posts_that_the_page_will_not_show_are_pointed_out(self):
        chosen, forgotten = make_post(slug="chosen"), make_post(slug="忘れた記事")
        make_draft(slug="naibu")
        body = (
            f"本文。\n\n## 関連記事\n\n- [一]({chosen.path})\n- [二]({forgotten.get_absolute_url()})\n"
            "- [三](/2026/11/20/naibu/)\n- [四](/nai/)\n"
        )
        self.client.force_login(self.writer)
        came = make_draft(by=self.writer, body=body, dialect="old-site")
        told = self.messages(self.send(came, title="題", related=chosen.path))
        self.assertIn(f"「関連記事」の欄に入れてください：{forgotten.path}", told)
        self.assertNotIn(chosen.path, told)
        self.assertEqual(self.latest(came).body, body)
        told = self.messages(self.send(None, title="題", body=body, related=chosen.path))
        self.assertNotIn("「関連記事」の欄に", told)  # the page shows it

    def test_everything_typed_comes_back_as_it_was_typed(self):
        make_category("投資")
        for name in ("ALLFORCES編集部", "山田花子"):
            make_author(name)
        image, shared = make_image(), make_image()
        older, newer = make_post(slug="older"), make_post(slug="新しい記事")
        self.client.force_login(self.writer)
        self.send(
            None,
            title="  半導体 の　夜明け ",
            slug="dawn",
            day="2026-11-20",
            category="投資",
            tags="半導体、C++, AI 投資",
            **{
                "bylines-author": ["山田花子", "", "ALLFORCES編集部"],
                "bylines-role": ["writer", "writer", "editor"],
            },
            hero=image.hash,
            share_image=shared.hash,
            related=f"{settings.SITE_URL}{older.path}\r\n\r\n {newer.get_absolute_url()}?from=feed ",
            excerpt="短く。",
            description="検索結果に。",
            disclosure="広告を含みます。",
            canonical_url="https://example.com/first",
            featured="on",
            body="一行目\r\n\r\n二行目  \r\n",
        )
        content = self.latest(Post.objects.get(created_by=self.writer))
        self.assertEqual(
            content,
            Content(
                title="半導体 の 夜明け",
                slug="dawn",
                day=timezone.datetime(2026, 11, 20).date(),
                category="投資",
                tags=("半導体", "C++", "AI 投資"),
                bylines=(Credit("山田花子"), Credit("ALLFORCES編集部", "editor")),
                hero=image.hash,
                share_image=shared.hash,
                related=(older.path, newer.path),
                excerpt="短く。",
                description="検索結果に。",
                disclosure="広告を含みます。",
                canonical_url="https://example.com/first",
                featured=True,
                body="一行目\n\n二行目  \n",
            ),
        )

    def test_saving_without_a_change_makes_no_revision(self):
        post = make_draft(by=self.writer, tags=("AI", "投資"), excerpt="リード")
        self.client.force_login(self.writer)
        response = self.send(post)
        self.assertEqual(post.revisions.count(), 1)
        self.assertIn("変更はありません", self.messages(response))

    def test_tags_typed_as_zenkaku_and_lowercase_are_one(self):
        Tag.objects.create(name="AI")
        post = make_draft(by=self.editor)
        self.client.force_login(self.editor)
        self.publish(post, tags="ＡＩ，ai、 AI")
        self.assertEqual([tag.name for tag in Post.objects.get().tags.all()], ["AI"])
        self.assertEqual(Tag.objects.count(), 1)

    def test_a_slug_that_no_address_can_hold_is_refused_and_nothing_typed_is_lost(self):
        post = make_draft(by=self.writer)
        self.client.force_login(self.writer)
        response = self.send(post, slug="a/b", body="大切な文章")
        self.assertContains(response, "スラッグは、文字・数字・ハイフンだけで書いてください")
        self.assertContains(response, "大切な文章")
        self.assertContains(response, "まだ保存していません")
        self.assertEqual(post.revisions.count(), 1)

    def test_a_related_post_that_is_none_is_named_with_its_line_and_nothing_typed_is_lost(self):
        known = make_post()
        hidden = make_draft(slug="hidden", day=NOON.date())
        self.assertIsNone(hidden.live_revision)
        post = make_draft(by=self.writer)
        self.client.force_login(self.writer)
        for line, sentence in (
            ("/2026/11/20/nowhere/", "2行目「/2026/11/20/nowhere/」の記事がありません。"),
            ("/2026/11/20/hidden/", "2行目「/2026/11/20/hidden/」の記事がありません。"),
            (
                "https://elsewhere.example/a/",
                "2行目「https://elsewhere.example/a/」は、このサイトの記事のURL",
            ),
            ("半導体の記事", "2行目「半導体の記事」は、このサイトの記事のURLではありません。"),
            ("/2026/../x/", "2行目「/2026/../x/」: URLのパスに「.」や「..」だけ"),
        ):
            with self.subTest(line):
                response = self.send(post, related=f"{known.path}\n{line}", body="大切な文章")
                self.assertContains(response, sentence)
                self.assertContains(response, line)
                self.assertContains(response, "大切な文章")
        self.assertEqual(post.revisions.count(), 1)

    def test_a_related_path_that_came_with_an_import_does_not_stop_a_correction(self):
        post_related = ("/2019/01/01/not-imported-yet/",)
        post = make_draft(by=self.writer, related=post_related)
        self.client.force_login(self.writer)
        self.send(post, body="誤字を直した。")
        content = self.latest(post)
        self.assertEqual((content.body, content.related), ("誤字を直した。", post_related))

    def test_a_forged_byline_role_and_an_unknown_hero_are_refused(self):
        post = make_draft(by=self.writer)
        self.client.force_login(self.writer)
        for changes in (
            {"bylines-role": ["king"]},
            {"hero": "0" * 64},
            {"category": "ない部門"},
            {"assignee": "99999"},
        ):
            with self.subTest(changes):
                self.assertContains(self.send(post, title="変えた", **changes), "まだ保存していません")
        self.assertEqual(post.revisions.count(), 1)

    def test_a_section_renamed_while_the_form_stood_open_is_understood(self):
        post = make_draft(by=self.writer, category="旧部門")
        category = make_category("旧部門")
        category.aliases.create(name="旧部門")
        category.name = "新部門"
        category.save()
        self.client.force_login(self.writer)
        self.assertContains(self.open(post), '<option value="新部門" selected>')
        self.send(post, title="変えた", category="旧部門")
        self.assertEqual(self.latest(post).category, "新部門")

    def test_an_old_screen_does_not_undo_an_assignment_made_since(self):
        post = make_draft(by=self.editor)
        publishing.assign(post=post, to=self.chief, by=IMPORT)
        self.client.force_login(self.editor)
        self.send(post, title="変えた", **{"assignee": "", "initial-assignee": ""})
        self.assertEqual(Post.objects.get().assignee, self.chief)

    def test_the_assignee_may_edit_from_then_on(self):
        post = make_draft(by=self.editor)
        self.client.force_login(self.editor)
        self.send(post, assignee=self.writer.pk)
        self.client.force_login(self.writer)
        self.assertEqual(self.open(post).status_code, 200)


class TogetherTests(DeskTestCase):
    def test_two_editors_of_different_paragraphs_both_keep_their_work(self):
        post = make_draft(body="はじめの段落。\n\n終わりの段落。\n", tags=("AI",))
        base = post.latest_revision
        self.client.force_login(self.editor)
        self.send(post, body="はじめを直した。\n\n終わりの段落。\n", tags="AI、投資")
        self.client.force_login(self.chief)
        response = self.send(post, base=base, body="はじめの段落。\n\n終わりを直した。\n", excerpt="リード")
        content = self.latest(post)
        self.assertEqual(content.body, "はじめを直した。\n\n終わりを直した。\n")
        self.assertEqual((content.tags, content.excerpt), (("AI", "投資"), "リード"))
        self.assertIn("ほかの人の変更と合わせて", self.messages(response))

    def test_two_editors_of_one_sentence_see_both_and_lose_neither(self):
        post = make_draft(title="元の題", body="一文。\n\n別の段落。\n")
        base = post.latest_revision
        self.client.force_login(self.editor)
        self.send(post, title="相手の題", body="相手の一文。\n\n別の段落。\n", excerpt="相手のリード")
        self.client.force_login(self.chief)
        response = self.publish(post, base=base, title="元の題", body="私の一文。\n\n別の段落。\n")
        self.assertContains(response, "同じ場所をほかの人も書き換えています")
        self.assertEqual(post.revisions.count(), 2)
        form = response.context["form"]
        self.assertEqual(form["body"].value(), "私の一文。\n\n別の段落。\n")
        self.assertEqual(form["title"].value(), "相手の題")
        self.assertEqual(form["excerpt"].value(), "相手のリード")
        [change] = response.context["conflict"].comparison
        self.assertIn("相手", change.before)
        self.assertIn("私", change.after)
        # Saving that form is no conflict any more.
        theirs = Post.objects.get().latest_revision
        self.send(post, base=theirs, body="二人の一文。\n\n別の段落。\n")
        self.assertEqual(self.latest(post).body, "二人の一文。\n\n別の段落。\n")

    def test_a_base_of_another_post_is_refused(self):
        post, other = make_draft(by=self.editor), make_draft(by=self.editor, body="よその文章")
        self.client.force_login(self.editor)
        response = self.send(post, base=other.latest_revision, title="まぎれ")
        self.assertContains(response, "この画面は古くなっています")
        self.assertEqual(post.revisions.count(), 1)


class HistoryTests(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.editor)
        self.post = make_draft(by=self.writer, title="初めの題", body="変わらない文。古い文。\n")
        self.send(self.post, title="次の題", body="変わらない文。新しい文。\n", note="言い回し")

    def test_revisions_are_listed_with_who_and_why(self):
        response = self.client.get(reverse("admin:blog_post_history", args=[self.post.pk]))
        self.assertContains(response, "第2版")
        self.assertContains(response, "言い回し")
        self.assertContains(response, self.writer.username)

    def test_what_changed_is_marked(self):
        response = self.client.get(reverse("admin:blog_post_revision", args=[self.post.pk, 2]))
        self.assertContains(response, "<del>古い</del>")
        self.assertContains(response, "<ins>新しい</ins>")

    def test_any_two_revisions_are_compared_from_the_older_to_the_newer(self):
        self.send(self.post, title="三つ目の題")
        response = self.client.get(reverse("admin:blog_post_revision", args=[self.post.pk, 1]), {"with": "3"})
        self.assertContains(response, "第1版 → 第3版")
        self.assertContains(response, "三つ目")

    def test_an_old_revision_comes_back_as_the_newest_and_readers_see_nothing_of_it(self):
        publishing.publish(revision=Post.objects.get().latest_revision, by=IMPORT, now=timezone.now())
        self.client.post(reverse("admin:blog_post_revision", args=[self.post.pk, 1]), {"verb": "restore"})
        self.assertEqual(self.latest(self.post).title, "初めの題")
        self.assertEqual(Post.objects.get().title, "次の題")
