"""A newer renderer and old texts: readers see what it does, and nobody is told of news."""

import io

from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.test import TestCase

from blog.editorial import images, publishing
from blog.editorial.actors import IMPORT
from blog.models import Page, Post, Revision, SiteSettings
from blog.text.markdown import RENDERER_VERSION
from tests.admin.test_pages_admin import make_page
from tests.base import changed
from tests.make import NOON, make_draft, make_image, make_post, make_scheduled, picture_bytes
from tests.refusing import refusing


def rerender(*options: str) -> str:
    out = io.StringIO()
    call_command("rerender_posts", *options, stdout=out)
    return out.getvalue()


def age(*posts: Post) -> None:
    """As an older renderer left them."""
    keys = [post.pk for post in posts]
    Post.objects.filter(pk__in=keys).update(renderer_version=RENDERER_VERSION - 1, body_html="<p>前の形</p>")


class RerenderingTests(TestCase):
    def html(self, post: Post) -> str:
        return Post.objects.get(pk=post.pk).body_html

    def test_public_scheduled_and_withdrawn_posts_get_what_the_renderer_does_now(self) -> None:
        posts = [make_post(), make_scheduled(at=NOON.replace(year=2030)), make_post()]
        publishing.withdraw(post=posts[2], by=IMPORT, now=NOON, reason="誤り")
        before = [self.html(post) for post in posts]
        age(*posts)
        self.assertIn("記事 3、", rerender())
        self.assertEqual([self.html(post) for post in posts], before)
        self.assertEqual(set(Post.objects.values_list("renderer_version", flat=True)), {RENDERER_VERSION})

    def test_all_that_follows_from_the_text_is_made_anew(self) -> None:
        post = make_post(body="## 見出し\n\n" + "字" * 600)
        derived = ("body_html", "portable_html", "toc", "plain_text", "characters", "reading_minutes")
        before = Post.objects.values(*derived).get(pk=post.pk)
        Post.objects.update(
            renderer_version=0,
            body_html="",
            portable_html="",
            toc=[],
            plain_text="",
            characters=0,
            reading_minutes=9,
        )
        rerender()
        self.assertEqual(Post.objects.values(*derived).get(pk=post.pk), before)

    def test_html_for_feeds_is_derived_for_posts_from_before_there_was_any(self) -> None:
        post = make_post(body="本文。")
        before = Post.objects.get(pk=post.pk).portable_html
        Post.objects.update(portable_html="")
        self.assertIn("記事 1、", rerender())
        self.assertEqual(Post.objects.get(pk=post.pk).portable_html, before)
        self.assertIn("記事 0、", rerender())

    def test_nobody_is_told_of_news(self) -> None:
        post = make_post(at=NOON)
        told = (
            "guid",
            "published_at",
            "updated_at",
            "modified_at",
            "live_revision",
            "latest_revision",
            "stage",
        )
        before = Post.objects.values(*told).get(pk=post.pk), list(Revision.objects.values())
        age(post)
        rerender()
        self.assertEqual(
            (Post.objects.values(*told).get(pk=post.pk), list(Revision.objects.values())), before
        )

    def test_what_is_being_written_stays_unseen(self) -> None:
        post = make_post(body="公開中の文。")
        publishing.save(
            post=post, content=changed(post, body="書きかけ。"), by=IMPORT, now=NOON, base=post.live_revision
        )
        draft = make_draft(body="下書き。")
        age(post, draft)
        rerender()
        self.assertEqual(self.html(post), "<p>公開中の文。</p>\n")
        self.assertEqual(self.html(draft), "<p>前の形</p>")

    def test_a_second_time_finds_nothing_to_do_unless_all_are_asked_for(self) -> None:
        post = make_post()
        age(post)
        self.assertIn("記事 1、", rerender())
        self.assertIn("記事 0、", rerender())
        self.assertIn("記事 1、", rerender("--all"))

    def test_a_description_mended_in_the_library_reaches_the_text(self) -> None:
        image = make_image(alt="前の説明")
        post = make_post(body=f"文。\n\n![]({image.url})")
        image.alt = "よい説明"
        image.save()
        rerender("--all")
        self.assertIn('alt="よい説明"', self.html(post))

    def test_a_text_that_went_live_meanwhile_is_left_to_whoever_published_it(self) -> None:
        post = make_post(body="前の文。")
        stale = Post.objects.select_related("live_revision").get(pk=post.pk)
        revision = publishing.save(
            post=post, content=changed(post, body="新しい文。"), by=IMPORT, now=NOON, base=post.live_revision
        )
        publishing.publish(revision=revision, by=IMPORT, now=NOON)
        self.assertFalse(publishing.rerender(now=NOON, post=stale))
        self.assertEqual(self.html(post), "<p>新しい文。</p>\n")

    def assert_one_fails_and_stops_no_other(self, bad: Post, good: Post) -> None:
        age(bad, good)
        with (
            self.assertLogs("blog.editorial.publishing.rerendering", "ERROR"),
            self.assertRaisesMessage(CommandError, "1 件を作り直せませんでした"),
        ):
            rerender()
        self.assertEqual((self.html(bad), self.html(good)), ("<p>前の形</p>", "<p>良い文。</p>\n"))

    def test_one_that_the_database_refuses_is_told_and_stops_no_other(self) -> None:
        bad, good = make_post(body="壊す。"), make_post(body="良い文。")
        with refusing("UPDATE", "blog_post", f"NEW.id = {bad.pk} AND NEW.body_html <> '<p>前の形</p>'"):
            self.assert_one_fails_and_stops_no_other(bad, good)

    def test_one_whose_revision_was_damaged_is_told_and_stops_no_other(self) -> None:
        bad, good = make_post(), make_post(body="良い文。")
        revisions = Revision.objects.filter(pk=bad.live_revision_id)
        whole = revisions.values_list("content", flat=True).get()
        for damaged in ({"body": 5}, {"body": ["文"]}, {"body": None}, {"title": 5}, {"bylines": [{"x": 1}]}):
            with self.subTest(damaged):
                revisions.update(content=whole | damaged)
                self.assert_one_fails_and_stops_no_other(bad, good)

    def test_pages_and_the_footer_follow_and_keep_their_moments(self) -> None:
        page = make_page(body="本文。")
        Page.objects.update(body_html="<p>前の形</p>")
        SiteSettings.objects.update(footer="下の段。", footer_html="")
        self.assertIn("固定ページ 1 ", rerender())
        after = Page.objects.get(pk=page.pk)
        self.assertEqual((after.body_html, after.modified_at), ("<p>本文。</p>\n", page.modified_at))
        self.assertEqual(SiteSettings.objects.get().footer_html, "<p>下の段。</p>\n")
        self.assertIn("固定ページ 0 ", rerender())

    def test_it_asks_little_for_each_post(self) -> None:
        for _ in range(3):
            make_post()
        batch = (
            1 + 2 + 2 + 4
        )  # their texts, savepoint and release, tags and words for search, version and history
        fixed = 1 + 2 + 1 + 2  # the keys; savepoint and release of pages and the footer
        age(*Post.objects.all())
        with self.assertNumQueries(fixed + batch + 3 * 4):  # savepoint, lock, save, release
            publishing.rerender_all(now=NOON)

    def test_pictures_of_older_texts_get_their_smaller_files(self) -> None:
        data = picture_bytes(size=(900, 600), form="JPEG")
        image = images.accept(upload=ContentFile(data), name="a.jpg", by=IMPORT, now=NOON, alt="写真")
        post = make_post(body=f"文。\n\n![]({image.url})")
        age(post)
        rerender()
        self.assertIn(f"/pictures/{image.stem}/800.avif 800w", self.html(post))
