"""What is declared of a field holds everywhere: one sample of each goes every way that a text can go."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db.models import CharField
from django.urls import reverse

from blog.editorial import publishing
from blog.editorial.actors import Person
from blog.editorial.content import Content
from blog.editorial.content_fields import FIELDS, NAME_LENGTH
from blog.editorial.content_kinds import Credit, Kind
from blog.models import Address, Author, Byline, Category, Collection, Post, Tag
from tests.admin.test_drafts import Tab
from tests.make import NOON, make_author, make_category, make_collection, make_draft, make_image, make_post
from tests.transfer.exporting import ExportTestCase

OURS_ALONE = re.compile(r"^(layout|guid|import_ref|uuid): .*\n", re.MULTILINE)
NEVER_CONTRADICT = {Kind.FLAG, Kind.TERMS, Kind.OTHER_KEYS, Kind.DIALECT}
"""Two people who change a flag agree; tags are merged one by one; the form shows neither other keys nor the dialect."""


def column(post: Post, name: str) -> Any:
    """What readers see of a field in the column of its name, as `Content` says it."""
    found = getattr(post, name)
    match FIELDS[name].kind:
        case Kind.TERM_IN_LIST | Kind.TERM:
            return found.name
        case Kind.IMAGE:
            return found.hash
        case Kind.PATHS:
            return tuple(found)
    return found


@dataclass(frozen=True)
class Sample:
    """`typed`: into the form's field of that name. `other`: what somebody else types there meanwhile. `live`: what
    readers see of it, where no column has its name."""

    typed: Any
    value: Any
    other: Any = ""
    live: Callable[[Post], Any] | None = None


class ContentFieldTests(ExportTestCase):
    def setUp(self) -> None:
        super().setUp()
        make_category("研究"), make_category("投資")
        make_collection("電力の夏"), make_collection("計算の値段")
        make_author("山田花子", kind=Author.Kind.PERSON), make_author("佐藤", kind=Author.Kind.PERSON)
        older, newer = (make_post(slug=slug).path for slug in ("older", "newer"))
        hero, shared, third = (make_image().hash for _ in range(3))
        self.samples = {
            "title": Sample("題の見本", "題の見本", "別の題"),
            "slug": Sample("mihon", "mihon", "betsu"),
            "day": Sample("2026/11/1", date(2026, 11, 1), "2026-11-02"),
            "category": Sample("研究", "研究", "投資"),
            "collection": Sample("電力の夏", "電力の夏", "計算の値段"),
            "tags": Sample(
                *("電力、C++", ("電力", "C++")),
                live=lambda post: tuple(tag.name for tag in post.tags.order_by("tagged__pk")),
            ),
            "bylines": Sample(
                *("山田花子", (Credit("山田花子"),), "佐藤"),
                live=lambda post: tuple(Credit(row.author.name, row.role) for row in post.bylines.all()),
            ),
            "hero": Sample(hero, hero, third),
            "related": Sample(older, (older,), newer),
            "excerpt": Sample("短く。", "短く。", "別に。", live=lambda post: post.excerpt),
            "description": Sample("検索に。", "検索に。", "別に。", live=lambda post: post.description),
            "share_image": Sample(shared, shared, third),
            "disclosure": Sample("広告です。\r\n提供: A社", "広告です。\n提供: A社", "広告ではありません。"),
            "canonical_url": Sample(
                "https://example.org/a", "https://example.org/a", "https://example.com/b"
            ),
            "featured": Sample("on", True, live=lambda post: post.featured_at is not None),
            "noindex": Sample("on", True),
            "dialect": Sample(None, "jekyll"),
            "extra": Sample(None, {"z": 1, "a": [True]}, live=lambda post: {"z": 1, "a": [True]}),
            "body": Sample("見本の本文。\r\n", "見本の本文。\n", "別の本文。\r\n"),
        }
        self.client.force_login(self.chief)

    def content(self) -> Content:
        return Content(**{name: sample.value for name, sample in self.samples.items()})

    def not_typed(self) -> dict[str, Any]:
        """Values of fields that the form does not show."""
        return {name: sample.value for name, sample in self.samples.items() if sample.typed is None}

    def typed(self, name: str, value: Any) -> dict[str, Any]:
        if FIELDS[name].kind is Kind.CREDITS:
            return {f"{name}-author": [value], f"{name}-role": ["writer"]}
        return {} if value is None else {name: value}

    def all_typed(self) -> dict[str, Any]:
        typed = (self.typed(name, sample.typed) for name, sample in self.samples.items())
        return {name: value for one in typed for name, value in one.items()}

    def assert_all(self, content: Content) -> None:
        for name, sample in self.samples.items():
            with self.subTest(name):
                self.assertEqual(getattr(content, name), sample.value)

    def test_every_field_has_a_sample_here_that_is_not_its_default(self):
        self.assertEqual(self.samples.keys(), FIELDS.keys())
        self.assertEqual(Content().diff(self.content()).keys(), FIELDS.keys())

    def test_what_is_typed_is_kept_shown_to_readers_exported_and_brought_back(self):
        draft = make_draft(**self.not_typed())
        self.publish(draft, **self.all_typed())
        post = Post.objects.get(pk=draft.pk)
        self.assert_all(Content.from_json(json.loads(json.dumps(post.live_revision.content))))
        for name, sample in self.samples.items():
            with self.subTest(column=name):
                self.assertIs(FIELDS[name].has_column, sample.live is None)
                self.assertEqual(sample.live(post) if sample.live else column(post, name), sample.value)
        self.export()
        Post.objects.get(pk=draft.pk).delete()
        self.assertIn("失敗 0", self.bring_back())
        self.assert_all(Content.from_json(Post.objects.get(uuid=post.uuid).live_revision.content))

    def test_a_file_of_another_generator_says_the_same_under_the_same_keys(self):
        post = make_draft(**self.not_typed())
        self.publish(post, **self.all_typed())
        self.export()
        manuscripts = self.folder / "manuscripts"
        manuscripts.mkdir()
        for path in (self.folder / "out/_posts").glob("*.md"):
            (manuscripts / path.name).write_text(OURS_ALONE.sub("", path.read_text("utf-8")), "utf-8")
        for kept in Post.objects.all():
            kept.delete()
        Address.objects.all().delete()
        images = self.folder / "out/assets/images"
        call_command("import_posts", manuscripts, images=images, stdout=StringIO())
        self.assert_all(Content.from_json(Post.objects.get(slug="mihon").live_revision.content))

    def test_a_difference_is_told_with_its_label(self):
        post = make_draft(slug="before", day=NOON.date())
        publishing.save(post=post, content=self.content(), by=Person(self.chief), now=NOON, base=None)
        page = self.client.get(reverse("admin:blog_post_revision", args=[post.pk, 2]))
        labels = [declared.label for declared in FIELDS.values()]
        self.assertEqual([change.label for change in page.context["comparison"]], labels)
        for label in labels:
            self.assertContains(page, label)

    def test_two_people_who_contradict_each_other_are_told_where(self):
        for name, sample in self.samples.items():
            declared = FIELDS[name]
            if declared.kind in NEVER_CONTRADICT:
                continue
            with self.subTest(name):
                post = make_draft()
                base = post.working
                self.send(post, base=base, **self.typed(name, sample.typed))
                page = self.send(post, base=base, **self.typed(name, sample.other))
                [change] = page.context["conflict"].comparison
                self.assertEqual((change.name, change.label), (name, declared.label))
                self.assertContains(page, f"<h3>{declared.label}</h3>", html=True)
                self.assertEqual(post.revisions.count(), 2)

    def test_an_autosaved_draft_brings_it_back(self):
        post = make_draft(**self.not_typed())
        tab = Tab(self, post)
        tab.autosave(**self.all_typed())
        opened = Tab(self, post, url=f"{tab.url}?draft={tab.data['draft-key']}")
        self.assert_all(opened.page.context["form"].typed())
        opened.save()
        self.assert_all(self.latest(post))

    def test_a_revision_older_than_a_field_has_its_default(self):
        self.assertEqual(Content.from_json({}), Content())
        self.assertEqual(Content.from_json({"title": "題", "unheard-of": 1}), Content(title="題"))

    def test_limits_are_those_of_the_columns(self):
        for name, declared in FIELDS.items():
            column = Post._meta.get_field(name) if declared.has_column else None
            if isinstance(column, CharField):
                with self.subTest(name):
                    self.assertEqual(declared.limit, column.max_length)
        for model in (Author, Category, Collection, Tag):
            with self.subTest(model.__name__):
                self.assertEqual(model._meta.get_field("name").max_length, NAME_LENGTH)
        self.assertEqual(Credit("山田花子").role, Byline.Role.WRITER)
