"""What readers see at once and without a revision: changed by those who may publish, at every door."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.test import TestCase
from django.utils import timezone

from blog.editorial import images, publishing
from blog.editorial.actors import IMPORT, Person
from blog.models import Address, Author, Category, Collection, Image, Page, Post, SiteSettings, Synonym, Tag
from tests.base import changed, update
from tests.make import (
    make_author,
    make_category,
    make_chief,
    make_collection,
    make_draft,
    make_editor,
    make_image,
    make_post,
    make_scheduled,
    make_writer,
)

HOUR = timedelta(hours=1)
NEW = {"alt": "新しい説明", "caption": "新しい文", "credit": "新しい名", "focal_x": 1, "focal_y": 2}


class DeskCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.now = timezone.now()
        cls.writer, cls.other = make_writer(), make_writer("other")
        cls.editor, cls.chief = make_editor(), make_chief()

    def publishers(self, who: str, *, four_eyes: bool = False) -> None:
        SiteSettings.objects.update(publishers=who, four_eyes=four_eyes)


class PictureWordsTests(DeskCase):
    def describe(self, image: Image, **more: Any) -> str:
        """What the picture says after an attempt to change all of it."""
        before = (image.alt, image.caption, image.credit, image.focal_x, image.focal_y)
        response = self.client.post(f"/admin/blog/image/{image.pk}/change/", NEW | more)
        image.refresh_from_db()
        after = (image.alt, image.caption, image.credit, image.focal_x, image.focal_y)
        if after == before:
            self.assertEqual(response.status_code, 403)
        else:
            self.assertEqual(after, tuple(NEW.values()))
        return image.alt

    def mine(self) -> Image:
        return make_image(by=self.writer, alt="前の説明")

    def shown(self) -> list[tuple[str, Image]]:
        """Pictures of the writer, each where readers see it now, or later without anybody doing more."""
        pictures = {
            name: self.mine()
            for name in (
                *("hero", "share", "body", "scheduled", "update", "ends"),
                *("page", "author", "collection", "logo", "footer"),
            )
        }
        make_post(hero=pictures["hero"].hash)
        make_post(share_image=pictures["share"].hash)
        make_post(body=f"![]({pictures['body'].url})\n")
        make_scheduled(at=self.now + HOUR, now=self.now, hero=pictures["scheduled"].hash)
        later = make_post(at=self.now - HOUR)
        update(later, now=self.now, at=self.now + HOUR, body=f"![絵]({pictures['update'].url})\n")
        ending = make_post(at=self.now - HOUR, hero=pictures["ends"].hash)
        publishing.withdraw(post=ending, by=IMPORT, now=self.now, reason="終わります。", at=self.now + HOUR)
        Page.objects.create(path="/about/", title="案内", body=f"![]({pictures['page'].url})", is_public=True)
        make_author("顔のある人", picture=pictures["author"])
        make_collection("絵のある連載", picture=pictures["collection"])
        SiteSettings.objects.update(logo=pictures["logo"], footer=f"![絵]({pictures['footer'].url})")
        return list(pictures.items())

    def test_a_writer_describes_their_own_pictures_until_readers_see_them(self) -> None:
        self.client.force_login(self.writer)
        self.assertEqual(self.describe(self.mine()), "新しい説明")
        drafted = self.mine()
        make_draft(by=self.writer, hero=drafted.hash)
        self.assertEqual(self.describe(drafted), "新しい説明")
        for where, image in self.shown():
            with self.subTest(where):
                self.assertEqual(self.describe(image), "前の説明")

    def test_a_writer_does_not_describe_the_pictures_of_others(self) -> None:
        self.client.force_login(self.other)
        self.assertEqual(self.describe(self.mine()), "前の説明")
        self.assertContains(self.client.get("/admin/blog/image/"), "前の説明")

    def test_the_page_of_such_a_picture_says_why_and_whom_to_ask(self) -> None:
        image = self.mine()
        make_post(hero=image.hash)
        self.client.force_login(self.writer)
        response = self.client.get(f"/admin/blog/image/{image.pk}/change/")
        self.assertContains(response, "変えられるのは公開できる人だけです。編集者か編集長に頼んでください。")
        self.assertNotContains(response, 'name="alt"')
        self.assertNotContains(response, 'name="focal_x"')
        self.publishers("chief")
        response = self.client.get(f"/admin/blog/image/{image.pk}/change/")
        self.assertContains(response, "変えられるのは公開できる人だけです。編集長に頼んでください。")
        self.client.force_login(self.chief)
        response = self.client.get(f"/admin/blog/image/{image.pk}/change/")
        self.assertContains(response, 'name="alt"')
        self.assertNotContains(response, "頼んでください")

    def test_an_editor_describes_every_picture_while_editors_publish(self) -> None:
        self.client.force_login(self.editor)
        for where, image in self.shown():
            with self.subTest(where):
                self.assertEqual(self.describe(image), "新しい説明")

    def test_where_the_chief_alone_publishes_an_editor_describes_what_nobody_sees(self) -> None:
        self.publishers("chief")
        self.client.force_login(self.editor)
        self.assertEqual(self.describe(self.mine()), "新しい説明")
        for where, image in self.shown():
            with self.subTest(where):
                self.assertEqual(self.describe(image), "前の説明")
                self.client.force_login(self.chief)
                self.assertEqual(self.describe(image), "新しい説明")
                self.client.force_login(self.editor)

    def test_where_writers_publish_they_describe_the_pictures_of_their_own_posts(self) -> None:
        self.publishers("writer")
        own, shared, house = self.mine(), self.mine(), self.mine()
        make_post(by=self.writer, hero=own.hash)
        make_post(by=self.writer, hero=shared.hash)
        make_post(by=self.other, body=f"![]({shared.url})\n")
        make_post(by=self.writer, hero=house.hash)
        make_author("顔のある人", picture=house)
        self.client.force_login(self.writer)
        for image, alt in ((own, "新しい説明"), (shared, "前の説明"), (house, "前の説明")):
            self.assertEqual(self.describe(image), alt)

    def test_where_another_reads_each_text_a_writer_alone_changes_no_public_words(self) -> None:
        self.publishers("writer", four_eyes=True)
        image = self.mine()
        make_post(by=self.writer, hero=image.hash)
        self.client.force_login(self.writer)
        self.assertEqual(self.describe(image), "前の説明")
        self.client.force_login(self.editor)
        self.assertEqual(self.describe(image), "新しい説明")

    def test_a_picture_that_goes_out_while_its_form_stands_open_keeps_its_words(self) -> None:
        image = self.mine()
        post = make_draft(by=self.writer, hero=image.hash)
        image.alt = "間に合わない説明"
        publishing.publish(revision=post.working, by=IMPORT, now=self.now)
        with self.assertRaises(PermissionDenied):
            images.describe(image, by=Person(self.writer), now=self.now)
        self.assertEqual(Image.objects.get(pk=image.pk).alt, "前の説明")

    def test_no_service_changes_the_words_of_a_picture_that_is_there(self) -> None:
        image = self.mine()
        self.client.force_login(self.other)
        with image.file.open() as file:
            answer = self.client.post("/admin/markdownx/upload/", {"image": file, "alt": "よその説明"})
        self.assertEqual(answer.json()["image"]["alt"], "前の説明")
        with image.file.open() as file:
            self.client.post("/admin/blog/image/add/", {"upload": file, "alt": "よその説明"})
        self.client.post("/admin/blog/image/", {"form-0-alt": "よその説明", "_save": "1"})
        self.assertEqual(list(Image.objects.values_list("alt", flat=True)), ["前の説明"])

    def test_the_picture_of_a_collection_is_not_deleted(self) -> None:
        image = self.mine()
        make_collection("絵のある連載", picture=image)
        self.client.force_login(self.editor)
        response = self.client.post(f"/admin/blog/image/{image.pk}/delete/", {"post": "yes"})
        self.assertContains(response, "連載「絵のある連載」の画像で使われています")
        self.assertTrue(Image.objects.exists())


class NamesAndPagesTests(DeskCase):
    """With 「公開できる人」 at 「編集長だけ」 the rest of what readers see is the chief's too."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        collection = make_collection("読まれる連載")
        cls.post = make_post(at=cls.now - HOUR, tags=("札",), collection="読まれる連載")
        cls.author = cls.post.bylines.get().author
        cls.page = Page.objects.create(path="/about/", title="案内", is_public=True)
        cls.address = Address.objects.create(path="/old/", target="/new/")
        cls.synonym = Synonym.objects.create(words="甲、乙")
        tag = Tag.objects.get(name="札")
        aliases = {
            f"aliases-{name}": number
            for name, number in (
                ("TOTAL_FORMS", 1),
                ("INITIAL_FORMS", 0),
                ("MIN_NUM_FORMS", 0),
                ("MAX_NUM_FORMS", 9),
            )
        }
        named = {"name": "別の名", "slug": "another", "kind": "series", "order": 1, **aliases}
        cls.seen: list[tuple[Any, dict[str, Any]]] = [
            (cls.post.category, named),
            (collection, named),
            (tag, named),
            (cls.author, named | {"kind": "person", "bio": "別の紹介"}),
            (cls.page, {"title": "別の題", "path": "/about/", "body": "別の文", "is_public": "on"}),
            (cls.address, {"path": "/old/", "kind": "gone", "reason": "無い"}),
            (cls.synonym, {"words": "甲、丙"}),
        ]

    def url(self, item: Any, verb: str = "change") -> str:
        model = type(item)._meta.model_name
        return f"/admin/blog/{model}/{item.pk}/{verb}/" if item.pk else f"/admin/blog/{model}/{verb}/"

    def state(self) -> list[Any]:
        models = (Category, Collection, Tag, Author, Page, Address, Synonym)
        return [sorted(model.objects.values_list()) for model in models]

    def test_only_the_chief_changes_or_deletes_what_readers_see(self) -> None:
        self.publishers("chief")
        self.client.force_login(self.editor)
        before = self.state()
        for item, values in self.seen:
            with self.subTest(item):
                self.assertEqual(self.client.post(self.url(item), values).status_code, 403)
                self.client.post(self.url(item, "delete"), {"post": "yes"})
                chosen = {"action": "delete_selected", "_selected_action": item.pk, "post": "yes"}
                self.client.post(self.url(type(item)(), "")[:-1], chosen)
                self.assertContains(self.client.get(self.url(item)), "編集長に頼んでください")
        self.assertEqual(self.state(), before)
        self.client.force_login(self.chief)
        for item, values in self.seen:
            with self.subTest(item):
                self.assertEqual(self.client.post(self.url(item), values).status_code, 302)

    def test_editors_change_all_of_it_while_they_publish(self) -> None:
        self.client.force_login(self.editor)
        for item, values in self.seen:
            with self.subTest(item):
                self.assertEqual(self.client.post(self.url(item), values).status_code, 302)

    def test_a_writer_changes_none_of_it_whoever_publishes(self) -> None:
        before = self.state()
        self.client.force_login(self.writer)
        for who in ("chief", "editor", "writer"):
            self.publishers(who)
            for item, values in self.seen:
                with self.subTest(item, publishers=who):
                    self.assertEqual(self.client.post(self.url(item), values).status_code, 403)
                    self.assertEqual(self.client.post(self.url(type(item)(), "add"), values).status_code, 403)
                    self.assertEqual(
                        self.client.post(self.url(item, "delete"), {"post": "yes"}).status_code, 403
                    )
        self.assertEqual(self.state(), before)

    def test_what_nobody_sees_yet_stays_open_to_editors(self) -> None:
        self.publishers("chief")
        self.client.force_login(self.editor)
        hidden = Page.objects.create(path="/coming/", title="準備中")
        values = {"title": "準備中の案内", "path": "/coming/", "body": "文", "is_public": "on"}
        self.assertEqual(self.client.post(self.url(hidden), values).status_code, 302)
        hidden.refresh_from_db()
        self.assertEqual((hidden.title, hidden.is_public), ("準備中の案内", False))
        unused = make_author("これからの人")
        self.assertEqual(self.client.post(self.url(unused), self.seen[3][1]).status_code, 302)
        self.client.post("/admin/blog/page/add/", {"title": "案", "path": "/idea/", "is_public": "on"})
        self.assertEqual(Page.objects.get(path="/idea/").is_public, False)
        for model in (Category, Tag, Address, Synonym):
            self.assertEqual(self.client.get(self.url(model(), "add")).status_code, 403)

    def test_a_name_that_only_a_coming_post_has_is_seen(self) -> None:
        self.publishers("chief")
        self.client.force_login(self.editor)
        coming, later = make_author("予約の人"), make_collection("予約の連載")
        post = make_scheduled(at=self.now + HOUR, now=self.now)
        post.bylines.update(author=coming)
        content = changed(self.post, collection="予約の連載")
        revision = publishing.save(post=self.post, content=content, by=IMPORT, now=self.now, base=None)
        publishing.publish(revision=revision, by=IMPORT, now=self.now, at=self.now + HOUR)
        for item in (coming, later):
            self.assertEqual(self.client.post(self.url(item), self.seen[1][1]).status_code, 403)

    def test_names_that_readers_see_are_merged_by_the_chief_alone(self) -> None:
        self.publishers("chief")
        into = make_category("よその欄")
        chosen = {"action": "merge", "_selected_action": [self.post.category_id, into.pk]}
        sure = chosen | {"confirm": "1", "into": into.pk, "confirmed": "on"}
        self.client.force_login(self.editor)
        response = self.client.post("/admin/blog/category/", sure, follow=True)
        self.assertContains(response, "編集長に頼んでください")
        self.assertEqual(Post.objects.get(pk=self.post.pk).category_id, self.post.category_id)
        self.client.force_login(self.chief)
        self.client.post("/admin/blog/category/", sure)
        self.assertEqual(Post.objects.get(pk=self.post.pk).category_id, into.pk)
