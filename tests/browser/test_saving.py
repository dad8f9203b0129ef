"""Saving without leaving the page: offline, with the server killed, signed out, beside a colleague."""

from playwright.sync_api import expect

from tests.browser import data
from tests.browser.base import EditorTestCase

LONG = "\n\n".join(f"第{number}段落。本文が続きます。" for number in range(1, 60))


class SavingTests(EditorTestCase):
    def test_a_save_keeps_undo_caret_and_scroll_and_loads_no_page(self):
        area = self.open(LONG)
        self.select(area, "第50段落。")
        area.evaluate("area => area.setSelectionRange(area.selectionEnd, area.selectionEnd)")
        self.page.keyboard.insert_text("足した文。")
        area.evaluate("area => { area.scrollTop = 700; window.scrollTo(0, 120); window.mark = 'same page' }")
        caret = area.evaluate("area => area.selectionStart")
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")
        self.assertEqual(self.page.evaluate("window.mark"), "same page")
        self.assertEqual(
            area.evaluate("area => [area.selectionStart, area.scrollTop, document.activeElement === area]"),
            [caret, 700, True],
        )
        expect(self.page.locator(".editor-heading")).to_contain_text("第2版")
        self.page.keyboard.press("Control+z")
        expect(area).to_have_value(LONG)
        self.page.keyboard.press("Control+s")
        expect(self.page.locator(".messagelist")).to_contain_text("第3版を保存しました")

    def test_what_is_not_shown_is_told_anew_after_a_save_and_the_box_shows_it(self):
        area = self.open("本文。\n\n{: .a}\n\n{: .b}", dialect="jekyll")
        told = self.page.locator("[data-not-shown] li")
        expect(told).to_have_count(2)
        self.page.keyboard.type("と書く。")
        self.press("保存")
        expect(told).to_have_text(["3行目: 「{: .a}」はページに出ません（テンプレートの印）。"])
        self.page.get_by_label("そのまま表示").check()
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第3版を保存しました")
        expect(told).to_have_count(0)
        expect(self.page.get_by_label("そのまま表示")).to_have_count(0)
        self.assertEqual(self.saved("dialect"), "")
        area.focus()
        self.page.keyboard.type("続き。")
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第4版を保存しました")

    def test_what_is_typed_while_the_save_is_on_its_way_stays(self):
        area = self.open("はじめ。")
        self.page.keyboard.type("送る文。")
        held = []
        self.page.route("**/change/", lambda route: held.append(route), times=1)
        self.press("保存")
        expect(self.page.locator("[data-keeping-status]")).to_have_text("送っています…")
        area.focus()
        self.page.keyboard.type("あとの文。")
        held[0].continue_()
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")
        expect(area).to_have_value("はじめ。送る文。あとの文。")
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第3版を保存しました")
        self.assertEqual(self.saved("body"), "はじめ。送る文。あとの文。")

    def test_after_a_save_nothing_is_left_to_be_saved_and_the_page_may_be_left(self):
        self.open("はじめ。")
        self.page.keyboard.type("続き。")
        self.press("保存")
        expect(self.page.locator("[data-keeping-status]")).to_contain_text("第2版を保存しました")
        asked = []
        self.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        self.page.get_by_role("link", name="版の履歴").click()
        self.page.wait_for_url("**/history/")
        self.assertEqual(asked, [])
        self.assertEqual(
            self.page.evaluate(
                "() => Object.keys(localStorage).filter((name) => name.startsWith('allforces:copy:'))"
            ),
            [],
        )

    def test_who_types_on_after_pressing_publish_stays_and_meets_no_conflict(self):
        area = self.open("はじめ。")
        held = []
        self.page.route("**/change/", lambda route: held.append(route), times=1)
        self.page.locator("[value=publish]").click()
        expect(self.page.locator("[data-keeping-status]")).to_have_text("送っています…")
        area.focus()
        self.page.keyboard.type("まだ書いている。")
        held[0].continue_()
        expect(self.page.locator("[data-keeping-status]")).to_contain_text("ここにとどまりました")
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")
        self.assertEqual(self.saved("body"), "はじめ。まだ書いている。")

    def test_a_double_click_saves_once(self):
        self.open("はじめ。")
        self.page.keyboard.type("続き。")
        self.button("保存").dblclick()
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")
        self.assertEqual(
            self.site.value("SELECT count(*) FROM blog_revision WHERE post_id = ?", self.post), 2
        )

    def test_an_error_of_the_form_stands_at_its_field_and_the_text_stays(self):
        area = self.open("はじめ。")
        self.page.keyboard.type("続き。")
        self.page.locator("#id_day").fill("いつか")
        self.press("保存")
        expect(self.page.locator(".field-day .errorlist")).to_contain_text("日付を")
        expect(self.page.locator(".errornote")).to_be_in_viewport()
        expect(area).to_have_value("はじめ。続き。")
        self.page.locator("#id_day").fill("")
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")
        expect(self.page.locator(".field-day .errorlist")).to_have_count(0)
        expect(self.page.locator(".errornote")).to_have_count(0)

    def test_a_composition_that_is_under_way_survives_a_save(self):
        area = self.open("前。")
        self.page.keyboard.type("確定した文。")
        held = []
        self.page.route("**/change/", lambda route: held.append(route), times=1)
        self.press("保存")
        expect(self.page.locator("[data-keeping-status]")).to_have_text("送っています…")
        area.focus()
        self.compose("かん", "漢字")
        held[0].continue_()
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")
        self.commit("漢字")
        expect(area).to_have_value("前。確定した文。漢字")
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第3版を保存しました")

    def saved(self, name: str) -> str:
        return self.site.value(
            f"SELECT json_extract(content, '$.{name}') FROM blog_revision WHERE post_id = ? ORDER BY number DESC LIMIT 1",
            self.post,
        )


class TroubleTests(EditorTestCase):
    def test_saving_offline_stays_on_the_page_and_works_when_the_network_is_back(self):
        area = self.open("はじめ。")
        self.page.keyboard.type("続き。")
        with self.offline():
            self.press("保存")
            expect(self.page.locator("[data-keeping-status]")).to_contain_text("サーバーにつながりません")
            expect(area).to_have_value("はじめ。続き。")
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")

    def test_a_server_that_was_killed_takes_the_save_after_its_start(self):
        area = self.open("はじめ。")
        self.page.keyboard.type("続き。")
        with self.killed_server():
            self.press("保存")
            expect(self.page.locator("[data-keeping-status]")).to_contain_text("サーバーにつながりません")
            expect(area).to_have_value("はじめ。続き。")
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")

    def test_a_locked_database_takes_no_text_away(self):
        area = self.open("はじめ。")
        self.page.keyboard.type("続き。")
        self.allow("503")
        with self.site.locked_database():
            self.press("保存")
            status = self.page.locator("[data-keeping-status]")
            expect(status).to_contain_text("まだ保存していません", timeout=40_000)
            expect(area).to_have_value("はじめ。続き。")
            self.page.wait_for_function(
                "() => Object.values(localStorage).some((copy) => copy.includes('続き。'))"
            )
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")

    def test_an_ended_session_asks_for_the_password_in_place_and_makes_the_save(self):
        area = self.open("はじめ。")
        self.page.keyboard.type("続き。")
        self.page.evaluate("window.mark = 'same page'")
        self.end_session()
        self.allowed.append("403")
        self.press("保存")
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("パスワード").fill("違うパスワード")
        dialog.get_by_role("button", name="ログインする").click()
        expect(dialog.get_by_role("alert")).to_be_visible()
        dialog.get_by_label("パスワード").fill(data.PASSWORD)
        dialog.get_by_role("button", name="ログインする").click()
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")
        expect(area).to_have_value("はじめ。続き。")
        self.assertEqual(self.page.evaluate("window.mark"), "same page")

    def test_a_new_article_is_saved_after_signing_in_with_every_field(self):
        self.page.goto("/admin/blog/post/add/")
        self.page.locator("#id_title").fill("期限の切れた記事")
        self.page.locator("#id_body").fill("長い原稿")
        self.page.locator("#id_category").select_option(index=1)
        chosen = self.page.locator("#id_category").input_value()
        self.end_session()
        self.allowed.append("403")
        self.press("保存")
        self.page.get_by_role("dialog").get_by_label("パスワード").fill(data.PASSWORD)
        self.page.get_by_role("dialog").get_by_role("button", name="ログインする").click()
        self.page.wait_for_url("**/change/")
        expect(self.page.locator("#id_category")).to_have_value(chosen)
        expect(self.page.locator("#id_body")).to_have_value("長い原稿")

    def test_an_autosave_after_the_session_ended_offers_to_sign_in(self):
        self.open("はじめ。")
        self.end_session()
        self.allowed.append("403")
        self.page.keyboard.type("続き。")
        self.page.get_by_role("button", name="ログインし直す").click()
        self.page.get_by_role("dialog").get_by_label("パスワード").fill(data.PASSWORD)
        self.page.get_by_role("dialog").get_by_role("button", name="ログインする").click()
        expect(self.page.locator("[data-keeping-status]")).to_contain_text("自動保存しました")

    def test_signing_in_as_somebody_else_saves_nothing(self):
        self.open("はじめ。")
        self.page.keyboard.type("続き。")
        self.end_session()
        self.allowed.append("403")
        self.press("保存")
        dialog = self.page.get_by_role("dialog")
        dialog.get_by_label("ユーザー名").fill("chief")
        dialog.get_by_label("パスワード").fill(data.PASSWORD)
        dialog.get_by_role("button", name="ログインする").click()
        expect(dialog.get_by_role("alert")).to_contain_text("書いていた人として")
        dialog.get_by_role("button", name="あとで").click()
        expect(self.page.locator("[data-keeping-status]")).to_contain_text("まだ保存していません")
        self.assertEqual(
            self.site.value("SELECT count(*) FROM blog_revision WHERE post_id = ?", self.post), 1
        )


class ColleagueTests(EditorTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.other = self.new_context("chief").new_page()

    def test_different_paragraphs_are_merged_in_place(self):
        area = self.open("一段落目。\n\n二段落目。\n")
        self.other.goto(self.page.url)
        self.other.locator("#id_body").fill("一段落目。\n\n二段落目を編集長が直した。\n")
        self.press("保存", page=self.other)
        expect(self.other.locator(".messagelist")).to_contain_text("第2版")
        self.select(area, "一段落目。")
        self.page.keyboard.type("一段落目を直した。")
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("ほかの人の変更と合わせて")
        expect(area).to_have_value("一段落目を直した。\n\n二段落目を編集長が直した。\n")

    def test_the_same_paragraph_is_shown_from_both_sides_and_nothing_typed_is_lost(self):
        area = self.open("一段落目。\n")
        self.other.goto(self.page.url)
        self.other.locator("#id_body").fill("編集長の文。\n")
        self.press("保存", page=self.other)
        expect(self.other.locator(".messagelist")).to_contain_text("第2版")
        area.fill("書き手の文。\n")
        self.press("保存")
        expect(self.page.locator(".conflict")).to_contain_text("編集長の文。")
        expect(area).to_have_value("書き手の文。\n")
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第3版を保存しました")

    def test_a_post_that_a_colleague_has_binned_keeps_the_text(self):
        area = self.open("はじめ。")
        self.page.keyboard.type("続き。")
        self.other.goto(f"/admin/blog/post/{self.post}/discard/")
        self.other.get_by_role("button", name="ゴミ箱に入れる").click()
        self.other.wait_for_url("**/admin/blog/post/")
        self.press("保存")
        expect(self.page.locator(".errornote")).to_contain_text("ゴミ箱の記事です。先に戻してください。")
        expect(area).to_have_value("はじめ。続き。")
        self.other.goto(f"/admin/blog/post/{self.post}/restore_from_trash/")
        self.other.get_by_role("button", name="ゴミ箱から戻す").click()
        self.other.wait_for_url("**/change/")
        self.press("保存")
        expect(self.page.locator(".messagelist")).to_contain_text("第2版を保存しました")
