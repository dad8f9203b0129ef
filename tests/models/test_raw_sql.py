"""The hand-written statements say what the query sets say."""

from datetime import timedelta
from uuid import uuid4

from django.test import TestCase

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.models import Category, Page, Post, Similarity, SiteSettings, cards, raw_sql
from blog.public import related
from tests.make import (
    NOON,
    make_author,
    make_category,
    make_collection,
    make_content,
    make_draft,
    make_editor,
    make_image,
    make_post,
    make_scheduled,
)

HOUR = timedelta(hours=1)
BLOCKED = "<<<<<<< HEAD"


class StatementTests(TestCase):
    def test_neighbours_are_those_of_the_list_at_every_place_and_moment(self):
        for hours in (-5, -4, -4, -4, -1, 0):
            make_post(at=NOON + hours * HOUR)
            make_post(at=NOON + hours * HOUR, body=BLOCKED)
        make_scheduled(at=NOON + HOUR, now=NOON - 9 * HOUR)
        make_draft()
        gone, ending = Post.objects.filter(is_blocked=False).newest_first()[3:5]
        publishing.withdraw(post=gone, by=IMPORT, now=NOON, reason="誤報")
        publishing.withdraw(post=ending, by=IMPORT, now=NOON, at=NOON + HOUR, reason="期間終了")
        for now in (NOON - HOUR, NOON, NOON + HOUR, NOON + 2 * HOUR):
            listed = Post.objects.listed(now)
            for post in listed:
                expected = (listed.just_after(post).first(), listed.just_before(post).first())
                self.assertEqual(raw_sql.neighbours(post, now=now)[:2], expected)

    def test_neighbours_and_number_in_a_collection_are_those_of_its_list(self):
        serial = make_collection()
        for hours in (-5, -4, -4, -2, -1):
            make_post(at=NOON + hours * HOUR)
            make_post(at=NOON + hours * HOUR, collection=serial.name)
        make_post(at=NOON, collection=make_collection("別の連載").name)
        blocked = make_post(at=NOON - 3 * HOUR, collection=serial.name, body=BLOCKED)
        make_scheduled(at=NOON + HOUR, now=NOON - 9 * HOUR, collection=serial.name)
        publishing.withdraw(post=serial.posts.order_by("pk")[1], by=IMPORT, now=NOON, reason="誤報")
        for now in (NOON - HOUR, NOON, NOON + HOUR):
            parts = list(Post.objects.listed(now).filter(collection=serial).in_reading_order().numbered(now))
            for index, post in enumerate(parts):
                found = raw_sql.neighbours(post, now=now)
                self.assertEqual(found.preceding, parts[index - 1] if index else None)
                self.assertEqual(found.following, parts[index + 1] if index + 1 < len(parts) else None)
                self.assertEqual(found.number, post.number)
        numbers = [post.number for post in parts]
        self.assertEqual(numbers, [1, 3, 4, 5, 6], "the second was withdrawn, and none moves up")
        self.assertEqual(raw_sql.neighbours(blocked, now=NOON).number, 0, "it is no part of the list")

    def test_beside_a_post_stand_the_published_ones_chosen_and_alike(self):
        editor = make_editor()
        posts = [
            make_post(title=f"計算センターの電力 その{number}", slug=f"den-{number}") for number in range(6)
        ]
        make_scheduled(title="計算センターの電力と明日", at=NOON + HOUR, now=NOON - HOUR)
        hidden = make_post(title="計算センターの電力 その七", slug="den-7", body=BLOCKED)
        related.rebuild(now=NOON)
        publishing.withdraw(post=posts[1], by=Person(editor), now=NOON, reason="誤報")
        publishing.withdraw(post=posts[2], by=Person(editor), now=NOON, at=NOON + HOUR, reason="期間終了")
        paths = [posts[4].path, "/2026/11/20/nai/", posts[1].path, posts[0].path, posts[2].path, hidden.path]
        for now in (NOON, NOON + HOUR):
            listed = Post.objects.listed(now)
            by_hand, alike = raw_sql.beside(posts[0].pk, paths=paths, most=3, now=now)
            here = {post.path: post for post in listed if post.path in paths}
            self.assertEqual(by_hand, [here[path] for path in paths if path in here])
            kept = Similarity.objects.filter(post=posts[0], other__in=listed).order_by("-strength", "other")
            self.assertEqual([post.pk for post in alike], [row.other_id for row in kept[:3]])
            self.assertEqual(raw_sql.beside(posts[0].pk, paths=(), most=3, now=now), ([], alike))

    def test_front_has_the_newest_of_all_and_of_each_section(self):
        for hours in (-5, -4, -4, -2, -1):
            make_post(at=NOON + hours * HOUR)
            make_post(at=NOON + hours * HOUR, category="投資")
            make_post(at=NOON + hours * HOUR, category="投資", body=BLOCKED, featured=True)
        make_category("空の棚")
        make_scheduled(at=NOON + HOUR, now=NOON - 9 * HOUR)
        make_draft()
        publishing.withdraw(post=Post.objects.newest_first()[3], by=IMPORT, now=NOON, reason="誤報")
        since = NOON - 3 * HOUR
        for hours in (-4, -2, 1):
            make_scheduled(at=NOON + hours * HOUR, now=NOON - 9 * HOUR, featured=True)
        leading = set()
        for now in (NOON - 3 * HOUR, NOON - HOUR, NOON, NOON + HOUR):
            listed = Post.objects.listed(now).newest_first()
            featured, newest, by_section = raw_sql.home_page_keys(now, newest=4, each=3, featured_since=since)
            first = Post.objects.featured(now, since=since).first()
            self.assertEqual(featured, first.pk if first else 0)
            leading.add(featured)
            self.assertEqual(newest, [post.pk for post in listed[:4]])
            self.assertEqual(
                by_section,
                {
                    section.pk: [post.pk for post in listed.filter(category=section)[:3]]
                    for section in Category.objects.exclude(name="空の棚")
                },
            )
        self.assertEqual(len(leading), 3, "nothing, then one, then another")

    def test_of_two_featured_at_one_moment_the_younger_leads_whatever_its_number_looks_like(self):
        post = make_post(featured=True)
        for pk in (99_999, 100_000):
            post.pk, post.slug, post.guid, post.uuid = pk, f"no-{pk}", f"no-{pk}", uuid4()
            post.save(force_insert=True)
        self.assertEqual(Post.objects.featured(NOON, since=NOON).first().pk, 100_000)
        self.assertEqual(
            raw_sql.home_page_keys(NOON, newest=1, each=1, featured_since=NOON).featured, 100_000
        )

    def test_settings_name_the_public_pages(self):
        self.assertEqual(SiteSettings.objects.current(NOON).pages, [])
        for path, title, is_public in (
            ("/privacy/", "個人情報", True),
            ("/about/", "本誌 | 私たち", True),
            ("/secret/", "準備中", False),
        ):
            Page.objects.create(path=path, title=title, is_public=is_public)
        pages = Page.objects.filter(is_public=True).order_by("path").values_list("title", "path")
        self.assertEqual(SiteSettings.objects.current(NOON).pages, list(pages))

    def test_settings_know_when_an_update_is_due(self):
        post = make_post()
        revision = publishing.save(post=post, content=make_content(), by=IMPORT, now=NOON, base=None)
        publishing.publish(revision=revision, by=IMPORT, now=NOON, at=NOON + HOUR)
        for now in (NOON, NOON + HOUR - timedelta(microseconds=1), NOON + HOUR):
            settings = SiteSettings.objects.current(now)
            self.assertEqual(settings, SiteSettings.objects.get())
            self.assertEqual(bool(settings.update_is_due), Post.objects.due(now).exists())

    def test_settings_have_their_logo_in_one_query_and_the_rest_of_it_when_asked(self):
        image = make_image()
        SiteSettings.objects.update(logo=image)
        with self.assertNumQueries(1):
            logo = SiteSettings.objects.current(NOON).logo
            self.assertEqual((logo.url, logo.width, logo.alt), (image.url, image.width, image.alt))
        self.assertEqual((logo.hash, logo.focal_x), (image.hash, image.focal_x))

    def test_tags_and_credits_come_in_their_order(self):
        make_author("写真の人", kind="person")
        content = make_content(tags=("投資", "AI", "C++"))
        content = type(content).from_json(
            content.to_json()
            | {
                "bylines": [
                    {"author": "写真の人", "role": "photographer"},
                    {"author": "ALLFORCES編集部", "role": "writer"},
                ]
            }
        )
        post = publishing.create(content=content, by=IMPORT, now=NOON)
        post = publishing.publish(revision=post.working, by=IMPORT, now=NOON)
        self.assertEqual([tag.name for tag in cards.tags_of(post)], ["投資", "AI", "C++"])
        self.assertEqual(
            [str(credit) for credit in cards.credits_of(post)],
            [str(credit) for credit in post.bylines.select_related("author")],
        )
