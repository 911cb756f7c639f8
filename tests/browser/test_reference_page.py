"""The reference in a real browser: no error, nothing from outside, search by keyboard, narrow windows, both colours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import mavibot_contract

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    Open = Callable[..., Page]

pytestmark = pytest.mark.heavy

_PAGES = ("/docs", "/docs/control")
_ACTIONS = mavibot_contract.load().actions

# The contrast of each text against what it stands on, the least of all that the page shows (WCAG 2.2, 1.4.3).
_LEAST_CONTRAST = """() => {
  const numbers = (color) => color.match(/[0-9.]+/g).map(Number);
  const light = (color) => {
    const linear = (n) => n <= 0.03928 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = numbers(color).map((n) => linear(n / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const color = getComputedStyle(each).backgroundColor;
      if (numbers(color)[3] !== 0) return color;
    }
  };
  const found = [...document.querySelectorAll("body *")].filter((element) => element.innerText).map((element) => {
    const pair = [light(getComputedStyle(element).color), light(behind(element))].sort();
    return (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
  });
  return Math.min(...found);
}"""

_LOAD_ICON = """() => new Promise((loaded, failed) => {
  const image = new Image();
  image.onload = loaded;
  image.onerror = failed;
  image.src = document.querySelector("link[rel=icon]").href;
})"""


def _shown(page: Page) -> list[str]:
    found: list[str] = page.evaluate("[...document.querySelectorAll('article:not([hidden])')].map((each) => each.id)")
    return found


def _open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


def _focus(page: Page) -> Any:
    return page.evaluate("document.activeElement.id")


@pytest.mark.parametrize("path", _PAGES)
def test_a_page_opens_without_complaint(open_page: Open, path: str) -> None:
    page = open_page(path)
    assert page.title().endswith("Mavibot mock")
    assert _shown(page)
    # Chromium asks for the icon when it likes; here the page itself proves that its policy lets the icon in.
    page.evaluate(_LOAD_ICON)


def test_all_actions_are_shown(open_page: Open) -> None:
    assert sorted(_shown(open_page("/docs"))) == sorted(_ACTIONS)


def test_search_by_keyboard(open_page: Open) -> None:
    page = open_page("/docs")
    page.keyboard.press("/")
    assert _focus(page) == "search"
    page.keyboard.type("order budget")
    assert _shown(page) == ["create_order"]
    assert page.inner_text("#count") == f"1 of {len(_ACTIONS)}"
    assert page.locator("aside li:visible").all_inner_texts() == ["create_order"]
    page.keyboard.press("Enter")
    assert page.url.endswith("#create_order")
    assert _focus(page) == "create_order"
    page.keyboard.press("/")
    page.keyboard.press("Escape")
    assert len(_shown(page)) == len(_ACTIONS)


def test_search_finds_nothing(open_page: Open) -> None:
    page = open_page("/docs")
    page.fill("#search", "no such action")
    assert _shown(page) == []
    assert page.inner_text("#count") == f"0 of {len(_ACTIONS)}"
    page.keyboard.press("Enter")
    assert "#" not in page.url


def test_a_link_to_what_the_search_hides_shows_it(open_page: Open) -> None:
    page = open_page("/docs")
    page.fill("#search", "get_orders")
    page.evaluate("location.hash = 'message'")
    page.wait_for_function("document.getElementById('search').value === ''")
    assert page.locator("#message").is_visible()


@pytest.mark.parametrize("path", _PAGES)
@pytest.mark.parametrize("width", [390, 768, 1280])
def test_no_page_scrolls_sideways(open_page: Open, path: str, width: int) -> None:
    page = open_page(path, width=width)
    _open_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", _PAGES)
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
def test_both_colours_are_readable(open_page: Open, path: str, color_scheme: str) -> None:
    page = open_page(path, color_scheme=color_scheme)
    _open_all(page)
    is_dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert is_dark == (color_scheme == "dark")
    assert page.evaluate(_LEAST_CONTRAST) >= 4.5


def test_all_is_there_without_scripts(open_page: Open) -> None:
    page = open_page("/docs", java_script_enabled=False)
    assert page.locator("article:visible").count() == len(_ACTIONS)
    assert not page.locator("#search").is_visible()
