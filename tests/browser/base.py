"""A browser for each class, a context of its own for each test, and no error that passes unseen."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import SkipTest

from django.test import SimpleTestCase, tag
from playwright.sync_api import (
    BrowserContext,
    CDPSession,
    ConsoleMessage,
    FrameLocator,
    Locator,
    Page,
    expect,
    sync_playwright,
)

from tests.browser import data
from tests.browser.executable import executable
from tests.browser.site import Site, running_site

ARGUMENTS = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    *(["--no-sandbox"] if os.geteuid() == 0 else []),  # Chromium refuses its sandbox to root
]
PATIENCE = 10_000  # milliseconds; what takes longer on a busy machine is broken on an idle one
expect.set_options(timeout=PATIENCE)
NETWORK = r"net::ERR_|Failed to fetch"


@tag("browser")
class BrowserTestCase(SimpleTestCase):
    """`page` shows the site to `user` (None: a reader), in a window of `window` pixels."""

    user: str | None = None
    window = (1280, 900)
    site: Site

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        path = executable()
        if not path:
            raise SkipTest("no browser")
        cls.site = running_site()
        playwright = sync_playwright().start()
        cls.addClassCleanup(playwright.stop)
        cls.browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        cls.addClassCleanup(cls.browser.close)

    def setUp(self) -> None:
        self.allowed: list[str] = []
        self.said: list[str] = []
        self._log_from = self.site.log.stat().st_size
        self.addCleanup(self._assert_no_errors)
        self.context = self.new_context(self.user)
        self.page = self.context.new_page()

    def new_context(self, user: str | None) -> BrowserContext:
        """Another browser, as far as the site can tell, in which `user` is signed in."""
        width, height = self.window
        context = self.browser.new_context(
            base_url=self.site.url,
            viewport={"width": width, "height": height},
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            reduced_motion="reduce",
        )
        self.addCleanup(context.close)
        context.set_default_timeout(PATIENCE)
        context.on("console", self._heard)
        context.on(
            "weberror", lambda error: self.said.append(f"{error.page and error.page.url}: {error.error}")
        )
        if user:
            self.sign_in(context, user)
        return context

    def sign_in(self, context: BrowserContext, user: str) -> None:
        """Give `context` a new session of `user`, without the form."""
        key = self.site.call(data.session, user=user)
        context.add_cookies([{"name": "sessionid", "value": key, "url": self.site.url}])

    def end_session(self) -> None:
        """Sign the browser out behind the page's back, as when a session expires."""
        self.context.clear_cookies(name="sessionid")

    def allow(self, pattern: str) -> None:
        """Errors on the console that match `pattern` are part of this test."""
        self.allowed.append(pattern)

    @contextmanager
    def offline(self) -> Iterator[None]:
        """This browser without a network."""
        self.allow(NETWORK)
        self.context.set_offline(True)
        try:
            yield
        finally:
            self.context.set_offline(False)

    @contextmanager
    def killed_server(self) -> Iterator[None]:
        """The server gone, and back at the end."""
        self.allow(NETWORK)
        self.site.kill()
        try:
            yield
        finally:
            self.site.start()

    def devtools(self, page: Page | None = None) -> CDPSession:
        """The browser's own protocol, for what Playwright has no method for."""
        page = page or self.page
        return page.context.new_cdp_session(page)

    def compose(self, *steps: str, page: Page | None = None) -> None:
        """Type into the focused field by an input method: each step replaces the one before, none is final yet."""
        devtools = self.devtools(page)
        for text in steps:
            at = len(text)
            devtools.send("Input.imeSetComposition", {"text": text, "selectionStart": at, "selectionEnd": at})
        devtools.detach()

    def commit(self, text: str, page: Page | None = None) -> None:
        """End the composition with `text`."""
        devtools = self.devtools(page)
        devtools.send("Input.insertText", {"text": text})
        devtools.detach()

    def drop_files(self, target: Locator, *paths: Path) -> None:
        """Drop files on `target`, as from a window of the desktop."""
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box
        what = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
        devtools = self.devtools()
        for step in ("dragEnter", "dragOver", "drop"):
            place = {"x": box["x"] + 40, "y": box["y"] + 20}
            devtools.send("Input.dispatchDragEvent", {"type": step, **place, "data": what})
        devtools.detach()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":  # a violation of the Content-Security-Policy is one, too
            self.said.append(f"{message.location.get('url')}: {message.text}")

    def _assert_no_errors(self) -> None:
        said = [line for line in self.said if not any(re.search(pattern, line) for pattern in self.allowed)]
        self.assertEqual(said, [], "errors in the browser")
        with self.site.log.open() as log:
            log.seek(self._log_from)
            new = log.read()
        self.assertNotIn("Traceback", new, "errors on the server")


class EditorTestCase(BrowserTestCase):
    """The editor at a draft of their own."""

    user = "editor"

    def open(self, body: str = "", **values: object) -> Locator:
        """Open a new draft; gives its text area, focused, with the caret at the end."""
        self.post = self.site.call(data.draft, body=body, **values)
        self.page.goto(f"/admin/blog/post/{self.post}/change/")
        area = self.page.locator("#id_body")
        area.focus()
        area.evaluate("area => area.setSelectionRange(area.value.length, area.value.length)")
        return area

    def button(self, label: str, page: Page | None = None) -> Locator:
        """The button of the bar below the form."""
        return (page or self.page).locator(".editor-bar").get_by_role("button", name=label, exact=True)

    def press(self, label: str, page: Page | None = None) -> None:
        self.button(label, page).click()

    def select(self, area: Locator, text: str) -> None:
        """Select `text` in `area`; an empty one puts the caret at the very start."""
        area.evaluate(
            "(area, text) => { const at = area.value.indexOf(text); area.setSelectionRange(at, at + text.length) }",
            text,
        )

    @property
    def preview(self) -> FrameLocator:
        """The page in the frame beside the form."""
        return self.page.frame_locator(".editor-preview iframe")
