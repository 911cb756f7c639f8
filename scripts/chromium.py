"""The Chromium of this machine, which draws the pictures of the documentation and tries the pages of the mock."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

#: A script that ends once a page has been painted; until then Chromium drops what is typed.
PAINTED: Final = "() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))"
_NAMES: Final = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def launched() -> Iterator[Browser]:
    """Start Chromium, and close it at the end.

    Raises:
        FileNotFoundError: there is no Chromium.
        ModuleNotFoundError: there is no playwright.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the package may be absent

    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        raise FileNotFoundError("there is no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root, and nothing but our own page is opened.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
