"""The senders over httpx2, blocking and asynchronous.

The URL that httpx2, its log, its exceptions and whatever observes it see holds a placeholder. The API key takes its
place at the socket (`_sockets`, `_streams`), or in what a transport of the caller gets.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from typing import Final

import httpx2

from mavibot._secrets import Key, hide_in_logs
from mavibot._sockets import Sockets
from mavibot._wire import (
    CONNECT_TIMEOUT,
    MAX_CONCURRENCY,
    UNFIT_ADDRESS,
    Addresses,
    RawReply,
    Request,
    failure,
    must_be_open,
    raw_reply,
    tls_of,
)
from mavibot.errors import ConfigurationError
from mavibot_contract.keys import PLACEHOLDER

_FAILURES: Final = (httpx2.HTTPError, TimeoutError, *UNFIT_ADDRESS)
# Where these happen the request has not left this machine, or a proxy has opened no way to the server.
_NOT_SENT: Final = (
    *(httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout),
    *(httpx2.UnsupportedProtocol, httpx2.ProxyError),
)

# They log words of the reply, and a redirect repeats the address.
hide_in_logs("httpx2", *(f"httpcore2.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))


class _RevealedURL(httpx2.URL):
    """An address with the key, which no repr shows."""

    def __repr__(self) -> str:
        return f"<URL with {PLACEHOLDER}>"


class _RevealedRequest(httpx2.Request):
    """A request with the key in its address, which no repr shows."""

    def __repr__(self) -> str:
        return f"<Request({self.method!r}) with {PLACEHOLDER}>"


class _RevealedTarget(bytes):
    """Path and query with the key, which no repr shows."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<target with {PLACEHOLDER}>"


class _Revealer:
    """Puts the key into the requests that a transport of the caller gets."""

    def __init__(self, key: Key, transport: object) -> None:
        self._key = key
        self._has_targets = isinstance(transport, httpx2.HTTPTransport | httpx2.AsyncHTTPTransport)
        self._urls: dict[bytes, _RevealedURL] = {}

    def reveal(self, request: httpx2.Request) -> httpx2.Request:
        """Return a copy of a request with the key."""
        # The constructor would parse and copy everything that stays the same.
        revealed = _RevealedRequest.__new__(_RevealedRequest)
        revealed.__dict__.update(request.__dict__)
        if self._has_targets:
            # httpcore2 sends the target in place of the address, and what patches the transport sees the address.
            target = _RevealedTarget(self._key.reveal_in_head(request.url.raw_path))
            revealed.extensions = {**request.extensions, "target": target}
        else:
            revealed.url = self._url(request.url)
        return revealed

    def _url(self, url: httpx2.URL) -> _RevealedURL:
        path = url.raw_path
        revealed = self._urls.get(path)
        if revealed is None:
            revealed = _RevealedURL(self._key.reveal_in(str(url)))
            if b"?" not in path:  # one per action; an address with a query seldom comes again
                self._urls[path] = revealed
        return revealed


class _KeyTransport(httpx2.BaseTransport):
    def __init__(self, inner: httpx2.BaseTransport, key: Key) -> None:
        self._inner, self._revealer = inner, _Revealer(key, inner)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._inner.handle_request(self._revealer.reveal(request))

    def close(self) -> None:
        self._inner.close()


class _AsyncKeyTransport(httpx2.AsyncBaseTransport):
    def __init__(self, inner: httpx2.AsyncBaseTransport, key: Key) -> None:
        self._inner, self._revealer = inner, _Revealer(key, inner)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._inner.handle_async_request(self._revealer.reveal(request))

    async def aclose(self) -> None:
        await self._inner.aclose()


class Sender:
    """Sends requests and waits for their answers.

    Args:
        base_url: scheme and host.
        key: the API key.
        user_agent: header `User-Agent` of every request.
        transport: transport to use instead of the network.

    Raises:
        ConfigurationError: the host cannot be read, or the transport is not one of httpx2.
    """

    def __init__(self, base_url: str, key: Key, user_agent: str, transport: httpx2.BaseTransport | None) -> None:
        if transport is not None and not isinstance(transport, httpx2.BaseTransport):
            raise _unfit_transport(transport, "httpx2.BaseTransport, such as httpx2.HTTPTransport(…)")
        self._key = key
        self._addresses = Addresses(base_url)
        self._client = httpx2.Client(
            transport=Sockets(key, tls_of(base_url)) if transport is None else _KeyTransport(transport, key),
            headers={"User-Agent": user_agent},
            trust_env=False,
        )

    def send(self, request: Request, read_timeout: float, time_left: float | None = None) -> RawReply:
        """Send a request once.

        Args:
            request: what is sent.
            read_timeout: seconds without a byte from the server after which the call is given up.
            time_left: seconds after which it is given up in any case, or `None`.

        Raises:
            ConnectionFailed: no answer came.
            TimedOut: no answer came in time.
        """
        must_be_open(closed=self._client.is_closed)
        try:
            timeout = read_timeout if time_left is None else min(read_timeout, time_left)
            ends = None if time_left is None else time.monotonic() + time_left
            return self._sent(_made(self._client, self._addresses, request, timeout, ends), ends)
        except _FAILURES as error:
            own = failure(request.action, error, self._key, sent=not isinstance(error, _NOT_SENT))
        raise own

    def _sent(self, request: httpx2.Request, ends: float | None) -> RawReply:
        if ends is None:
            response = self._client.send(request)
            content = response.content
        else:
            with closing(self._client.send(request, stream=True)) as response:
                content = b"".join(_until(ends, response.iter_bytes()))
        return raw_reply(response.status_code, response.headers.raw, content, self._key)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


class AsyncSender:
    """Sends requests without blocking the event loop; otherwise like `Sender`."""

    def __init__(self, base_url: str, key: Key, user_agent: str, transport: httpx2.AsyncBaseTransport | None) -> None:
        if transport is not None and not isinstance(transport, httpx2.AsyncBaseTransport):
            raise _unfit_transport(
                transport, "httpx2.AsyncBaseTransport, such as httpx2.AsyncHTTPTransport(…), or 'aiohttp'"
            )
        self._key = key
        self._addresses = Addresses(base_url)
        import asyncio  # noqa: PLC0415 - slow to import, and blocking clients need none of it

        from mavibot._loops import PerLoop, time_limit  # noqa: PLC0415 - likewise
        from mavibot._streams import Streams  # noqa: PLC0415 - likewise

        self._time_limit = time_limit
        self._places = PerLoop(lambda: asyncio.Semaphore(MAX_CONCURRENCY))
        self._client = httpx2.AsyncClient(
            transport=Streams(key, tls_of(base_url)) if transport is None else _AsyncKeyTransport(transport, key),
            headers={"User-Agent": user_agent},
            trust_env=False,
        )

    async def send(self, request: Request, read_timeout: float, time_left: float | None = None) -> RawReply:
        """Send a request once; see `Sender.send`."""
        must_be_open(closed=self._client.is_closed)
        started = False
        try:
            made = _made(self._client, self._addresses, request, read_timeout)
            places = await self._places.get()
            async with self._time_limit(time_left), places:
                started = True
                response = await self._client.send(made)
            return raw_reply(response.status_code, response.headers.raw, response.content, self._key)
        except _FAILURES as error:
            own = failure(request.action, error, self._key, sent=started and not isinstance(error, _NOT_SENT))
        raise own

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


def _unfit_transport(transport: object, wanted: str) -> ConfigurationError:
    kind = type(transport)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    of_httpx = any(base.__module__.partition(".")[0] == "httpx" for base in kind.__mro__)
    hint = "; this client sends over httpx2, which has the same transports under the same names" if of_httpx else ""
    return ConfigurationError("transport", f"must be an {wanted}, got {name}{hint}")


def _made(
    client: httpx2.Client | httpx2.AsyncClient,
    addresses: Addresses,
    request: Request,
    timeout: float,
    deadline: float | None = None,
) -> httpx2.Request:
    """Return a request of httpx2; its clients' own way to one merges settings that we do not have."""
    return httpx2.Request(
        request.method,
        addresses.of(request),
        headers=client.headers,
        cookies=client.cookies,
        json=request.json,
        extensions={"timeout": _timeouts(timeout), "deadline": deadline},
    )


@lru_cache(maxsize=8)
def _timeouts(timeout: float) -> dict[str, float | None]:
    return httpx2.Timeout(timeout, connect=min(CONNECT_TIMEOUT, timeout)).as_dict()


def _until(ends: float, chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the chunks of a body as long as there is time: each may come in time and all of them too late."""
    for chunk in chunks:
        if time.monotonic() > ends:
            raise httpx2.ReadTimeout("the answer took too long")
        yield chunk
