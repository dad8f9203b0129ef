"""Sections and authors made one, and names that change more than once: one hop, one meaning, no news for readers."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import Permission
from django.test import TestCase
from django.urls import reverse

from blog.editorial import publishing, taxonomy
from blog.editorial.actors import IMPORT
from blog.editorial.content import Content, Credit
from blog.models import Address, Alias, Author, Category, Post, Tag
from tests.make import NOON, make_author, make_category, make_draft, make_editor, make_post, make_user

LATER = NOON + timedelta(hours=1)


def rename(item, name: str, slug: str) -> None:
    item.name, item.slug = name, slug
    taxonomy.save_named(item, by=IMPORT, now=NOON)


class MergePageTests(TestCase):
    def setUp(self) -> None:
        self.client.force_login(make_editor())

    def merge(self, *items, **values):
        data = {"action": "merge", "_selected_action": [item.pk for item in items]} | values
        return self.client.post(reverse(f"admin:blog_{items[0]._meta.model_name}_changelist"), data)

    def test_two_sections_become_one_after_a_question(self):
        post = make_post(category="投資分析", slug="a")
        told = post.updated_at, post.modified_at
        source, into = Category.objects.get(), make_category("AI導入戦略", slug="strategy")
        page = self.merge(source, into)
        self.assertContains(page, "カテゴリを1つにまとめる")
        self.assertContains(page, "/category/投資分析/")
        self.assertEqual(Category.objects.count(), 2)
        done = self.merge(source, into, confirm="yes", into=into.pk, confirmed="on")
        self.assertRedirects(done, reverse("admin:blog_category_changelist"))
        post.refresh_from_db()
        self.assertEqual((post.category, (post.updated_at, post.modified_at)), (into, told))
        self.assertRedirects(self.client.get("/category/投資分析/"), "/category/strategy/", status_code=301)
        self.assertEqual(taxonomy.known_as(Category, "投資分析"), into)

    def test_two_authors_become_one_and_nobody_signs_twice(self):
        both = make_post(bylines=(Credit("佐藤"), Credit("佐藤さん"), Credit("佐藤さん", "editor")))
        one = make_post(bylines=(Credit("佐藤さん"),))
        into, source = (make_author(name) for name in ("佐藤", "佐藤さん"))
        done = self.merge(source, into, confirm="yes", into=into.pk, confirmed="on")
        self.assertRedirects(done, reverse("admin:blog_author_changelist"))
        self.assertEqual(
            [(credit.author, credit.role) for credit in both.bylines.all()],
            [(into, "writer"), (into, "editor")],
        )
        self.assertEqual([credit.author for credit in one.bylines.all()], [into])
        self.assertRedirects(self.client.get("/authors/佐藤さん/"), into.get_absolute_url(), status_code=301)
        self.assertContains(self.client.get(reverse("admin:blog_author_changelist")), "佐藤")

    def test_the_login_of_an_author_goes_along_unless_the_other_has_one(self):
        first, second, into = (make_author(name) for name in ("甲", "乙", "丙"))
        for author, name in ((first, "first"), (second, "second")):
            author.user = make_user(name)
            author.save()
        taxonomy.merge(sources=[first, second], into=into, by=IMPORT, now=NOON)
        into.refresh_from_db()
        self.assertEqual(into.user, first.user)

    def test_merging_sections_and_authors_needs_the_right_to_change_and_to_delete(self):
        halfway = make_user("halfway")
        codenames = ["view_category", "change_category", "view_author", "change_author"]
        halfway.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        self.client.force_login(halfway)
        for pair in ((make_category("甲"), make_category("乙")), (make_author("丙"), make_author("丁"))):
            with self.subTest(pair):
                self.merge(*pair, confirm="yes", into=pair[0].pk, confirmed="on")
                self.assertEqual(type(pair[0]).objects.count(), 2)

    def test_the_list_of_posts_finds_the_drafts_of_a_merged_section(self):
        draft = make_draft(category="古い欄")
        other = make_draft(category="別の欄")
        into = make_category("新しい欄")
        taxonomy.merge(sources=[Category.objects.get(name="古い欄")], into=into, by=IMPORT, now=NOON)
        found = Post.objects.filed_under(into)
        self.assertEqual(list(found), [draft])
        self.assertNotIn(other, found)


class SnapshotTests(TestCase):
    def test_an_old_revision_goes_out_under_the_names_of_today(self):
        post = make_post(
            category="旧欄", tags=("LLM", "大規模言語モデル"), bylines=(Credit("山田"), Credit("山田太郎"))
        )
        snapshot = post.live_revision
        assert snapshot is not None
        for model, old, new in (
            (Category, "旧欄", "新欄"),
            (Tag, "大規模言語モデル", "LLM"),
            (Author, "山田", "山田太郎"),
        ):
            into = model.objects.get_or_create(name=new)[0]
            taxonomy.merge(sources=[model.objects.get(name=old)], into=into, by=IMPORT, now=NOON)
        publishing.publish(revision=snapshot, by=IMPORT, now=LATER, announce=False)
        post.refresh_from_db()
        self.assertEqual(post.category.name, "新欄")
        self.assertEqual([tag.name for tag in post.tags.all()], ["LLM"])
        self.assertEqual([credit.author.name for credit in post.bylines.all()], ["山田太郎"])
        self.assertEqual(Content.from_json(snapshot.content).category, "旧欄")  # history is not rewritten

    def test_a_name_in_two_spellings_is_found_in_both(self):
        author = make_author("ALLFORCES編集部")
        taxonomy.keep_alias(author, "AF", by=IMPORT, now=NOON)
        self.assertEqual(Author.objects.named(["AF", "ＡＦ", "だれか"]), {"AF": author, "ＡＦ": author})


class HopTests(TestCase):
    """What is true of one kind is true of all three: they share the code."""

    def paths(self) -> dict[str, str]:
        return dict(Address.objects.values_list("path", "target"))

    def test_renamed_renamed_and_merged_is_still_one_hop(self):
        section, into = make_category("甲", slug="a"), make_category("丁", slug="d")
        rename(section, "乙", "b")
        rename(section, "丙", "c")
        taxonomy.merge(sources=[section], into=into, by=IMPORT, now=NOON)
        self.assertEqual(self.paths(), {f"/category/{old}/": "/category/d/" for old in "abc"})
        for old in "abc":
            self.assertRedirects(self.client.get(f"/category/{old}/"), "/category/d/", status_code=301)
        self.assertEqual({taxonomy.known_as(Category, name) for name in "甲乙丙丁"}, {into})

    def test_merged_into_one_that_is_merged_again_is_still_one_hop(self):
        first, second, third = (make_category(name, slug=name) for name in ("x", "y", "z"))
        taxonomy.merge(sources=[first], into=second, by=IMPORT, now=NOON)
        taxonomy.merge(sources=[second], into=third, by=IMPORT, now=NOON)
        self.assertEqual(self.paths(), {"/category/x/": "/category/z/", "/category/y/": "/category/z/"})
        self.assertEqual(taxonomy.known_as(Category, "x"), third)

    def test_there_and_back_again_is_no_loop(self):
        section = make_category("甲", slug="a")
        rename(section, "乙", "b")
        rename(section, "甲", "a")
        self.assertEqual(self.paths(), {"/category/b/": "/category/a/"})
        self.assertEqual(self.client.get("/category/a/").status_code, 200)
        self.assertEqual(list(section.aliases.values_list("name", flat=True)), ["乙"])

    def test_a_name_that_was_freed_is_used_anew_and_freed_again(self):
        old = make_category("甲", slug="a")
        rename(old, "乙", "b")
        Alias.objects.all().delete()  # the desk lets go of the name
        new = make_category("甲", slug="a")
        self.assertEqual(taxonomy.known_as(Category, "甲"), new)
        self.assertContains(self.client.get("/category/a/"), "甲")  # a section before a redirect
        rename(new, "丙", "c")
        self.assertRedirects(self.client.get("/category/a/"), "/category/c/", status_code=301)
        rename(old, "甲", "a")
        rename(old, "丁", "d")
        self.assertRedirects(self.client.get("/category/a/"), "/category/d/", status_code=301)
        self.assertNotIn(True, [path == target for path, target in self.paths().items()])

    def test_names_that_change_places_lead_to_no_loop(self):
        one, two = make_category("甲", slug="a"), make_category("乙", slug="b")
        for section, name, slug in ((one, "仮", "tmp"), (two, "甲", "a"), (one, "乙", "b")):
            rename(section, name, slug)
        self.assertContains(self.client.get("/category/a/"), "甲")
        self.assertContains(self.client.get("/category/b/"), "乙")
        self.assertRedirects(self.client.get("/category/tmp/"), "/category/b/", status_code=301)
