"""A text between its writer and the desk: asked for, followed, sent back, mended."""

from django.urls import reverse
from django.utils import timezone

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.models import Post
from tests.admin.base import DeskTestCase
from tests.make import make_draft, make_writer


class RequestTests(DeskTestCase):
    def setUp(self):
        self.post = make_draft(by=self.writer, title="初めの題")
        self.client.force_login(self.writer)
        self.send(self.post, "submit")

    def test_a_save_takes_no_post_out_of_review_and_says_so(self):
        told = self.messages(self.send(self.post, title="誤字を直した題"))
        self.assertIn("第2版を保存しました。校閲の依頼は第2版に引き継ぎました。", told)
        self.client.force_login(self.editor)
        waiting = self.client.get("/admin/blog/post/", {"stage__exact": "review"})
        self.assertEqual(
            [post.working_title for post in waiting.context["cl"].result_list], ["誤字を直した題"]
        )
        self.assertContains(self.open(self.post), 'value="approve"')

    def test_a_merge_and_an_old_text_that_comes_back_say_so_too(self):
        base = self.post.working
        self.send(self.post, title="直した題")
        told = self.messages(self.send(self.post, base=base, excerpt="リード"))
        self.assertIn("校閲の依頼は第3版に引き継ぎました", told)
        url = reverse("admin:blog_post_revision", args=[self.post.pk, 1])
        self.assertIn(
            "校閲の依頼は第4版に引き継ぎました", self.messages(self.client.post(url, {"verb": "restore"}))
        )

    def test_the_writer_ends_the_request_with_a_button_and_loses_nothing_typed(self):
        self.assertContains(self.open(self.post), "校閲の依頼を取り消す")
        told = self.messages(self.send(self.post, "withdraw_request", title="書き直す題"))
        self.assertIn("第2版の校閲の依頼を取り消しました", told)
        post = Post.objects.get()
        self.assertEqual((post.stage, post.working_title), (Post.Stage.WRITING, "書き直す題"))
        page = self.open(self.post)
        self.assertNotContains(page, "校閲の依頼を取り消す")
        self.assertContains(page, 'value="submit"')

    def test_a_request_that_was_answered_meanwhile_is_not_withdrawn(self):
        publishing.approve(revision=self.post.working, by=Person(self.editor), now=timezone.now())
        self.assertContains(self.send(self.post, "withdraw_request"), "第1版は校閲に出ていません")
        self.assertEqual(Post.objects.get().stage, Post.Stage.APPROVED)


class SentBackTests(DeskTestCase):
    REASON = "売上高の出典を付けてください。\n二段落めは四半期の数字です。"

    def setUp(self):
        self.post = make_draft(by=self.writer, title="出典のない記事")
        publishing.submit(revision=self.post.working, by=Person(self.writer))
        self.client.force_login(self.editor)

    def send_back(self, reason=REASON, number=1):
        url = reverse("admin:blog_post_send_back", args=[self.post.pk, number])
        return self.client.post(url, {"reason": reason})

    def test_the_button_saves_first_and_asks_about_exactly_that_revision(self):
        self.assertContains(self.open(self.post), 'value="send_back"')
        response = self.send(self.post, "send_back", title="編集者が直した題")
        url = reverse("admin:blog_post_send_back", args=[self.post.pk, 2])
        self.assertRedirects(response, url, fetch_redirect_response=False)
        self.assertContains(self.client.get(url), "第2版を保存しました。校閲の依頼は第2版に引き継ぎました。")
        self.assertEqual(
            Post.objects.get().stage, Post.Stage.REVIEW, "nothing is done before the reason is given"
        )
        self.send_back(number=2)
        self.assertEqual(Post.objects.get().stage, Post.Stage.RETURNED)

    def test_a_version_saved_meanwhile_is_asked_about_with_the_reason_that_was_typed(self):
        self.client.force_login(self.writer)
        self.send(self.post, title="書き手が直した題")
        self.client.force_login(self.editor)
        page = self.send_back(number=1)
        self.assertContains(page, "第2版を差し戻す")
        self.assertContains(page, "二段落めは四半期の数字です。")
        self.assertEqual(Post.objects.get().stage, Post.Stage.REVIEW)
        sent = self.client.post(page.context["action"], {"reason": page.context["form"]["reason"].value()})
        self.assertRedirects(sent, reverse("admin:blog_post_change", args=[self.post.pk]))
        self.assertEqual(self.post.revisions.get(number=2).returned_reason, self.REASON)

    def test_without_a_reason_nothing_goes_back(self):
        for reason in ("", "  ", "　\n"):
            with self.subTest(reason):
                self.assertContains(self.send_back(reason), "差し戻す理由を書いてください")
        self.assertContains(self.send_back("長" * 2001), "長" * 2001)
        self.assertEqual(Post.objects.get().stage, Post.Stage.REVIEW)

    def test_a_nul_in_the_reason_is_no_accident(self):
        self.send_back("出典\0を。")
        self.assertEqual(self.post.revisions.get().returned_reason, "出典を。")

    def test_the_writer_reads_the_reason_wherever_she_looks_until_she_submits_again(self):
        self.assertIn("第1版を差し戻しました", self.messages(self.send_back()))
        self.client.force_login(self.writer)
        front = self.client.get("/admin/")
        [first, *_] = front.context["lists"]
        self.assertEqual(first["title"], "差し戻された記事")
        self.assertEqual(
            [note for _, note in first["rows"]],
            ["売上高の出典を付けてください。 二段落めは四半期の数字です。"],
        )
        self.send(self.post, title="直している題")
        for page in (
            self.open(self.post),
            self.client.get(reverse("admin:blog_post_history", args=[self.post.pk])),
        ):
            self.assertContains(page, "差し戻し：")
            self.assertContains(page, "二段落めは四半期の数字です。")
            self.assertContains(page, f"— {self.editor.username}、")
        self.assertContains(self.open(self.post), "第1版</span>")
        self.send(self.post, "submit")
        self.assertNotContains(self.open(self.post), "二段落めは四半期の数字です。")
        self.assertNotIn(
            "差し戻された記事", [entry["title"] for entry in self.client.get("/admin/").context["lists"]]
        )
        kept = self.client.get(reverse("admin:blog_post_history", args=[self.post.pk]))
        self.assertContains(kept, "二段落めは四半期の数字です。")

    def test_the_reason_goes_with_a_pass_and_with_a_publication(self):
        for verb in ("approve", "publish"):
            with self.subTest(verb):
                post = make_draft(by=self.writer)
                revision, now = post.working, timezone.now()
                publishing.submit(revision=revision, by=IMPORT)
                publishing.send_back(revision=revision, by=IMPORT, now=now, reason=self.REASON)
                self.assertContains(self.open(post), "売上高の出典")
                getattr(publishing, verb)(revision=revision, by=IMPORT, now=now)
                self.assertNotContains(self.open(post), "売上高の出典")

    def test_the_newest_reason_counts_and_a_long_one_is_only_begun_on_the_front_page(self):
        self.send_back("古い理由。")
        self.send(self.post, title="直した題")
        self.send(self.post, "submit")
        self.send_back("新" * 300, number=2)
        self.assertNotContains(self.open(self.post), "古い理由")
        self.client.force_login(self.writer)
        [(_, note)] = self.client.get("/admin/").context["lists"][0]["rows"]
        self.assertRegex(note, "^新{59}…$")

    def test_the_front_page_shows_nobody_what_went_back_to_others(self):
        self.send_back()
        for user in (make_writer("another"), self.chief):
            self.client.force_login(user)
            self.assertNotContains(self.client.get("/admin/"), "売上高の出典")
        publishing.assign(post=self.post, to=self.chief, by=IMPORT)
        self.assertContains(self.client.get("/admin/"), "売上高の出典")

    def test_the_list_knows_what_was_sent_back(self):
        make_draft(title="ほかの記事")
        self.send_back()
        page = self.client.get("/admin/blog/post/", {"stage__exact": "returned"})
        self.assertEqual([post.working_title for post in page.context["cl"].result_list], ["出典のない記事"])
        self.assertContains(page, '<span class="mark">差し戻し</span>')

    def test_what_the_writer_has_saved_meanwhile_is_read_before_it_goes_back(self):
        publishing.restore_revision(post=self.post, revision=self.post.working, by=IMPORT, now=timezone.now())
        self.client.force_login(self.writer)
        self.send(self.post, title="もう直した題")
        self.client.force_login(self.editor)
        response = self.send_back()
        self.assertContains(response, "そのあとに第2版が保存されました")
        self.assertContains(response, "二段落めは四半期の数字です。")
        self.assertEqual(Post.objects.get().stage, Post.Stage.REVIEW)
