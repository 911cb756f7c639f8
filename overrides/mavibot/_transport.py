"""Sends requests over httpx2; the only hand-written module that imports it.

The URL that httpx2, its log and its exceptions see holds a placeholder. The API key takes its place on the way to the
socket, in a copy of the request that nothing else keeps.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal

import httpx2

from mavibot._codec import Request
from mavibot.errors import (
    Advice,
    ConfigurationError,
    ConnectionFailed,
    InvalidParameters,
    MavibotError,
    Problem,
    TimedOut,
)

if TYPE_CHECKING:
    from mavibot._aiohttp import AiohttpSender

#: Stands for the API key in every URL that can be seen.
KEY_PLACEHOLDER: Final = "API_KEY"
#: Seconds in which a connection must stand.
CONNECT_TIMEOUT: Final = 5.0
#: Seconds without a byte from the server after which a call is given up; lists of large projects take a minute.
DEFAULT_TIMEOUT: Final = 60.0

_PLACE: Final = f"/api/{KEY_PLACEHOLDER}/"

# The platform's keys have 32 characters or more. A short one, made up for a test server, could be any word of a reply.
_SHORTEST_SECRET: Final = 16

#: Most calls on their way at once.
MOST_CONCURRENCY: Final = 100

#: What an address raises that cannot be sent to.
UNFIT_ADDRESS: Final = (httpx2.InvalidURL, UnicodeError)
_FAILURES = (httpx2.HTTPError, TimeoutError, *UNFIT_ADDRESS)
# Where these happen the request has not left this machine.
_NOT_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class RawReply:
    """What the server answered, before anything is made of it.

    Attributes:
        http_status: HTTP status.
        headers: headers, by lower-case name.
        content: the body's bytes; the API key, if the server repeats it, is replaced by a placeholder here and below.
        text: the body as text.
    """

    http_status: int
    headers: Mapping[str, str]
    content: bytes
    text: str


class Key:
    """The API key, which no repr shows."""

    def __init__(self, key: str) -> None:
        self._bytes = key.encode("ascii")
        self._text = key
        self._revealed_urls: dict[bytes, httpx2.URL] = {}
        self._is_secret = len(key) >= _SHORTEST_SECRET
        if self._is_secret:
            _wire_log.hide(key)

    def __repr__(self) -> str:
        return "<API key>"

    def reveal(self, request: httpx2.Request) -> httpx2.Request:
        """Return a copy of a request with the key in its address."""
        path = request.url.raw_path
        url = self._revealed_urls.get(path)
        if url is None:
            url = httpx2.URL(self.reveal_address(request.url))
            if b"?" not in path:  # one an action; what has a query seldom comes again
                self._revealed_urls[path] = url
        # The constructor would parse and copy all that is the same.
        revealed = httpx2.Request.__new__(httpx2.Request)
        revealed.__dict__.update(request.__dict__)
        revealed.url = url
        return revealed

    def reveal_address(self, url: httpx2.URL) -> str:
        """Return an address with the key in it."""
        return str(url).replace(_PLACE, f"/api/{self._text}/", 1)

    def revealed(self) -> str:
        """Return the key itself."""
        return self._text

    def hide(self, text: str) -> str:
        """Return a text with the placeholder in place of the key."""
        return text.replace(self._text, KEY_PLACEHOLDER) if self._is_secret else text

    def hide_bytes(self, content: bytes) -> bytes:
        """Return a body with the placeholder in place of the key."""
        return content.replace(self._bytes, KEY_PLACEHOLDER.encode("ascii")) if self._is_secret else content


class _WireLog(logging.Filter):
    """Hides keys in the logs of httpx2 and httpcore2, which hold words of the reply: a redirect repeats the address."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: set[str] = set()
        for part in ("connection", "http11", "http2", "proxy", "socks"):
            logging.getLogger(f"httpcore2.{part}").addFilter(self)
        logging.getLogger("httpx2").addFilter(self)

    def hide(self, key: str) -> None:
        """Hide one more key, for as long as the process lives."""
        self._keys.add(key)

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace every key in a record."""
        text = record.getMessage()
        if any(key in text for key in self._keys):
            for key in self._keys:
                text = text.replace(key, KEY_PLACEHOLDER)
            record.msg, record.args = text, ()
        return True


_wire_log: Final = _WireLog()


class _KeyTransport(httpx2.BaseTransport):
    def __init__(self, inner: httpx2.BaseTransport, key: Key) -> None:
        self._inner, self._key = inner, key

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._inner.handle_request(self._key.reveal(request))

    def close(self) -> None:
        self._inner.close()


class _AsyncKeyTransport(httpx2.AsyncBaseTransport):
    def __init__(self, inner: httpx2.AsyncBaseTransport, key: Key) -> None:
        self._inner, self._key = inner, key

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._inner.handle_async_request(self._key.reveal(request))

    async def aclose(self) -> None:
        await self._inner.aclose()


class _AsyncConnections(httpx2.AsyncBaseTransport):
    """Connections of httpx2, each with a pool of its own: a pool looks at all that it has, several times a call."""

    def __init__(self) -> None:
        self._tls = httpx2.create_ssl_context()
        self._all: list[httpx2.AsyncHTTPTransport] = []
        self._idle: list[httpx2.AsyncHTTPTransport] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        connection = self._idle.pop() if self._idle else self._another()
        try:
            response = await connection.handle_async_request(request)
            response.stream = httpx2.ByteStream(await _whole(response.stream))
        finally:
            self._idle.append(connection)
        return response

    def _another(self) -> httpx2.AsyncHTTPTransport:
        connection = httpx2.AsyncHTTPTransport(verify=self._tls)
        self._all.append(connection)
        return connection

    async def aclose(self) -> None:
        for connection in self._all:
            await connection.aclose()


async def _whole(stream: Any) -> bytes:
    """Return all of a body and let go of its connection."""
    try:
        return b"".join([chunk async for chunk in stream])
    finally:
        await stream.aclose()


class Sender:
    """Sends requests and waits for their answers."""

    def __init__(self, base_url: str, api_key: str, transport: httpx2.BaseTransport | None) -> None:
        self._key = Key(api_key)
        self._addresses = Addresses(base_url)
        inner = transport if transport is not None else httpx2.HTTPTransport()
        self._client = httpx2.Client(transport=_KeyTransport(inner, self._key), trust_env=False)

    def send(self, request: Request, patience: float, time_left: float | None = None) -> RawReply:
        """Send a request once.

        Args:
            request: what is sent.
            patience: seconds without a byte from the server after which the call is given up.
            time_left: seconds after which it is given up in any case, or `None`.

        Raises:
            ConnectionFailed: no answer came.
            TimedOut: no answer came in time.
        """
        must_be_open(closed=self._client.is_closed)
        try:
            made = _made(
                self._client, self._addresses, request, patience if time_left is None else min(patience, time_left)
            )
            return self._sent(made, time_left)
        except _FAILURES as error:
            own = own_error(request.action, error, self._key, sent=not isinstance(error, _NOT_SENT))
        raise own

    def _sent(self, request: httpx2.Request, time_left: float | None) -> RawReply:
        if time_left is None:
            response = self._client.send(request)
            content = response.content
        else:
            ends = time.monotonic() + time_left
            with closing(self._client.send(request, stream=True)) as response:
                content = b"".join(_until(ends, response.iter_bytes()))
        return raw_reply(response.status_code, response.headers.raw, content, self._key)

    def revealed_key(self) -> str:
        """Return the API key, for an address that is made to hold it."""
        return self._key.revealed()

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


class AsyncSender:
    """Sends requests without blocking the event loop."""

    def __init__(self, base_url: str, api_key: str, transport: httpx2.AsyncBaseTransport | None) -> None:
        self._key = Key(api_key)
        self._addresses = Addresses(base_url)
        inner = transport if transport is not None else _AsyncConnections()
        import asyncio  # noqa: PLC0415  (slow to import, and blocking clients need none of it)

        self._time_limit = asyncio.timeout
        self._places = asyncio.Semaphore(MOST_CONCURRENCY)
        self._client = httpx2.AsyncClient(transport=_AsyncKeyTransport(inner, self._key), trust_env=False)

    async def send(self, request: Request, patience: float, time_left: float | None = None) -> RawReply:
        """Send a request once; see `Sender.send`."""
        must_be_open(closed=self._client.is_closed)
        started = False
        try:
            made = _made(self._client, self._addresses, request, patience)
            async with self._time_limit(time_left), self._places:
                started = True
                response = await self._client.send(made)
            return raw_reply(response.status_code, response.headers.raw, response.content, self._key)
        except _FAILURES as error:
            sent = started and not isinstance(error, _NOT_SENT)
            own = own_error(request.action, error, self._key, sent=sent)
        raise own

    def revealed_key(self) -> str:
        """Return the API key, for an address that is made to hold it."""
        return self._key.revealed()

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def async_sender(
    base_url: str, api_key: str, transport: httpx2.AsyncBaseTransport | Literal["aiohttp"] | None
) -> AsyncSender | AiohttpSender:
    """Return what sends requests over a transport.

    Raises:
        ConfigurationError: the extra for aiohttp is missing.
    """
    if transport != "aiohttp":
        return AsyncSender(base_url, api_key, transport)
    try:
        from mavibot._aiohttp import AiohttpSender  # noqa: PLC0415  (an extra)
    except ModuleNotFoundError:
        raise ConfigurationError(
            "transport", "'aiohttp' needs an extra; install it with: pip install 'mavibot[aiohttp]'"
        ) from None
    return AiohttpSender(base_url, api_key)


def must_be_open(*, closed: bool) -> None:
    """Refuse to use a client that is closed.

    Raises:
        ConfigurationError: it is.
    """
    if closed:
        raise ConfigurationError("", "the client is closed; make a new one")


def _made(
    client: httpx2.Client | httpx2.AsyncClient, addresses: Addresses, request: Request, patience: float
) -> httpx2.Request:
    """Return a request as httpx2 knows it; its clients' own way to one merges settings that we do not have."""
    return httpx2.Request(
        request.method,
        addresses.of(request.action, request.params),
        headers=client.headers,
        cookies=client.cookies,
        json=request.json,
        extensions={"timeout": _timeouts(patience)},
    )


@lru_cache(maxsize=8)
def _timeouts(patience: float) -> dict[str, float | None]:
    return httpx2.Timeout(patience, connect=min(CONNECT_TIMEOUT, patience)).as_dict()


def _until(ends: float, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the chunks of a body as long as there is time: each may come in time and all of them too late."""
    for chunk in chunks:
        if time.monotonic() > ends:
            raise httpx2.ReadTimeout("the answer took too long")
        yield chunk


class Addresses:
    """The addresses of the actions, with a placeholder for the key; each is parsed once."""

    def __init__(self, base_url: str) -> None:
        try:
            self._base = httpx2.URL(f"{base_url}/api/{KEY_PLACEHOLDER}/")
        except (httpx2.InvalidURL, UnicodeError):
            raise ConfigurationError("base_url", "the host cannot be read") from None
        self._known: dict[str, httpx2.URL] = {}

    def of(self, action: str, params: Mapping[str, Any]) -> httpx2.URL:
        """Return the address of an action with its query parameters.

        Raises:
            httpx2.InvalidURL: it would be too long.
        """
        if action not in self._known:
            self._known[action] = self._base.join(action)
        return httpx2.URL(self._known[action], params=params) if params else self._known[action]


def own_error(action: str, error: Exception, key: Key, *, sent: bool) -> MavibotError:
    """Return our error for one of the HTTP library, asyncio or the address.

    It is raised when the other has been dealt with and does not carry it along: that one holds the request as it went
    to the socket, with the key, in its traceback.
    """
    match error:
        case httpx2.InvalidURL():
            return InvalidParameters(action, [Problem("", "too much for a query string", Advice.USE_POST)])
        case UnicodeError():
            return ConfigurationError("base_url", "the host cannot be read")
        case TimeoutError():
            return TimedOut(action, "the answer took too long", sent=sent)
    kind = TimedOut if isinstance(error, httpx2.TimeoutException) else ConnectionFailed
    return kind(action, key.hide(str(error)) or type(error).__name__, sent=sent)


def raw_reply(http_status: int, headers: Iterable[tuple[bytes, bytes]], content: bytes, key: Key) -> RawReply:
    """Return an answer without the key, which the server may have repeated."""
    content = key.hide_bytes(content)
    shown = {name.decode("latin-1").lower(): key.hide(value.decode("latin-1")) for name, value in headers}
    return RawReply(http_status, shown, content, content.decode(errors="replace"))
