"""Sections, tags and authors in the admin: renamed, merged, deleted, and what becomes of their names and paths."""

from __future__ import annotations

from django.contrib.auth.models import Permission
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from blog.editorial.content import Content, Credit
from blog.models import Address, Alias, Author, Category, Collection, Post, Tag
from tests.admin.base import form_data, press_publish
from tests.make import (
    NOON,
    make_author,
    make_category,
    make_chief,
    make_collection,
    make_draft,
    make_editor,
    make_image,
    make_post,
    make_user,
    make_writer,
)

NO_ALIASES = {"aliases-TOTAL_FORMS": "0", "aliases-INITIAL_FORMS": "0"}


def tag_names(post: Post) -> set[str]:
    return set(post.tags.values_list("name", flat=True))


class Desk(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.editor = make_editor()

    def setUp(self) -> None:
        self.client.force_login(self.editor)

    def change(self, item, **values):
        name = item._meta.model_name
        data = (
            {field.name: getattr(item, field.name) or "" for field in item._meta.concrete_fields}
            | NO_ALIASES
            | values
        )
        return self.client.post(reverse(f"admin:blog_{name}_change", args=[item.pk]), data)

    def delete(self, item, confirmed="yes"):
        return self.client.post(
            reverse(f"admin:blog_{item._meta.model_name}_delete", args=[item.pk]), {"post": confirmed}
        )


class TagTests(Desk):
    def merge(self, *tags, **values):
        data = {"action": "merge", "_selected_action": [tag.pk for tag in tags]} | values
        return self.client.post(reverse("admin:blog_tag_changelist"), data)

    def test_a_renamed_tag_keeps_its_old_name_as_alias_and_its_old_path_as_redirect(self):
        make_post(tags=("生成エーアイ",))
        tag = Tag.objects.get()
        response = self.change(tag, name="生成AI", slug="生成ai")
        self.assertRedirects(response, reverse("admin:blog_tag_changelist"))
        self.assertEqual(Tag.objects.for_names(["生成エーアイ"])[0].name, "生成AI")
        self.assertRedirects(self.client.get("/tags/生成エーアイ/"), tag_path("生成ai"), status_code=301)

    def test_editing_form_names_the_tags_of_an_old_revision_as_they_are_called_today(self):
        post = make_post(tags=("生成エーアイ", "投資", "人工知能"))
        renamed, into, merged = Tag.objects.for_names(["生成エーアイ", "投資", "人工知能"])
        self.change(renamed, name="生成AI", slug="生成ai")
        self.merge(merged, into, confirm="yes", into=into.pk, confirmed="on")
        page = self.client.get(reverse("admin:blog_post_change", args=[post.pk]))
        self.assertContains(page, 'name="tags" value="生成AI、投資"')

    def test_the_same_tag_in_other_letters_is_refused_with_the_name_of_the_one_that_exists(self):
        Tag.objects.for_names(["AI"])
        for name in ("AI", "ＡＩ", "ai", " Ai "):
            with self.subTest(name):
                response = self.client.post(reverse("admin:blog_tag_add"), NO_ALIASES | {"name": name})
                self.assertContains(response, "同じタグ「AI」がもうあります")
        self.assertEqual(Tag.objects.count(), 1)

    def test_a_tag_of_commas_or_of_nothing_is_refused_and_one_of_signs_gets_a_slug(self):
        for name in ("投資、教育", "a,b", "\u3000"):
            with self.subTest(name):
                self.assertEqual(
                    self.client.post(reverse("admin:blog_tag_add"), NO_ALIASES | {"name": name}).status_code,
                    200,
                )
        self.client.post(reverse("admin:blog_tag_add"), NO_ALIASES | {"name": "!?"})
        self.assertEqual(list(Tag.objects.values_list("name", "slug")), [("!?", "tag")])

    def test_an_alias_leads_to_its_tag_and_may_not_be_the_name_of_another(self):
        tag, other = Tag.objects.for_names(["人工知能", "投資"])
        one = {"aliases-TOTAL_FORMS": "1", "aliases-INITIAL_FORMS": "0", "aliases-0-tag": tag.pk}
        self.change(tag, **one, **{"aliases-0-name": "Artificial Intelligence"})
        self.assertEqual(Tag.objects.for_names(["ARTIFICIAL intelligence"]), [tag])
        response = self.change(tag, **one, **{"aliases-0-name": "投資"})
        self.assertContains(response, "「投資」は「投資」の名前か別名です。")
        self.assertEqual(Tag.objects.for_names(["投資"]), [other])

    def test_merging_asks_first_and_then_moves_posts_names_and_paths(self):
        both = make_post(tags=("LLM", "大規模言語モデル"))
        one = make_post(tags=("大規模言語モデル",))
        source, target = Tag.objects.for_names(["大規模言語モデル", "LLM"])
        page = self.merge(source, target)
        self.assertContains(page, "/tags/llm/")
        self.assertContains(page, "公開中の記事 2本")
        self.assertEqual(Tag.objects.count(), 2)

        unconfirmed = self.merge(source, target, confirm="yes", into=target.pk)
        self.assertContains(unconfirmed, "確かめたら印を付けてください")
        self.assertEqual(Tag.objects.count(), 2)

        done = self.merge(source, target, confirm="yes", into=target.pk, confirmed="on")
        self.assertRedirects(done, reverse("admin:blog_tag_changelist"))
        self.assertEqual([tag_names(both), tag_names(one)], [{"LLM"}, {"LLM"}])
        self.assertEqual(Tag.objects.for_names(["大規模言語モデル"]), [target])
        self.assertRedirects(self.client.get("/tags/大規模言語モデル/"), "/tags/llm/", status_code=301)

    def test_the_tag_that_stays_must_be_one_of_those_chosen(self):
        source, target, stranger = Tag.objects.for_names(["a", "b", "c"])
        response = self.merge(source, target, confirm="yes", into=stranger.pk, confirmed="on")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(Tag.objects.count(), 3)

    def test_merging_needs_the_right_to_change_and_to_delete(self):
        tags = Tag.objects.for_names(["a", "b"])
        halfway = make_user("halfway")
        halfway.user_permissions.set(Permission.objects.filter(codename__in=["view_tag", "change_tag"]))
        for user in (make_writer(), halfway):
            with self.subTest(user=user.username):
                self.client.force_login(user)
                self.merge(*tags, confirm="yes", into=tags[0].pk, confirmed="on")
                self.assertEqual(Tag.objects.count(), 2)

    def test_a_used_tag_is_not_deleted_and_the_sentence_says_what_to_do(self):
        make_post(tags=("AI",))
        used, unused = Tag.objects.for_names(["AI", "たぶん不要"])
        self.assertContains(self.delete(used), "「AI」は1本の記事で使われています。")
        self.delete(unused)
        self.assertEqual(list(Tag.objects.all()), [used])

    def test_several_are_deleted_only_if_none_is_used(self):
        make_post(tags=("AI",))
        tags = Tag.objects.for_names(["AI", "不要"])
        data = {"action": "delete_selected", "_selected_action": [tag.pk for tag in tags], "post": "yes"}
        response = self.client.post(reverse("admin:blog_tag_changelist"), data)
        self.assertContains(response, "「AI」は1本の記事で使われています。")
        self.assertEqual(Tag.objects.count(), 2)

    def test_the_list_counts_published_posts_finds_aliases_and_filters_what_is_used_once(self):
        make_post(tags=("AI", "一度だけ"))
        make_post(tags=("AI",))
        Alias.objects.create(name="人工知能", tag=Tag.objects.get(name="AI"))
        url = reverse("admin:blog_tag_changelist")
        self.assertEqual(shown(self.client.get(url, {"q": "人工知能"})), ["AI"])
        self.assertEqual(shown(self.client.get(url, {"used": "once"})), ["一度だけ"])
        counts = {tag.name: tag.listed_count for tag in self.client.get(url).context["cl"].result_list}
        self.assertEqual(counts, {"AI": 2, "一度だけ": 1})


class CategoryAndAuthorTests(Desk):
    def test_a_renamed_section_leaves_a_redirect_and_its_posts_stay(self):
        post = make_post(category="テクノロジー")
        section = Category.objects.get()
        self.change(section, name="技術", slug="tech")
        post.refresh_from_db()
        self.assertEqual(post.category.name, "技術")
        self.assertRedirects(self.client.get("/category/テクノロジー/"), "/category/tech/", status_code=301)

    def test_a_path_that_leads_on_is_not_taken_over_unawares_but_may_come_back(self):
        section, other = make_category("研究", slug="research"), make_category("別の欄", slug="betsu")
        self.change(section, slug="lab")
        refused = self.change(other, slug="research")
        self.assertContains(refused, "/category/research/ は、いま /category/lab/ への転送です。")
        self.assertRedirects(self.client.get("/category/research/"), "/category/lab/", status_code=301)
        self.change(section, slug="research")
        self.assertEqual(self.client.get("/category/research/").status_code, 200)

    def test_a_section_that_only_a_working_text_names_is_not_deleted(self):
        make_draft(category="下書きの欄")
        self.assertContains(self.delete(Category.objects.get()), "1本の記事で使われています")
        self.assertEqual(Category.objects.count(), 1)

    def test_an_author_that_only_a_working_text_names_is_not_deleted(self):
        make_draft(bylines=(Credit("佐藤"),))
        self.assertContains(self.delete(Author.objects.get(name="佐藤")), "1本の記事で使われています")
        self.assertTrue(Author.objects.filter(name="佐藤").exists())

    def test_a_section_that_goes_leaves_410_behind(self):
        section = make_category("短い企画", slug="short")
        Address.objects.create(path="/old-short/", target="/category/short/")
        self.delete(section)
        self.assertEqual(
            [self.client.get(path).status_code for path in ("/category/short/", "/old-short/")], [410, 410]
        )

    def test_the_name_of_an_author_who_was_renamed_still_belongs_to_them(self):
        author = make_author("山田花子", kind=Author.Kind.PERSON)
        self.change(author, name="鈴木花子")
        response = self.client.post(
            reverse("admin:blog_author_add"), NO_ALIASES | {"name": "山田花子", "kind": "person"}
        )
        self.assertContains(response, "もうある著者「鈴木花子」と同じものとして扱われています")

    def test_a_section_or_author_in_other_letters_is_refused_with_the_name_of_the_one_that_exists(self):
        make_category("AI技術ガイド")
        make_author("John Smith")
        for kind, name, known in (
            ("category", "ＡＩ技術ガイド", "カテゴリ「AI技術ガイド」"),
            ("author", "Ｊohn smith", "著者「John Smith」"),
        ):
            data = NO_ALIASES | {"name": name, "kind": "person", "order": 1}
            response = self.client.post(reverse(f"admin:blog_{kind}_add"), data)
            self.assertContains(response, f"もうある{known}と同じものとして扱われています")

    def test_an_author_has_kind_links_and_a_picture(self):
        picture = make_image()
        values = {
            "name": "編集部",
            "kind": "organization",
            "links": "X | https://x.com/allforces",
            "picture": picture.pk,
        }
        self.client.post(reverse("admin:blog_author_add"), NO_ALIASES | values)
        author = Author.objects.get()
        self.assertTrue(author.is_organization)
        self.assertEqual((author.link_list, author.picture), ([("X", "https://x.com/allforces")], picture))

    def test_a_link_that_cannot_be_read_is_named_by_its_line(self):
        values = {
            "name": "編集部",
            "kind": "organization",
            "links": "X | https://x.com/a\n悪い | javascript:alert(1)",
        }
        response = self.client.post(reverse("admin:blog_author_add"), NO_ALIASES | values)
        self.assertContains(response, "2行目「悪い | javascript:alert(1)」が読めません")

    def test_the_login_of_an_author_is_set_by_those_who_give_logins(self):
        author = make_author("記者", kind=Author.Kind.PERSON)
        self.change(author, user=self.editor.pk)
        author.refresh_from_db()
        self.assertIsNone(author.user)
        chief = make_chief()
        chief.user_permissions.add(Permission.objects.get(codename="change_user"))
        self.client.force_login(chief)
        self.change(author, user=self.editor.pk)
        author.refresh_from_db()
        self.assertEqual(author.user, self.editor)

    def test_a_writer_looks_and_changes_nothing(self):
        section = make_category("経済")
        self.client.force_login(make_writer())
        self.assertEqual(self.client.get(reverse("admin:blog_category_changelist")).status_code, 200)
        self.assertEqual(self.change(section, name="政治").status_code, 403)
        self.assertEqual(Category.objects.get().name, "経済")


class CollectionTests(Desk):
    def test_an_editor_begins_a_series_and_chooses_it_for_a_post(self):
        added = self.client.post(
            reverse("admin:blog_collection_add"), NO_ALIASES | {"name": "計算の値段", "kind": "series"}
        )
        self.assertRedirects(added, reverse("admin:blog_collection_changelist"))
        post = make_draft()
        data = form_data(Content.from_json(post.working.content), base=post.working, verb="publish")
        answer = self.client.post(
            reverse("admin:blog_post_change", args=[post.pk]), data | {"collection": "計算の値段"}
        )
        press_publish(self.client, answer)
        post.refresh_from_db()
        self.assertEqual(str(post.collection), "計算の値段")
        self.assertEqual(post.collection.slug, "計算の値段")

    def test_a_collection_that_is_gone_keeps_the_post_from_going_out_and_says_so(self):
        post = make_draft(collection="計算の値段")
        Collection.objects.all().delete()
        data = form_data(Content.from_json(post.working.content), base=post.working, verb="publish")
        response = self.client.post(reverse("admin:blog_post_change", args=[post.pk]), data, follow=True)
        self.assertContains(response, "連載・特集「計算の値段」がありません。")
        post.refresh_from_db()
        self.assertIsNone(post.live_revision)

    def test_a_collection_that_a_draft_needs_is_not_deleted_and_an_empty_one_is(self):
        make_draft(collection="書きかけの連載")
        needed, empty = Collection.objects.get(), make_collection("空の特集")
        self.assertContains(self.delete(needed), "1本の記事で使われています")
        self.delete(empty)
        self.assertEqual(list(Collection.objects.all()), [needed])

    def test_a_writer_may_not_name_a_series(self):
        self.client.force_login(make_writer())
        self.assertEqual(self.client.get(reverse("admin:blog_collection_add")).status_code, 403)
        self.assertEqual(self.client.get(reverse("admin:blog_collection_changelist")).status_code, 200)


class ListTests(Desk):
    def test_each_list_costs_the_same_for_one_row_and_for_thirty(self):
        for kind in ("category", "collection", "tag", "author"):
            with self.subTest(kind):
                self.fill(0, 1)
                one = self.queries(kind)
                self.fill(1, 30)
                self.assertEqual(self.queries(kind), one)

    def fill(self, start: int, end: int) -> None:
        for number in range(start, end):
            make_post(
                category=f"欄{number}",
                collection=f"連載{number}",
                tags=(f"札{number}",),
                bylines=(Credit(f"人{number}"),),
                at=NOON,
            )

    def queries(self, kind: str) -> int:
        url = reverse(f"admin:blog_{kind}_changelist")
        self.client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            self.client.get(url)
        return len(captured)


def shown(response) -> list[str]:
    return [str(item) for item in response.context["cl"].result_list]


def tag_path(slug: str) -> str:
    return Tag(slug=slug).get_absolute_url()
