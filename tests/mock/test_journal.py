"""The journal: every call without its key, queries, waiting, and repeating a call by curl or in Python."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from typing import Any

import httpx2
import pytest
from tests.mock.caller import Caller
from tests.mock.driver import Driver
from tests.running import needs_curl

from mavibot import Mavibot
from mavibot_mock import Server, demo_keys
from mavibot_mock.request.body import Sent
from mavibot_mock.server.journal import LONGEST_BODY, MOST_BYTES, MOST_CALLS, Entry, Journal, mask

_HELLO = {"client_id": 5, "message": "x"}


def _entry(action: str = "a", body: bytes = b"", **fields: Any) -> Entry:
    return Entry("key", action, Sent("POST", b"", "", body), **fields)


def test_an_entry_tells_the_whole_call(mock: Caller, driver: Driver) -> None:
    body = b'{"client_id": "58", "message": "x", "amount": 5}'
    began = time.time()
    mock.call("callback", body, query={"utm": "mail"}, content_type="text/plain")
    [entry] = driver.get("/journal")
    [event] = driver.get("/clients/58/messages")
    assert entry.pop("milliseconds") > 0
    assert began <= entry.pop("wall_time") <= time.time()
    assert entry == {
        "number": 1,
        "time": mock.now,
        "key": "demo…",
        "method": "POST",
        "action": "callback",
        "query": "utm=mail",
        "content_type": "text/plain",
        "body": body.decode(),
        "parameters": {"client_id": "58", "message": "x", "amount": 5, "utm": "mail"},
        "client_ids": [58],
        "message_ids": [event["id"]],
        "status": 200,
        "reply": "ok",
        "deviations": [
            "body: JSON sent as text/plain instead of application/json",
            "utm: sent in the URL instead of the body",
        ],
        "fixes": ["", ""],
        "fault": None,
        "recorded": None,
    }


@pytest.mark.parametrize(
    "spelling",
    [
        "demo-full",
        "DEMO-Full",
        "%64emo-full",
        "%64%65%6d%6f%2D%66%75%6c%6c",
        "%2564emo-full",
        "\\u0064emo\\u002dfull",
        "&#100;emo&#x2D;full",
    ],
)
def test_the_key_is_hidden_in_every_spelling(mock: Caller, driver: Driver, spelling: str) -> None:
    mock.send("POST", f"/api/demo-full/message?utm={spelling}", content=f'{{"message": "{spelling}"}}'.encode())
    mock.send("POST", "/api/demo-full/message", content=f"client_id=5&message={spelling}".encode())
    for number in (1, 2):
        shown = json.dumps(driver.get(f"/journal/{number}"))
        assert spelling not in shown
        assert "emo-full" not in shown.lower()
        assert "demo\\u2026" in shown


@pytest.mark.parametrize(
    ("action", "parameters", "client_id"),
    [
        ("callback", {"client_phone": "79875146788", "message": "x"}, None),
        ("email_callback", {"email": "reader@example.com", "message": "x"}, None),
        ("whatsapp_message", {"phone": "79875146788", "message": "x"}, None),
        ("whatsapp_callback", {"phone": "79000000077", "message": "x"}, None),
        ("send_callback_by_platform_id", {"platform_ids": [571830542], "callback_text": "paid"}, 58),
        ("create_order", {"email": "new@example.com"}, None),
    ],
)
def test_the_journal_knows_whom_a_call_reached(
    mock: Caller, driver: Driver, action: str, parameters: dict[str, Any], client_id: int | None
) -> None:
    response = mock.call(action, parameters)
    assert response.status_code == 200
    [entry] = driver.get("/journal")
    [reached] = entry["client_ids"]
    assert client_id in (None, reached)
    assert mock.project.store.client(reached) is not None
    assert driver.get("/journal", client_id=reached) == [entry]
    assert driver.get("/journal", client_id=reached + 1) == []


def test_refused_calls_are_there_too(mock: Caller, driver: Driver) -> None:
    mock.call("mesage")
    mock.call("message", _HELLO, key="demo-none")
    mock.call("message", _HELLO, key="demo-revoked")
    mock.call("message", {"message": "x"})
    mock.call("message", b"\xff\0", content_type=None)
    mock.call("message", method="PUT")
    entries = driver.get("/journal")
    assert [each["status"] for each in entries] == [404, 403, 401, 400, 400, 405]
    assert [each["parameters"] for each in entries] == [None] * 6
    assert entries[4]["body"] == "\ufffd\0"


def test_calls_with_unknown_keys_belong_to_no_project(mock: Caller, driver: Driver) -> None:
    mock.call("message", _HELLO, key="somebody-elses-key")
    assert driver.get("/journal") == []
    [entry] = mock.send("GET", "/_mock/v1/journal", params={"action": "message"}).json()
    assert (entry["key"], entry["status"], entry["body"]) == ("some…", 401, json.dumps(_HELLO))
    assert mock.send("GET", "/_mock/v1/journal", params={"action": "callback"}).json() == []


def test_no_key_is_shown_anywhere(mock: Caller, driver: Driver) -> None:
    keys = [value for value in demo_keys().values() if value != "demo-revoked"]
    for key in keys:
        body = {"client_id": 5, "message": f"my key is {key}", key: key, "other": keys}
        mock.call("callback", body, query={"q": key}, key=key)
    mock.call("message", {"message": "demo-revoked"}, key="demo-revoked")
    mock.call("demo-full")
    mock.call("message", {"message": "demo-full"}, key="of-nobody")
    shown = [mock.send("GET", "/_mock/v1/journal").text]
    shown += [mock.send("GET", "/_mock/v1/projects/1/journal").text]
    shown += [mock.send("GET", f"/_mock/v1/projects/1/journal/{n}").text for n in range(1, len(keys) + 3)]
    shown.append(mock.send("GET", "/_mock/v1/projects/1/journal/wait", params={"n": 99, "timeout": 0}).text)
    assert "my key is demo" in shown[1]
    assert "callback?q=demo%E2%80%A6" in shown[2]
    for text in shown:
        assert not any(key in text for key in demo_keys().values())


@pytest.mark.parametrize(("key", "shown"), [("", "…"), ("a", "…"), ("ab", "a…"), ("demo-full", "demo…")])
def test_a_mask_never_shows_the_whole_key(key: str, shown: str) -> None:
    assert mask(key) == shown


def test_queries(mock: Caller, driver: Driver) -> None:
    mock.call("message", {"client_id": 58, "message": "x"})
    mock.call("callback", _HELLO, key="demo-clients-write")
    mock.call("message", {"client_id": "5", "message": "x"})
    mock.call("save_variables", {"clients": [5, 58], "variables": {}})
    mock.call("message", {"client_id": 1, "message": "x"})

    def numbers(**query: Any) -> list[int]:
        found = [each["number"] for each in driver.get("/journal", **query)]
        counted = driver.get("/journal/count", **{name: query[name] for name in query if name != "limit"})
        assert counted["last_number"] == 5
        assert query.get("limit") or counted["count"] == len(found)
        return found

    assert numbers() == [1, 2, 3, 4, 5]
    assert numbers(since=3) == [4, 5]
    assert numbers(action="message") == [1, 3, 5]
    assert numbers(key="demo-cl") == [2]
    assert numbers(status=404) == [5]
    assert numbers(client_id=5) == [2, 3, 4]
    assert numbers(client_id=58, action="message") == [1]
    assert numbers(limit=2) == [4, 5]
    assert numbers(action="message", limit=1) == [5]
    assert numbers(since=9) == []


def test_clients_in_replies_are_found(mock: Caller, driver: Driver) -> None:
    mock.call("find_client_id_by_phone", query={"phone": "79875146788"})
    [entry] = driver.get("/journal", client_id=25554)
    assert entry["client_ids"] == [25554]


def test_deleting_goes_on_with_the_numbers(mock: Caller, driver: Driver) -> None:
    mock.call("message", _HELLO)
    assert driver.delete("/journal") == {"status": "success"}
    assert driver.get("/journal/count") == {"count": 0, "last_number": 1}
    mock.call("message", _HELLO)
    assert [each["number"] for each in driver.get("/journal")] == [2]


def test_it_keeps_so_many_calls_and_no_more() -> None:
    journal = Journal()
    for _ in range(MOST_CALLS + 100):
        journal.record(_entry())
    numbers = [entry.number for entry in journal.entries()]
    assert numbers == list(range(101, MOST_CALLS + 101))


def test_it_keeps_so_many_bytes_and_no_more() -> None:
    journal = Journal()
    for _ in range(2000):
        journal.record(_entry(body=b"x" * LONGEST_BODY * 2, reply=b"y" * LONGEST_BODY * 2, parameters={"a": 1}))
    entries = list(journal.entries())
    assert entries[-1].number == 2000
    assert {(len(each.sent.body), len(each.reply)) for each in entries} == {(LONGEST_BODY, LONGEST_BODY)}
    assert {each.parameters is None for each in entries} == {True}
    assert 50 < len(entries) < MOST_BYTES / (2 * LONGEST_BODY)


def test_an_entry_that_was_cut_cannot_be_repeated(mock: Caller, driver: Driver) -> None:
    mock.call("callback", _HELLO | {"note": "x" * LONGEST_BODY})
    entry = driver.get("/journal/1")
    assert len(entry["body"]) == LONGEST_BODY
    assert (entry["curl"], entry["python"]) == (None, None)


def test_an_entry_that_is_not_there(mock: Caller, driver: Driver) -> None:
    mock.call("message", _HELLO)
    assert "call 2 is not in the journal" in driver.call("GET", "/journal/2", status=404)["message"]


def test_waiting_for_what_is_there_already(mock: Caller, driver: Driver) -> None:
    for _ in range(3):
        mock.call("message", _HELLO)
    assert [each["number"] for each in driver.get("/journal/wait", action="message", n=2)] == [1, 2, 3]


def test_waiting_in_vain_names_the_nearest_calls(mock: Caller, driver: Driver) -> None:
    mock.call("message", _HELLO)
    query = {"action": "callback", "n": 2, "timeout": 0.01}
    message = driver.call("GET", "/journal/wait", query=query, status=408)["message"]
    assert message.startswith("expected 2 calls with action callback within 0.01 s, got 0; nearest calls: 1: message {")
    assert message.endswith("} -> 200")


def test_waiting_ends_with_the_call() -> None:
    journal = Journal()

    async def scenario() -> list[Entry]:
        waiting = asyncio.create_task(journal.wait(lambda entry: entry.action == "wanted", n=2, since=1, timeout=60))
        for action in ("wanted", "wanted", "other", "wanted"):
            assert not waiting.done()
            journal.record(_entry(action))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return await waiting

    assert [entry.number for entry in asyncio.run(scenario())] == [2, 4]


@pytest.mark.parametrize(
    ("how", "python"),
    [
        (
            {"action": "message", "body": {"client_id": 5, "message": 'it\'s "x" & $HOME\n'}},
            "bot.message(client_id=5, message='it\\'s \"x\" & $HOME\\n')",
        ),
        (
            {"action": "message", "query": {"client_id": 5, "message": "a b&c"}},
            "bot.message(client_id='5', message='a b&c', method='GET')",
        ),
        (
            {"action": "callback", "body": {"client_id": 5, "message": "x", "amount": 5, "a b": "c"}},
            "bot.callback(client_id=5, message='x', variables={'amount': 5, 'a b': 'c'})",
        ),
        (
            {"action": "load_clients", "body": [{"platform_id": "9", "group_id": "34810", "client_type": 6}]},
            "bot.load_clients(clients=[{'platform_id': '9', 'group_id': '34810', 'client_type': 6}])",
        ),
        ({"action": "connected_channels"}, "bot.connected_channels()"),
    ],
)
def test_a_call_is_repeated_in_python(how: dict[str, Any], python: str) -> None:
    with Server() as server, httpx2.Client(base_url=server.url) as client:
        first = _send(client, server, **how)
        entry = client.get("/_mock/v1/projects/1/journal/1").json()
        assert entry["python"] == python
        with Mavibot(server.api_key, base_url=server.url) as bot:
            eval(python, {"bot": bot})
        again = client.get("/_mock/v1/projects/1/journal/2").json()
        assert again["parameters"] == entry["parameters"]
        assert again["status"] == first.status_code == 200


@needs_curl
@pytest.mark.parametrize(
    "how",
    [
        {"action": "message", "body": {"client_id": 5, "message": 'it\'s "x" & $HOME `x` @file\n'}},
        {"action": "message", "query": {"client_id": 5, "message": "it's a b&c"}},
        {"action": "callback", "body": b"client_id=5&message=%D1%8F\0", "label": "text/plain"},
        {"action": "callback", "body": b"\xff\xfe", "label": "text/plain"},
        {"action": "mesage", "body": {"a": 1}},
    ],
)
def test_a_call_is_repeated_by_a_shell(how: dict[str, Any]) -> None:
    with Server() as server, httpx2.Client(base_url=server.url) as client:
        _send(client, server, **how)
        entry = client.get("/_mock/v1/projects/1/journal/1").json()
        assert server.api_key not in entry["curl"]
        environment = {"MAVIBOT_BASE_URL": server.url, "MAVIBOT_API_KEY": server.api_key, "PATH": "/usr/bin:/bin"}
        subprocess.run(["sh", "-c", entry["curl"]], env=environment, check=True, capture_output=True)
        again = client.get("/_mock/v1/projects/1/journal/2").json()
    same = ("method", "action", "query", "content_type", "body", "status")
    assert {name: again[name] for name in same} == {name: entry[name] for name in same}


def _send(
    client: httpx2.Client, server: Server, *, action: str, body: Any = None, query: Any = None, label: str | None = None
) -> httpx2.Response:
    address = f"/api/{server.api_key}/{action}"
    if body is None:
        return client.get(address, params=query)
    if isinstance(body, bytes):
        return client.post(address, content=body, headers={"Content-Type": label or ""})
    return client.post(address, json=body)
