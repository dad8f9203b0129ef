"""Every kind of term × everything that a kind is declared for: a new kind needs no line here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse

from blog.editorial.content import Content
from blog.editorial.content_fields import FIELDS
from blog.models import TERMS, Alias, Post, Term
from blog.public.feeds.subjects import feed_path
from tests.base import PublicTestCase, running
from tests.make import filed_under, make_chief, make_draft, make_post
from tests.transfer.documents import document
from tests.transfer.exporting import ExportTestCase, empty_database


def make_carrier(model: type[Term], name: str, *, title: str, **values: Any) -> Term:
    """The term called `name`, which a published post carries."""
    make_post(title=title, **filed_under(model, name), **values)
    found: Term = model.objects.get(name=name)
    return found


def with_each_kind(test: Callable[[Any, type[Term]], None]) -> Callable[[Any], None]:
    """`test` with every kind, in a database without the others."""

    @wraps(test)
    def run(self: Any) -> None:
        for model in TERMS:
            with self.subTest(model.__name__), transaction.atomic():
                test(self, model)
                transaction.set_rollback(True)

    return run


class EveryKindTests(PublicTestCase):
    @with_each_kind
    def test_page_and_list_show_a_term_from_its_first_post_on(self, model: type[Term]) -> None:
        kind = model.declared
        make_draft(**filed_under(model, "半導体"))
        first = model.objects.get_or_create(name="半導体")[0]
        page, index = first.get_absolute_url(), reverse(f"blog:{kind.plural}")
        self.assertEqual(self.get(page).status_code, 200 if kind.has_empty_page else 404)
        self.assertNotIn("半導体", self.html(index))
        make_carrier(model, "半導体", title="工場の話")
        make_carrier(model, "電力", title="発電の話")
        self.assertIn("工場の話", running(self.html(page)))
        self.assertNotIn("発電の話", running(self.html(page)))
        self.assertIn(f'href="{page}"', self.html(index))
        self.assertIn(f'<h1 class="list-title">{model._meta.verbose_name}</h1>', self.html(index))

    @with_each_kind
    def test_list_and_page_cost_the_same_queries_however_many_posts_and_terms_there_are(
        self, model: type[Term]
    ) -> None:
        page = make_carrier(model, "半導体", title="工場の話").get_absolute_url()
        numbers = iter(range(100))

        def add() -> None:
            make_post(**filed_under(model, "半導体"))
            make_post(**filed_under(model, f"半導体{next(numbers)}"))

        self.assert_same_queries(page, reverse(f"blog:{model.declared.plural}"), add_row=add, rows=(1, 5))

    @with_each_kind
    def test_feed_brings_the_posts_of_its_term(self, model: type[Term]) -> None:
        term = make_carrier(model, "半導体", title="工場の話")
        make_carrier(model, "電力", title="発電の話")
        if model.declared.feed:
            feed = feed_path(model.declared, term.slug)
            self.assertIn(f'href="{feed}"', self.html(term.get_absolute_url()))
            self.assertIn("工場の話", self.html(feed))
            self.assertNotIn("発電の話", self.html(feed))

    @with_each_kind
    def test_sitemap_lists_the_page_where_search_engines_may_find_it(self, model: type[Term]) -> None:
        kind = model.declared
        term = make_carrier(model, "半導体", title="工場の話")
        for _ in range(kind.indexed_from - 1):
            make_carrier(model, "半導体", title="別の工場の話")
        sitemap = reverse(f"blog:sitemap_{kind.sitemap}")
        self.assertIn(f"{sitemap}</loc>", self.html("/sitemap.xml"))
        self.assertIn(f"{term.get_absolute_url()}</loc>", self.html(sitemap))
        self.assertIn(f"{reverse(f'blog:{kind.plural}')}</loc>", self.html("/sitemap-pages.xml"))
        self.assertNotIn('content="noindex', self.html(term.get_absolute_url()))

    @with_each_kind
    def test_search_can_be_narrowed_to_a_term(self, model: type[Term]) -> None:
        kind = model.declared
        term = make_carrier(model, "半導体", title="工場の話")
        make_carrier(model, "電力", title="発電所の工場の話")
        if kind.parameter:
            found = self.html("/search/?" + urlencode({"q": "工場", kind.parameter: term.slug}))
            self.assertIn("1件", found)
            self.assertIn(f'name="{kind.parameter}"', found)
            self.assertIn(f"{model._meta.verbose_name}</label>", found)

    @with_each_kind
    def test_editors_merge_two_terms_and_old_addresses_and_names_lead_to_the_one_that_stays(
        self, model: type[Term]
    ) -> None:
        kind = model.declared
        old = make_carrier(model, "半導体", title="工場の話")
        into = make_carrier(model, "チップ", title="板の話")
        draft = make_draft(**filed_under(model, "半導体"))
        self.client.force_login(make_chief())
        chosen = {"_selected_action": [old.pk, into.pk], "into": into.pk, "confirmed": "on"}
        url = reverse(f"admin:blog_{kind.name}_changelist")
        self.client.post(url, {"action": "merge", "confirm": "yes"} | chosen)
        self.assertEqual([*model.objects.filter(name__in=("半導体", "チップ"))], [into])
        self.assertRedirects(
            self.get(old.get_absolute_url()), into.get_absolute_url(), 301, fetch_redirect_response=False
        )
        if kind.feed:
            here, there = (feed_path(kind, term.slug) for term in (old, into))
            self.assertRedirects(self.get(here), there, 301, fetch_redirect_response=False)
        self.assertIn("工場の話", running(self.html(into.get_absolute_url())))
        # What was written before goes out under the name of today.
        response = self.client.get(reverse("admin:blog_post_change", args=[draft.pk]))
        self.assertContains(response, "チップ")
        self.assertEqual(Alias.objects.get(name="半導体", **{kind.name: into}).key, "半導体")

    @with_each_kind
    def test_term_that_a_post_needs_is_not_deleted(self, model: type[Term]) -> None:
        term = make_carrier(model, "半導体", title="工場の話")
        self.client.force_login(make_chief())
        url = reverse(f"admin:blog_{model.declared.name}_delete", args=[term.pk])
        self.client.post(url, {"post": "yes"})
        self.assertTrue(model.objects.filter(pk=term.pk).exists())


class ArchiveTests(ExportTestCase):
    def test_export_brings_back_each_kind_with_its_other_names_and_the_posts_that_carry_it(self) -> None:
        names = {model: f"名前{number}" for number, model in enumerate(TERMS)}
        values = {
            key: value for model, name in names.items() for key, value in filed_under(model, name).items()
        }
        post = make_post(title="工場の話", **values)
        for model, name in names.items():
            Alias.objects.create(name=f"旧{name}", **{model.declared.name: model.objects.get(name=name)})
        self.assert_round_trip()
        again = Post.objects.get(uuid=post.uuid)
        for model, name in names.items():
            with self.subTest(model.__name__):
                term = model.objects.get(name=name)
                self.assertEqual([*term.aliases.values_list("name", flat=True)], [f"旧{name}"])
                self.assertEqual([*term.among(Post.objects.all())], [again])
        assert again.live_revision is not None
        content = Content.from_json(again.live_revision.content)
        self.assertEqual({name: getattr(content, name) for name in values}, values)

    def test_file_that_names_a_term_is_filed_under_it(self) -> None:
        names = {model: f"名前{number}" for number, model in enumerate(TERMS)}
        keys = {FIELDS[model.declared.field].key: f'"{name}"' for model, name in names.items()}
        empty_database()
        self.import_documents(a=document(author=None, **keys))
        post = Post.objects.get()
        for model, name in names.items():
            with self.subTest(model.__name__):
                self.assertEqual([*model.objects.get(name=name).among(Post.objects.all())], [post])
