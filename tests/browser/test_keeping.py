"""Nothing typed is lost: drafts of each tab on the server, copies of each tab in the browser, offered until answered."""

from playwright.sync_api import Locator, Page, expect

from tests import make
from tests.browser import data
from tests.browser.base import EditorTestCase

ADD = "/admin/blog/post/add/"


class KeepingTestCase(EditorTestCase):
    def write(self, page: Page, title: str, body: str) -> None:
        page.goto(ADD)
        page.locator("#id_title").fill(title)
        page.locator("#id_body").fill(body)

    def not_trashed(self, page: Page | None = None) -> None:
        """Wait until the server has said that it keeps what is typed."""
        expect((page or self.page).locator("[data-keeping-status]")).to_contain_text("自動保存しました")

    def copied(self, page: Page, text: str) -> None:
        """Wait until the browser itself has `text` in a copy."""
        page.wait_for_function(
            "text => Object.values(localStorage).some((copy) => copy.includes(text))", arg=text
        )

    def close_unheard(self) -> None:
        """Close the page so that nothing of it reaches the server any more, not even what it sends on leaving."""
        self.page.evaluate("() => { window.fetch = () => Promise.reject(new TypeError()) }")
        self.page.close(run_before_unload=False)

    def offers(self, page: Page) -> Locator:
        return page.locator("[data-drafts] li")

    def offer(self, page: Page, text: str) -> Locator:
        return self.offers(page).filter(has_text=text)


class NewArticleTests(KeepingTestCase):
    def test_a_new_article_is_on_the_server_from_its_first_words(self):
        self.write(self.page, "消えない記事", "はじめの言葉です。")
        self.page.locator("#id_category").select_option(index=1)
        self.page.locator("[name=bylines-author]").first.select_option(index=1)
        chosen = self.page.locator("#id_category").input_value()
        self.not_trashed()
        self.context.close()  # the browser dies, and its storage with it

        page = self.new_context("editor").new_page()
        page.goto(ADD)
        self.offer(page, "消えない記事").get_by_role("link", name="書きかけを開く").click()
        expect(page.locator("#id_body")).to_have_value("はじめの言葉です。")
        expect(page.locator("#id_category")).to_have_value(chosen)
        expect(page.locator("[name=bylines-author]").first).not_to_have_value("")
        expect(self.offers(page).filter(has_text="消えない記事")).to_have_count(0)

    def test_two_new_articles_in_two_tabs_are_both_offered(self):
        for name in ("一本目", "二本目"):
            page = self.context.new_page()
            self.write(page, f"{name}の記事", f"{name}の文章")
            self.copied(page, f"{name}の文章")
            self.not_trashed(page)
            page.close()
        self.page.goto(ADD)
        expect(self.offer(self.page, "一本目の記事")).to_have_count(1)
        expect(self.offer(self.page, "二本目の記事")).to_have_count(1)

    def test_reloading_and_going_back_find_the_same_article(self):
        self.write(self.page, "読み込み直す記事", "一行目。")
        self.not_trashed()
        self.page.reload()
        expect(self.page.locator("#id_body")).to_have_value("一行目。")
        self.press("保存")
        self.page.wait_for_url("**/change/")
        self.page.reload()
        expect(self.page.locator("#id_title")).to_have_value("読み込み直す記事")
        self.page.goto("/admin/blog/post/")
        self.page.go_back()
        expect(self.page.locator("#id_title")).to_have_value("読み込み直す記事")
        self.page.locator("#id_body").fill("一行目。\n\n二行目。")
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")
        self.assertEqual(self.articles("読み込み直す記事"), 1)

    def test_a_save_whose_answer_was_lost_is_made_once(self):
        self.write(self.page, "返事の届かない記事", "本文")
        self.not_trashed()

        def lose(route):
            route.fetch()  # the server has it
            route.abort()

        self.allowed.append("net::ERR_FAILED")
        self.page.route("**/add/**", lose, times=1)
        self.press("保存")
        expect(self.page.locator("[data-keeping-status]")).to_contain_text("サーバーにつながりません")
        self.page.locator("#id_body").fill("本文と、その続き")
        self.press("保存")
        self.page.wait_for_url("**/change/")
        expect(self.page.locator("#id_body")).to_have_value("本文と、その続き")
        self.assertEqual(self.articles("返事の届かない記事"), 1)
        self.page.reload()
        expect(self.page.locator("#id_body")).to_have_value("本文と、その続き")

    def articles(self, title: str) -> int:
        return self.site.value("SELECT count(*) FROM blog_post WHERE working_title = ?", title)


class TabsTests(KeepingTestCase):
    def test_words_kept_by_one_tab_survive_the_save_of_another(self):
        one_area = self.open("はじめの段落。\n")
        two = self.context.new_page()
        two.goto(self.page.url)
        one_area.fill("はじめの段落。\n\n一つ目の画面で足した段落。\n")
        self.not_trashed()
        self.page.close()
        two.locator("#id_excerpt").fill("二つ目の画面で書いたリード")
        self.press("保存", page=two)
        expect(two.locator(".messagelist")).to_contain_text("保存しました")

        again = self.context.new_page()
        again.goto(two.url)
        self.offer(again, "一つ目の画面で足した段落").get_by_role("link", name="書きかけを開く").click()
        expect(again.locator("#id_body")).to_have_value("はじめの段落。\n\n一つ目の画面で足した段落。\n")
        self.press("保存", page=again)
        expect(again.locator(".messagelist")).to_contain_text("ほかの人の変更と合わせて")
        expect(again.locator("#id_excerpt")).to_have_value("二つ目の画面で書いたリード")

    def test_typing_in_two_tabs_in_turn_keeps_both(self):
        self.open("はじめ。\n")
        two = self.context.new_page()
        two.goto(self.page.url)
        self.page.locator("#id_body").fill("タブ一の文。")
        self.not_trashed()
        two.locator("#id_body").fill("タブ二の文。")
        self.not_trashed(two)
        for page in (self.page, two):
            page.close()
        again = self.context.new_page()
        again.goto(f"/admin/blog/post/{self.post}/change/")
        expect(self.offers(again)).to_have_count(2)
        expect(self.offers(again).first).to_contain_text("タブ二の文。")


class TakingUpTests(KeepingTestCase):
    """What stands in the form stays kept when something else is taken up."""

    def test_taking_a_copy_back_during_an_autosave_keeps_both(self):
        area = self.open("はじめ。")
        with self.offline():
            area.fill("端末だけにある文。")
            self.copied(self.page, "端末だけにある文。")
            self.close_unheard()
        page = self.context.new_page()
        page.goto(f"/admin/blog/post/{self.post}/change/")
        held = []
        page.route("**/autosave/", lambda route: held.append(route), times=1)
        with page.expect_request("**/autosave/"):
            page.locator("#id_body").fill("いま打っている文。")
        self.offer(page, "端末だけにある文。").get_by_role("button", name="控えを戻す").click()
        expect(page.locator("#id_body")).to_have_value("端末だけにある文。")
        held[0].continue_()
        self.not_trashed(page)
        page.close()
        again = self.context.new_page()
        again.goto(f"/admin/blog/post/{self.post}/change/")
        expect(self.offer(again, "端末だけにある文。")).to_have_count(1)
        expect(self.offer(again, "いま打っている文。")).to_have_count(1)

    def test_words_typed_while_a_draft_is_fetched_stay_kept(self):
        area = self.open("はじめ。")
        area.fill("前のタブの文。")
        self.not_trashed()
        self.page.goto(self.page.url)
        held = []
        self.page.route("**/change/?draft=*", lambda route: held.append(route), times=1)
        with self.page.expect_request("**/change/?draft=*"):
            self.offer(self.page, "前のタブの文。").get_by_role("link", name="書きかけを開く").click()
        self.page.locator("#id_body").fill("取りに行くあいだに打った文。")
        held[0].continue_()
        expect(self.page.locator("#id_body")).to_have_value("前のタブの文。")
        self.copied(self.page, "取りに行くあいだに打った文。")

    def test_a_save_beside_a_hanging_autosave_fails_and_the_words_are_offered(self):
        area = self.open("はじめ。")
        area.fill("Aの文。")
        self.not_trashed()
        self.page.route("**/autosave/", lambda route: None)
        with self.page.expect_request("**/autosave/", timeout=15_000):
            area.fill("Aの文。Bの文。")
        with self.offline():
            self.press("保存")
            expect(self.page.locator("[data-keeping-status]")).to_contain_text("サーバーにつながりません")
            self.close_unheard()
        again = self.context.new_page()
        again.goto(f"/admin/blog/post/{self.post}/change/")
        expect(self.offers(again).first).to_contain_text("Aの文。Bの文。")

    def test_a_copy_that_differs_in_a_comma_alone_is_offered(self):
        area = self.open("今日は晴れです。明日は雨です。")
        with self.offline():
            area.fill("今日は、晴れです。\n\n明日は、雨です。")
            self.copied(self.page, "今日は、晴れです。")
            self.close_unheard()
        again = self.context.new_page()
        again.goto(f"/admin/blog/post/{self.post}/change/")
        self.offer(again, "今日は、晴れです。").get_by_role("button", name="控えを戻す").click()
        expect(again.locator("#id_body")).to_have_value("今日は、晴れです。\n\n明日は、雨です。")


class LocalCopyTests(KeepingTestCase):
    def test_the_copy_of_the_browser_brings_back_every_field(self):
        self.site.call(make.make_collection, "控えの連載")
        picture = self.site.call(data.image, alt="控えの絵")
        self.page.goto(ADD)
        with self.offline():
            self.page.locator("#id_title").fill("全部の欄")
            self.page.locator("#id_body").fill("本文")
            self.page.locator("#id_tags").fill("AI、投資")
            self.page.locator("#id_category").select_option(index=1)
            self.page.locator("#id_collection").select_option("控えの連載")
            self.page.locator("[name=bylines-author]").first.select_option(index=1)
            self.page.locator("[name=bylines-role]").first.select_option("supervisor")
            hash = self.site.value("SELECT hash FROM blog_image WHERE id = ?", picture)
            self.page.locator("[name=hero]").evaluate(
                "(list, hash) => { list.value = hash; list.dispatchEvent(new Event('change', {bubbles: true})) }",
                hash,
            )
            for name, value in (
                ("slug", "zenbu"),
                ("day", "2026-12-01"),
                ("excerpt", "リード"),
                ("note", "メモ"),
            ):
                self.page.locator(f"#id_{name}").fill(value)
            self.page.locator("#id_disclosure").fill("提供: 架空社")
            self.page.locator("#id_featured").check()
            self.page.locator("#id_assignee").select_option(label="chief")
            self.copied(self.page, "zenbu")
            before = self.values(self.page)
            self.close_unheard()
        again = self.context.new_page()
        again.goto(ADD)
        self.offer(again, "全部の欄").get_by_role("button", name="控えを戻す").click()
        expect(again.locator("#id_body")).to_have_value("本文")
        self.assertEqual(self.values(again), before)
        expect(again.locator(".field-hero .chosen-picture")).to_be_visible()

    def values(self, page: Page) -> list[list[str]]:
        return page.evaluate(
            "() => window.formValues.read(document.getElementById('post_form')).filter(([, value]) => value)"
        )

    def test_the_newest_copy_stands_first_and_none_is_overwritten(self):
        area = self.open("はじめ。\n")
        area.fill("Aの文章。")
        self.not_trashed()
        with self.offline():
            area.fill("Bの文章。")
            self.press("保存")
            expect(self.page.locator("[data-keeping-status]")).to_contain_text("サーバーにつながりません")
            self.copied(self.page, "Bの文章。")
            self.close_unheard()
        again = self.context.new_page()
        again.goto(f"/admin/blog/post/{self.post}/change/")
        expect(self.offers(again).first).to_contain_text("Bの文章。")
        again.locator("#id_body").fill("Cの文章。")
        self.not_trashed(again)
        again.close()
        third = self.context.new_page()
        third.goto(f"/admin/blog/post/{self.post}/change/")
        expect(self.offers(third).first).to_contain_text("Cの文章。")
        self.offer(third, "Bの文章。").get_by_role("button", name="控えを戻す").click()
        expect(third.locator("#id_body")).to_have_value("Bの文章。")
        expect(self.offer(third, "Cの文章。")).to_have_count(1)

    def test_taking_a_copy_back_is_undone_like_typing(self):
        area = self.open("一段落目。\n\n二段落目。\n")
        area.fill("一段落目。\n\n二段落目を直した。\n")
        self.not_trashed()
        self.page.goto(self.page.url)
        self.offer(self.page, "二段落目を直した").get_by_role("link", name="書きかけを開く").click()
        area = self.page.locator("#id_body")
        expect(area).to_have_value("一段落目。\n\n二段落目を直した。\n")
        area.focus()
        self.page.keyboard.press("Control+z")
        expect(area).to_have_value("一段落目。\n\n二段落目。\n")

    def test_undoing_what_was_taken_back_leaves_the_copy_on_offer(self):
        area = self.open("はじめ。")
        area.fill("はじめ。前に書いた続き。")
        self.not_trashed()
        self.page.goto(self.page.url)
        self.offer(self.page, "前に書いた続き。").get_by_role("link", name="書きかけを開く").click()
        area = self.page.locator("#id_body")
        expect(area).to_have_value("はじめ。前に書いた続き。")
        area.focus()
        self.page.keyboard.press("Control+z")
        expect(area).to_have_value("はじめ。")
        self.page.keyboard.type("まったく別の続き。")
        self.not_trashed()
        self.page.goto(self.page.url)
        expect(self.offer(self.page, "前に書いた続き。")).to_have_count(1)
        expect(self.offer(self.page, "まったく別の続き。")).to_have_count(1)

    def test_a_copy_that_is_thrown_away_is_offered_no_more(self):
        area = self.open("はじめ。\n")
        area.fill("要らない文章。")
        self.not_trashed()
        self.page.goto(self.page.url)
        self.offer(self.page, "要らない文章。").get_by_role("button", name="捨てる").click()
        expect(self.offers(self.page)).to_have_count(0)
        self.page.reload()
        expect(self.page.locator("#id_body")).to_have_value("はじめ。\n")
        expect(self.offers(self.page)).to_have_count(0)

    def test_a_fixed_page_is_not_left_while_the_server_is_away(self):
        self.page.goto("/admin/blog/page/add/")
        self.page.get_by_label("タイトル").fill("このサイトについて")
        self.page.locator("#id_body").fill("固定ページの文章")
        with self.offline():
            self.press("保存")
            expect(self.page.locator("[data-keeping-status]")).to_contain_text("サーバーにつながりません")
            expect(self.page.locator("#id_body")).to_have_value("固定ページの文章")
            self.copied(self.page, "固定ページの文章")
        self.page.goto("/admin/")
        self.page.goto("/admin/blog/page/add/")
        self.offer(self.page, "このサイトについて").get_by_role("button", name="控えを戻す").click()
        expect(self.page.locator("#id_body")).to_have_value("固定ページの文章")
