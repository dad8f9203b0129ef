"""The editor's page while somebody writes."""

from playwright.sync_api import Locator, expect

from tests.browser import data
from tests.browser.base import BrowserTestCase, EditorTestCase


class SigningInTests(BrowserTestCase):
    def test_an_editor_signs_in_by_the_form_and_writes_a_new_post(self):
        self.page.goto("/admin/blog/post/add/")
        self.page.get_by_label("ユーザー名またはメールアドレス").fill("editor")
        self.page.get_by_label("パスワード", exact=True).fill(data.PASSWORD)
        self.page.get_by_role("button", name="ログイン").click()
        self.page.get_by_label("タイトル").fill("画面から書いた記事")
        self.page.locator("#id_body").fill("初めの段落です。")
        self.page.locator(".editor-bar").get_by_role("button", name="保存", exact=True).click()
        self.page.wait_for_url("**/change/")
        self.assertEqual(
            self.site.value("SELECT count(*) FROM blog_post WHERE working_title = '画面から書いた記事'"), 1
        )


class WritingTests(EditorTestCase):
    def test_what_is_typed_appears_in_the_preview_beside_the_form(self):
        self.open("初めの段落です。\n\n")
        self.page.keyboard.insert_text("## 次の節\n\n**太い**言葉。")
        expect(self.preview.get_by_role("heading", name="次の節")).to_be_visible()
        expect(self.preview.locator("strong")).to_have_text("太い")

    def test_counter_says_how_long_the_text_takes_to_read_as_the_article_will(self):
        self.open("字" * 501)
        expect(self.page.locator(".field-body .counter")).to_have_text("約501文字・約2分")
        expect(self.preview.get_by_text("約2分（501字）")).to_be_visible()

    def test_input_method_composes_in_peace_and_leaves_the_text_as_committed(self):
        area = self.open("前。\n")
        expect(self.preview.get_by_text("前。")).to_be_visible()
        asked = []
        self.page.on(
            "request", lambda request: asked.append(request.url) if "/preview/" in request.url else None
        )
        with self.page.expect_event("console", lambda message: message.text == "pause over"):
            self.compose("k", "か", "かn", "かん", "漢", "漢j", "漢じ", "漢字")
            self.page.evaluate(
                "setTimeout(() => console.log('pause over'), 800)"
            )  # longer than preview's pause
        self.assertEqual(asked, [])
        with self.page.expect_request("**/preview/**"):
            self.commit("漢字")
        expect(area).to_have_value("前。\n漢字")
        expect(self.preview.get_by_text("漢字")).to_be_visible()


class TroubleTests(EditorTestCase):
    @property
    def preview_says(self) -> Locator:
        return self.page.locator("[data-preview-status]")

    def test_preview_says_that_the_server_is_gone_and_goes_on_when_it_is_back(self):
        self.open("前。\n\n")
        with self.killed_server():
            self.page.keyboard.insert_text("止まっている間の言葉。")
            expect(self.preview_says).to_have_text("プレビューを取りに行けません。通信を確かめてください。")
        self.page.keyboard.insert_text("動いてからの言葉。")
        expect(self.preview.get_by_text("止まっている間の言葉。動いてからの言葉。")).to_be_visible()
        expect(self.preview_says).to_be_empty()

    def test_preview_says_that_the_session_has_ended_and_shows_no_form_for_signing_in(self):
        self.open("前。\n\n")
        expect(self.preview.get_by_text("前。")).to_be_visible()
        self.end_session()
        self.allow(r"status of 403")
        self.page.keyboard.insert_text("あとの言葉。")
        expect(self.preview_says).to_contain_text("ログイン")
        expect(self.preview.get_by_text("前。")).to_be_visible()


class ToolbarTests(EditorTestCase):
    def test_ctrl_b_makes_the_selection_bold_and_undo_takes_it_back(self):
        area = self.open("ここが大事です。\n")
        self.select(area, "大事")
        self.page.keyboard.press("Control+b")
        expect(area).to_have_value("ここが**大事**です。\n")
        self.page.keyboard.press("Control+z")
        expect(area).to_have_value("ここが大事です。\n")

    def test_ctrl_b_waits_until_the_input_method_is_done(self):
        area = self.open("")
        self.compose("か", "漢字")
        self.page.keyboard.press("Control+b")
        self.commit("漢字")
        expect(area).to_have_value("漢字")

    def test_every_button_writes_something_that_one_undo_takes_back(self):
        written = {
            "見出し": "## 一行目",
            "太字": "一行目****",
            "リンク": "一行目[文字](https://)",
            "引用": "> 一行目",
            "箇条書き": "- 一行目",
            "ルビ": "一行目{漢字|よみ}",
            "表": "一行目\n\n| 見出し | 見出し |\n|---|---|\n| 内容 | 内容 |\n| 内容 | 内容 |\n\n",
        }
        area = self.open("一行目")
        toolbar = self.page.get_by_role("toolbar", name="本文の書式")
        for label, text in written.items():
            with self.subTest(label):
                toolbar.get_by_role("button", name=label, exact=True).click()
                expect(area).to_have_value(text)
                self.page.keyboard.press("Control+z")
                expect(area).to_have_value("一行目")
                area.evaluate("area => area.setSelectionRange(area.value.length, area.value.length)")
