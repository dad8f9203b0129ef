"""The page that asks once before readers see something, and what the desk is told of what goes out by itself."""

from datetime import timedelta

from django.test import SimpleTestCase
from django.urls import reverse
from django.utils import timezone

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.models import Post, SiteSettings
from tests.admin.base import DeskTestCase, as_sent
from tests.make import make_content, make_draft, make_editor, make_post, make_scheduled, throw_away
from tests.test_design import contrast, schemes

DAY = timedelta(days=1)


def page_of(post, number=1):
    return reverse("admin:blog_post_publish", args=[post.pk, number])


class AskingTests(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.editor)

    def test_the_forms_button_publishes_nothing_and_leads_to_the_page_of_exactly_that_text(self):
        post = make_draft(by=self.writer, slug="", title="生成AIの今")
        response = self.send(post, "publish", body="直した本文。")
        self.assertRedirects(response, page_of(post, 2), fetch_redirect_response=False)
        self.assertIsNone(Post.objects.get().live_revision)
        page = self.client.get(page_of(post, 2))
        for words in (
            "第2版",
            self.editor.username,
            "執筆中",
            "初めての公開です",
            f"/{timezone.localdate():%Y/%m/%d}/生成aiの今/",
            "第2版を公開する",
            "第2版の公開を予約する",
        ):
            self.assertContains(page, words)
        self.assertEqual(page.content.decode().count('<button type="submit" class="button publish"'), 1)
        self.assertIsNone(Post.objects.get().live_revision, "looking publishes nothing")

    def test_an_update_says_what_readers_see_now_and_what_will_change(self):
        post = make_post(at=timezone.now() - DAY, title="前の題", slug="mae")
        self.send(post, title="後の題", body="後の本文", slug="ato")
        page = self.client.get(page_of(post, 2))
        self.assertContains(page, "3か所（タイトル、スラッグ、本文）")
        self.assertContains(page, f"{reverse('admin:blog_post_revision', args=[post.pk, 2])}?with=live")
        self.assertContains(page, "第2版に更新する")
        self.assertContains(page, f"いまの {post.path} からは、自動で転送されます")
        self.assertContains(page, "読者に更新を伝える")
        self.assertNotContains(self.client.get(page_of(make_draft())), "読者に更新を伝える")

    def test_what_is_not_ready_is_listed_with_ways_to_its_fields_and_without_a_button(self):
        post = make_draft(category="", body="![](/media/images/nai.png)")
        page = self.client.get(page_of(post))
        change = reverse("admin:blog_post_change", args=[post.pk])
        for name in ("category", "body"):
            self.assertContains(page, f'href="{change}#id_{name}"')
            self.assertContains(self.open(post), f'id="id_{name}"')
        self.assertNotContains(page, "button publish")
        self.client.post(page_of(post), as_sent(page.context["form"]))
        self.assertIsNone(Post.objects.get().live_revision)

    def test_a_blocking_defect_is_asked_about_and_goes_out_only_when_ticked(self):
        post = make_draft(body="一。\n\n<<<<<<< HEAD\n")
        response = self.send(post, "publish")
        page = self.client.get(response["Location"])
        self.assertContains(page, "3行目: 統合の衝突の印")
        sent = as_sent(page.context["form"])
        answer = self.client.post(response["Location"], sent)
        self.assertContains(answer, "直してから公開するか")
        self.assertIsNone(Post.objects.get().live_revision)
        self.client.post(response["Location"], sent | {"settle": "on"})
        post = Post.objects.get()
        self.assertTrue(Post.objects.listed(timezone.now()).filter(pk=post.pk).exists())
        self.assertContains(self.open(post), "editor、")
        self.assertNotContains(self.client.get(page_of(make_draft())), "このまま載せる")

    def test_a_blocked_article_says_so_with_the_line_and_is_listed_by_its_button(self):
        post = make_post(body="一。\n\n<<<<<<< HEAD\n", at=timezone.now() - DAY, by=self.writer)
        self.client.force_login(self.writer)
        self.assertContains(self.open(post), "一覧に出ていません")
        self.assertNotContains(self.open(post), "/settle/")
        self.assertEqual(self.act(post, "settle", shown="conflict").status_code, 403)
        self.client.force_login(self.editor)
        page = self.open(post)
        self.assertContains(page, "3行目: 統合の衝突の印")
        url = reverse("admin:blog_post_settle", args=[post.pk])
        self.assertContains(page, f'href="{url}"')
        self.assertContains(self.client.get(url), "3行目: 統合の衝突の印")
        self.assertIn("このまま載せました", self.messages(self.act(post, "settle", shown="conflict")))
        self.assertNotContains(self.open(post), "一覧に出ていません")
        self.assertIn(
            "一覧に出ていない記事ではありません", self.act(post, "settle", shown="conflict").content.decode()
        )

    def test_nobody_settles_what_has_come_in_since_the_page_was_opened(self):
        post = make_post(body="一。\n\n<<<<<<< HEAD\n", at=timezone.now() - DAY)
        page = self.client.get(reverse("admin:blog_post_settle", args=[post.pk]))
        self.assertContains(page, '<input type="hidden" name="shown" value="conflict">')
        content = make_content(body="承知しました。以下に記事を書きます。\n\n<<<<<<< HEAD\n", slug=post.slug)
        revision = publishing.save(post=post, content=content, by=IMPORT, now=timezone.now(), base=None)
        publishing.publish(revision=revision, by=IMPORT, now=timezone.now())
        answer = self.act(post, "settle", shown="conflict")
        self.assertContains(answer, "まだ何もしていません")
        self.assertContains(answer, "生成ツールの返事")
        self.assertEqual(Post.objects.get().settled, [])
        self.act(post, "settle", shown=answer.context["shown"])
        self.assertEqual(Post.objects.get().settled_codes, {"chat", "conflict"})

    def test_a_tick_for_what_the_publish_page_did_not_show_is_asked_for_again(self):
        post = make_draft(body="一。\n\n<<<<<<< HEAD\n")
        sent = as_sent(self.client.get(page_of(post)).context["form"]) | {"settle": "on", "shown": ""}
        answer = self.client.post(page_of(post), sent)
        self.assertContains(answer, "まだ何もしていません")
        self.assertIsNone(Post.objects.get().live_revision)
        sent = as_sent(answer.context["form"])
        self.assertEqual((sent["shown"], "settle" in sent), ("conflict", False))
        self.client.post(page_of(post), sent | {"settle": "on"})
        self.assertIsNotNone(Post.objects.get().live_revision)

    def test_an_update_that_is_planned_with_its_defects_says_who_decided(self):
        post = make_post(at=timezone.now() - DAY, slug="ato")
        self.send(post, body="一。\n\n<<<<<<< HEAD\n")
        asked = {"when": "later", "at": f"{timezone.localdate() + DAY} 12:00", "settle": "on"}
        sent = as_sent(self.client.get(page_of(post, 2)).context["form"])
        self.client.post(page_of(post, 2), sent | asked)
        self.assertContains(self.open(post), "このまま載せると決めたこと")
        self.act(post, "unschedule")
        self.assertNotContains(self.open(post), "このまま載せると決めたこと")

    def test_what_is_public_or_thrown_away_meanwhile_is_told_and_nothing_is_done(self):
        now = timezone.now()
        for happens, sentence in (
            (
                lambda post: publishing.publish(revision=post.working, by=IMPORT, now=now),
                "もう読者に見えています",
            ),
            (lambda post: throw_away(post, now=now), "ゴミ箱の記事は公開できません"),
        ):
            post = make_draft()
            sent = as_sent(self.client.get(page_of(post)).context["form"])
            happens(post)
            before = Post.objects.values().get(pk=post.pk)
            for data in (sent, sent | {"when": "later", "at": f"{timezone.localdate() + DAY} 12:00"}):
                with self.subTest(sentence):
                    response = self.client.post(page_of(post), data)
                    self.assertContains(response, sentence)
                    self.assertNotContains(response, "button publish")
                    self.assertEqual(Post.objects.values().get(pk=post.pk), before)

    def test_nobody_decides_on_a_page_that_has_become_old(self):
        now = timezone.now()
        newer = {"title": "そのあとの題"}
        for happens in (
            lambda post: self.send(post, **newer),
            lambda post: publishing.publish(revision=post.working, by=IMPORT, now=now, at=now + DAY),
        ):
            post = make_draft(title="見た題")
            sent = as_sent(self.client.get(page_of(post)).context["form"])
            happens(post)
            before = Post.objects.values().get(pk=post.pk)
            response = self.client.post(page_of(post), sent)
            self.assertContains(response, "まだ何もしていません")
            self.assertEqual(Post.objects.values().get(pk=post.pk), before)
            again = self.client.post(
                page_of(post), as_sent(response.context["form"]) | {"when": "now", "at": ""}
            )
            self.assertRedirects(again, reverse("admin:blog_post_change", args=[post.pk]))
            self.assertEqual(Post.objects.get(pk=post.pk).title, "見た題")
        self.assertContains(self.client.post(page_of(make_draft()), {"when": "now"}), "まだ何もしていません")

    def test_a_path_that_is_taken_meanwhile_is_told_and_the_choice_is_kept(self):
        post = make_draft(slug="onaji")
        tomorrow = timezone.localdate() + DAY
        make_post(slug="onaji", day=tomorrow, title="先の記事")
        response = self.publish(post, asked={"when": "later", "at": f"{tomorrow} 12:00"})
        self.assertContains(response, f"/{tomorrow:%Y/%m/%d}/onaji/ は記事「先の記事」が使っています")
        self.assertIsNone(Post.objects.get(pk=post.pk).live_revision)

    def test_a_version_leads_to_the_page_and_the_newest_one_is_named_there(self):
        post = make_draft(title="古い題")
        self.send(post, title="新しい題")
        page = self.client.get(page_of(post, 1))
        self.assertContains(page, "いちばん新しいのは")
        self.publish_revision(post, 1)
        self.assertEqual(Post.objects.get().title, "古い題")
        for number in (1, 2):
            with self.subTest(number):
                url = reverse("admin:blog_post_revision", args=[post.pk, number])
                self.client.post(url, {"verb": "publish"})
                self.assertEqual(Post.objects.get().title, "古い題")

    def test_one_update_of_a_booked_post_takes_the_place_of_the_other(self):
        post = make_post(at=timezone.now() - DAY)
        self.publish(post, body="予約。", asked={"when": "later", "at": f"{timezone.localdate() + DAY} 7:00"})
        self.send(post, body="いま。")
        page = self.client.get(page_of(post, 3))
        self.assertContains(page, "出るのは第2版です。ここで公開・予約すると、その予約に替わります。")
        # The hour that the page itself has put there is no slip of the editor.
        self.publish(post, asked={"when": "now"})
        live = Post.objects.get()
        self.assertEqual((live.body, live.next_at), ("いま。", None))


class FourEyesTests(DeskTestCase):
    def setUp(self):
        SiteSettings.objects.update(four_eyes=True)
        self.client.force_login(self.editor)

    def test_a_button_that_would_always_refuse_is_not_offered_and_it_is_said_who_can(self):
        own = make_draft(by=self.editor)
        for url in (
            reverse("admin:blog_post_change", args=[own.pk]),
            reverse("admin:blog_post_revision", args=[own.pk, 1]),
            page_of(own),
        ):
            with self.subTest(url):
                page = self.client.get(url)
                self.assertContains(page, "通せるのは、書いていない編集者か編集長です")
                self.assertNotContains(page, "へ進む")
                self.assertNotContains(page, "button publish")
        self.assertNotContains(self.client.get(reverse("admin:blog_post_add")), "公開へ進む")

    def test_a_page_that_was_open_before_publishes_nothing(self):
        SiteSettings.objects.update(four_eyes=False)
        own = make_draft(by=self.editor)
        sent = as_sent(self.client.get(page_of(own)).context["form"])
        SiteSettings.objects.update(four_eyes=True)
        self.assertContains(self.client.post(page_of(own), sent), "公開もできません")
        self.assertIsNone(Post.objects.get().live_revision)

    def test_what_a_colleague_wrote_or_passed_goes_out(self):
        theirs, passed = make_draft(by=self.writer), make_draft(by=self.editor)
        publishing.approve(revision=passed.working, by=Person(make_editor("second")), now=timezone.now())
        for post in (theirs, passed):
            with self.subTest(post):
                self.assertContains(self.open(post), "公開へ進む")
                self.assertRedirects(self.publish(post), reverse("admin:blog_post_change", args=[post.pk]))
                self.assertTrue(Post.objects.get(pk=post.pk).is_published(timezone.now()))


class BookedTests(DeskTestCase):
    def setUp(self):
        self.at = timezone.localtime().replace(hour=7, minute=0, second=0, microsecond=0) + 2 * DAY
        self.client.force_login(self.editor)
        self.post = make_scheduled(at=self.at, now=timezone.now(), title="誤字のある題")
        year = "" if self.at.year == timezone.localtime().year else f"{self.at.year}年"
        self.hour = f"{year}{self.at.month}月{self.at.day}日 7:00"

    def test_the_article_says_which_version_goes_out_when(self):
        page = self.open(self.post)
        self.assertContains(page, f"{self.hour} に出るのは第1版です。")
        self.assertNotContains(page, "差し替える")
        told = self.messages(self.send(self.post, title="直した題"))
        self.assertEqual(told, f"第2版を保存しました。{self.hour} に出るのは第1版です。第2版は出ません。")
        page = self.open(self.post)
        self.assertContains(page, "いまの第2版は出ません。")
        self.assertContains(page, "第2版に差し替える")

    def test_the_button_saves_and_lets_exactly_that_go_out_at_the_booked_hour(self):
        self.send(self.post, title="直した題")
        told = self.messages(self.send(self.post, "replace", title="もっと直した題"))
        self.assertTrue(told.endswith(f"{self.hour} に出る版を、第3版に差し替えました。"), told)
        post = Post.objects.get()
        self.assertEqual((post.title, post.published_at), ("もっと直した題", self.at))
        self.assertFalse(post.is_published(timezone.now()))
        self.assertContains(self.open(self.post), f"{self.hour} に出るのは第3版です。")

    def test_an_unready_text_replaces_nothing_and_shows_its_problems(self):
        response = self.send(self.post, "replace", title="")
        self.assertEqual(response.context["form"].errors["title"], ["タイトルを入れてください。"])
        self.assertEqual(Post.objects.get().title, "誤字のある題")

    def test_a_booking_that_is_gone_is_not_replaced(self):
        publishing.unschedule(post=self.post, by=IMPORT, now=timezone.now())
        response = self.send(self.post, "replace", title="直した題")
        self.assertContains(response, "予約がありません")
        self.assertIsNone(Post.objects.get().live_revision)

    def test_without_the_right_one_is_told_whom_to_ask(self):
        publishing.assign(post=self.post, to=self.writer, by=IMPORT)
        self.client.force_login(self.writer)
        self.send(self.post, title="直した題")
        page = self.open(self.post)
        self.assertContains(page, "差し替えは、公開できる人に頼んでください。")
        self.assertNotContains(page, 'value="replace"')
        self.assertEqual(self.send(self.post, "replace").status_code, 403)

    def test_with_four_eyes_nobody_replaces_by_what_only_they_have_read(self):
        SiteSettings.objects.update(four_eyes=True)
        self.send(self.post, title="自分で直した題")
        page = self.open(self.post)
        self.assertContains(page, "書いていない編集者か編集長です")
        self.assertNotContains(page, 'value="replace"')
        self.send(self.post, "replace")
        self.assertEqual(Post.objects.get().title, "誤字のある題")

    def test_a_booked_update_is_told_like_a_booked_article(self):
        post = make_post(at=timezone.now() - DAY)
        self.publish(post, title="予約した題", asked={"when": "later", "at": f"{self.at:%Y-%m-%d %H:%M}"})
        told = self.messages(self.send(post, title="そのあとの題"))
        self.assertIn(f"{self.hour} に出るのは第2版です。第3版は出ません。", told)
        self.send(post, "replace")
        booked = Post.objects.get(pk=post.pk)
        self.assertEqual((booked.next_revision.number, booked.next_at), (3, self.at))

    def test_the_page_that_asks_has_the_booked_hour_in_its_field(self):
        page = self.client.get(page_of(self.post))
        self.assertContains(page, f'value="{self.at:%Y-%m-%d} 07:00"')
        self.assertEqual(page.context["form"]["when"].value(), "later")

    def test_list_and_history_name_the_version_that_goes_out(self):
        self.assertContains(self.client.get("/admin/blog/post/"), "出るのは第1版</span>")
        self.send(self.post, title="直した題")
        self.assertContains(self.client.get("/admin/blog/post/"), "出るのは第1版（最新は第2版）")
        for name, args in (("history", [self.post.pk]), ("revision", [self.post.pk, 1])):
            page = self.client.get(reverse(f"admin:blog_post_{name}", args=args))
            self.assertContains(page, f"{self.hour} に出る版")
            self.assertNotContains(page, '<span class="mark">公開中の版')


class ColourTests(SimpleTestCase):
    """What readers will see, and what is not taken back by one press, have colours of their own."""

    def test_the_buttons_are_read_in_both_schemes_and_no_two_look_alike(self):
        light, dark = schemes("desk/tokens.css")
        for scheme, paper in ((light, "#ffffff"), (dark, "#121212")):
            for front, ground in (
                (scheme["publish-fg"], scheme["publish-bg"]),
                (scheme["danger-fg"], scheme["danger-bg"]),
                (scheme["publish-line"], paper),
            ):
                with self.subTest(front=front, ground=ground):
                    self.assertGreaterEqual(contrast(front, ground), 4.5)
            self.assertNotEqual(scheme["publish-bg"], scheme["danger-bg"])
