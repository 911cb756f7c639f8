"""The page of a mock that began with a record of the proxy, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.mock.receiver import Receiver

from mavibot import Mavibot
from mavibot_cli.mock_record import read_record
from mavibot_mock import Mock, Server
from mavibot_proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.heavy


# Made before the browser: while playwright is at work, no record can be read in an event loop of its own.
@pytest.fixture(scope="module", autouse=True)
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("record")
    record = folder / "calls.har"
    with (
        Receiver() as receiver,
        Server() as platform,
        Mock(platform.url, project_id=platform.project.id) as mock,
        Proxy(platform.url, record=record, webhook=receiver.url, redact=False) as proxy,
        Mavibot(platform.api_key, base_url=proxy.url, retries=False) as bot,
    ):
        mock.settings(webhook_url=proxy.webhook_url)
        mock.user(25554).says("Is it open today?")
        bot.message(client_id=25554, message="Hello")
        mock.webhooks.settle()
        bot.get_variables(client_id=201)
        bot.get_clients(limit=5)
    seed, recorded = read_record(record, str(folder))
    with Server(seed=seed, recorded=recorded) as server:
        yield server


def test_a_record_is_seen_in_the_views_of_the_page(open_page: Callable[..., Page], server: Server) -> None:
    page = open_page("/projects/1/calls", until="load")
    assert page.locator("#list tbody tr").count() == 3
    page.get_by_label("Outcome").select_option("recorded")
    page.get_by_label("Action").fill("message")
    page.get_by_role("button", name="Filter").click()
    page.wait_for_url("**outcome=recorded**")
    rows = page.locator("#list tbody tr")
    assert rows.count() == 1
    assert rows.locator(".tag", has_text="recorded").is_visible()
    page.locator("#call-1").click()
    detail = page.locator(".detail")
    detail.get_by_text("from the record").wait_for()
    assert "bot.message(" in detail.inner_text()
    assert 'curl -X POST "$MAVIBOT_BASE_URL/api/$MAVIBOT_API_KEY/"message' in detail.inner_text()
    page.locator("#repeat").click()
    page.wait_for_url("**/calls/4**")
    assert "from the record" not in page.locator(".detail").inner_text()
    page.get_by_role("link", name="25554").first.click()
    page.wait_for_url("**/conversations/25554**")
    assert [entry.recorded is None for entry in server.project.journal.newest()] == [True, False, False, False]


@pytest.mark.parametrize(
    ("locale", "recorded", "origin"), [("en", "recorded", "from the record"), ("ru", "из записи", "из записи")]
)
def test_a_conversation_and_the_webhooks_of_a_record_are_seen(
    open_page: Callable[..., Page], locale: str, recorded: str, origin: str
) -> None:
    page = open_page("/projects/1/conversations/25554", until="load", locale=locale)
    asked = page.locator("#messages .bubble.mine", has_text="Is it open today?")
    answered = page.locator("#messages .bubble.theirs:has(.tag)", has_text="Hello")
    assert (asked.count(), answered.count()) == (1, 1)
    assert answered.locator(".tag").inner_text() == recorded
    asked.locator(".tag").click()
    page.wait_for_url("**/webhooks/1")
    assert page.locator("#list tbody tr .tag", has_text=recorded).count() >= 2
    detail = page.locator(".detail")
    assert origin in detail.inner_text()
    assert "Is it open today?" in detail.inner_text()
