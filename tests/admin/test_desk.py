import re
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from blog.models import Post, SiteSettings
from tests.admin.base import DeskTestCase
from tests.make import make_autosave, make_content, make_draft, make_post, make_user


class PublishingTests(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.editor)

    def test_text_that_readers_see_already_is_no_news_however_often_the_button_is_pressed(self):
        post = make_post(by=self.editor)
        for _ in range(2):
            self.assertContains(self.publish(post), "もう読者に見えています")
        self.publish(post, body="直した。", asked={"announce": ""})
        quiet = Post.objects.get()
        self.assertIsNone(quiet.updated_at)
        self.assertContains(self.publish(post, asked={"announce": ""}), "もう読者に見えています")
        self.assertEqual(self.publish(post).status_code, 302, "what was silent may be told after all")
        told = Post.objects.get()
        self.assertIsNotNone(told.updated_at)
        self.assertContains(self.publish(post), "もう読者に見えています")
        again = Post.objects.get()
        self.assertEqual((again.updated_at, again.live_at), (told.updated_at, told.live_at))

    def test_editing_a_published_post_changes_nothing_that_readers_see_until_published(self):
        post = make_post(title="前の題", body="前の本文", tags=("前",))
        self.send(
            post, title="後の題", body="後の本文", tags="後", **{"bylines-author": [], "bylines-role": []}
        )
        live = Post.objects.get()
        self.assertEqual((live.title, live.body), ("前の題", "前の本文"))
        self.assertEqual([tag.name for tag in live.tags.all()], ["前"])
        self.assertEqual(live.bylines.count(), 1)
        self.assertTrue(live.has_unpublished_changes)

        self.publish(post, **{"bylines-author": ["ALLFORCES編集部"], "bylines-role": ["editor"]})
        live = Post.objects.get()
        self.assertEqual((live.title, live.body), ("後の題", "後の本文"))
        self.assertEqual([str(credit) for credit in live.bylines.all()], ["編集 ALLFORCES編集部"])

    def test_publishing_an_unready_text_saves_it_and_shows_each_problem_at_its_field(self):
        post = make_draft()
        response = self.send(post, "publish", title="", body="書いた本文", category="")
        self.assertEqual(response.context["form"].errors["title"], ["タイトルを入れてください。"])
        self.assertEqual(response.context["form"].errors["category"], ["カテゴリを選んでください。"])
        self.assertEqual(self.latest(post).body, "書いた本文")
        self.assertIsNone(Post.objects.get().live_revision)
        # The form stands on the revision just made: the next button meets no conflict with oneself.
        self.assertEqual(int(response.context["form"]["base"].value()), Post.objects.get().latest_revision_id)

    def test_after_a_refused_publication_of_a_new_post_the_form_goes_on_with_that_post(self):
        response = self.send(None, "publish", title="題だけ")
        post = Post.objects.get()
        url = reverse("admin:blog_post_change", args=[post.pk])
        self.assertContains(response, f'action="{url}"')

    def test_a_path_that_another_post_uses_is_refused_by_name(self):
        make_post(title="先の記事", slug="same", day=timezone.localdate())
        post = make_draft(slug="same")
        response = self.send(post, "publish")
        self.assertContains(response, "記事「先の記事」が使っています")
        self.assertIsNone(Post.objects.get(pk=post.pk).live_revision)

    def test_a_new_post_goes_out_with_one_button(self):
        content = make_content(title="号外", body="すぐに。")
        self.publish(
            None,
            title=content.title,
            body=content.body,
            category=content.category,
            slug="extra",
            **{"bylines-author": ["ALLFORCES編集部"], "bylines-role": ["writer"]},
        )
        self.assertTrue(Post.objects.get().is_published(timezone.now()))

    def test_a_time_of_tomorrow_schedules_in_japanese_time(self):
        post = make_draft()
        tomorrow = timezone.localdate() + timedelta(days=1)
        response = self.publish(post, asked={"when": "later", "at": f"{tomorrow}T12:00"})
        scheduled = Post.objects.get()
        self.assertTrue(scheduled.is_scheduled(timezone.now()))
        self.assertEqual(timezone.localtime(scheduled.published_at).strftime("%F %H:%M"), f"{tomorrow} 12:00")
        self.assertIn("12:00 に第1版が出ます", self.messages(response))

    def test_a_time_may_be_typed_as_one_writes_it(self):
        day = timezone.localdate() + timedelta(days=1)
        wide = str.maketrans("0123456789-:/", "０１２３４５６７８９－：／")
        for typed in (
            f"{day:%Y-%m-%d} 08:30",
            f"{day:%Y/%m/%d} 8:30",
            f"{day:%Y年%m月%d日} 8時30分",
            f"{day:%Y-%m-%d} 08:30:00",
            f"{day:%Y-%m-%d}T08:30:00",
            f"{day:%Y年%m月%d日} 8時30分00秒",
            f"{day:%Y/%m/%d}　8:30".translate(wide),
        ):
            with self.subTest(typed):
                post = make_draft()
                self.publish(post, asked={"when": "later", "at": typed})
                post.refresh_from_db()
                self.assertEqual(f"{timezone.localtime(post.published_at):%F %H:%M}", f"{day} 08:30")

    def test_what_is_no_time_is_kept_in_its_field_with_a_word(self):
        post = make_draft()
        for typed in ("2030-12-01", "明日の朝", "2030-02-30 8:00", "2030-12-01 25:00", "2030-12-01 8:00:30"):
            with self.subTest(typed):
                response = self.publish(post, asked={"when": "later", "at": typed})
                self.assertContains(response, "日時を 2026-12-01 18:00 のように")
                self.assertContains(response, f'value="{typed}"')

    def test_the_usual_hours_to_come_are_offered(self):
        url = reverse("admin:blog_post_publish", args=[make_draft().pk, 1])
        page = self.client.get(url).content.decode()
        offered = re.findall(r'<option value="(\d{4}-\d\d-\d\d \d\d:\d\d)">', page)
        self.assertEqual(len(offered), 5)
        self.assertEqual(offered, sorted(offered))
        self.assertGreater(offered[0], f"{timezone.localtime():%F %H:%M}")

    def test_a_missing_past_or_forgotten_time_publishes_nothing(self):
        post = make_draft()
        future = f"{timezone.localdate() + timedelta(days=1)}T12:00"
        for when, at, sentence in (
            ("later", "", "公開する日時を入れてください"),
            ("later", "2020-01-01T12:00", "過ぎた日時です"),
            ("now", future, "日時が入っています"),
            ("past", "", "公開する日時を入れてください"),
            ("past", future, "これからの日時です"),
            ("", future, "このフィールドは必須です"),
        ):
            with self.subTest(when=when, at=at):
                self.assertContains(self.publish(post, asked={"when": when, "at": at}), sentence)
                self.assertIsNone(Post.objects.get().live_revision)

    def test_a_corrected_typo_is_no_news_when_the_box_is_empty(self):
        post = make_post(at=timezone.now() - timedelta(days=3))
        self.publish(post, body="直した。", asked={"announce": ""})
        self.assertIsNone(Post.objects.get().updated_at)
        self.publish(post, body="書き足した。")
        self.assertIsNotNone(Post.objects.get().updated_at)

    def test_withdrawing_asks_for_a_reason_and_can_be_undone_by_publishing(self):
        post = make_post(at=timezone.now() - timedelta(days=1))
        self.assertContains(
            self.client.get(reverse("admin:blog_post_withdraw", args=[post.pk])), "読者に示す理由"
        )
        self.assertTrue(Post.objects.get().is_published(timezone.now()))
        self.assertContains(
            self.act(post, "withdraw", when="now", reason=" "), "取り下げの理由を書いてください"
        )
        self.act(post, "withdraw", when="now", reason="事実に誤りがありました。")
        self.assertTrue(Post.objects.get().is_withdrawn(timezone.now()))
        self.assertContains(self.open(post), "もう一度公開へ進む")
        page = self.client.get(reverse("admin:blog_post_publish", args=[post.pk, 1]))
        self.assertContains(page, "第1版をもう一度公開する")
        self.publish(post)
        self.assertTrue(Post.objects.get().is_published(timezone.now()))

    def test_the_end_of_a_publication_is_planned_shown_and_taken_back(self):
        post = make_post(at=timezone.now() - timedelta(days=1))
        tomorrow = timezone.localdate() + timedelta(days=1)
        response = self.act(post, "withdraw", when="later", at=f"{tomorrow}T12:00", reason="契約の期限です。")
        self.assertIn("12:00 に公開を終えます", self.messages(response))
        ending = Post.objects.get()
        self.assertTrue(ending.is_published(timezone.now()))
        self.assertTrue(ending.is_withdrawn(timezone.now() + timedelta(days=2)))
        self.assertContains(self.open(post), f"公開終了の予約 {tomorrow} 12:00")
        self.assertContains(self.client.get(reverse("admin:blog_post_changelist")), "公開終了")
        again = self.client.get(reverse("admin:blog_post_withdraw", args=[post.pk]))
        self.assertContains(again, f'value="{tomorrow} 12:00"')
        self.assertContains(again, "契約の期限です。")
        self.act(post, "unschedule")
        self.assertIsNone(Post.objects.get().withdrawn_at)

    def test_a_missing_past_or_forgotten_time_withdraws_nothing(self):
        post = make_post(at=timezone.now() - timedelta(days=1))
        future = f"{timezone.localdate() + timedelta(days=1)}T12:00"
        for when, at, sentence in (
            ("later", "", "公開を終える日時を入れてください"),
            ("later", "2020-01-01T12:00", "過ぎた日時です"),
            ("later", "いつか", "日時"),
            ("now", future, "日時が入っています"),
            ("", "", "このフィールドは必須です"),
        ):
            with self.subTest(when=when, at=at):
                response = self.act(post, "withdraw", when=when, at=at, reason="期限です。")
                self.assertContains(response, sentence)
                self.assertContains(response, "期限です。")
                self.assertIsNone(Post.objects.get().withdrawn_at)

    def test_a_first_publication_is_dated_back_and_the_desk_is_told_that_it_is_out(self):
        post = make_draft(slug="then")
        response = self.publish(post, asked={"when": "past", "at": "2020-04-01T09:00"})
        told = "2020年4月1日 09:00 の記事として公開しました。もう読者に見えています。"
        self.assertIn(told, self.messages(response))
        dated = Post.objects.get()
        self.assertTrue(dated.is_published(timezone.now()))
        self.assertEqual(dated.path, "/2020/04/01/then/")
        self.assertEqual(self.client.get(dated.path).status_code, 200)

    def test_what_was_public_once_keeps_its_date(self):
        post = make_post(title="前の題")
        before = post.published_at
        response = self.publish(post, title="後の題", asked={"when": "later", "at": "2020-04-01T09:00"})
        self.assertContains(response, "一度公開した記事の公開日時は変えられません")
        live = Post.objects.get()
        self.assertEqual((live.published_at, live.title), (before, "前の題"))

    def test_a_scheduled_publication_is_taken_back(self):
        post = make_draft()
        self.publish(post, asked={"when": "later", "at": f"{timezone.localdate() + timedelta(days=1)}T12:00"})
        self.act(post, "unschedule")
        self.assertIsNone(Post.objects.get().live_revision)

    def test_a_draft_goes_to_the_bin_and_back_and_a_public_post_does_not(self):
        draft, public = make_draft(), make_post()
        self.act(draft, "discard")
        self.assertIsNotNone(Post.objects.get(pk=draft.pk).trashed_at)
        self.act(draft, "restore_from_trash")
        self.assertIsNone(Post.objects.get(pk=draft.pk).trashed_at)
        self.assertContains(self.act(public, "discard"), "捨てられません")


class WrongInputTests(DeskTestCase):
    def setUp(self):
        self.client.force_login(self.editor)

    def test_verbs_with_pages_of_their_own_are_refused_by_the_form_before_anything_is_saved(self):
        post = make_draft()
        for verb in ("withdraw", "unschedule", "discard", "restore_from_trash", "dance"):
            with self.subTest(verb):
                self.assertEqual(self.send(post, verb, title="変えた題").status_code, 403)
        self.assertEqual(post.revisions.count(), 1)

    def test_a_nul_in_any_choice_is_a_mistake_and_no_accident(self):
        post = make_draft()
        for field in (
            "category",
            "hero",
            "share_image",
            "bylines-author",
            "canonical_url",
            "title",
            "related",
        ):
            with self.subTest(field):
                response = self.send(post, **{field: ["a\0b"] if field.startswith("bylines") else "a\0b"})
                self.assertIn(response.status_code, (200, 302))


class ReviewTests(DeskTestCase):
    def test_approved_revision_goes_out_not_the_later_edit(self):
        post = make_draft(by=self.writer, title="校閲した題")
        self.client.force_login(self.writer)
        self.send(post, "submit")
        self.client.force_login(self.editor)
        self.send(post, "approve")
        self.client.force_login(self.writer)
        self.send(post, title="校閲のあとの題")
        self.client.force_login(self.editor)
        self.assertContains(self.open(post), "校閲済みの第1版が、まだ公開されていません")
        self.publish_revision(post, 1)
        self.assertEqual(Post.objects.get().title, "校閲した題")
        self.assertEqual(self.latest(post).title, "校閲のあとの題")

    def test_publishing_from_an_old_screen_does_not_send_out_what_nobody_there_has_seen(self):
        post = make_draft(by=self.writer, body="見た文章。\n\n次の段落。\n")
        seen = post.latest_revision
        self.client.force_login(self.writer)
        self.send(post, body="見た文章。\n\n次の段落を変えた。\n")
        self.client.force_login(self.editor)
        response = self.publish(post, base=seen)
        self.assertIn("内容を確かめてください。よければ、もう一度", self.messages(response))
        self.assertIsNone(Post.objects.get().live_revision)

    def test_where_four_eyes_are_asked_for_ones_own_text_is_saved_but_not_passed(self):
        SiteSettings.objects.update(four_eyes=True)
        post = make_draft(by=self.editor)
        self.client.force_login(self.editor)
        response = self.publish(post, title="自分で出す")
        self.assertContains(response, "第2版を保存しました")
        self.assertContains(response, "あなたは校閲を通せず、公開もできません")
        self.assertEqual(self.latest(post).title, "自分で出す")
        self.assertIsNone(Post.objects.get().live_revision)


class RefusalTests(DeskTestCase):
    def test_another_writers_post_is_neither_shown_nor_changed(self):
        post = make_draft(by=self.editor, title="よその秘密")
        self.client.force_login(self.writer)
        for name in ("change", "history", "log", "preview", "discard", "restore_from_trash"):
            with self.subTest(name):
                response = self.client.get(reverse(f"admin:blog_post_{name}", args=[post.pk]))
                self.assertNotContains(response, "よその秘密", status_code=403)
        revision = reverse("admin:blog_post_revision", args=[post.pk, 1])
        self.assertNotContains(self.client.get(revision), "よその秘密", status_code=403)
        self.assertEqual(self.client.post(revision, {"verb": "restore"}).status_code, 403)
        self.assertEqual(self.send(post, title="のっとり").status_code, 403)
        self.assertEqual(self.latest(post).title, "よその秘密")

    def test_a_writer_presses_no_button_that_the_desk_keeps(self):
        post = make_draft(by=self.writer)
        self.client.force_login(self.writer)
        page = self.open(post)
        for verb in ("publish", "replace", "approve", "send_back", "nonsense"):
            with self.subTest(verb):
                self.assertNotContains(page, f'value="{verb}"')
                self.assertEqual(self.send(post, verb, title="出す").status_code, 403)
        for verb in ("withdraw", "unschedule"):
            self.assertEqual(self.act(post, verb, reason="x").status_code, 403)
        for verb in ("publish", "send_back"):
            url = reverse(f"admin:blog_post_{verb}", args=[post.pk, 1])
            self.assertEqual(self.client.post(url, {"when": "now", "reason": "x"}).status_code, 403)
        for verb in ("approve", "publish"):
            url = reverse("admin:blog_post_revision", args=[post.pk, 1])
            self.assertEqual(self.client.post(url, {"verb": verb}).status_code, 403)
        self.assertEqual(post.revisions.count(), 1)

    def test_without_login_every_page_leads_to_the_login(self):
        post = make_draft(title="秘密の題")
        for name in ("change", "history", "log", "preview", "withdraw", "discard"):
            response = self.client.get(reverse(f"admin:blog_post_{name}", args=[post.pk]))
            self.assertEqual(response.status_code, 302, name)
        for name in ("changelist", "add"):
            self.assertEqual(self.client.get(reverse(f"admin:blog_post_{name}")).status_code, 302, name)
        self.assertEqual(self.send(post, title="のっとり").status_code, 302)
        self.assertEqual(self.latest(post).title, "秘密の題")

    def test_what_is_missing_is_404_and_what_must_be_posted_is_not_got(self):
        self.client.force_login(self.chief)
        post = make_draft()
        for url in (
            "/admin/blog/post/999/change/",
            "/admin/blog/post/999/history/",
            f"/admin/blog/post/{post.pk}/history/9/",
            f"/admin/blog/post/{post.pk}/history/1/?with=7",
            f"/admin/blog/post/{post.pk}/delete/",
        ):
            with self.subTest(url):
                self.assertEqual(self.client.get(url).status_code, 404)
        draft = make_autosave(post, by=self.chief, content=make_content(body="途中"))
        url = reverse("admin:blog_post_drop_draft", args=[draft.key])
        self.assertEqual(self.client.get(url).status_code, 405)

    def test_a_person_of_the_house_without_any_permission_sees_nothing(self):
        post = make_draft(title="秘密の題")
        self.client.force_login(make_user("guest"))
        self.assertEqual(self.open(post).status_code, 403)
        self.assertEqual(self.client.get(reverse("admin:blog_post_add")).status_code, 403)
        self.assertEqual(self.client.get(reverse("admin:blog_post_changelist")).status_code, 403)
