"""The page for a Russian reader: nothing but data and technical words is in another language."""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

import httpx2
import pytest
import yaml
from tests.contract.source import PROJECT
from tests.mock.receiver import Receiver

import mavibot_contract
from mavibot import Mavibot, errors
from mavibot_mock import Mock, MockError, Server
from mavibot_mock.state.facts import MESSENGERS, PERMISSIONS
from mavibot_mock.web.site import VIEWS
from mavibot_mock.web.texts import LANGUAGES, texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MOCK: Final = PROJECT / "mock/mavibot_mock"
_RUSSIAN: Final = {"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.8", "Accept": "text/html"}
_ANNA: Final = 1
#: A project in which whatever a person wrote is in Russian.
_SEED: Final = {
    "channels": [
        {"id": 1, "messenger": "telegram", "group_id": "701", "name": "Магазин"},
        {"id": 2, "messenger": "whatsapp", "group_id": "702", "name": "Магазин"},
    ],
    "blocks": [
        {"id": 1, "condition": "цены", "answer": "Вот цены"},
        {"id": 2, "condition": "человек", "answer": "Бот молчит", "paused": True},
    ],
    "lists": [{"id": 1, "name": "Весна"}, {"id": 2, "name": "Лето"}],
    "stages": [
        {"id": 1, "pipeline": "Продажи", "name": "Новая", "position": 1},
        {"id": 2, "pipeline": "Продажи", "name": "В работе", "position": 2},
    ],
    "clients": [
        {
            "id": _ANNA,
            "messenger": "telegram",
            "group_id": "701",
            "platform_id": "101",
            "name": "Анна",
            "variables": {"город": "Казань"},
            "lists": [1],
        },
        {"id": 2, "messenger": "telegram", "group_id": "701", "platform_id": "102", "name": "Пётр"},
        {"id": 3, "messenger": "whatsapp", "group_id": "702", "platform_id": "79000000003", "name": "Мария"},
    ],
}
_BUTTONS: Final = [{"type": "reply", "text": "Цены", "callback": "цены"}]

#: Elements whose content is code, an address, a value or a moment, whatever the language.
_DATA: Final = frozenset({"code", "pre", "time", "script", "style"})
#: Attributes that a reader sees or hears, and those that hold what the scripts say.
_READ: Final = frozenset(
    {
        *("alt", "aria-label", "placeholder", "title"),
        *("data-failed", "data-gone", "data-not-json", "data-offline", "data-start", "data-unread"),
    }
)
#: Names and technical words that are the same in every language.
_SAME: Final = frozenset(
    {
        *(
            "Mavibot",
            "mock",
            "RU",
            "Enter",
            "Shift",
            "API",
            "JSON",
            "HTTP",
            "ASCII",
            "Id",
            "JivoSite",
            "MAX",
            "Talk-Me",
            "TikTok",
            "WhatsApp",
        ),
        *("client_id", "get_orders", "platform_id", "tag", "callback", "text", "null", "true", "false"),
        *(*mavibot_contract.load().actions, "no_such_action", *PERMISSIONS),
        "client_unsubscribed",
        # Names of keys and keys, and values of settings.
        *("full", "none", "revoked", "simple", "off", "ok", "error", "number", "text", "json", "order_id", "result"),
        *("client", "client_and_deals", "GET", "POST", "PATCH", "PUT", "DELETE"),
        # Examples in fields that are empty.
        *("Europe/Moscow", "h30m", "before", "shop", "http", "hook", "photo.jpg"),
    }
)
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z_:/.-]*[A-Za-z]|[A-Za-z]\d+m|[A-Za-z]")


class _Read(HTMLParser):
    """What is to be read in a page, beside data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._inside: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_english = dict(attrs).get("lang") == "en"
        if not is_english:
            self.texts += [value for name, value in attrs if name in _READ and value]
        if is_english or tag in _DATA:
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside[-1:] == [tag]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._inside:
            self.texts.append(data.strip())


def _foreign(page: str) -> list[str]:
    """Return the texts of a page that hold a word in another language."""
    assert '<html lang="ru">' in page
    return [text for text in _Read(page).texts if set(_WORD.findall(text)) - _SAME]


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock(seed=_SEED) as mock:
        yield mock


@pytest.fixture
def browser(mock: Mock) -> Iterator[httpx2.Client]:
    """What opens addresses of the mock as a Russian reader does."""
    with httpx2.Client(transport=mock.transport(), base_url=mock.url, headers=_RUSSIAN) as browser:
        yield browser


def _tell_everything(mock: Mock) -> None:
    """Bring a project into every state that its pages show."""
    anna, petr, maria = mock.user(_ANNA), mock.user(2), mock.user(3)
    with (
        Receiver() as receiver,
        Mavibot(mock.api_key, base_url=mock.url, transport=mock.transport(), retries=False) as bot,
    ):
        mock.settings(webhook_url=receiver.url)
        bot.message(client_id=_ANNA, message="Что вам рассказать?", buttons=_BUTTONS)
        anna.presses("Цены")
        anna.sends("http://127.0.0.1:9/1")
        mock.webhooks.settle()
        mock.settings(webhook_url="http://127.0.0.1:9/hook")
        bot.callback(client_id=_ANNA, message="оплачено")
        anna.reports("client_unsubscribed")
        mock.webhooks.settle()
        mock.webhooks.redeliver(1)
        mock.webhooks.settle()
        mock.settings(webhook_url="")
        bot.message(client_id=_ANNA, message="Завтра", time_shift=86400)
        bot.callback(client_id=_ANNA, message="завтра", time_shift=86400)
        petr.blocks_the_bot()
        bot.message(client_id=2, message="Не дойдёт")
        maria.says("человек")
        bot.create_order(client_id=_ANNA)
        mock.faults.add(action="message", next=1, preset="failure")
        mock.faults.add(action="get_clients", next=1, connection="reset")
        mock.faults.add(action="broadcast", latency=1, carried_out=True)
        for refused in ("message", "get_clients", "no_such_action"):
            with suppress(errors.MavibotError):
                bot.request(refused, json={"client_id": _ANNA, "message": "Сбой"})
        bot.request("message", json={"client_id": str(_ANNA), "message": "Ещё", "лето": "да", "buttons": []})
    mock.add_key("full2", ["clients:read"])
    mock.revoke_key("full2")
    mock.snapshot("before")
    mock.settings(webhook_url="http://127.0.0.1:9/hook")
    mock.webhooks.hold()
    anna.says("Алло?")


def test_every_view_in_every_state_is_in_russian(mock: Mock, browser: httpx2.Client) -> None:
    _tell_everything(mock)
    calls = mock.journal.calls()
    attempts = mock.webhooks.attempts()
    assert {each["state"] for each in attempts} == {"delivered", "failed", "held", "skipped"}
    assert {None, 200, 404} <= {each["status"] for each in calls}
    assert any(each["deviations"] for each in calls)
    paths = [
        *VIEWS,
        *(f"conversations/{client_id}" for client_id in (1, 2, 3)),
        *{str(each["status"]) + str(each["deviations"]): f"calls/{each['number']}" for each in calls}.values(),
        *{each["state"]: f"webhooks/{each['number']}" for each in attempts}.values(),
        "conversations?q=никто",
        "calls?text=никто",
    ]
    found = {path: _foreign(browser.get(f"/projects/{mock.project_id}/{path}").text) for path in paths}
    foreign = {text: path for path, texts in found.items() for text in texts}
    assert not foreign, "\n".join(f"{path}: {text}" for text, path in foreign.items())


def test_a_project_without_anything_is_in_russian() -> None:
    with (
        Mock(seed="empty") as mock,
        httpx2.Client(transport=mock.transport(), base_url=mock.url, headers=_RUSSIAN) as browser,
    ):
        for view in VIEWS:
            assert not _foreign(browser.get(f"/projects/{mock.project_id}/{view}").text), view


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/nowhere", {}, 404),
        ("/projects/nowhere", {}, 404),
        ("/projects/999999999/calls", {}, 404),
        ("/projects/{id}/nothing", {}, 404),
        ("/projects/{id}/conversations/999", {}, 404),
        ("/projects/{id}/calls/999", {}, 404),
        ("/projects/{id}/calls", {"Origin": "https://evil.example"}, 403),
        ("/projects/{id}/calls", {"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_a_refused_page_is_in_russian(
    mock: Mock, browser: httpx2.Client, path: str, headers: dict[str, str], status: int
) -> None:
    answer = browser.get(path.format(id=mock.project_id), headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    [_] = answer.headers.get_list("content-security-policy")
    assert not set(_foreign(answer.text)) - {_header(headers)}


def _header(headers: dict[str, str]) -> str:
    """Return the refusal of a header, which begins with its name."""
    return "".join(f"{name}: страницы других сайтов не могут управлять моком" for name in headers)


def test_the_pages_without_a_project_or_a_token_are_in_russian() -> None:
    with Server("0.0.0.0") as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        assert not _foreign(httpx2.get(url, headers=_RUSSIAN).text)
        assert not _foreign(httpx2.post(f"{url}/login", data={"token": "wrong"}, headers=_RUSSIAN).text)
        with httpx2.Client(base_url=url, headers=_RUSSIAN) as browser:
            browser.post("/login", data={"token": server.token})
            server.platform.remove(server.project)
            assert not _foreign(browser.get("/").text)


def test_a_program_that_asks_nowhere_gets_json(mock: Mock, browser: httpx2.Client) -> None:
    for accepted in ("*/*", "application/json"):
        answer = browser.get("/nowhere", headers={"Accept": accepted})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
        assert answer.json()["message"] == "no such address: a call goes to /api/{api_key}/{action}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_messenger_of_the_contract_has_a_name(language: str) -> None:
    names = [texts(language)(f"messenger_{name}") for name in MESSENGERS]
    assert len(set(names)) == len(MESSENGERS)


# Messages of the mock

_LATIN: Final = re.compile(r"[A-Za-z]{2,}")
_CYRILLIC: Final = re.compile(r"[а-яё]")
#: Status of a call that only programs make: they wait for something.
_TOO_LATE: Final = 408
#: Where the code puts a message together: placeholders, kinds of errors, names of types, and what joins them.
_JOINTS: Final = re.compile(
    r"{\w+}|^\w+(?:Error|error): |[,;] | or |\b(?:a whole number|a number|true|false|text|a list|an object|null)\b"
    r"|\ba form |^JSON |sent as | instead of "
)


@pytest.mark.parametrize(
    ("message", "worded"),
    [
        ("the project has no client 7", "в проекте нет клиента 7"),
        ("text: at most 10000 characters, got 12000", "text: не больше 10000 знаков, а здесь 12000"),
        (
            "client_type, group_id: no such channel; connected_channels lists those of the project",
            "client_type, group_id: такого канала нет; каналы проекта перечислены в connected_channels",
        ),
        (
            "name: is required; value: must be one of a, b; got 'c'; body: has no field `x`",
            "name: обязательно; value: должно быть одно из: a, b; прислано 'c'; body: нет поля `x`",
        ),
        ("name: is required; something else", "name: обязательно; something else"),
        ("what only the mock knows", "what only the mock knows"),
        ("the project has no client {id}", "в проекте нет клиента {id}"),
        ("x" * 100_000, "x" * 100_000),
        ("; " * 1000, "; " * 1000),
    ],
)
def test_a_message_is_worded_part_by_part(message: str, worded: str) -> None:
    assert texts("ru").said(message) == worded
    assert texts("en").said(message) == message


def test_a_refusal_is_worded_for_the_page_and_stays_english_for_programs(mock: Mock, browser: httpx2.Client) -> None:
    path = f"/_mock/v1/projects/{mock.project_id}/inbound"
    told = browser.post(path, json={"client_id": 7, "text": "Алло?"})
    assert (told.status_code, told.json()["message"]) == (404, "client_id: в проекте нет клиента 7")
    with pytest.raises(MockError, match="the project has no client 7"):
        mock.user(7).says("Алло?")


def _source() -> str:
    """Return the mock's code, with texts whole that stand on several lines."""
    code = "".join(path.read_text(encoding="utf-8") for path in (_MOCK).rglob("*.py"))
    return re.sub(r'"\n\s*f?"', "", code)


def test_each_worded_message_is_one_of_the_mock() -> None:
    """A message that is worded otherwise in the code would be shown in English."""
    source = _source()
    said = yaml.safe_load((_MOCK / "web/texts/ru.yaml").read_text(encoding="utf-8"))["said"]
    stale = []
    for message, worded in said.items():
        assert set(re.findall(r"{\w+}", worded)) <= set(re.findall(r"{\w+}", message)), message
        stale += [f"{message}: {part}" for part in _JOINTS.split(message) if part not in source]
    assert not stale, "\n".join(stale)


def _refusals(path: Path) -> Iterator[str]:
    """Yield the refusals that a module words itself, with an X where something is filled in."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(func=ast.Name("fail"), args=[ast.Constant(status), text]) if status != _TOO_LATE:
                yield from _sample(text)
            case ast.Call(func=ast.Name("invalid" | "ValueError"), args=[text]):
                yield from _sample(text)
            case ast.Call(func=ast.Name("InvalidValueError" | "NotFoundError"), args=[_, text]):
                yield from _sample(text)
            case ast.Call(func=ast.Name("Deviation"), args=[_, text]):
                yield from _sample(text)
            case ast.Call(func=ast.Attribute(attr="note"), args=[_, text]):
                yield from _sample(text)
            case ast.Call(
                func=ast.Attribute(attr="note"), args=[_, ast.Constant(str(text)), ast.Constant(str(outcome))]
            ):
                yield text + outcome


def _sample(text: ast.expr) -> Iterator[str]:
    match text:
        case ast.Constant(str(whole)):
            yield whole
        case ast.JoinedStr(parts):
            sample = "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in parts)
            if _LATIN.search(re.sub(r"X|^[^\s:]+:|^JSON | instead of ", "", sample)):  # else another module words it
                yield sample


@pytest.mark.parametrize("room", ["control", "actions", "webhook", "request"])
def test_each_refusal_of_what_a_page_does_is_worded(room: str) -> None:
    refusals = {refusal for path in (_MOCK / room).glob("*.py") for refusal in _refusals(path)}
    assert refusals
    english = [refusal for refusal in sorted(refusals) if not _CYRILLIC.search(texts("ru").said(refusal))]
    assert not english, "\n".join(english)
