"""What makes reading more comfortable, as readers use it."""

from playwright.sync_api import expect

from tests.browser import data
from tests.browser.base import BrowserTestCase

LONG = "\n\n".join(f"## 第{number}節\n\n" + "長い段落です。" * 120 for number in range(1, 5))


class ReadingTests(BrowserTestCase):
    def test_page_is_dressed_by_one_request(self):
        fetched = []
        self.page.on(
            "request",
            lambda request: fetched.append(request.url) if request.resource_type == "stylesheet" else None,
        )
        self.page.goto(self.site.call(data.post))
        self.assertEqual(len(fetched), 1, fetched)
        self.assertRegex(fetched[0], r"/static/css/site\.[0-9a-f]{12}\.css$")
        expect(self.page.locator("body")).not_to_have_css("background-color", "rgba(0, 0, 0, 0)")
        expect(self.page.locator(".post-footer")).to_have_css("border-top-style", "solid")

    def test_chosen_scheme_holds_on_the_next_page_and_is_forgotten_when_left_to_the_system(self):
        self.page.goto(self.site.call(data.post))
        html = self.page.locator("html")
        paper = "() => getComputedStyle(document.body).backgroundColor"
        light = self.page.evaluate(paper)
        self.page.get_by_role("radio", name="暗い").check()
        expect(html).to_have_attribute("data-scheme", "dark")
        dark = self.page.evaluate(paper)
        self.assertNotEqual(dark, light)
        self.page.goto("/")
        expect(html).to_have_attribute("data-scheme", "dark")
        expect(self.page.get_by_role("radio", name="暗い")).to_be_checked()
        self.page.get_by_role("radio", name="自動").check()
        self.page.reload()
        expect(html).not_to_have_attribute("data-scheme", "dark")
        self.page.emulate_media(color_scheme="dark")
        self.assertEqual(self.page.evaluate(paper), dark)

    def test_address_is_copied_and_the_button_says_so(self):
        path = self.site.call(data.post)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page.goto(path)
        self.page.get_by_role("button", name="URLをコピー").click()
        expect(self.page.get_by_role("button", name="コピーしました")).to_be_visible()
        expect(self.page.get_by_role("status")).to_have_text("コピーしました")
        self.assertEqual(self.page.evaluate("() => navigator.clipboard.readText()"), self.site.url + path)

    def test_device_that_can_share_is_asked_to(self):
        self.page.add_init_script("navigator.share = async (what) => { window.shared = what; }")
        path = self.site.call(data.post, title="分けたい記事")
        self.page.goto(path)
        share = self.page.locator(".share")
        share.get_by_role("button", name="共有する").click()
        shared = self.page.evaluate("() => window.shared")
        self.assertIn("分けたい記事", shared["title"])
        self.assertEqual(shared["url"], self.site.url + path)
        expect(share.get_by_role("link").first).to_be_hidden()

    def test_links_for_sharing_stand_where_the_device_cannot(self):
        self.page.add_init_script("navigator.share = undefined")
        self.page.goto(self.site.call(data.post))
        share = self.page.locator(".share")
        expect(share.get_by_role("link").first).to_be_visible()
        expect(share.get_by_role("button", name="共有する")).to_be_hidden()

    def test_note_opens_beside_its_mark_and_escape_leads_back_to_the_mark(self):
        self.page.goto(self.site.call(data.post, body="本文[^1]です。\n\n[^1]: 注の言葉。\n"))
        mark = self.page.locator(".footnote-ref a")
        mark.click()
        note = self.page.get_by_role("dialog")
        expect(note).to_contain_text("注の言葉。")
        expect(note).to_be_focused()
        self.page.keyboard.press("Escape")
        expect(note).to_be_hidden()
        expect(mark).to_be_focused()
        expect(mark).to_have_attribute("aria-expanded", "false")

    def test_contents_mark_where_the_reader_is(self):
        self.page.goto(self.site.call(data.post, body=LONG))
        contents = self.page.locator("[data-toc]")
        expect(contents).to_have_attribute("open", "")
        self.page.get_by_role("heading", name="第3節").evaluate("heading => heading.scrollIntoView()")
        expect(contents.locator("[aria-current=location]")).to_have_text("第3節")
