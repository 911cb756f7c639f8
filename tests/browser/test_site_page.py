"""The page in a real browser: a whole story, live, by keyboard, in both colours, narrow, in Russian."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx2
import pytest
from tests.mock.receiver import Answer, Receiver

from mavibot import Mavibot
from mavibot_mock import Mock, Server
from mavibot_mock.web.site import VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page, Route

    Open = Callable[..., Page]

pytestmark = pytest.mark.heavy

_ANNA: Final = 25554
_BUTTONS: Final = [
    {"type": "reply", "text": "Prices", "callback": "prices", "line": 0, "index_in_line": 0},
    {"type": "reply", "text": "Talk to a human", "line": 1, "index_in_line": 0},
]
_HOSTILE: Final = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
def mock(server: Server) -> Iterator[Mock]:
    """A project of its own, the clock of which stands."""
    with Mock(server.url) as mock:
        mock.clock.freeze()
        mock.clock.set("2026-03-10 12:00:00")
        yield mock


@pytest.fixture
def bot(mock: Mock) -> Iterator[Mavibot]:
    with Mavibot(mock.api_key, base_url=mock.url, retries=False) as bot:
        yield bot


@pytest.fixture
def show(mock: Mock, open_page: Open) -> Open:
    """Return a function that opens a view of the project, which outlives its windows."""

    def shown(view: str, **how: object) -> Page:
        return open_page(f"/projects/{mock.project_id}/{view}", until="load", **how)

    return shown


def test_a_story(show: Open, mock: Mock, bot: Mavibot) -> None:
    """The bot asks, the person presses, the webhook fails and is delivered again, a day passes, a deal is moved."""
    is_up = False
    with Receiver(lambda _: Answer(200 if is_up else 500)) as receiver:
        mock.settings(webhook_url=receiver.url)
        page = show("conversations")
        bot.message(client_id=_ANNA, message="What would you like to know?", buttons=_BUTTONS)
        bot.message(client_id=_ANNA, message="How was it?", time_shift=86400)
        page.locator(f"#client-{_ANNA} .news").wait_for()  # by itself
        page.click(f"#client-{_ANNA}")
        page.get_by_text("Will come:").wait_for()
        page.get_by_role("button", name="Prices").click()
        page.locator("#messages").get_by_text("Here are our prices").wait_for()
        assert page.inner_text("#same-python") == "mock.user(25554).presses('Prices')"
        assert "/_mock/v1/projects/" in page.inner_text("#same-curl")
        assert mock.user(_ANNA).sees() == ["What would you like to know?", "Here are our prices"]

        mock.webhooks.settle()
        page.get_by_role("link", name="Webhooks").click()
        page.locator("tr.bad").first.wait_for()
        is_up = True
        page.click("#attempt-1")
        page.get_by_role("button", name="Deliver again", exact=True).click()
        page.get_by_role("heading", name="delivered").wait_for()
        assert receiver.texts[-1] == "What would you like to know?"

        page.get_by_role("link", name="Conversations").click()
        page.click(f"#client-{_ANNA}")
        page.get_by_role("button", name="+ 1 day").click()
        page.locator("#messages .later").wait_for(state="detached")
        page.locator("#messages").get_by_text("How was it?").wait_for()
        assert mock.clock.get()["time"].startswith("2026-03-11T12:00:00")
        page.locator("#stage-40632").select_option(label="Paid")
        page.locator("#about li", has=page.locator("#stage-40632")).get_by_role("button", name="Move").click()
        page.locator("#messages").get_by_text("crm_state_changed Sales:Paid").wait_for()
        assert bot.get_order_state(client_id=_ANNA, order_id=40632).state_id == 38


def test_a_person_writes_by_keyboard_alone(show: Open, mock: Mock) -> None:
    page = show("conversations")
    page.keyboard.press("/")
    page.keyboard.type("анна")
    page.wait_for_function("() => document.querySelectorAll('#list a').length === 1")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.locator("#say").focus()
    page.keyboard.type("menu")
    assert page.inner_text("#same-python") == 'mock.user(25554).says("menu")'
    page.keyboard.press("Enter")
    page.locator("#messages").get_by_text("What would you like to know?").wait_for()
    page.locator("form:not([data-busy]) #say").wait_for()
    assert page.evaluate("document.activeElement.id") == "say"
    assert page.input_value("#say") == ""
    assert mock.user(_ANNA).last.buttons == ["prices", "contacts"]


def test_a_text_may_have_lines_and_one_that_is_too_long_is_refused_and_stays(show: Open, mock: Mock) -> None:
    page = show(f"conversations/{_ANNA}", is_refused=True)
    page.locator("#say").focus()
    page.keyboard.type("One")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Two")
    page.keyboard.press("Enter")
    page.locator("#messages .mine", has_text="Two").wait_for()
    assert "user: 'One\\nTwo'" in str(mock.user(_ANNA))
    page.locator("form:not([data-busy]) #say").fill("x" * 10_001)
    page.press("#say", "Enter")
    page.get_by_role("alert").get_by_text("text: at most 10000 characters, got 10001").wait_for()
    assert page.input_value("#say") == "x" * 10_001


def test_of_buttons_with_one_caption_each_does_what_is_its_own(show: Open, mock: Mock, bot: Mavibot) -> None:
    same = [{"type": "reply", "text": "Choose", "callback": each} for each in ("prices", "contacts")]
    bot.message(client_id=_ANNA, message="Which?", buttons=same)
    page = show(f"conversations/{_ANNA}")
    page.get_by_role("button", name="Choose").nth(1).click()
    page.locator("#messages").get_by_text("Call us").wait_for()
    assert page.inner_text("#same-python") == "mock.user(25554).presses('contacts')"


def test_a_refusal_is_told_in_russian(show: Open) -> None:
    page = show("project", is_refused=True, locale="ru-RU")
    page.fill("#setting-time_zone", "Moscow")
    page.press("#setting-time_zone", "Enter")
    page.get_by_role("alert").get_by_text("Отказ: time_zone: «Moscow» — не пояс").wait_for()
    page.get_by_text("Начать заново").click()
    page.fill("#seed", "{")
    page.get_by_role("button", name="Начать с него").click()
    page.get_by_role("alert").get_by_text("Отказ: здесь должен быть JSON").wait_for()


def test_what_is_being_written_survives_what_happens_meanwhile(show: Open, bot: Mavibot) -> None:
    page = show(f"conversations/{_ANNA}")
    page.fill("#client-variable-email", "half written")
    bot.callback(client_id=_ANNA, message="paid", variables={"client.city": "Paris"})
    page.locator("#client-variable-city").wait_for()
    assert page.input_value("#client-variable-email") == "half written"
    assert page.evaluate("document.activeElement.id") == "client-variable-email"
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('#client-variable-email').defaultValue === 'half written'")
    assert bot.get_variables(client_id=_ANNA)["email"] == "half written"


@pytest.mark.parametrize(
    ("view", "pressed", "next_one"),
    [
        (f"conversations/{_ANNA}", "block", "unblock"),
        (f"conversations/{_ANNA}", "clock-run", "clock-freeze"),
        ("webhooks", "hold", "release"),
    ],
)
def test_the_focus_goes_on_to_what_takes_the_place(show: Open, view: str, pressed: str, next_one: str) -> None:
    page = show(view)
    for here, there in ((pressed, next_one), (next_one, pressed)):
        page.focus(f"#{here}")
        page.keyboard.press("Enter")
        page.locator(f"#{there}").wait_for()
        assert page.evaluate("document.activeElement.id") == there


def test_the_focus_stays_where_a_control_is_gone(show: Open, mock: Mock) -> None:
    mock.faults.add(action="message", next=1, preset="failure")
    page = show("faults")
    page.focus("#remove-all")
    page.keyboard.press("Enter")
    page.locator("#remove-all").wait_for(state="detached")
    assert page.evaluate("document.activeElement.contains(document.getElementById('armed'))")
    assert page.evaluate("document.activeElement !== document.body")


def test_a_picture_is_not_fetched_anew_with_what_happens(browser: Browser, mock: Mock, bot: Mavibot) -> None:
    fetched = []
    picture = "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>"

    def give(route: Route) -> None:
        fetched.append(route.request.url)
        route.fulfill(body=picture, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})

    mock.user(_ANNA).sends("http://127.0.0.1:9/a.svg")
    with browser.new_context() as context:
        page = context.new_page()
        page.route("**/a.svg", give)
        page.goto(f"{mock.url}/projects/{mock.project_id}/conversations/{_ANNA}", wait_until="load")
        page.wait_for_function("() => document.querySelector('#messages img').complete")
        page.evaluate("window.shown = document.querySelector('#messages img')")
        bot.message(client_id=_ANNA, message="After it")
        page.locator("#messages").get_by_text("After it").wait_for()
        assert page.evaluate("document.querySelector('#messages .file img') === window.shown")
        assert page.locator("#messages [data-kept]").count() == 0
        assert len(fetched) == 1


def test_a_page_at_which_nothing_happens_asks_nothing(browser: Browser, mock: Mock, bot: Mavibot) -> None:
    bot.message(client_id=_ANNA, message="First")
    asked: list[str] = []
    for path in (*VIEWS, f"conversations/{_ANNA}", "calls/1", "webhooks/1"):
        with browser.new_context() as context:
            page = context.new_page()
            page.clock.install()
            page.goto(f"{mock.url}/projects/{mock.project_id}/{path}", wait_until="load")
            page.on("request", lambda request: asked.append(request.url))
            page.clock.run_for("01:00:00")
    # The icon may come late, and a stream may be asked for again.
    assert [url for url in asked if "/static/" not in url and "/events?" not in url] == []


def test_a_refusal_is_told(show: Open) -> None:
    page = show("webhooks", is_refused=True)
    page.fill("#url", "https://elsewhere.example/hook")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("alert").get_by_text("Refused: webhook_url").wait_for()
    assert page.input_value("#url") == "https://elsewhere.example/hook"


def test_faults_in_two_clicks_and_in_sight(show: Open, mock: Mock) -> None:
    page = show("faults")
    page.select_option("#fault-action", "broadcast")
    page.get_by_role("button", name="(503)").click()
    page.get_by_text("Faults armed: 1").wait_for()
    [fault] = mock.faults.list()
    assert (fault["where"], fault["when"], fault["what"]["status"]) == ({"action": "broadcast"}, {"next": 1}, 503)
    page.get_by_role("button", name="Remove all").click()
    page.get_by_text("Nothing goes wrong on purpose.").wait_for()


def test_calls_come_by_themselves_and_are_repeated(show: Open, mock: Mock, bot: Mavibot) -> None:
    page = show("calls")
    bot.message(client_id=_ANNA, message="Again")
    page.click("#call-1")
    page.get_by_role("button", name="Repeat").click()
    page.wait_for_url("**/calls/2")
    assert mock.user(_ANNA).sees() == ["Again", "Again"]


def test_a_key_is_shown_to_who_asks(show: Open, mock: Mock) -> None:
    page = show("project")
    assert mock.api_key not in page.content()
    page.click("#show-full")
    page.get_by_text(mock.api_key).wait_for()


def test_settings_are_changed_and_cleared(show: Open, mock: Mock) -> None:
    page = show("project")
    for written, kept in (("5", 5), ("", None)):
        page.locator("form:not([data-busy]) #setting-calls_per_second").fill(written)
        with page.expect_response("**/settings"):
            page.press("#setting-calls_per_second", "Enter")
        assert mock.settings()["calls_per_second"] == kept


def test_a_client_may_write_what_looks_like_a_field_of_the_form(show: Open, mock: Mock) -> None:
    page = show(f"conversations/{_ANNA}")
    for text in ("{text}", "{constructor}", "it's {client_id}"):
        page.locator("form:not([data-busy]) #say").fill(text)
        page.press("#say", "Enter")
        page.locator("#messages .mine", has_text=text).wait_for()


def test_what_is_written_while_a_message_is_on_its_way_stays(show: Open) -> None:
    page = show(f"conversations/{_ANNA}")

    def write_and_go_on(route: Route) -> None:
        page.evaluate("document.querySelector('#say').value = 'Second'")
        route.continue_()

    page.route("**/inbound", write_and_go_on)
    page.fill("#say", "First")
    page.press("#say", "Enter")
    page.locator("#messages .mine", has_text="First").wait_for()
    page.locator("form:not([data-busy]) #say").wait_for()
    assert page.input_value("#say") == "Second"


def test_a_page_goes_on_where_the_mock_is_started_anew(browser: Browser) -> None:
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        with Server() as server:
            port = int(server.url.rpartition(":")[2])
            page.goto(f"{server.url}/projects/1/conversations/58", wait_until="load")
            httpx2.post(f"{server.url}/api/demo-full/message", json={"client_id": 58, "message": "Before"})
            page.locator("#messages").get_by_text("Before").wait_for()
        page.get_by_role("alert").get_by_text("The mock does not answer").wait_for()
        with Server(port=port):
            page.locator("#messages").get_by_text("Before").wait_for(state="detached")
            page.wait_for_function("() => document.getElementById('trouble').textContent === ''")


def test_the_page_of_a_deleted_project_says_so(browser: Browser, server: Server) -> None:
    mock = Mock(server.url)
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{mock.url}/projects/{mock.project_id}/webhooks", wait_until="load")
        mock.close()
        page.get_by_role("alert").get_by_text("This project is no longer there").wait_for()
        page.get_by_role("alert").get_by_role("link").click()
        page.wait_for_url(f"{server.url}/")


def test_hostile_texts_stay_texts(show: Open, mock: Mock, bot: Mavibot) -> None:
    buttons = [{"type": "reply", "text": _HOSTILE}]
    zoe = mock.user(client_type=1, group_id="example_bot", platform_id=_HOSTILE, name=_HOSTILE)
    zoe.says(_HOSTILE)
    bot.message(client_id=zoe.id, message=_HOSTILE, buttons=buttons)
    bot.save_variables(client_id=zoe.id, variables={f"client.{_HOSTILE}": _HOSTILE, _HOSTILE: _HOSTILE})
    page = show(f"conversations/{zoe.id}")
    page.get_by_role("button", name=_HOSTILE).click()
    page.locator("#messages .mine").nth(1).wait_for()
    assert page.locator("main img").count() == 0
    for view in ("calls/1", "webhooks/1"):
        show(view)


@pytest.mark.parametrize("look", [("light", 1280, "en-US"), ("dark", 390, "ru-RU")])
def test_everybody_can_read_it(show: Open, mock: Mock, bot: Mavibot, look: tuple[str, int, str]) -> None:
    from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped] # noqa: PLC0415 - it needs playwright
        Axe,
    )

    color_scheme, width, locale = look
    mock.settings(webhook_url="http://127.0.0.1:9/")
    mock.faults.add(action="broadcast", preset="over_limit")
    mock.snapshot("before")
    bot.message(client_id=_ANNA, message="Well?", buttons=_BUTTONS)
    bot.message(client_id=_ANNA, message="Later", time_shift=60)
    mock.user(_ANNA).blocks_the_bot()
    bot.message(client_id=_ANNA, message="Gone", time_shift=0)
    mock.webhooks.settle()
    wrong = []
    page = show("conversations", color_scheme=color_scheme, width=width, locale=locale)
    for path in (*VIEWS, f"conversations/{_ANNA}", "calls/1", "webhooks/1"):
        page.goto(f"{mock.url}/projects/{mock.project_id}/{path}", wait_until="load")
        assert page.evaluate("document.documentElement.lang") == locale[:2]
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate("document.querySelector('#clock').scrollWidth") <= width, path
        found = Axe().run(page).response["violations"]
        wrong += [
            f"{path}: {each['id']}: {node['html'][:150]}"
            for each in found
            if each["impact"] in ("serious", "critical")
            for node in each["nodes"]
        ]
    assert not wrong, "\n".join(wrong)
