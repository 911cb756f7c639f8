"""What a user forbids does not reach the platform."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.proxy.caller import connect, exchange, get, post
from tests.proxy.test_passing import split
from tests.proxy.test_records import entries, recording
from tests.proxy.upstream import ScriptedUpstream

from mavibot_proxy import Guards, Proxy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream() as upstream:
        yield upstream


def call(action: str, **parameters: Any) -> bytes:
    return post(json.dumps(parameters).encode(), action=action)


def statuses(upstream: ScriptedUpstream, guards: Guards, *calls: bytes) -> list[int]:
    with Proxy(upstream.url, guards=guards) as proxy:
        return [int(exchange(proxy, each).split()[1]) for each in calls]


def test_read_only(upstream: ScriptedUpstream) -> None:
    calls = [
        get("get_clients"),
        call("save_variables", client_id=1, variables={"a": 1}),
        call("message", client_id=1, message="x"),
        get("clear_history?client_id=1"),
        call("no_such_action"),
    ]
    assert statuses(upstream, Guards(read_only=True), *calls) == [200, 403, 403, 403, 403]
    assert len(upstream.requests) == 1


def test_only_clients(upstream: ScriptedUpstream) -> None:
    calls = [
        call("message", client_id=201, message="x"),
        call("message", client_id="58", message="x"),
        call("message", client_id=5, message="x"),
        call("broadcast", clients=[201, 5], message="x"),
        call("broadcast", list=1, message="x"),
        call("whatsapp_message", phone="79000000000", whatsapp_bot_id=1, message="x"),
        get("get_clients"),
    ]
    guards = Guards(only_clients=[201, 58])
    assert statuses(upstream, guards, *calls) == [200, 200, 403, 403, 403, 403, 200]
    assert len(upstream.requests) == 3


@pytest.mark.parametrize("guards", [{"read_only": True}, {"only_clients": [201]}, {"dry_sends": True}])
@pytest.mark.parametrize(
    "action",
    [
        "get_clients%3Fa/../message",
        "get_clients%23a/../message",
        "get_clients/../message",
        "get_clients%2F..%2Fmessage",
        "%6dessage",
        "message%3F",
        "message/",
    ],
)
def test_no_spelling_of_an_action_gets_past_a_guard(
    upstream: ScriptedUpstream, guards: dict[str, Any], action: str
) -> None:
    with Proxy(upstream.url, guards=Guards(**guards)) as proxy:
        exchange(proxy, get(f"{action}?client_id=5&message=x"))
    assert upstream.requests == []


def test_what_the_contract_refuses_is_answered_as_by_the_mock(upstream: ScriptedUpstream) -> None:
    with Proxy(upstream.url, guards=Guards(strict=True)) as proxy:
        _, _, body = split(exchange(proxy, call("message", client_id=1, text="x")))
        assert "did you mean `message`?" in json.loads(body)["message"]
        line, _, _ = split(exchange(proxy, call("message", client_id="1", message="x", nonsense=1)))
        assert line.split()[1] == b"400"
        assert upstream.requests == []
        assert exchange(proxy, call("message", client_id=1, message="x")).endswith(b"ok")


def test_dry_sends(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    with recording(tmp_path / "x.ndjson", upstream, guards=Guards(dry_sends=True)) as proxy:
        line, pairs, body = split(exchange(proxy, call("message", client_id=1, message="x")))
        assert (line.split()[1], body) == (b"200", b"ok")
        assert (b"mavibot-proxy-outcome", b"not passed on") in pairs
        assert exchange(proxy, call("message", client_id=1)).startswith(b"HTTP/1.1 400")
        assert exchange(proxy, call("new_action")).startswith(b"HTTP/1.1 403")
        assert upstream.requests == []
        exchange(proxy, get("get_clients"))
        exchange(proxy, call("save_variables", client_id=1, variables={"a": 1}))
        assert len(upstream.requests) == 2
        assert proxy.summary.statuses["message"] == {"dry": 1, "400": 1}
    dry, refused, *_ = entries(tmp_path / "x.ndjson")
    assert dry["_mavibot"]["dry"]
    assert dry["_mavibot"]["answered_by"] == refused["_mavibot"]["answered_by"] == "proxy"
    assert "dry" not in refused["_mavibot"]


def test_why_a_call_was_kept_back_is_said_once_and_names_the_parameter(upstream: ScriptedUpstream) -> None:
    lines: list[str] = []
    guards = Guards(strict=True, only_clients=[201])
    with Proxy(upstream.url, guards=guards, tell=lines.append) as proxy:
        exchange(proxy, call("message", client_id=5, message="x"))
        exchange(proxy, call("message", client_id=201))
    reached, broken = (line.partition(" ms  ")[2] for line in lines)
    assert reached == "message would reach others than the test clients, by 'client_id'"
    assert broken.startswith("not passed on; breaks the contract: one of message, ")
    assert broken.count("breaks the contract") == 1
    assert proxy.summary.as_json()["refused"] == {f"message: {reached}": 1, "message: not passed on": 1}


def test_a_body_that_is_too_long_to_be_judged_is_kept_back(upstream: ScriptedUpstream) -> None:
    assert statuses(upstream, Guards(read_only=True), post(b"x" * 5_000_000)) == [413]
    assert upstream.requests == []


@pytest.mark.parametrize("guards", [{"only_clients": [1]}, {"strict": True}, {"dry_sends": True}])
def test_a_body_with_two_content_types_is_kept_back(upstream: ScriptedUpstream, guards: dict[str, Any]) -> None:
    sound = {"client_id": 1, "message": "x"}
    twice = post(json.dumps(sound).encode(), "Content-type: application/x-www-form-urlencoded")
    assert statuses(upstream, Guards(**guards), twice, call("message", **sound)) == [400, 200]
    assert not any(b"urlencoded" in line for each in upstream.requests for line in each.headers)
    assert statuses(upstream, Guards(), twice) == [200]


def test_calls_wait_for_their_turn(upstream: ScriptedUpstream) -> None:
    began = time.monotonic()
    assert statuses(upstream, Guards(rate=20), *[get()] * 4) == [200] * 4
    assert time.monotonic() - began >= 3 / 20


def event(**fields: Any) -> bytes:
    return json.dumps({"client": {"id": 1, "name": "Anna"}, "message": "Hello", "is_input": 1, **fields}).encode()


def test_webhooks_go_on_once_and_are_checked(tmp_path: Path) -> None:
    with (
        ScriptedUpstream() as platform,
        ScriptedUpstream() as receiver,
        recording(tmp_path / "x.ndjson", platform, webhook=f"{receiver.url}/hook?a=1") as proxy,
    ):
        assert proxy.webhook_url is not None
        path = proxy.webhook_url.removeprefix(proxy.url).encode()
        assert len(path) > 30
        sound, strange = (
            post(body).replace(post(b"").split()[1], path) for body in (event(), event(is_input="no", client=5))
        )
        assert exchange(proxy, sound).endswith(b"ok")
        receiver.answer = lambda _: b"HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n"
        assert exchange(proxy, strange).startswith(b"HTTP/1.1 500")
        assert exchange(proxy, sound.replace(path, path[:-1])).startswith(b"HTTP/1.1 404")
        assert exchange(proxy, sound.replace(b"POST", b"PUT")).startswith(b"HTTP/1.1 405")
    assert [each.line for each in receiver.requests] == [b"POST /hook?a=1 HTTP/1.1"] * 2
    assert receiver.requests[0].body == event()
    assert platform.requests == []
    webhooks = proxy.summary.as_json()["webhooks"]
    assert (webhooks["200"], webhooks["500"]) == (1, 1)
    assert any(each.startswith("deviates: ") for each in webhooks)
    text = (tmp_path / "x.ndjson").read_text()
    assert "Anna" not in text
    assert "Hello" not in text
    assert path.decode() not in text


@pytest.mark.parametrize("depth", [500, 100_000])
def test_a_webhook_that_is_nested_deeply_goes_on_and_is_told(tmp_path: Path, depth: int) -> None:
    with (
        ScriptedUpstream() as platform,
        ScriptedUpstream() as receiver,
        recording(tmp_path / "x.ndjson", platform, webhook=f"{receiver.url}/hook") as proxy,
    ):
        path = (proxy.webhook_url or "").removeprefix(proxy.url).encode()
        deep = post(b'{"client": ' + b"[" * depth + b"]" * depth + b"}").replace(post(b"").split()[1], path)
        assert exchange(proxy, deep).endswith(b"ok")
    webhooks = proxy.summary.as_json()["webhooks"]
    assert webhooks["200"] == 1
    assert any(each.startswith("deviates: ") for each in webhooks)
    assert not proxy.summary.as_json()["troubles"]
    assert len(entries(tmp_path / "x.ndjson")) == 1


def test_who_leaves_while_waiting_for_a_turn_is_not_passed_on(upstream: ScriptedUpstream, tmp_path: Path) -> None:
    waits, gone = threading.Event(), threading.Event()

    class Slow(Guards):
        async def turn(self) -> None:
            waits.set()
            await asyncio.to_thread(gone.wait, 30)

    with recording(tmp_path / "x.ndjson", upstream, guards=Slow()) as proxy:
        with connect(proxy) as connection:
            connection.sendall(call("message", client_id=1, message="x"))
            assert waits.wait(30)
        exchange(proxy, b"GET /_proxy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")  # later than the other's end
        gone.set()
    assert upstream.requests == []
    assert entries(tmp_path / "x.ndjson")[0]["_mavibot"]["abandoned"]
