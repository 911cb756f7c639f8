"""A receiver of webhooks is tested without a port: the mock hands events to its ASGI or WSGI application."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mavibot import Mavibot
from mavibot_mock import Mock, MockError, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from wsgiref.types import StartResponse

    from starlette.types import Receive, Scope, Send

    from mavibot_mock.testing.receiver import Application

    Respond = Callable[[str, dict[str, Any]], tuple[int, bytes]]


def asgi(respond: Respond) -> Application:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, answer = respond(f"{scope['method']} {scope['path']}", json.loads(body))
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": answer})

    return application


class _AsgiClass:
    """As frameworks have it: an object whose call is a coroutine."""

    def __init__(self, respond: Respond) -> None:
        self._application: Any = asgi(respond)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._application(scope, receive, send)


def wsgi(respond: Respond) -> Application:
    def application(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        event = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        status, answer = respond(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}", event)
        start_response(f"{status} Status", [("Content-Type", "text/plain")])
        return [answer]

    return application


_KINDS = pytest.mark.parametrize("kind", [asgi, _AsgiClass, wsgi])


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock() as mock:
        yield mock


@_KINDS
def test_events_reach_the_application_in_order(mock: Mock, kind: Callable[[Respond], Application]) -> None:
    seen: list[tuple[str, str]] = []

    def respond(where: str, event: dict[str, Any]) -> tuple[int, bytes]:
        seen.append((where, event["message"]))
        return 201, b"thanks"

    mock.webhooks.deliver_to(kind(respond), "/hooks/mavibot")
    for text in ("one", "two"):
        mock.user(5).says(text)
    attempts = mock.webhooks.settle()
    assert seen == [("POST /hooks/mavibot", "one"), ("POST /hooks/mavibot", "two")]
    shown = [(each["state"], each["status"], each["reply"], each["url"]) for each in attempts]
    assert shown == [("delivered", 201, "thanks", "http://receiver.localhost/hooks/mavibot")] * 2


@_KINDS
def test_an_application_may_fail(mock: Mock, kind: Callable[[Respond], Application]) -> None:
    def respond(_where: str, event: dict[str, Any]) -> tuple[int, bytes]:
        if event["message"] == "one":
            raise LookupError("no such shop")
        return 500, b"broken"

    mock.webhooks.deliver_to(kind(respond))
    for text in ("one", "two"):
        mock.user(5).says(text)
    first, second = mock.webhooks.settle()
    assert (first["state"], first["status"], first["error"]) == ("failed", None, "LookupError: no such shop")
    assert (second["state"], second["status"], second["error"]) == ("failed", 500, None)


@_KINDS
def test_an_application_may_call_back(mock: Mock, kind: Callable[[Respond], Application]) -> None:
    """Blocking, too, as it may behind a server of its own."""
    bot = Mavibot(mock.api_key, base_url=mock.url, transport=mock.transport())

    def respond(_where: str, event: dict[str, Any]) -> tuple[int, bytes]:
        if event["is_input"]:
            bot.message(client_id=event["client"]["id"], message="answer")
        return 200, b""

    with bot:
        mock.webhooks.deliver_to(kind(respond))
        mock.user(5).says("question")
        events = [json.loads(each["request"]) for each in mock.webhooks.settle()]
    assert [event["message"] for event in events] == ["question", "answer"]


def test_without_an_application_the_address_counts_again(mock: Mock) -> None:
    mock.webhooks.deliver_to(wsgi(lambda _where, _event: (200, b"")))
    mock.webhooks.deliver_to(None)
    mock.user(5).says("one")
    assert [each["state"] for each in mock.webhooks.settle()] == ["skipped"]


def test_a_mock_behind_a_port_takes_no_application() -> None:
    with Server() as server, Mock(server.url) as mock, pytest.raises(MockError, match="runs in another process"):
        mock.webhooks.deliver_to(asgi(lambda _where, _event: (200, b"")))
