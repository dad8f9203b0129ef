"""What goes out, when, and what is taken away again."""

from dataclasses import replace
from datetime import date, timedelta

from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.test import TestCase

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.editorial.content import Content
from blog.editorial.taxonomy import save_page
from blog.models import Address, Page, Post, Revision, SiteSettings
from blog.text.findings import Code
from tests.make import (
    NOON,
    make_category,
    make_chief,
    make_content,
    make_draft,
    make_editor,
    make_image,
    make_post,
    make_scheduled,
    make_writer,
)

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def visible(moment):
    return list(Post.objects.published(moment))


class FirstPublicationTests(TestCase):
    def test_draft_is_not_published_at_any_time(self):
        make_draft()
        self.assertEqual(visible(NOON + 1000 * HOUR), [])

    def test_published_post_carries_the_day_of_tokyo_in_its_path(self):
        evening_utc = NOON.replace(hour=17)
        post = make_post(at=evening_utc, slug="yoru")
        self.assertEqual((post.day, post.path), (date(2026, 11, 21), "/2026/11/21/yoru/"))
        self.assertEqual(Address.objects.get(post=post).path, post.path)

    def test_scheduled_post_appears_at_its_second_and_not_before(self):
        post = make_scheduled(at=NOON + HOUR)
        self.assertEqual(visible(NOON + HOUR - SECOND), [])
        self.assertEqual(visible(NOON + HOUR), [post])
        self.assertEqual(list(Post.objects.scheduled(NOON)), [post])

    def test_path_of_a_scheduled_post_is_reserved(self):
        scheduled = make_scheduled(at=NOON + HOUR, slug="onaji")
        rival = make_draft(slug="onaji")
        with self.assertRaises(publishing.NotReady) as refused:
            publishing.publish(revision=rival.latest_revision, by=IMPORT, now=NOON)
        [taken] = refused.exception.findings
        self.assertEqual((taken.code, taken.field), (Code.PATH_TAKEN, "slug"))
        self.assertIn(scheduled.working_title, taken.sentence)

    def test_rescheduling_to_another_day_leaves_no_redirect_from_a_path_that_was_never_public(self):
        post = make_scheduled(at=NOON + HOUR, slug="asu")
        publishing.publish(revision=post.latest_revision, by=IMPORT, now=NOON, at=NOON + timedelta(days=1))
        self.assertEqual([*Address.objects.values_list("path", "kind")], [("/2026/11/21/asu/", "current")])

    def test_cancelled_schedule_gives_the_path_back_and_the_post_to_the_desk(self):
        post = make_scheduled(at=NOON + HOUR)
        publishing.unschedule(post=post, by=Person(make_editor()), now=NOON)
        self.assertEqual(visible(NOON + 2 * HOUR), [])
        self.assertFalse(Address.objects.exists())
        self.assertEqual(list(Post.objects.unpublished()), [post])

    def test_incomplete_draft_says_everything_that_is_missing_and_stays_as_it_was(self):
        post = make_draft(title="", body=" ", category="", bylines=(), slug="")
        with self.assertRaises(publishing.NotReady) as refused:
            publishing.publish(revision=post.latest_revision, by=IMPORT, now=NOON)
        self.assertEqual(
            [(finding.code, finding.field) for finding in refused.exception.findings],
            [
                (Code.NO_TITLE, "title"),
                (Code.NO_BODY, "body"),
                (Code.NO_CATEGORY, "category"),
                (Code.NO_BYLINE, "bylines"),
                (Code.SLUG, "slug"),
            ],
        )
        self.assertEqual(Post.objects.get().live_revision, None)

    def test_image_without_alternative_text_keeps_the_post_back(self):
        bare, editor = make_image(alt=""), make_editor()
        post = make_draft(body=f"図です。\n\n![]({bare.url})\n\n書き方は `![](図.png)` です。\n")
        with self.assertRaises(publishing.NotReady) as refused:
            publishing.publish(revision=post.latest_revision, by=Person(editor), now=NOON)
        [found] = refused.exception.findings
        self.assertEqual((found.code, found.field, found.line), (Code.IMAGE_WITHOUT_ALT, "body", 3))
        self.assertEqual(
            found.message,
            f"画像 {bare.url} に代替テキストがありません。![ここに説明]({bare.url}) のように書いてください。",
        )
        bare.is_decorative = True
        bare.save()
        publishing.publish(revision=post.latest_revision, by=Person(editor), now=NOON)
        self.assertEqual(visible(NOON), [post])

    def test_image_is_asked_for_words_where_readers_get_it_and_nowhere_else(self):
        bare, editor = make_image(alt=""), Person(make_editor())
        shown = make_draft(body=f"![][図] {{% x %}}\n\n[図]: {bare.url}\n")
        with self.assertRaises(publishing.NotReady) as refused:
            publishing.publish(revision=shown.latest_revision, by=editor, now=NOON)
        self.assertEqual([found.code for found in refused.exception.findings], [Code.IMAGE_WITHOUT_ALT])
        unseen = make_draft(
            body=f"> - \\![]({bare.url})\n>\n>       ![]({bare.url})\n\n[^1]: ![]({bare.url})\n"
        )
        publishing.publish(revision=unseen.latest_revision, by=editor, now=NOON)
        self.assertEqual(visible(NOON), [unseen])

    def test_slug_is_made_from_a_japanese_title(self):
        post = make_post(title="生成AIの「いま」を読む", slug="")
        self.assertEqual(post.slug, "生成aiのいまを読む")

    def test_post_cannot_take_the_path_of_a_page(self):
        save_page(
            Page(path="/2026/11/20/about/", title="会社", body="会社です。", is_public=True),
            by=IMPORT,
            now=NOON,
        )
        post = make_draft(slug="about")
        with self.assertRaises(publishing.NotReady):
            publishing.publish(revision=post.latest_revision, by=IMPORT, now=NOON)


class UpdateTests(TestCase):
    def test_saving_a_published_post_changes_nothing_that_readers_see(self):
        post = make_post(title="前の題", body="前の文。", tags=("AI",))
        publishing.save(
            post=post,
            content=make_content(title="後の題", body="後の文。", tags=("投資",)),
            by=IMPORT,
            now=NOON,
            base=post.latest_revision,
        )
        post = Post.objects.get()
        self.assertEqual((post.title, post.body, list(post.tags.names())), ("前の題", "前の文。", ["AI"]))
        self.assertTrue(post.has_unpublished_changes)
        self.assertEqual(list(Post.objects.changed_since_publication()), [post])

    def test_scheduled_update_is_applied_once_and_only_when_due(self):
        post = make_post(body="前の文。")
        revision = publishing.save(
            post=post,
            content=make_content(slug=post.slug, body="後の文。"),
            by=IMPORT,
            now=NOON,
            base=post.latest_revision,
        )
        due = NOON + HOUR
        publishing.publish(revision=revision, by=IMPORT, now=NOON, at=due)
        self.assertEqual(publishing.apply_due(now=due - SECOND), [])
        self.assertIn("前の文", Post.objects.get().body_html)
        self.assertEqual(publishing.apply_due(now=due + HOUR), [post])
        self.assertEqual(publishing.apply_due(now=due + HOUR), [])
        post = Post.objects.get()
        self.assertIn("後の文", post.body_html)
        self.assertEqual((post.updated_at, post.published_at), (due, NOON))

    def test_publishing_now_drops_an_update_scheduled_before(self):
        post = make_post()
        old = publishing.save(
            post=post, content=make_content(body="古い案。"), by=IMPORT, now=NOON, base=None
        )
        publishing.publish(revision=old, by=IMPORT, now=NOON, at=NOON + HOUR)
        new = publishing.save(
            post=post, content=make_content(body="新しい案。"), by=IMPORT, now=NOON, base=old
        )
        publishing.publish(revision=new, by=IMPORT, now=NOON)
        self.assertEqual(publishing.apply_due(now=NOON + 2 * HOUR), [])
        self.assertIn("新しい案", Post.objects.get().body_html)

    def test_update_of_a_typo_is_not_told_to_readers(self):
        post = make_post()
        revision = publishing.save(
            post=post, content=make_content(body="直した。"), by=IMPORT, now=NOON, base=None
        )
        publishing.publish(revision=revision, by=IMPORT, now=NOON + HOUR, announce=False)
        self.assertIsNone(Post.objects.get().updated_at)
        publishing.publish(revision=revision, by=IMPORT, now=NOON + 2 * HOUR)
        self.assertEqual(Post.objects.get().updated_at, NOON + 2 * HOUR)

    def test_day_and_slug_are_frozen_once_readers_have_seen_them(self):
        post = make_post(slug="saisho")
        revision = publishing.save(
            post=post,
            content=make_content(slug="", title="別の題"),
            by=IMPORT,
            now=NOON,
            base=post.latest_revision,
        )
        publishing.publish(revision=revision, by=IMPORT, now=NOON + timedelta(days=9))
        self.assertEqual(Post.objects.get().path, "/2026/11/20/saisho/")

    def test_changed_slug_leaves_a_redirect_of_one_hop(self):
        post = make_post(slug="ichi")
        for slug in ("ni", "san"):
            revision = publishing.save(
                post=post, content=make_content(slug=slug), by=IMPORT, now=NOON, base=None
            )
            publishing.publish(revision=revision, by=IMPORT, now=NOON)
        kinds = dict(Address.objects.values_list("path", "kind"))
        self.assertEqual(
            kinds, {"/2026/11/20/ichi/": "moved", "/2026/11/20/ni/": "moved", "/2026/11/20/san/": "current"}
        )

    def test_scheduled_change_of_slug_keeps_the_old_path_until_its_hour(self):
        post = make_post(slug="mae")
        revision = publishing.save(
            post=post, content=make_content(slug="ato"), by=IMPORT, now=NOON, base=None
        )
        publishing.publish(revision=revision, by=IMPORT, now=NOON, at=NOON + HOUR)
        self.assertEqual(Address.objects.get(kind="current").path, "/2026/11/20/mae/")
        publishing.apply_due(now=NOON + HOUR)
        self.assertEqual(Address.objects.get(kind="current").path, "/2026/11/20/ato/")

    def test_path_held_for_an_update_is_free_again_when_it_is_cancelled(self):
        post, rival = make_post(slug="mae"), make_draft(slug="ato")
        revision = publishing.save(
            post=post, content=make_content(slug="ato"), by=IMPORT, now=NOON, base=None
        )
        publishing.publish(revision=revision, by=IMPORT, now=NOON, at=NOON + HOUR)
        with self.assertRaises(publishing.NotReady):
            publishing.publish(revision=rival.working, by=IMPORT, now=NOON)
        publishing.unschedule(post=post, by=IMPORT, now=NOON)
        publishing.publish(revision=rival.working, by=IMPORT, now=NOON)
        self.assertEqual(Address.objects.get(path="/2026/11/20/ato/").post, rival)

    def test_cancelled_schedule_keeps_redirects_made_by_hand(self):
        post = make_scheduled(at=NOON + HOUR)
        Address.objects.create(path="/campaign/", kind="moved", post=post)
        publishing.unschedule(post=post, by=IMPORT, now=NOON)
        self.assertEqual([*post.addresses.values_list("path", flat=True)], ["/campaign/"])

    def test_one_broken_update_does_not_keep_the_others_or_readers_waiting(self):
        broken, fine = make_post(), make_post(body="前の文。")
        for post in (broken, fine):
            revision = publishing.save(
                post=post, content=make_content(body="後の文。"), by=IMPORT, now=NOON, base=None
            )
            publishing.publish(revision=revision, by=IMPORT, now=NOON, at=NOON + HOUR)
        Revision.objects.filter(pk=Post.objects.get(pk=broken.pk).next_revision_id).update(content=["壊れた"])
        with self.assertLogs("blog.editorial.publishing", "ERROR"):
            self.assertEqual(publishing.apply_due(now=NOON + HOUR), [fine])

    def test_update_that_cannot_be_made_says_so_in_the_history(self):
        editor, post = make_editor(), make_post(category="消える部")
        revision = publishing.save(
            post=post, content=make_content(category="新しい部"), by=Person(editor), now=NOON, base=None
        )
        publishing.publish(revision=revision, by=Person(editor), now=NOON, at=NOON + HOUR)
        make_category("新しい部").delete()
        with self.assertLogs("blog.editorial.publishing", "ERROR"):
            publishing.apply_due(now=NOON + HOUR)
        self.assertIn("新しい部", LogEntry.objects.first().get_change_message())

    def test_approved_revision_goes_out_and_the_later_edit_does_not_ride_along(self):
        writer, editor = make_writer(), make_editor()
        post = make_draft(by=writer, body="通った文。")
        passed = post.latest_revision
        publishing.approve(revision=passed, by=Person(editor), now=NOON)
        publishing.save(
            post=post, content=make_content(body="通っていない文。"), by=Person(writer), now=NOON, base=passed
        )
        publishing.publish(revision=passed, by=Person(editor), now=NOON)
        self.assertNotIn("通っていない", Post.objects.get().body_html)


class DecidedBeforeTests(TestCase):
    """Somebody decides about what stands on their screen; under the lock it must still be so."""

    def test_what_a_colleague_has_published_since_is_not_published_over(self):
        post = make_draft(title="誤字あり")
        seen, first = publishing.state_token(post), post.working
        mended = replace(Content.from_json(first.content), title="直した")
        newer = publishing.save(post=post, content=mended, by=IMPORT, now=NOON, base=first)
        publishing.publish(revision=newer, by=IMPORT, now=NOON)
        with self.assertRaises(publishing.ChangedMeanwhile):
            publishing.publish(revision=first, by=IMPORT, now=NOON + SECOND, seen=seen)
        self.assertEqual(Post.objects.get().title, "直した")

    def test_what_nobody_has_touched_is_published(self):
        post = make_draft()
        publishing.publish(revision=post.working, by=IMPORT, now=NOON, seen=publishing.state_token(post))
        self.assertEqual(visible(NOON), [post])


class WithdrawalTests(TestCase):
    def test_withdrawn_post_is_gone_at_once_and_keeps_its_text(self):
        post = make_post(body="消えない文。")
        publishing.withdraw(
            post=post, by=Person(make_editor()), now=NOON + HOUR, reason="数字に誤りがありました。"
        )
        self.assertEqual(visible(NOON + HOUR), [])
        self.assertEqual(list(Post.objects.withdrawn(NOON + HOUR)), [post])
        self.assertEqual(Post.objects.get().body, "消えない文。")

    def test_withdrawal_needs_a_reason_for_readers(self):
        post = make_post()
        with self.assertRaises(publishing.WrongState):
            publishing.withdraw(post=post, by=Person(make_editor()), now=NOON, reason="  ")
        self.assertEqual(visible(NOON), [post])

    def test_end_of_publication_can_be_set_for_later_and_taken_back(self):
        post, editor = make_post(), make_editor()
        publishing.withdraw(post=post, by=Person(editor), now=NOON, reason="キャンペーン終了", at=NOON + HOUR)
        self.assertEqual((visible(NOON + HOUR - SECOND), visible(NOON + HOUR)), ([post], []))
        publishing.unschedule(post=post, by=Person(editor), now=NOON)
        self.assertEqual(visible(NOON + HOUR), [post])

    def test_withdrawn_post_can_return_with_its_first_moment_and_path(self):
        post = make_post(slug="modoru")
        publishing.withdraw(post=post, by=IMPORT, now=NOON + HOUR, reason="確認のため")
        publishing.publish(revision=post.latest_revision, by=IMPORT, now=NOON + 2 * HOUR)
        post = Post.objects.get()
        self.assertEqual(
            (visible(NOON + 2 * HOUR), post.published_at, post.path), ([post], NOON, "/2026/11/20/modoru/")
        )

    def test_public_post_cannot_be_thrown_away(self):
        post = make_post()
        with self.assertRaises(publishing.WrongState):
            publishing.discard(post=post, by=Person(make_editor()), now=NOON)

    def test_bin_keeps_a_draft_for_thirty_days(self):
        editor, post = make_editor(), make_draft()
        publishing.discard(post=post, by=Person(editor), now=NOON)
        publishing.discard(post=make_draft(), by=Person(editor), now=NOON + timedelta(days=29))
        publishing.restore_from_trash(post=post, by=Person(editor))
        publishing.discard(post=make_draft(), by=Person(editor), now=NOON + timedelta(days=31))
        self.assertEqual(list(Post.objects.not_trashed()), [post])
        publishing.discard(post=post, by=Person(editor), now=NOON + timedelta(days=40))
        publishing.discard(post=make_draft(), by=Person(editor), now=NOON + timedelta(days=70))
        self.assertEqual(Post.objects.count(), 1)


class WhoMayTests(TestCase):
    def setting(self, **values):
        SiteSettings.objects.update(**values)

    def may_publish(self, user, post):
        try:
            publishing.publish(revision=post.latest_revision, by=Person(user), now=NOON)
        except PermissionDenied:
            return False
        return True

    def test_who_may_publish_is_a_setting(self):
        cast = {"writer": make_writer(), "editor": make_editor(), "chief": make_chief()}
        expected = {
            "chief": {"chief"},
            "editor": {"chief", "editor"},
            "writer": {"chief", "editor", "writer"},
        }
        for setting, allowed in expected.items():
            self.setting(publishers=setting)
            posts = {name: make_draft(by=cast["writer"]) for name in cast}
            self.assertEqual(
                {name for name, post in posts.items() if self.may_publish(cast[name], post)}, allowed
            )

    def test_writer_may_not_publish_what_another_wrote(self):
        self.setting(publishers="writer")
        self.assertFalse(self.may_publish(make_writer("other"), make_draft(by=make_writer())))

    def test_with_four_eyes_nobody_passes_their_own_text(self):
        self.setting(four_eyes=True)
        chief, editor = make_chief(), make_editor()
        post = make_draft(by=chief)
        self.assertFalse(self.may_publish(chief, post))
        publishing.approve(revision=post.latest_revision, by=Person(editor), now=NOON)
        post.latest_revision.refresh_from_db()
        self.assertTrue(self.may_publish(chief, post))

    def test_with_four_eyes_a_colleagues_last_touch_does_not_open_the_way(self):
        self.setting(four_eyes=True)
        chief, editor = make_chief(), make_editor()
        post = make_draft(by=chief, body="編集長が書いた長い文。")
        start = Content.from_json(post.working.content)
        touched = publishing.save(
            post=post,
            content=replace(start, title="直した題"),
            by=Person(editor),
            now=NOON,
            base=post.working,
        )
        with self.assertRaises(PermissionDenied):
            publishing.approve(revision=touched, by=Person(chief), now=NOON)

    def test_revision_sent_back_meanwhile_does_not_go_out_on_a_stale_screen(self):
        self.setting(four_eyes=True)
        chief, editor = make_chief(), make_editor()
        stale = make_draft(by=chief).working
        publishing.approve(revision=stale, by=Person(editor), now=NOON)
        stale.refresh_from_db()
        publishing.send_back(revision=stale, by=Person(editor), now=NOON, reason="出典を。")
        with self.assertRaises(PermissionDenied):
            publishing.publish(revision=stale, by=Person(chief), now=NOON)

    def test_every_transition_is_logged_with_its_person(self):
        editor = make_editor()
        post = make_draft(by=editor)
        publishing.publish(revision=post.latest_revision, by=Person(editor), now=NOON)
        publishing.withdraw(post=post, by=Person(editor), now=NOON, reason="誤報")
        lines = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
        self.assertEqual(
            lines,
            ["作成しました。", "第1版を公開しました。", "取り下げました（2026-11-20 12:00）。理由: 誤報"],
        )
        self.assertEqual({entry.user for entry in LogEntry.objects.all()}, {editor})


class ContentRoundTripTests(TestCase):
    def test_live_columns_say_what_the_revision_says(self):
        hero = make_image()
        content = make_content(
            day=date(2026, 1, 2), tags=("AI", "C++"), hero=hero.hash, excerpt="要点", noindex=True
        )
        post = publishing.create(content=content, by=IMPORT, now=NOON)
        post = publishing.publish(revision=post.latest_revision, by=IMPORT, now=NOON)
        self.assertEqual(Content.from_json(post.live_revision.content), content)
        self.assertEqual((post.day, post.hero, post.excerpt, post.noindex), (content.day, hero, "要点", True))
        self.assertEqual([credit.author.name for credit in post.credits], ["ALLFORCES編集部"])
        self.assertEqual(set(post.tags.slugs()), {"ai", "cpp"})
