"""Images on their way into a text: pasted, dropped, chosen."""

import base64
import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser import data
from tests.browser.base import EditorTestCase
from tests.make import picture_bytes

COPY = """async (parts) => {
  const blob = ([type, data]) => new Blob([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], { type });
  const blobs = Object.entries(parts).map((part) => [part[0], blob(part)]);
  await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
}"""
PASTE = """(area, files) => {
  const transfer = new DataTransfer();
  for (const [name, data] of Object.entries(files))
    transfer.items.add(new File([Uint8Array.from(atob(data), (c) => c.charCodeAt(0))], name, { type: "image/png" }));
  area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true }));
}"""
BODY = "一つめ。\n\n二つめ。\n\n三つめ。"


class PictureTests(EditorTestCase):
    def copy(self, parts: dict[str, bytes]) -> None:
        """Put `parts`, data by their type, onto the clipboard, as another program does."""
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page.evaluate(COPY, {kind: base64.b64encode(data).decode() for kind, data in parts.items()})

    def drop(self, area: Locator, files: dict[str, bytes]) -> None:
        """Drop `files`, data by their name, on `area`, as from a window of the desktop."""
        paths = []
        for name, content in files.items():
            path = Path(self.site.folder, name)
            path.write_bytes(content)
            paths.append(path)
        self.drop_files(area, *paths)

    def paste_files(self, area: Locator, files: dict[str, bytes]) -> None:
        """Paste several `files`, as a file manager copies them; the clipboard of a browser holds one."""
        encoded = {name: base64.b64encode(content).decode() for name, content in files.items()}
        area.evaluate(PASTE, encoded)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def describe(self, words: str) -> None:
        self.dialog.get_by_label("画像の説明").fill(words)
        self.dialog.get_by_role("button", name="送って入れる").click()

    def assert_text(self, area: Locator, pattern: str) -> None:
        expect(area).to_have_value(re.compile(f"^{pattern}$"))

    def test_pasted_image_goes_where_the_caret_is(self):
        area = self.open(BODY)
        self.copy({"image/png": picture_bytes()})
        self.page.keyboard.press("Control+v")
        self.describe("青緑の板")
        self.assert_text(area, rf"{BODY}\n\n!\[青緑の板\]\(\S+\)")
        expect(area).to_be_focused()
        self.page.keyboard.press("Control+z")
        expect(area).to_have_value(BODY)

    def test_image_from_the_toolbar_goes_below_the_paragraph_of_the_caret(self):
        area = self.open(BODY)
        self.select(area, "二つめ")
        self.page.get_by_role("toolbar", name="本文の書式").get_by_role("button", name="画像").click()
        self.dialog.get_by_label("画像ファイル").set_input_files(
            {"name": "板.png", "mimeType": "image/png", "buffer": picture_bytes(color="gold")}
        )
        self.describe("金色の板")
        self.assert_text(area, r"一つめ。\n\n二つめ。\n\n!\[金色の板\]\(\S+\)\n\n三つめ。")

    def test_image_on_an_empty_line_stands_between_the_paragraphs(self):
        area = self.open(BODY)
        area.evaluate("(area) => area.setSelectionRange(5, 5)")  # the empty line below the first paragraph
        self.copy({"image/png": picture_bytes()})
        self.page.keyboard.press("Control+v")
        self.describe("青緑の板")
        self.assert_text(area, r"一つめ。\n\n!\[青緑の板\]\(\S+\)\n\n二つめ。\n\n三つめ。")

    def test_image_of_the_library_goes_where_the_caret_is(self):
        self.site.call(data.image, alt="書庫にある板")
        area = self.open(BODY)
        self.page.get_by_role("toolbar", name="本文の書式").get_by_role("button", name="画像").click()
        self.dialog.get_by_label("画像を探す").fill("書庫にある板")
        self.dialog.get_by_role("button", name="書庫にある板").click()
        self.assert_text(area, rf"{BODY}\n\n!\[書庫にある板\]\(\S+\)")

    def test_leaving_the_dialog_brings_back_the_selection(self):
        area = self.open(BODY)
        self.copy({"image/png": picture_bytes()})
        self.select(area, "二つめ")
        self.page.keyboard.press("Control+v")
        self.page.keyboard.press("Escape")
        expect(self.dialog).to_be_hidden()
        expect(area).to_be_focused()
        self.page.keyboard.insert_text("2")
        expect(area).to_have_value(BODY.replace("二つめ", "2"))

    def test_several_dropped_images_are_asked_for_one_after_the_other(self):
        area = self.open(BODY)
        self.drop(area, {"a.png": picture_bytes(color="red"), "b.png": picture_bytes(color="blue")})
        expect(self.dialog.get_by_role("heading", name="本文に画像を入れる（1/2）")).to_be_visible()
        self.describe("赤い板")
        expect(self.dialog.get_by_role("heading", name="本文に画像を入れる（2/2）")).to_be_visible()
        self.describe("青い板")
        self.assert_text(area, rf"{BODY}\n\n!\[赤い板\]\(\S+\)\n\n!\[青い板\]\(\S+\)")

    def test_several_pasted_images_are_asked_for_and_one_that_is_closed_is_left_out_and_named(self):
        area = self.open(BODY)
        self.select(area, "二つめ")
        pictures = {f"{name}.png": picture_bytes(color=name) for name in ("red", "green", "blue")}
        self.paste_files(area, pictures)
        expect(self.dialog.get_by_role("heading", name="本文に画像を入れる（1/3）")).to_be_visible()
        self.describe("赤い板")
        expect(self.dialog.get_by_role("heading", name="本文に画像を入れる（2/3）")).to_be_visible()
        self.page.keyboard.press("Escape")
        expect(self.dialog.get_by_role("heading", name="本文に画像を入れる（3/3）")).to_be_visible()
        expect(self.dialog.get_by_role("alert")).to_have_text("green.png は入れませんでした。")
        self.describe("青い板")
        expect(self.dialog).to_be_hidden()
        expect(area).to_be_focused()
        first, second = r"!\[赤い板\]\(\S+\)", r"!\[青い板\]\(\S+\)"
        self.assert_text(area, rf"一つめ。\n\n二つめ。\n\n{first}\n\n{second}\n\n三つめ。")
        self.page.keyboard.press("Control+z")
        self.assert_text(area, rf"一つめ。\n\n二つめ。\n\n{first}\n\n三つめ。")
        self.page.keyboard.press("Control+z")
        expect(area).to_have_value(BODY)

    def test_dropped_file_that_is_no_image_is_named_and_does_not_take_the_page_away(self):
        area = self.open(BODY)
        self.drop(area, {"決算.pdf": b"%PDF-1.7", "c.png": picture_bytes(color="lime")})
        expect(self.dialog.get_by_role("alert")).to_have_text("画像ではないので入れられません：決算.pdf")
        self.describe("黄緑の板")
        self.assert_text(area, rf"{BODY}\n\n!\[黄緑の板\]\(\S+\)")

    def test_dialog_of_a_file_that_is_no_image_can_be_left(self):
        area = self.open(BODY)
        self.drop(area, {"覚え書き.txt": b"text"})
        expect(self.dialog.get_by_role("alert")).to_have_text("画像ではないので入れられません：覚え書き.txt")
        self.page.keyboard.press("Escape")
        expect(self.dialog).to_be_hidden()
        expect(area).to_have_value(BODY)

    def test_words_copied_with_a_picture_of_them_are_pasted_as_words(self):
        area = self.open(BODY)
        self.copy(
            {
                "image/png": picture_bytes(),
                "text/html": "<p>表計算の<b>言葉</b></p>".encode(),
                "text/plain": "表計算の言葉".encode(),
            }
        )
        self.page.keyboard.press("Control+v")
        expect(area).to_have_value(f"{BODY}表計算の言葉")
        expect(self.dialog).to_be_hidden()

    def test_image_that_cannot_be_sent_stays_in_the_dialog_until_the_network_is_back(self):
        area = self.open(BODY)
        self.copy({"image/png": picture_bytes(color="pink")})
        self.page.keyboard.press("Control+v")
        with self.offline():
            self.describe("桃色の板")
            expect(self.dialog.get_by_role("alert")).to_contain_text("通信を確かめて")
        expect(area).to_have_value(BODY)
        self.describe("桃色の板")
        self.assert_text(area, rf"{BODY}\n\n!\[桃色の板\]\(\S+\)")
