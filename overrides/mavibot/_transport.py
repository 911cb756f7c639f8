"""Sends requests over httpx; the only hand-written module that imports it.

The URL that httpx, its log and its exceptions see holds a placeholder. The API key takes its place on the way to the
socket, in a copy of the request that nothing else keeps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import httpx

from mavibot._codec import Request
from mavibot.errors import ConnectionFailed, MavibotError, TimedOut

#: Stands for the API key in every URL that can be seen.
KEY_PLACEHOLDER: Final = "API_KEY"
#: Seconds in which a connection must stand.
CONNECT_TIMEOUT: Final = 5.0
#: Seconds without a byte from the server after which a call is given up; lists of large projects take a minute.
DEFAULT_TIMEOUT: Final = 60.0

# Where these happen the request has not left this machine.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class RawReply:
    """What the server answered, before anything is made of it.

    Attributes:
        http_status: HTTP status.
        headers: headers, by lower-case name.
        content: the body's bytes.
        text: the body as text; the API key, if the server repeats it, is replaced by a placeholder.
    """

    http_status: int
    headers: Mapping[str, str]
    content: bytes
    text: str


class _Key:
    """The API key, which no repr shows."""

    def __init__(self, key: str) -> None:
        self._bytes = key.encode("ascii")
        self._text = key

    def __repr__(self) -> str:
        return "<API key>"

    def reveal(self, request: httpx.Request) -> httpx.Request:
        """Return a copy of a request with the key in its address."""
        url = request.url
        path = url.raw_path.replace(KEY_PLACEHOLDER.encode("ascii"), self._bytes, 1)
        return httpx.Request(
            request.method,
            url.copy_with(raw_path=path),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions,
        )

    def hide(self, text: str) -> str:
        """Return a text with the placeholder in place of the key."""
        return text.replace(self._text, KEY_PLACEHOLDER)


class _KeyTransport(httpx.BaseTransport):
    def __init__(self, inner: httpx.BaseTransport, key: _Key) -> None:
        self._inner, self._key = inner, key

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._inner.handle_request(self._key.reveal(request))

    def close(self) -> None:
        self._inner.close()


class _AsyncKeyTransport(httpx.AsyncBaseTransport):
    def __init__(self, inner: httpx.AsyncBaseTransport, key: _Key) -> None:
        self._inner, self._key = inner, key

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(self._key.reveal(request))

    async def aclose(self) -> None:
        await self._inner.aclose()


class Sender:
    """Sends requests and waits for their answers."""

    def __init__(self, base_url: str, api_key: str, timeout: float, transport: httpx.BaseTransport | None) -> None:
        self._key = _Key(api_key)
        inner = transport if transport is not None else httpx.HTTPTransport()
        self._client = httpx.Client(
            base_url=_address(base_url),
            timeout=_timeout(timeout),
            transport=_KeyTransport(inner, self._key),
            trust_env=False,
        )

    def send(self, request: Request) -> RawReply:
        """Send a request once.

        Raises:
            ConnectionFailed: no answer came.
            TimedOut: no answer came in time.
        """
        with _own_errors(request.action, self._key.hide):
            response = self._client.request(
                request.method, request.action, params=request.params or None, json=request.json
            )
        return _raw(response, self._key.hide)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


class AsyncSender:
    """Sends requests without blocking the event loop."""

    def __init__(self, base_url: str, api_key: str, timeout: float, transport: httpx.AsyncBaseTransport | None) -> None:
        self._key = _Key(api_key)
        inner = transport if transport is not None else httpx.AsyncHTTPTransport()
        self._client = httpx.AsyncClient(
            base_url=_address(base_url),
            timeout=_timeout(timeout),
            transport=_AsyncKeyTransport(inner, self._key),
            trust_env=False,
        )

    async def send(self, request: Request) -> RawReply:
        """Send a request once; see `Sender.send`."""
        with _own_errors(request.action, self._key.hide):
            response = await self._client.request(
                request.method, request.action, params=request.params or None, json=request.json
            )
        return _raw(response, self._key.hide)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def _address(base_url: str) -> str:
    return f"{base_url}/api/{KEY_PLACEHOLDER}/"


def _timeout(seconds: float) -> httpx.Timeout:
    return httpx.Timeout(seconds, connect=min(CONNECT_TIMEOUT, seconds))


@contextmanager
def _own_errors(action: str, hide: Callable[[str], str]) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise _own_error(action, error, hide) from error


def _own_error(action: str, error: httpx.HTTPError, hide: Callable[[str], str]) -> MavibotError:
    kind = TimedOut if isinstance(error, httpx.TimeoutException) else ConnectionFailed
    reason = hide(str(error)) or type(error).__name__
    return kind(action, reason, sent=not isinstance(error, _NOT_SENT))


def _raw(response: httpx.Response, hide: Callable[[str], str]) -> RawReply:
    headers = {name.lower(): hide(value) for name, value in response.headers.items()}
    return RawReply(response.status_code, headers, response.content, hide(response.text))
