"""Working text: saved, merged, restored."""

from dataclasses import replace

from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from blog.editorial import publishing
from blog.editorial.actors import IMPORT, Person
from blog.editorial.content import Content
from blog.editorial.taxonomy import merge, save_named, save_page
from blog.models import Address, Page, Post, Revision, Tag
from tests.make import (
    NOON,
    make_autosave,
    make_category,
    make_content,
    make_draft,
    make_editor,
    make_post,
    make_writer,
    throw_away,
)


def content_of(post):
    return Content.from_json(Post.objects.get(pk=post.pk).latest_revision.content)


class SavingTests(TestCase):
    def test_every_save_is_a_revision_and_an_unchanged_one_is_none(self):
        post = make_draft(title="一")
        first = content_of(post)
        publishing.save(post=post, content=first, by=IMPORT, now=NOON, base=None)
        publishing.save(post=post, content=replace(first, title="二"), by=IMPORT, now=NOON, base=None)
        self.assertEqual([*post.revisions.values_list("number", flat=True)], [2, 1])
        self.assertEqual(Post.objects.get().working_title, "二")

    def test_two_editors_of_different_places_both_keep_their_work(self):
        post = make_draft(title="題", body="一つ目の文。\n\n二つ目の文。\n", tags=("AI",))
        base, start = post.latest_revision, content_of(post)
        hanako, taro = make_editor("hanako"), make_editor("taro")
        publishing.save(
            post=post,
            content=replace(start, body="一つ目を直した文。\n\n二つ目の文。\n", tags=("AI", "投資")),
            by=Person(hanako),
            now=NOON,
            base=base,
        )
        merged = publishing.save(
            post=post,
            content=replace(
                start, title="新しい題", body="一つ目の文。\n\n二つ目も直した文。\n", tags=("LLM",)
            ),
            by=Person(taro),
            now=NOON,
            base=base,
        )
        result = content_of(post)
        self.assertEqual(merged.kind, Revision.Kind.MERGE)
        self.assertEqual(result.title, "新しい題")
        self.assertEqual(result.body, "一つ目を直した文。\n\n二つ目も直した文。\n")
        self.assertEqual(set(result.tags), {"投資", "LLM"})

    def test_two_editors_of_one_sentence_lose_nothing(self):
        post = make_draft(body="元の文。\n")
        base, start = post.latest_revision, content_of(post)
        publishing.save(
            post=post, content=replace(start, body="花子の文。\n"), by=IMPORT, now=NOON, base=base
        )
        with self.assertRaises(publishing.EditConflict) as conflict:
            publishing.save(
                post=post, content=replace(start, body="太郎の文。\n"), by=IMPORT, now=NOON, base=base
            )
        self.assertEqual(conflict.exception.fields, ["body"])
        self.assertEqual(conflict.exception.merged.body, "太郎の文。\n")
        self.assertEqual(content_of(post).body, "花子の文。\n")

    def test_restored_revision_is_a_new_one(self):
        post = make_draft(title="一")
        publishing.save(
            post=post, content=replace(content_of(post), title="二"), by=IMPORT, now=NOON, base=None
        )
        first = post.revisions.get(number=1)
        restored = publishing.restore_revision(post=post, revision=first, by=IMPORT, now=NOON)
        self.assertEqual((restored.number, restored.kind, content_of(post).title), (3, "restore", "一"))

    def test_post_in_the_bin_is_not_written_in(self):
        post = make_draft()
        throw_away(post)
        with self.assertRaises(publishing.WrongState):
            publishing.save(post=post, content=make_content(), by=IMPORT, now=NOON, base=None)

    def test_stored_revision_cannot_be_rewritten(self):
        revision = make_draft().latest_revision
        revision.content = {}
        with self.assertRaises(TypeError):
            revision.save()

    def test_writer_may_not_touch_what_another_wrote(self):
        post = make_draft(by=make_writer())
        for step in (
            lambda by: publishing.save(post=post, content=make_content(), by=by, now=NOON, base=None),
            lambda by: make_autosave(post, content=make_content(), by=by.user),
            lambda by: publishing.restore_revision(post=post, revision=post.latest_revision, by=by, now=NOON),
            lambda by: publishing.submit(revision=post.latest_revision, by=by),
            lambda by: publishing.approve(revision=post.latest_revision, by=by, now=NOON),
            lambda by: publishing.discard(post=post, by=by, now=NOON),
        ):
            with self.assertRaises(PermissionDenied):
                step(Person(make_writer(f"other-{Post.objects.count()}-{id(step)}")))
        self.assertEqual(post.revisions.count(), 1)

    def test_control_characters_and_decomposed_kana_do_not_enter(self):
        post = make_draft(title="か\u3099ん\x0bばる", body="一行\r\n二行\x00")
        self.assertEqual((post.working_title, content_of(post).body), ("がんばる", "一行\n二行"))


class NamesTests(TestCase):
    def test_tags_that_look_alike_are_one_and_signs_make_three(self):
        post = make_post(tags=("AI", "ＡＩ", "ai", "C", "C++", "C#", "！？"))
        self.assertEqual(sorted(post.tags.slugs()), ["ai", "c", "cpp", "csharp", "tag"])

    def test_many_tags_cost_a_fixed_number_of_queries(self):
        Tag.objects.for_names([f"札{n}" for n in range(30)])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            tags = Tag.objects.for_names([f"札{n}" for n in range(30)])
        self.assertEqual((len(tags), len(queries)), (30, 2))

    def test_merged_tag_is_found_by_old_revisions_and_old_paths(self):
        post = make_post(tags=("エヌビディア", "AI"))
        make_post(tags=("NVIDIA", "エヌビディア"))
        old, new = Tag.objects.get(name="エヌビディア"), Tag.objects.get(name="NVIDIA")
        self.assertEqual(merge(sources=[old], into=new, by=IMPORT, now=NOON), 1)
        publishing.publish(revision=post.live_revision, by=IMPORT, now=NOON)
        self.assertEqual(set(post.tags.names()), {"NVIDIA", "AI"})
        self.assertFalse(Tag.objects.filter(name="エヌビディア").exists())

    def test_renamed_section_is_still_the_section_of_old_revisions(self):
        post = make_post(category="投資分析")
        section = make_category("投資分析")
        section.name, section.slug = "AI導入戦略", "strategy"
        save_named(section, by=IMPORT, now=NOON)
        publishing.publish(revision=post.live_revision, by=IMPORT, now=NOON)
        post.refresh_from_db()
        self.assertEqual(post.category, section)


class PageTests(TestCase):
    def test_page_that_is_public_no_more_is_gone_and_can_come_back(self):
        page = Page(path="/company/", title="会社", body="会社です。", is_public=True)
        save_page(page, by=IMPORT, now=NOON)
        page.path = "/about/"
        save_page(page, by=IMPORT, now=NOON)
        page.is_public = False
        save_page(page, by=IMPORT, now=NOON)
        self.assertEqual(
            set(Address.objects.values_list("path", "kind")), {("/company/", "gone"), ("/about/", "gone")}
        )
        page.is_public = True
        save_page(page, by=IMPORT, now=NOON)
        self.assertEqual(Address.objects.get(path="/about/").page, page)
