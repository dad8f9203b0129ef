"""The browser of this machine. Without Playwright in it, so that it can be asked before anything is installed."""

import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str | None:
    """The path of Chromium or Chrome, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)
