"""A prepared query set finds what the query set finds, with the values of each call."""

from __future__ import annotations

import threading
from datetime import timedelta

from django.db import connection
from django.test import TestCase, TransactionTestCase
from django.test.utils import CaptureQueriesContext

from blog.models import Post, Tag, TaggedPost, cards
from blog.models.prepared import Prepared
from tests.make import NOON, make_collection, make_image, make_post

HOUR = timedelta(hours=1)


class PreparedTests(TestCase):
    def test_it_finds_what_the_query_set_finds_whatever_the_values(self) -> None:
        for number in range(4):
            make_post(at=NOON - number * HOUR, slug=f"kiji-{number}")

        def build(slug, now):
            return Post.objects.listed(now).filter(slug=slug).select_related("category").newest_first()

        prepared = Prepared(build)
        for slug, now in (("kiji-0", NOON), ("kiji-0", NOON - HOUR), ("kiji-3", NOON), ("' OR 1=1", NOON)):
            with self.subTest(slug, now=now):
                self.assertEqual(prepared(slug, now), list(build(slug, now)))

    def test_rows_are_whole_objects_with_values_of_python(self) -> None:
        post = make_post(hero=make_image().hash, collection=make_collection().name, related=("/a/",))
        columns = [field.attname for field in Post._meta.concrete_fields]
        (found,) = Prepared(lambda key: Post.objects.filter(pk=key).select_related("hero", "collection"))(
            post.pk
        )
        expected = Post.objects.get(pk=post.pk)
        for column in columns:
            self.assertEqual(getattr(found, column), getattr(expected, column), column)
        with self.assertNumQueries(0):
            self.assertEqual((found.hero.url, found.collection.name), (post.hero.url, "計算の値段"))
        found.title = "変えた題"
        found.save()
        self.assertEqual(Post.objects.get().title, "変えた題")

    def test_any_number_of_keys_in_few_statements(self) -> None:
        keys = [make_post().pk for _ in range(9)]
        prepared = Prepared(lambda *keys: Post.objects.filter(pk__in=keys).order_by("pk"))
        for number in range(10):
            self.assertEqual([post.pk for post in prepared.among(keys[:number])], keys[:number])
        with CaptureQueriesContext(connection) as queries:
            prepared.among([])
        self.assertEqual(len(queries), 0)

    def test_rows_of_columns_are_tuples(self) -> None:
        post = make_post(tags=("AI",))
        prepared = Prepared(
            lambda key: TaggedPost.objects.filter(content_object=key).values_list(
                "content_object", "tag__name"
            )
        )
        self.assertEqual(prepared(post.pk), [(post.pk, "AI")])

    def test_a_value_that_the_statement_holds_in_another_form_is_refused(self) -> None:
        """Or every later call would ask for the first one's value."""
        with self.assertRaises(ValueError):
            Prepared(lambda word: Tag.objects.filter(name__contains=word))("AI")
        with self.assertRaises(TypeError):
            Prepared(lambda flag: Post.objects.filter(related=flag))(["/a/"])

    def test_cards_and_items_of_feeds_are_those_of_the_query_sets_in_the_order_asked_for(self) -> None:
        posts = [make_post(at=NOON - number * HOUR, tags=("電力", "AI")) for number in range(3)]
        keys = [posts[1].pk, posts[0].pk, posts[2].pk, 999_999]
        found = cards.cards(keys)
        self.assertEqual([post.pk for post in found], keys[:3])
        expected = {post.pk: post for post in Post.objects.for_cards()}
        with self.assertNumQueries(0):
            for post in found:
                other = expected[post.pk]
                self.assertEqual(
                    (post.title, post.summary, post.category, post.reading_minutes),
                    (other.title, other.summary, other.category, other.reading_minutes),
                )
                self.assertEqual([credit.author.name for credit in post.credits], ["ALLFORCES編集部"])
        now = NOON - HOUR / 2
        items = cards.feed_posts(keys, now=now)
        self.assertEqual([post.pk for post in items], [posts[1].pk, posts[2].pk], "not the one to come")
        self.assertEqual(items[0].names_of_tags, ["電力", "AI"])


class ThreadTests(TransactionTestCase):
    def test_a_statement_composed_in_one_thread_serves_another(self) -> None:
        post = make_post()
        prepared = Prepared(lambda key: Post.objects.filter(pk=key))
        found = prepared(post.pk)

        def ask() -> None:
            try:
                found.extend(prepared(post.pk))
            finally:
                connection.close()

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        self.assertEqual(found, [post, post])
