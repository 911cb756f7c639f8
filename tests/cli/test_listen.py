"""The receiver behind `mavibot listen`: it answers first, shows every event, and survives every sender."""

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from queue import Queue
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.support import drives_a_terminal
from tests.client.support import CONTRACT, law
from tests.running import serving

from mavibot.webhooks import Event, parse_event
from mavibot_cli import receiver
from mavibot_cli.receiver import Receiver, describe

#: Seconds after which something that should happen has not happened.
LONG = 60
_MESSENGERS = CONTRACT.document["components"]["schemas"]["Messenger"]
MESSENGER_NAMES = list(zip(_MESSENGERS["enum"], _MESSENGERS["x-enum-varnames"], strict=True))


class Listening:
    """A receiver and what came to it.

    Attributes:
        receiver: the server.
        events: events that it handed on.
        on_event: what is done with an event; puts it among `events` until a test says otherwise.
        problems: what it reported.
        url: where it listens.
        port: its port.
    """

    def __init__(self, **limits: Any) -> None:
        self.events: Queue[Event] = Queue()
        self.problems: Queue[str] = Queue()
        self.on_event: Any = self.events.put
        self.receiver = Receiver("127.0.0.1", 0, self._handle, on_problem=self.problems.put, max_body=1000, **limits)
        self.url = self.receiver.url
        self.port = self.receiver.server_port

    def _handle(self, event: Event) -> None:
        self.on_event(event)

    def post(self, content: Any, path: str = "") -> httpx2.Response:
        return httpx2.post(self.url + path, content=content)

    def next_event(self) -> Event:
        return self.events.get(timeout=LONG)

    def next_problem(self) -> str:
        return self.problems.get(timeout=LONG)


@pytest.fixture
def listening() -> Iterator[Listening]:
    listening = Listening()
    with serving(listening.receiver):
        yield listening


def test_an_event_is_answered_and_handed_on(listening: Listening) -> None:
    response = listening.post('{"id": 5, "message": "Привет"}', "any/path?a=b")
    assert (response.status_code, response.text) == (200, "ok")
    event = listening.next_event()
    assert (event.id, event.message) == (5, "Привет")
    assert listening.problems.empty()


def test_the_answer_does_not_wait_for_what_is_done_with_the_event(listening: Listening) -> None:
    answered = threading.Event()
    listening.on_event = lambda event: listening.events.put(event) if answered.wait(LONG) else None
    assert listening.post('{"id": 5}').status_code == 200
    answered.set()
    assert listening.next_event().id == 5


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"", 400, "body: is empty"),
        (b"message=Hello", 400, "body: is not JSON"),
        (b"[1]", 400, "body: must be a JSON object, got list"),
        (b'"' + b"a" * 1000, 413, "body: at most 1000 bytes, got 1001"),
        (b"a" * 5_000_000, 413, "body: at most 1000 bytes, got 5000000"),
    ],
    ids=["empty", "form", "list", "long", "very-long"],
)
def test_bad_bodies_are_answered_and_reported(listening: Listening, content: bytes, status: int, reason: str) -> None:
    response = listening.post(content)
    assert (response.status_code, response.text[: len(reason)]) == (status, reason)
    assert listening.next_problem() == f"refused a request: {response.text}"
    assert listening.post(b'{"id": 6}').status_code == 200
    assert listening.next_event().id == 6


def test_a_body_of_unknown_length_is_refused(listening: Listening) -> None:
    response = listening.post(iter([b'{"id": ', b"5}"]))
    assert (response.status_code, response.text) == (411, "Content-Length: is missing or no number")
    assert "Content-Length" in listening.next_problem()


@pytest.mark.parametrize("length", ["x", "-1", "²", "9" * 30])
def test_a_length_that_is_none_is_refused(listening: Listening, length: str) -> None:
    answer = raw(listening, f"POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.0 411 ")


def test_a_sender_that_stops_in_the_middle_is_reported(listening: Listening) -> None:
    answer = raw(listening, b'POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\n{"id": 5')
    assert answer.endswith(b"body: ended after 8 of 20 bytes")
    assert listening.next_problem() == "refused a request: body: ended after 8 of 20 bytes"


@pytest.mark.parametrize(
    "nonsense", [b"\x16\x03\x01\x00\xa5", b"GET\r\n\r\n", b"\r\n", b"BREW / HTTP/1.1\r\n\r\n", b""]
)
def test_nonsense_ends_nothing(listening: Listening, nonsense: bytes) -> None:
    raw(listening, nonsense)
    assert listening.post('{"id": 5}').status_code == 200
    assert listening.next_event().id == 5


def test_a_connection_that_breaks_is_reported(listening: Listening) -> None:
    host, port = re.findall(r"http://(.*):(\d+)/", listening.url)[0]
    connection = socket.create_connection((host, int(port)), timeout=LONG)
    connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\n{")
    # No wait for the rest to be sent: the connection is reset, not closed.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    assert listening.next_problem().startswith("a connection broke: ConnectionResetError")
    assert listening.post('{"id": 5}').status_code == 200


def test_a_handler_that_fails_is_reported_and_the_next_event_comes(listening: Listening) -> None:
    def fail(event: Event) -> None:
        raise RuntimeError("full")

    listening.on_event = fail
    assert listening.post('{"id": 5}').status_code == 200
    assert listening.next_problem() == "the event could not be handled: RuntimeError: full"
    listening.on_event = listening.events.put
    listening.post('{"id": 6}')
    assert listening.next_event().id == 6


def test_a_look_with_a_browser_is_answered(listening: Listening) -> None:
    response = httpx2.get(listening.url)
    assert (response.status_code, "POST" in response.text) == (200, True)


def raw(listening: Listening, request: bytes) -> bytes:
    """Send bytes and nothing more; return the answer."""
    host, port = re.findall(r"http://(.*):(\d+)/", listening.url)[0]
    with socket.create_connection((host, int(port)), timeout=LONG) as connection:
        connection.sendall(request)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(
    "part", [b"POST / HT", b"POST / HTTP/1.1\r\nX: ", b'POST / HTTP/1.1\r\nContent-Length: 20\r\n\r\n{"id']
)
def test_a_request_must_have_come_in_full_in_time(part: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    # However often its sender shows that it is still there.
    monkeypatch.setattr(receiver, "READ_TIMEOUT", 10 * LONG)
    listening = Listening(total_timeout=0.05)
    with serving(listening.receiver), socket.create_connection(("127.0.0.1", listening.port), LONG) as connection:
        connection.sendall(part)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.0 408 ") == (b"{" in part)


def test_only_so_many_connections_are_read_at_once() -> None:
    listening = Listening(max_connections=2)
    all_are_there = threading.Event()
    threads = []

    def count(event: Event) -> None:
        all_are_there.wait(LONG)
        threads.append(sum("process_request" in each.name for each in threading.enumerate()))
        listening.events.put(event)

    listening.on_event = count
    with serving(listening.receiver), ExitStack() as opened:
        for _ in range(20):
            connection = opened.enter_context(socket.create_connection(("127.0.0.1", listening.port), LONG))
            connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}")
        all_are_there.set()
        for _ in range(20):
            listening.next_event()
    assert max(threads) <= 2


def test_a_connection_that_is_closed_twice_has_one_place() -> None:
    # Ctrl-C that comes while the thread of a connection starts closes it beside the thread.
    with ExitStack() as opened, Listening(max_connections=2).receiver as server:
        for _ in range(3):
            opened.enter_context(socket.create_connection(("127.0.0.1", server.server_port), LONG))
        first, _ = server.get_request()
        for _ in range(2):
            server.shutdown_request(first)
        for connection, _ in (server.get_request(), server.get_request()):
            opened.enter_context(connection)
        with pytest.raises(BlockingIOError):
            server.get_request()


def test_a_port_that_is_taken(listening: Listening) -> None:
    with pytest.raises(OSError, match="in use"):
        Receiver("127.0.0.1", listening.port, print, on_problem=print)


# --- what is shown ---

CLIENT = {"id": 25554, "name": "Анна", "client_type": 1}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"client": CLIENT, "message": "Hello", "is_input": 1}, "in  client 25554 Анна (Telegram): Hello"),
        ({"client": {"id": 5}, "message": "Hi", "is_input": 0, "delivered": 1}, "out client 5: Hi"),
        ({"client": {}, "message": "one\n two"}, "?   client ?: one two"),
        ({"client": {"id": 5, "client_type": 99}, "message": "x", "is_input": 1}, "in  client 5 (messenger 99): x"),
        ({"is_input": 1}, "in  no client: (empty)"),
        (
            {"attachments": "['https://a','https://b']", "is_input": 1},
            "in  no client: (no text)\n    https://a, https://b",
        ),
        ({"attachments": [{"phone_number": "79000000000"}]}, "?   no client: (no text)\n    79000000000"),
        ({"attachments": [{"strange": 5}]}, "?   no client: (no text)\n    {'strange': 5}"),
        (
            {"message": "x", "is_input": 0, "delivered": 0, "error_message": "blocked"},
            "out no client: x\n    not delivered: blocked",
        ),
        (
            {"message": "x", "attachments": ["https://a"], "delivered": 0},
            "?   no client: x\n    https://a, not delivered: no reason given",
        ),
        ({"message": "\x1b[2Jred\u202e"}, "?   no client: \\x1b[2Jred\\u202e"),
        ({"message": "x", "client": {"name": "a\nin  client 2: b\u2028c"}}, "?   client ? a in client 2: b c: x"),
        ({"attachments": [1] * 900}, f"?   no client: (no text)\n    {', '.join(['1'] * 10)}, and 890 more"),
        ({"message": "a" * 400}, f"?   no client: {'a' * 300}…"),
    ],
)
def test_descriptions(sent: dict[str, Any], shown: str) -> None:
    assert describe(parse_event(sent)) == shown


@pytest.mark.parametrize(("number", "name"), MESSENGER_NAMES)
def test_every_messenger_is_named(number: int, name: str) -> None:
    shown = describe(parse_event({"client": {"id": 5, "client_type": number}}))
    assert f"({name.replace('_', ' ').lower()})" in shown.lower()


@law()
@given(st.text(), st.text(), st.text(), st.lists(st.text()))
def test_nobody_can_write_over_the_terminal(message: str, name: str, error: str, attachments: list[str]) -> None:
    sent = {"message": message, "client": {"name": name}, "error_message": error, "attachments": attachments}
    shown = describe(parse_event(sent))
    assert len(shown.splitlines()) <= 2
    assert not drives_a_terminal(shown)
    assert len(shown) < 10_000
