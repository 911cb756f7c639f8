"""`AsyncMavibot` over each transport of its own: the same calls, many at once, over connections that are kept."""

from __future__ import annotations

import asyncio
import gzip
import json
import platform
import re
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Self

import aiohttp
import httpx2
import pytest
from tests.client.support import KEY, OPERATIONS, by_method, first_example, good_reply
from tests.misbehaving import MisbehavingServer

import mavibot
from mavibot import AsyncMavibot, ConfigurationError, ConnectionFailed, Mavibot, Reply, TimedOut
from mavibot_contract import Method, Operation

#: Settings of the transports that `AsyncMavibot` brings along.
SETTINGS: dict[str, dict[str, Any]] = {"httpx2": {}, "aiohttp": {"transport": "aiohttp"}}
OVER_EACH = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
HELLO: dict[str, Any] = {"client_id": 25554, "message": "Привет, 100 % & + 🙂"}
MOST_CALLS = 100


@dataclass
class Server:
    """A server in the event loop of the test.

    Attributes:
        body: body of every answer.
        headers: further header lines of every answer.
        hold_back: how many requests must wait before the first is answered.
        requests: start line, headers by lower-case name, and body of each request.
        most: most requests that waited at once.
    """

    body: bytes = b'{"status":"success"}'
    headers: str = ""
    hold_back: int = 1
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    most: int = 0

    async def __aenter__(self) -> Self:
        self._waiting = 0
        self._enough = asyncio.Event()
        self._served: list[asyncio.Task[Any]] = []
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    @property
    def connections(self) -> int:
        """How many connections were made."""
        return len(self._served)

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self._enough.set()
        await asyncio.gather(*self._served)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._served.append(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await self._request(reader):
            self.requests.append(request)
            await self._take_place()
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(self.body)}\r\n{self.headers}\r\n".encode())
            writer.write(self.body)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def _request(self, reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes] | None:
        """Return the next request, or `None` where the client has left."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            start, *lines = head[:-4].decode("ascii").split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            return start, headers, await reader.readexactly(int(headers.get("content-length", 0)))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def _take_place(self) -> None:
        self._waiting += 1
        self.most = max(self.most, self._waiting)
        if self._waiting >= self.hold_back:
            self._enough.set()
        await self._enough.wait()
        # A request that comes too many had time to arrive.
        await asyncio.sleep(0)
        self._waiting -= 1


async def use(settings: dict[str, Any], server: Server, calls: Callable[[AsyncMavibot], Awaitable[Any]]) -> Any:
    """Make calls to a server, which must all end soon."""
    async with asyncio.timeout(60), server, AsyncMavibot(KEY, base_url=server.url, **settings) as bot:
        return await calls(bot)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_the_same_goes_over_the_wire(operation: Operation) -> None:
    async def call(bot: AsyncMavibot) -> Any:
        return await getattr(bot, operation.action)(**first_example(operation), **by_method(operation))

    seen = []
    for settings in SETTINGS.values():
        server = Server(json.dumps(good_reply(operation)).encode())
        result = asyncio.run(use(settings, server, call))
        ((start, headers, body),) = server.requests
        seen.append((start, headers.get("content-type"), body, result))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_character_goes_over_the_wire_in_the_same_way(method: Method) -> None:
    async def call(bot: AsyncMavibot) -> Any:
        variables = {"имя": "a/b?c=d#e", "yes": True, "n": 1.5}
        return await bot.call("callback", **HELLO, variables=variables, method=method)

    seen = []
    for settings in SETTINGS.values():
        server = Server()
        asyncio.run(use(settings, server, call))
        ((start, _, body),) = server.requests
        seen.append((start, body))
    assert seen[0] == seen[1]


@OVER_EACH
def test_a_packed_reply_is_unpacked(settings: dict[str, Any]) -> None:
    server = Server(gzip.compress(b'{"a":"b"}'), "Content-Encoding: gzip\r\nX-Request: 7\r\n")
    reply: Reply = asyncio.run(use(settings, server, lambda bot: bot.call("get_variables", client_id=1)))
    assert (reply.result, reply.text, reply.headers["x-request"]) == ({"a": "b"}, '{"a":"b"}', "7")


@OVER_EACH
def test_many_calls_are_on_their_way_at_once_but_not_all(settings: dict[str, Any]) -> None:
    async def calls(bot: AsyncMavibot) -> None:
        await asyncio.gather(*(bot.message(**HELLO) for _ in range(MOST_CALLS + 30)))

    server = Server(hold_back=MOST_CALLS)
    asyncio.run(use(settings, server, calls))
    assert len(server.requests) == MOST_CALLS + 30
    assert server.most == MOST_CALLS


@OVER_EACH
def test_connections_are_kept(settings: dict[str, Any]) -> None:
    async def calls(bot: AsyncMavibot) -> None:
        for at_once in (1, 1, 20, 20, 5):
            await asyncio.gather(*(bot.message(**HELLO) for _ in range(at_once)))

    server = Server()
    asyncio.run(use(settings, server, calls))
    assert len(server.requests) == 47
    assert server.connections <= 20


@OVER_EACH
def test_a_connection_is_free_again_after_a_failure(settings: dict[str, Any]) -> None:
    async def calls(bot: AsyncMavibot) -> None:
        late = [bot.with_options(deadline=0.05).message(**HELLO) for _ in range(MOST_CALLS)]
        errors = await asyncio.gather(*late, return_exceptions=True)
        assert {type(error) for error in errors} == {TimedOut}
        server.hold_back = 1
        await asyncio.gather(*(bot.message(**HELLO) for _ in range(MOST_CALLS)))

    server = Server(hold_back=10_000)
    asyncio.run(use(settings, server, calls))


@OVER_EACH
def test_a_closed_client_is_refused(settings: dict[str, Any]) -> None:
    async def main() -> None:
        bot = AsyncMavibot(KEY, base_url="http://127.0.0.1:9", **settings)
        await bot.close()
        with pytest.raises(ConfigurationError, match="closed"):
            await bot.message(**HELLO)

    asyncio.run(main())


# --- what never left this machine


def attempts_of(settings: dict[str, Any] | None, url: str, *, timeout: float = 60) -> ConnectionFailed:
    """Return the error of a message that is sent with a client, blocking without settings of a transport."""

    def block() -> None:
        with Mavibot(KEY, base_url=url, timeout=timeout) as bot:
            bot.message(**HELLO)

    async def wait(settings: dict[str, Any]) -> None:
        async with AsyncMavibot(KEY, base_url=url, timeout=timeout, **settings) as bot:
            await bot.message(**HELLO)

    with pytest.raises(ConnectionFailed) as caught:
        block() if settings is None else asyncio.run(wait(settings))
    return caught.value


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits between attempts."""
    monkeypatch.setattr("random.uniform", lambda *_: 0.0)


WITH_EACH = pytest.mark.parametrize("settings", [None, *SETTINGS.values()], ids=["blocking", *SETTINGS])


@WITH_EACH
@pytest.mark.usefixtures("no_pauses")
def test_a_message_is_sent_again_after_a_refused_connection(settings: dict[str, Any] | None, closed_port: int) -> None:
    error = attempts_of(settings, f"http://127.0.0.1:{closed_port}")
    assert (type(error), error.sent, error.attempts) == (ConnectionFailed, False, 3)


@WITH_EACH
@pytest.mark.usefixtures("no_pauses")
def test_a_message_is_sent_again_where_no_connection_came_in_time(settings: dict[str, Any] | None) -> None:
    def never_shake_hands(_: MisbehavingServer, connection: socket.socket) -> None:
        while connection.recv(65536):
            pass

    with MisbehavingServer(never_shake_hands) as server:
        error = attempts_of(settings, server.url.replace("http:", "https:"), timeout=0.1)
    assert (type(error), error.sent, error.attempts) == (TimedOut, False, 3)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    monkeypatch.delitem(sys.modules, "mavibot._aiohttp", raising=False)
    with pytest.raises(ConfigurationError, match=r"mavibot\[aiohttp\]"):
        AsyncMavibot(KEY, base_url="http://127.0.0.1:9", transport="aiohttp")


def test_an_aiohttp_that_cannot_be_kept_from_repeating_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It repeats a GET by itself, and some of ours send messages."""
    set_up = aiohttp.ClientSession.__init__

    def without_the_switch(session: aiohttp.ClientSession, **settings: Any) -> None:
        set_up(session, **settings)
        del session._retry_connection

    async def main() -> None:
        async with AsyncMavibot(KEY, base_url="http://127.0.0.1:9", transport="aiohttp") as bot:
            await bot.clear_history(client_id=1)

    monkeypatch.setattr(aiohttp.ClientSession, "__init__", without_the_switch)
    with pytest.raises(ConfigurationError, match=r"^transport: .* aiohttp .* repeat"):
        asyncio.run(main())


# --- how a client calls itself

OWN_NAME = f"mavibot/{version('mavibot')} python/{platform.python_version()}"


def user_agent(settings: dict[str, Any] | None, **more: Any) -> str:
    """Return how a client calls itself, blocking without settings of a transport."""
    seen: list[str] = []

    def note(server: MisbehavingServer, connection: socket.socket) -> None:
        head, _ = server.read(connection)
        seen.extend(re.findall(r"(?i)^user-agent: (.*)\r$", head.decode("ascii"), re.MULTILINE))
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    async def wait(url: str, settings: dict[str, Any]) -> None:
        async with AsyncMavibot(KEY, base_url=url, **settings, **more) as bot:
            await bot.message(**HELLO)

    with MisbehavingServer(note) as server:
        if settings is None:
            with Mavibot(KEY, base_url=server.url, **more) as bot:
                bot.message(**HELLO)
        else:
            asyncio.run(wait(server.url, settings))
    (name,) = seen
    return name


@WITH_EACH
def test_a_client_names_itself_with_its_version_and_that_of_python(settings: dict[str, Any] | None) -> None:
    assert user_agent(settings) == OWN_NAME


@WITH_EACH
def test_a_caller_can_choose_the_name(settings: dict[str, Any] | None) -> None:
    assert user_agent(settings, user_agent="shop/2.1 (ops@shop.test)") == "shop/2.1 (ops@shop.test)"


@pytest.mark.parametrize("client", [Mavibot, AsyncMavibot])
@pytest.mark.parametrize("name", ["", " ", "a\r\nX-Evil: 1", "магазин/1", "shop ", 7])
def test_a_name_that_no_header_carries_is_refused(client: type, name: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"^user_agent: "):
        client(KEY, base_url="http://127.0.0.1:9", user_agent=name)


def test_the_version_is_that_of_the_installed_package() -> None:
    assert mavibot.__version__ == version("mavibot")


# --- transports of another kind


class OldTransport:
    """Stands for a transport of httpx, which need not be installed."""


OldTransport.__module__ = "httpx._transports.default"


class BuiltOnAnOldOne(OldTransport):
    """Stands for a caller's own, made from one of httpx."""


@pytest.mark.parametrize("client", [Mavibot, AsyncMavibot])
@pytest.mark.parametrize("transport", [OldTransport(), BuiltOnAnOldOne()])
def test_a_transport_of_httpx_is_refused_by_name(client: type, transport: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^transport: .*httpx2\..*; this client sends over httpx2"):
        client(KEY, base_url="http://127.0.0.1:9", transport=transport)


@pytest.mark.parametrize(
    ("client", "transport", "wanted"),
    [
        (Mavibot, httpx2.AsyncHTTPTransport(), "BaseTransport, such as httpx2.HTTPTransport"),
        (Mavibot, "aiohttp", "BaseTransport, such as httpx2.HTTPTransport"),
        (AsyncMavibot, httpx2.HTTPTransport(), "AsyncBaseTransport, such as httpx2.AsyncHTTPTransport"),
        (AsyncMavibot, "httpx", "AsyncBaseTransport, such as httpx2.AsyncHTTPTransport"),
    ],
)
def test_a_transport_of_the_other_client_is_refused(client: type, transport: object, wanted: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^transport: must be an httpx2\.{re.escape(wanted)}"):
        client(KEY, base_url="http://127.0.0.1:9", transport=transport)
