"""Makes the pictures of the documentation: the pages of a mock in which a small story has happened, and a report."""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import chromium
from mavibot import Mavibot, errors
from mavibot_conformance import Plan, run
from mavibot_conformance.reports import html
from mavibot_conformance.target.mock import mock_profile
from mavibot_mock import Mock, Server, defects

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FOLDER: Final = Path(__file__).parent.parent / "docs" / "images"
#: What a picture may weigh, bytes.
LARGEST: Final = 150_000

_PORT: Final = 8080
_ANNA: Final = 25554
_WIDE: Final = {"width": 1200, "height": 620}
_BUTTONS: Final = [
    {"type": "reply", "text": "Delivery", "line": 0, "index_in_line": 0},
    {"type": "reply", "text": "Prices", "callback": "prices", "line": 0, "index_in_line": 1},
    {"type": "reply", "text": "Talk to a human", "callback": "human", "line": 1, "index_in_line": 0},
]

#: The mistake that the report shows.
_DEFECT: Final = "client-read-implies-write"
#: Name of a picture -> address below the project, and how the window looks.
PICTURES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "conversation": (f"conversations/{_ANNA}", {"viewport": _WIDE}),
    "conversation-dark-ru": (f"conversations/{_ANNA}", {"viewport": _WIDE, "color_scheme": "dark", "locale": "ru-RU"}),
    "calls": ("calls/5", {"viewport": _WIDE}),
}


def tell_story(mock: Mock, bot: Mavibot) -> None:
    """Make everything happen that the pictures show."""
    mock.clock.freeze()
    mock.clock.set("2026-03-10 12:00:00")
    bot.message(client_id=58, message="Ваш заказ собран")
    bot.message(client_id=49177759, message="Choose a time", buttons={"hint": "Morning or evening?", "buttons": []})
    mock.user(201).says("Hello?")
    mock.user(203).blocks_the_bot()
    bot.message(client_id=203, message="Your parcel has come")
    mock.clock.advance("20m")
    bot.callback(client_id=_ANNA, message="order_paid", amount=4900)
    bot.message(client_id=_ANNA, message="Thank you, your order is paid. Anything else?", buttons=_BUTTONS)
    with suppress(errors.MavibotError):
        bot.request("mesage", json={"client_id": _ANNA, "message": "Hello"})
    mock.clock.advance("3m")
    anna = mock.user(_ANNA)
    anna.presses("Prices")
    mock.clock.advance("2m")
    anna.says("Thanks!")
    bot.message(client_id=_ANNA, message="How was the delivery?", time_shift=86400)
    bot.message(client_id=_ANNA, message="One more thing: which colour?", buttons=_BUTTONS[:1] + _BUTTONS[2:])


def draw(browser: Browser, url: str, name: str, **look: Any) -> int:
    """Write a picture and return its size in bytes."""
    context = browser.new_context(**look)
    page = context.new_page()
    page.goto(url, wait_until="load")
    page.evaluate(chromium.PAINTED)
    if name.startswith("conversation"):
        page.locator(".keyboard button").first.hover()
    made = page.screenshot(path=FOLDER / f"{name}.png")
    context.close()
    return len(made)


def draw_report(browser: Browser) -> int:
    """Write the picture of a report on a mock with a mistake, and return its size in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.html"
        with defects.applied(_DEFECT), Server() as server:
            results = run(Plan(server.url, mock_profile(server.url), selection="AUTH,EQ,SHAPE", consent="send"))
        report.write_text(html.page(results), encoding="utf-8")
        return draw(browser, report.as_uri(), "report", viewport=_WIDE)


def main() -> int:
    """Make all pictures; return 1 if one is too large."""
    FOLDER.mkdir(exist_ok=True)
    with (
        Server(port=_PORT) as server,
        Mock(server.url, project_id=server.project.id) as mock,
        Mavibot(server.api_key, base_url=server.url, retries=False) as bot,
        chromium.launched() as browser,
    ):
        tell_story(mock, bot)
        base = f"{server.url}/projects/{mock.project_id}"
        sizes = {name: draw(browser, f"{base}/{path}", name, **look) for name, (path, look) in PICTURES.items()}
        sizes["report"] = draw_report(browser)
    for name, size in sizes.items():
        print(f"{size / 1000:6.0f} KB  docs/images/{name}.png")
    return int(max(sizes.values()) > LARGEST)


if __name__ == "__main__":
    argparse.ArgumentParser(prog="scripts/screenshots", description=__doc__).parse_args()
    try:
        sys.exit(main())
    except FileNotFoundError as error:
        sys.exit(str(error))
