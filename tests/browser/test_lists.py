"""The desk's lists at the width of a phone: names of fields, sizes of targets (WCAG 2.2, 2.5.8)."""

from playwright.sync_api import expect

from tests.browser import data
from tests.browser.base import BrowserTestCase

MIN_TARGET = 24


class PostListTests(BrowserTestCase):
    user = "editor"
    window = (360, 800)

    def test_search_field_has_a_visible_japanese_name_and_finds_by_title(self):
        self.site.call(data.post, title="量子計算機の値段")
        self.page.goto("/admin/blog/post/")
        field = self.page.get_by_role("searchbox", name="検索する言葉")
        for width in (360, 768, 1024, 1280):
            self.page.set_viewport_size({"width": width, "height": 800})
            self.assertGreater(field.bounding_box()["width"], 200, width)
        field.fill("量子計算機")
        field.press("Enter")
        expect(self.page.get_by_role("link", name="量子計算機の値段", exact=True)).to_be_visible()
        expect(field).to_have_value("量子計算機")

    def test_link_to_the_site_is_large_enough_for_a_finger(self):
        self.site.call(data.post, title="送電網の更新")
        self.page.goto("/admin/blog/post/")
        box = self.page.locator(".look").first.bounding_box()
        self.assertIsNotNone(box)
        self.assertGreaterEqual(min(box["width"], box["height"]), MIN_TARGET)
