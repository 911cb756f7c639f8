"""Chromium and a page of a running mock; without Chromium these tests are skipped."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

import chromium
from mavibot_mock import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page


# Not longer than a module: while playwright is at work, no other test of this process can run an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with ExitStack() as stack:
        try:
            browser = stack.enter_context(chromium.launched())
        except ModuleNotFoundError:
            pytest.skip("there is no playwright: pip install playwright")
        except FileNotFoundError as error:
            pytest.skip(str(error))
        yield browser


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a path in a fresh window; at the end nothing may have gone wrong in any of them."""
    contexts = []
    complaints: list[str] = []

    def opened(
        path: str,
        *,
        width: int = 1280,
        color_scheme: str = "light",
        java_script_enabled: bool = True,
        locale: str = "en-US",
        until: str = "networkidle",
        is_refused: bool = False,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=color_scheme,  # type: ignore[arg-type]
            java_script_enabled=java_script_enabled,
            locale=locale,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        if not is_refused:
            page.on("console", lambda message: complaints.append(f"console: {message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        # Whoever leaves a page ends what it still asked for, such as its stream of events.
        page.on(
            "requestfailed",
            lambda request: (
                None if request.failure == "net::ERR_ABORTED" else complaints.append(f"failed: {request.url}")
            ),
        )
        page.on(
            "response",
            lambda response: (
                None if response.ok or is_refused else complaints.append(f"{response.status}: {response.url}")
            ),
        )
        page.on(
            "request",
            lambda request: (
                None if request.url.startswith(server.url) else complaints.append(f"outside: {request.url}")
            ),
        )
        page.goto(server.url + path)
        page.wait_for_load_state(until)  # type: ignore[arg-type] # a slow page may look idle before it is whole
        if java_script_enabled:
            page.evaluate(chromium.PAINTED)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints
