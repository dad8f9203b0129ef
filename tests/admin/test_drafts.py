"""What is typed and not saved: kept for each tab, offered until it is answered, never overwritten by another tab."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.urls import reverse

from blog.editorial import publishing
from blog.editorial.actors import Person
from blog.editorial.content import Content
from blog.models import Draft, Post
from tests.admin.base import DeskTestCase, form_data
from tests.make import NOON, make_draft, make_editor, make_post, make_user


class Tab:
    """A tab of somebody's browser as its script sees it: it sends what the form says of its draft, and heeds the answer."""

    def __init__(self, test: DeskTestCase, post: Post | None = None, *, url: str = "") -> None:
        add = reverse("admin:blog_post_add")
        self.url = url or (reverse("admin:blog_post_change", args=[post.pk]) if post else add)
        self.test, self.post = test, post
        page = test.client.get(self.url)
        form, sent = page.context["form"], page.context["sent"]
        self.page = page
        self.data = form_data(form.content if not form.is_bound else form.typed())
        self.data |= {"base": form["base"].value() or "", "seen": page.context["seen"]}
        self.data |= {"draft-key": str(sent.key), "draft-number": sent.number, "draft-tab": sent.tab}
        self.data |= {"initial-assignee": form["assignee"].value() or "", "draft-turn": 0}
        self.data["assignee"] = self.data["initial-assignee"]
        if not post:  # the script has put the key into the address
            self.url = reverse("admin:blog_post_add_key", args=[sent.key])

    def autosave(self, **typed: Any) -> dict[str, Any]:
        self.data |= typed | {"draft-turn": self.data["draft-turn"] + 1}
        name, arguments = ("autosave", [self.post.pk]) if self.post else ("autosave_new", [])
        answer = self.test.client.post(reverse(f"admin:blog_post_{name}", args=arguments), self.data)
        self.test.assertEqual(answer.status_code, 200, answer.content.decode())
        said = answer.json()
        self.data |= {"draft-key": said["key"], "draft-number": said["number"]}
        return said

    def save(self, verb: str = "save", **typed: Any) -> HttpResponse:
        self.data |= {"verb": verb} | typed
        return self.test.client.post(self.url, self.data)


class DraftTestCase(DeskTestCase):
    def setUp(self) -> None:
        self.post = make_post(by=self.writer, title="公開した題", body="公開した本文")
        self.client.force_login(self.writer)

    def offered(self, post: Post | None = None) -> list[str]:
        """The beginnings of the texts that the page offers, in its order."""
        page = self.open(post) if post else self.client.get(reverse("admin:blog_post_add"))
        return [draft.content["body"] for draft in page.context["drafts"]]


class AutosaveTests(DraftTestCase):
    def test_what_is_typed_is_kept_beside_the_revisions_and_offered_on_return(self):
        tab = Tab(self, self.post)
        self.assertRegex(tab.autosave(body="途中まで書いた")["saved_at"], r"^\d\d:\d\d:\d\d$")
        tab.autosave(body="もう少し書いた")
        post = Post.objects.get()
        self.assertEqual(
            (post.body, post.revisions.count(), post.has_unpublished_changes), ("公開した本文", 1, False)
        )
        page = self.open(self.post)
        self.assertContains(page, "保存していない書きかけがあります")
        self.assertEqual(self.offered(self.post), ["もう少し書いた"])
        opened = self.open(self.post, draft=tab.data["draft-key"])
        self.assertEqual(opened.context["form"]["body"].value(), "もう少し書いた")
        self.assertContains(opened, "を開いています。まだ保存していません。")
        self.assertEqual(opened.context["drafts"], [])

    def test_it_keeps_every_field_even_what_could_not_be_saved_yet(self):
        wrong = {"title": "題" * 201, "slug": "a/b", "day": "いつか", "body": "大切", "related": "/2026/ど"}
        chosen = {
            "featured": "on",
            "note": "数字を直した",
            "assignee": str(self.editor.pk),
            "category": "AI最新ニュース",
        }
        tab = Tab(self, self.post)
        tab.autosave(
            **wrong, **chosen, **{"bylines-author": ["ALLFORCES編集部"], "bylines-role": ["supervisor"]}
        )
        content = Content.from_json(Draft.objects.get().content)
        self.assertEqual((content.title, content.slug, content.body), ("題" * 201, "a/b", "大切"))
        form = self.open(self.post, draft=tab.data["draft-key"]).context["form"]
        for name, value in (wrong | chosen).items():
            with self.subTest(name):
                self.assertEqual(form[name].value() or "", True if value == "on" else value)
        self.assertEqual(
            [(row.author, row.role) for row in form["bylines"].value()], [("ALLFORCES編集部", "supervisor")]
        )

    def test_two_tabs_of_one_person_overwrite_nothing_of_each_other(self):
        one, two = Tab(self, self.post), Tab(self, self.post)
        one.autosave(body="一つ目の画面")
        two.autosave(body="二つ目の画面")
        one.autosave(body="一つ目の画面の続き")
        self.assertEqual(self.offered(self.post), ["一つ目の画面の続き", "二つ目の画面"])
        two.save(excerpt="二つ目で保存")
        self.assertEqual(self.offered(self.post), ["一つ目の画面の続き"])

    def test_a_duplicated_tab_gets_a_draft_of_its_own(self):
        one = Tab(self, self.post)
        one.autosave(body="もとのタブ")
        two = Tab(self, self.post)
        two.data = one.data | {"draft-tab": "another"}
        one.autosave(body="もとのタブの続き")
        two.autosave(body="複製したタブ")
        self.assertNotEqual(one.data["draft-key"], two.data["draft-key"])
        self.assertCountEqual(self.offered(self.post), ["もとのタブの続き", "複製したタブ"])

    def test_a_tab_that_takes_up_the_same_words_makes_no_second_draft(self):
        one = Tab(self, self.post)
        before = dict(one.data)
        one.autosave(body="閉じたタブの文")  # arrived after the tab was closed, nobody heard of it
        two = Tab(self, self.post)
        two.data = before | {"draft-tab": "another"}
        two.autosave(body="閉じたタブの文")
        two.autosave(body="閉じたタブの文の続き")
        self.assertEqual(self.offered(self.post), ["閉じたタブの文の続き"])

    def test_an_answer_that_was_lost_makes_no_second_draft(self):
        tab = Tab(self, self.post)
        before = dict(tab.data)
        tab.autosave(body="届いたが、返事が届かなかった")
        tab.data = before | {"draft-turn": 1}
        tab.autosave(body="続き")
        self.assertEqual(self.offered(self.post), ["続き"])

    def test_a_request_that_was_overtaken_changes_nothing(self):
        tab = Tab(self, self.post)
        tab.autosave(body="先に打った")
        late = dict(tab.data)
        tab.autosave(body="先に打った。あとから打った")
        tab.data = late | {"draft-turn": 1}
        tab.autosave(body="先に打っ")
        self.assertEqual(self.offered(self.post), ["先に打った。あとから打った"])

    def test_what_only_the_form_knows_is_kept_too(self):
        for typed in ({"note": "数字を確かめた"}, {"assignee": str(self.editor.pk)}, {"day": "いつか"}):
            with self.subTest(typed):
                tab = Tab(self, self.post)
                tab.autosave(**typed)
                opened = self.open(self.post, draft=tab.data["draft-key"]).context["form"]
                [(name, value)] = typed.items()
                self.assertEqual(opened[name].value(), value)

    def test_a_save_deletes_the_draft_of_its_tab_and_those_that_say_the_same(self):
        tabs = [Tab(self, self.post) for _ in range(3)]
        for tab, text in zip(tabs, ("できた", "できた", "別の文"), strict=True):
            tab.autosave(body=text)
        tabs[0].save()
        self.assertEqual(self.offered(self.post), ["別の文"])
        self.assertEqual(Draft.objects.count(), 1)

    def test_what_a_tab_wrote_after_it_was_sent_is_no_part_of_the_save(self):
        tab = Tab(self, self.post)
        tab.autosave(body="送った文章")
        other = Tab(self, self.post)
        other.data = tab.data | {"draft-tab": "another"}
        other.autosave(body="複製したタブの続き")
        tab.save()
        self.assertEqual(self.offered(self.post), ["複製したタブの続き"])

    def test_the_draft_of_another_editor_stays(self):
        hanako = make_editor("hanako")
        Tab(self, self.post).autosave(body="書き手の途中")
        self.client.force_login(hanako)
        Tab(self, self.post).save(body="編集者が保存")
        self.assertEqual([draft.editor for draft in Draft.objects.all()], [self.writer])

    def test_only_its_editor_throws_a_draft_away(self):
        key = Tab(self, self.post).autosave(body="途中")["key"]
        url = reverse("admin:blog_post_drop_draft", args=[key])
        self.client.force_login(self.chief)
        self.assertEqual(self.client.post(url).status_code, 404)
        self.assertTrue(Draft.objects.exists())
        self.client.force_login(self.writer)
        self.assertRedirects(self.client.post(url), reverse("admin:blog_post_change", args=[self.post.pk]))
        self.assertFalse(Draft.objects.exists())

    def test_the_key_of_another_person_writes_nothing_into_their_draft(self):
        tab = Tab(self, self.post)
        key = tab.autosave(body="書き手の途中")["key"]
        self.client.force_login(self.chief)
        other = Tab(self, self.post)
        other.data |= {"draft-key": key, "draft-number": 1}
        self.assertNotEqual(other.autosave(body="のっとり")["key"], key)
        self.assertEqual(Draft.objects.get(key=key).content["body"], "書き手の途中")

    def test_an_autosave_of_what_is_saved_already_leaves_no_draft(self):
        Tab(self, self.post).autosave()
        self.assertFalse(Draft.objects.exists())

    def test_a_draft_begun_before_somebody_elses_save_is_merged_with_it(self):
        self.send(self.post, body="一段落目。\n\n二段落目。\n")
        key = Tab(self, self.post).autosave(body="一段落目を直した。\n\n二段落目。\n")["key"]
        self.client.force_login(self.editor)
        self.send(self.post, body="一段落目。\n\n二段落目を直した。\n")
        self.client.force_login(self.writer)
        change = reverse("admin:blog_post_change", args=[self.post.pk])
        Tab(self, self.post, url=f"{change}?draft={key}").save()
        self.assertEqual(self.latest(self.post).body, "一段落目を直した。\n\n二段落目を直した。\n")
        self.assertEqual(self.offered(self.post), [])

    def test_strangers_keep_nothing_here(self):
        self.client.force_login(make_user("guest"))
        for name, arguments in (("autosave", [self.post.pk]), ("autosave_new", [])):
            url = reverse(f"admin:blog_post_{name}", args=arguments)
            with self.subTest(name):
                self.assertEqual(self.client.post(url, {"body": "x"}).status_code, 403)
        self.client.logout()
        response = self.client.post(url, {"body": "x"})
        self.assertEqual(response.status_code, 403)
        self.assertIn("ログインが切れています", response.json()["error"])
        self.assertFalse(Draft.objects.exists())


class NewArticleTests(DraftTestCase):
    def test_a_new_article_is_kept_on_the_server_from_its_first_words(self):
        tab = Tab(self)
        tab.autosave(title="書き始めた", body="はじめの言葉")
        self.assertEqual(Post.objects.count(), 1)
        self.assertEqual(self.offered(), ["はじめの言葉"])
        restored = Tab(self, url=reverse("admin:blog_post_add_key", args=[tab.data["draft-key"]]))
        self.assertEqual((restored.data["title"], restored.data["body"]), ("書き始めた", "はじめの言葉"))
        restored.save()
        article = Post.objects.get(working_title="書き始めた")
        self.assertEqual(str(article.uuid), tab.data["draft-key"])
        self.assertFalse(Draft.objects.exists())

    def test_two_new_articles_in_two_tabs_are_both_offered(self):
        Tab(self).autosave(body="一つ目")
        Tab(self).autosave(body="二つ目")
        self.assertEqual(self.offered(), ["二つ目", "一つ目"])

    def test_the_start_page_says_that_new_articles_were_begun(self):
        Tab(self).autosave(body="書き始めた")
        self.assertContains(self.client.get("/admin/"), "保存していない新しい記事の書きかけが1件あります")
        self.client.force_login(self.chief)
        self.assertNotContains(self.client.get("/admin/"), "書きかけ")

    def test_an_empty_form_leaves_no_draft(self):
        Tab(self).autosave()
        self.assertFalse(Draft.objects.exists())

    def test_the_form_sent_twice_finds_the_same_article(self):
        tab = Tab(self)
        first, second = (tab.save(title="一度だけの記事", body="本文") for _ in range(2))
        self.assertEqual(first["Location"], second["Location"])
        article = Post.objects.get(working_title="一度だけの記事")
        self.assertEqual(article.revisions.count(), 1)

    def test_going_back_and_saving_other_words_makes_a_second_version_of_the_same_article(self):
        tab = Tab(self)
        tab.save(title="戻って直した記事", body="一段落目。\n\n二段落目。\n")
        article = Post.objects.get(working_title="戻って直した記事")
        self.client.force_login(self.editor)
        self.send(article, body="一段落目。\n\n二段落目を編集者が直した。\n")
        self.client.force_login(self.writer)
        tab.save(body="一段落目を戻って直した。\n\n二段落目。\n")
        self.assertEqual(
            self.latest(article).body, "一段落目を戻って直した。\n\n二段落目を編集者が直した。\n"
        )
        self.assertEqual(Post.objects.filter(working_title="戻って直した記事").count(), 1)

    def test_reloading_after_a_refused_first_publication_finds_the_same_article(self):
        self.client.force_login(self.editor)
        tab = Tab(self)
        for _ in range(2):
            self.assertContains(
                tab.save("publish", title="カテゴリのない記事", body="本文"), "保存はしました"
            )
        self.assertEqual(Post.objects.filter(working_title="カテゴリのない記事").count(), 1)

    def test_the_address_of_the_form_leads_to_the_article_that_it_has_become(self):
        tab = Tab(self)
        tab.save(title="保存した記事")
        article = Post.objects.get(working_title="保存した記事")
        url = reverse("admin:blog_post_add_key", args=[article.uuid])
        self.assertRedirects(self.client.get(url), reverse("admin:blog_post_change", args=[article.pk]))

    def test_an_autosave_of_the_form_after_its_save_belongs_to_the_article(self):
        tab = Tab(self)
        before = dict(tab.data)
        tab.save(title="保存した記事", body="本文")
        article = Post.objects.get(working_title="保存した記事")
        tab.data = before
        tab.autosave(title="保存した記事", body="本文の続き")
        self.assertEqual(self.offered(), [])
        self.assertEqual(self.offered(article), ["本文の続き"])

    def test_the_uuid_of_somebody_elses_article_is_no_key_to_it(self):
        other = make_draft(by=make_editor("hanako"), title="秘密の記事", body="秘密の本文")
        tab = Tab(self)
        tab.data |= {"draft-key": str(other.uuid)}
        tab.save(title="のっとり", body="のっとり")
        self.assertEqual(self.latest(other).title, "秘密の記事")
        self.assertEqual(Post.objects.get(working_title="のっとり").created_by, self.writer)
        url = reverse("admin:blog_post_add_key", args=[other.uuid])
        self.assertNotContains(self.client.get(url), "秘密の")

    def test_a_form_without_a_key_is_saved_as_well(self):
        tab = Tab(self)
        for number, sent in enumerate(({}, {"draft-key": ""}, {"draft-key": "x", "draft-number": "x" * 40})):
            with self.subTest(sent=sent):
                tab.data.pop("draft-key", None)
                tab.save(title=f"鍵のない記事{number}", **sent)
                self.assertTrue(Post.objects.filter(working_title=f"鍵のない記事{number}").exists())


class MeanwhileTests(DraftTestCase):
    """What a colleague has done while the form stood open is a sentence, and the text stays in its place."""

    def test_a_post_that_was_binned_keeps_the_text_in_the_form(self):
        post = make_draft(by=self.writer, title="捨てられる記事")
        tab = Tab(self, post)
        publishing.discard(post=post, by=Person(self.chief), now=NOON)
        for verb in ("save", "submit"):
            with self.subTest(verb):
                page = tab.save(verb, body="二時間かけて書いた")
                self.assertContains(page, "ゴミ箱の記事です。先に戻してください。")
                self.assertEqual(page.context["form"]["body"].value(), "二時間かけて書いた")
        publishing.restore_from_trash(post=post, by=Person(self.chief))
        self.assertEqual(tab.save("save").status_code, 302)
        self.assertEqual(self.latest(post).body, "二時間かけて書いた")

    def test_a_post_that_was_published_or_withdrawn_is_told_with_the_save(self):
        post = make_draft(by=self.writer, title="書いている記事")
        tab = Tab(self, post)
        publishing.publish(revision=post.working, by=Person(self.chief), now=NOON)
        self.assertIn("開いているあいだに公開されました", self.messages(tab.save(body="続き")))
        tab = Tab(self, post)
        publishing.withdraw(post=post, by=Person(self.chief), now=NOON, reason="誤り")
        self.assertIn("開いているあいだに取り下げられました", self.messages(tab.save(body="続きの続き")))
        self.assertEqual(self.latest(post).body, "続きの続き")

    def test_a_save_whose_answer_was_lost_is_what_the_next_one_goes_on_from(self):
        tab = Tab(self, self.post)
        tab.save(body="一文目。")  # the tab does not hear of it
        response = tab.save(body="一文目。続きも書いた。")
        self.assertEqual(response.status_code, 302, "no conflict with oneself")
        self.assertEqual(self.latest(self.post).body, "一文目。続きも書いた。")

    def test_after_a_lost_answer_the_words_of_a_colleague_are_not_undone(self):
        self.send(self.post, body="一段落目。\n\n二段落目。\n\n三段落目。\n")
        tab = Tab(self, self.post)
        self.client.force_login(self.editor)
        self.send(self.post, body="一段落目。\n\n二段落目。\n\n三段落目を編集者が直した。\n")
        self.client.force_login(self.writer)
        tab.save(
            body="一段落目を直した。\n\n二段落目。\n\n三段落目。\n"
        )  # merged; the tab does not hear of it
        tab.save(body="一段落目を直した。\n\n二段落目も直した。\n\n三段落目。\n")
        self.assertIn("三段落目を編集者が直した。", self.latest(self.post).body)

    def test_a_merge_of_two_people_is_said_to_come_from_no_file(self):
        tab = Tab(self, self.post)
        self.client.force_login(self.editor)
        self.send(self.post, excerpt="編集者のリード")
        self.client.force_login(self.writer)
        tab.save(body="書き手の本文")
        self.assertNotContains(self.open(self.post), "届いた原稿から来ました")

    def test_nothing_is_told_when_nothing_happened(self):
        self.assertEqual(self.messages(Tab(self, self.post).save(body="続き")), "第2版を保存しました。")


class ScriptTests(DraftTestCase):
    """The editor's script asks for JSON where a browser is led on: it shows the messages on its own page."""

    def test_a_save_says_where_the_article_is_and_keeps_its_message_for_that_page(self):
        tab = Tab(self)
        data = tab.data | {"verb": "save", "title": "書いた", "body": "本文"}
        answer = self.client.post(tab.url, data, headers={"X-Requested-With": "fetch"})
        article = Post.objects.get(working_title="書いた")
        change = reverse("admin:blog_post_change", args=[article.pk])
        self.assertEqual(answer.json(), {"url": change, "article": change, "stays": True})
        self.assertContains(self.client.get(change), "第1版を保存しました。")

    def test_a_conflict_is_the_form_itself(self):
        tab = Tab(self, self.post)
        self.send(self.post, body="相手の文")
        answer = self.client.post(
            tab.url, tab.data | {"verb": "save", "body": "こちらの文"}, headers={"X-Requested-With": "fetch"}
        )
        self.assertContains(answer, "まだ保存していません")
        self.assertEqual(answer.context["form"]["body"].value(), "こちらの文")

    def test_an_unknown_key_in_the_address_opens_an_empty_form_under_it(self):
        key = uuid4()
        page = self.client.get(reverse("admin:blog_post_add_key", args=[key]))
        self.assertEqual(page.context["sent"].key, key)
