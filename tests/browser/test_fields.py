"""The fields that scripts make easier: tags, by-lines, the focal point of an image, files that are taken in."""

from pathlib import Path

from playwright.sync_api import Locator, expect

from tests import make
from tests.browser import data
from tests.browser.base import BrowserTestCase, EditorTestCase


class TagTests(EditorTestCase):
    @property
    def offer(self) -> Locator:
        return self.page.get_by_role("listbox", name="使われているタグ")

    def test_tag_in_use_is_offered_and_chosen_by_keyboard(self):
        self.site.call(data.post, tags=("半導体", "半導体製造装置"))
        self.open(tags=("電力",))
        field = self.page.get_by_role("combobox", name="タグ")
        field.press("End")
        field.press_sequentially("、半導")
        expect(self.offer.get_by_role("option")).to_have_count(2)
        field.press("ArrowDown")
        field.press("ArrowDown")
        chosen = self.offer.get_by_role("option", selected=True).get_attribute("data-name")
        field.press("Enter")
        expect(field).to_have_value(f"電力、{chosen}、")
        expect(self.offer).to_be_hidden()
        field.press("Control+z")
        expect(field).to_have_value("電力、半導")

    def test_escape_closes_the_offer_and_leaves_what_was_typed(self):
        self.site.call(data.post, tags=("量子計算",))
        self.open()
        field = self.page.get_by_role("combobox", name="タグ")
        field.press_sequentially("量子")
        expect(self.offer.get_by_role("option", name="量子計算")).to_be_visible()
        field.press("Escape")
        expect(self.offer).to_be_hidden()
        expect(field).to_have_value("量子")

    def test_enter_of_an_input_method_chooses_no_tag(self):
        self.site.call(data.post, tags=("送電網",))
        self.open()
        field = self.page.get_by_role("combobox", name="タグ")
        field.focus()
        self.compose("そ", "送", "送電")
        expect(self.offer).to_be_hidden()
        self.commit("送電")
        expect(self.offer.get_by_role("option", name="送電網")).to_be_visible()
        expect(field).to_have_value("送電")


class BylineTests(EditorTestCase):
    def names(self) -> list[str]:
        return [select.input_value() for select in self.rows.locator("select[name=bylines-author]").all()]

    @property
    def rows(self) -> Locator:
        return self.page.get_by_role("group", name="署名").get_by_role("listitem")

    def test_by_lines_are_added_moved_and_removed_by_keyboard(self):
        for name in ("山田花子", "鈴木一郎"):
            self.site.call(make.make_author, name=name)
        self.open()
        expect(self.rows).to_have_count(1)
        for number, name in enumerate(("山田花子", "鈴木一郎"), start=2):
            self.page.get_by_role("button", name="署名を足す").press("Enter")
            expect(self.page.get_by_label(f"著者（{number}人目）")).to_be_focused()
            self.page.get_by_label(f"著者（{number}人目）").select_option(name)
        self.rows.nth(2).get_by_role("button", name="上へ").press("Enter")
        self.assertEqual(self.names(), ["ALLFORCES編集部", "鈴木一郎", "山田花子"])
        expect(self.page.get_by_text("鈴木一郎を2番目にしました。")).to_be_visible()
        expect(self.rows.nth(1).get_by_role("button", name="上へ")).to_be_focused()
        self.rows.nth(0).get_by_role("button", name="外す").press("Enter")
        expect(self.page.get_by_label("著者（1人目）")).to_be_focused()
        self.assertEqual(self.names(), ["鈴木一郎", "山田花子"])
        self.page.locator(".editor-bar").get_by_role("button", name="保存", exact=True).press("Enter")
        expect(self.page.locator(".messagelist")).to_have_text("第2版を保存しました。")
        self.assertEqual(self.names(), ["鈴木一郎", "山田花子"])


class FocalPointTests(BrowserTestCase):
    user = "editor"

    def test_click_on_the_picture_sets_the_focal_point(self):
        number = self.site.call(data.image, alt="焦点を決める板")
        self.page.goto(f"/admin/blog/image/{number}/change/")
        picture = self.page.locator("img.desk-preview")
        box = picture.bounding_box()
        picture.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.75})
        x, y = (int(self.page.locator(f"#id_focal_{axis}").input_value()) for axis in "xy")
        self.assertAlmostEqual(x, 25, delta=3)  # the picture is small
        self.assertAlmostEqual(y, 75, delta=3)
        ring = self.page.locator(".desk-focal-ring").bounding_box()
        self.assertAlmostEqual(ring["x"] + ring["width"] / 2, box["x"] + box["width"] * x / 100, delta=2)
        self.page.get_by_role("button", name="保存", exact=True).click()
        self.page.wait_for_url("**/admin/blog/image/")
        self.assertEqual(
            self.site.rows("SELECT focal_x, focal_y FROM blog_image WHERE id = ?", number), [(x, y)]
        )


class TakingInTests(BrowserTestCase):
    user = "editor"

    def drop(self, *names: str) -> None:
        for name in names:
            Path(self.site.folder, name).write_text(
                f"---\ntitle: {name}から来た記事\ndate: 2026-11-20\n---\n\n本文。\n", encoding="utf-8"
            )
        self.drop_files(self.page.locator(".dropping"), *(Path(self.site.folder, name) for name in names))

    def test_dropped_files_are_named_and_become_drafts(self):
        self.page.goto("/admin/blog/manuscript/import/")
        self.drop("2026-11-20-ichi.md", "2026-11-20-ni.md")
        expect(self.page.locator("#files-chosen")).to_have_text("2026-11-20-ichi.md、2026-11-20-ni.md")
        self.page.get_by_role("button", name="取り込む").click()
        expect(self.page.get_by_role("heading", name="2件のうち2件を受け取りました")).to_be_visible()
        self.assertEqual(
            self.site.value(
                "SELECT count(*) FROM blog_post WHERE working_title LIKE '2026-11-20-%から来た記事'"
            ),
            2,
        )

    def test_too_many_files_are_refused_before_they_are_sent(self):
        self.page.goto("/admin/blog/manuscript/import/")
        limit = int(self.page.locator("#take-in").get_attribute("data-max-files"))
        self.drop(*(f"2026-11-21-{number}.md" for number in range(limit + 1)))
        expect(self.page.locator("#files-chosen")).to_have_text(
            self.page.locator("#take-in").get_attribute("data-too-many")
        )
        self.page.get_by_role("button", name="取り込む").click()
        expect(self.page).to_have_url(f"{self.site.url}/admin/blog/manuscript/import/")
        expect(self.page.get_by_role("button", name="取り込む")).to_be_enabled()
