"""Connections to a server under test: a call ends in time as a whole, and certificates are read once.

The timeouts of httpx2 bound each step of a call, and a server that sends a header line now and then never exceeds one.
So connections are opened and used through a backend of httpcore2, which httpx2 brings along, that gives each step what
is left of the call.
"""

from __future__ import annotations

import ssl
import time
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import httpcore2
import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Seconds that a call has, from the connection to the end of its reply, unless a plan says otherwise.
TIMEOUT: Final = 10.0
#: Seconds that a mock's control interface has: to move a clock, or to make a project on a busy machine, takes longer.
CONTROL_TIMEOUT: Final = 60.0
#: So many bytes are sent at once.
_CHUNK: Final = 65_536
_STEPS: Final = ("pool", "connect", "write", "read")


def transport(proxy: str | None = None) -> httpx2.BaseTransport:
    """Return a transport of its own connections, whose calls end within their read timeout as a whole.

    Args:
        proxy: URL of a proxy to connect through, or `None`.
    """
    through = None if proxy is None else httpx2.Proxy(proxy)
    return _Transport(
        httpcore2.ConnectionPool(
            ssl_context=_trusted(ssl.get_default_verify_paths()),
            proxy=None if through is None else httpcore2.Proxy(str(through.url), auth=through.raw_auth),
            # A server may close an idle connection whenever it likes, and whether it has carried out what it was sent
            # meanwhile nobody can tell. So each call has a connection of its own.
            max_keepalive_connections=0,
            network_backend=_Backend(),
        )
    )


@lru_cache(maxsize=4)
def _trusted(_paths: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    """Return the trusted certificates; the environment may name others by the next call."""
    return httpx2.create_ssl_context()


class _Timeout(float):
    """The timeout of a call as a whole: httpcore2 passes it on to each step."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._ends: Final = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left; none or fewer if the call is over."""
        return self._ends - time.monotonic()


def _left(timeout: float | None, error: type[httpcore2.TimeoutException]) -> float | None:
    """Return the timeout of a step.

    Raises:
        httpcore2.TimeoutException: the call is over; of the type given.
    """
    if not isinstance(timeout, _Timeout):
        return timeout
    left = timeout.left
    if left <= 0:
        raise error(f"the call has not ended after {float(timeout):g} s")
    return left


class _Transport(httpx2.BaseTransport):
    """Sends calls over the connections of a pool, and gives the steps of each one timeout."""

    def __init__(self, pool: httpcore2.ConnectionPool) -> None:
        self._pool: Final = pool

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; the body of the reply is read later, within the same time."""
        seconds = request.extensions.get("timeout", {}).get("read")
        timeout = None if seconds is None else _Timeout(seconds)
        url = request.url
        outgoing = httpcore2.Request(
            request.method,
            httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.content,
            extensions={**request.extensions, "timeout": dict.fromkeys(_STEPS, timeout)},
        )
        with _errors_of_httpx2():
            reply = self._pool.handle_request(outgoing)
        return httpx2.Response(reply.status, headers=reply.headers, stream=_Body(reply), extensions=reply.extensions)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    """The body of a reply, as it arrives."""

    def __init__(self, reply: httpcore2.Response) -> None:
        self._reply: Final = reply

    def __iter__(self) -> Iterator[bytes]:
        with _errors_of_httpx2():
            yield from self._reply.iter_stream()

    def close(self) -> None:
        self._reply.close()


@contextmanager
def _errors_of_httpx2() -> Iterator[None]:
    """Raise the errors of httpcore2 as those of httpx2, which have the same names."""
    try:
        yield
    except (
        httpcore2.TimeoutException,
        httpcore2.NetworkError,
        httpcore2.ProtocolError,
        httpcore2.ProxyError,
        httpcore2.UnsupportedProtocol,
    ) as error:
        raise getattr(httpx2, type(error).__name__)(str(error)) from error


class _Backend(httpcore2.SyncBackend):
    """Opens connections."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> _Connection:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _Connection(super().connect_tcp(host, port, left, local_address, socket_options))


class _Connection(httpcore2.NetworkStream):
    """A connection whose every step has what is left of the call."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner: Final = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _CHUNK):
            self._inner.write(buffer[start : start + _CHUNK], _left(timeout, httpcore2.WriteTimeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> _Connection:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _Connection(self._inner.start_tls(ssl_context, server_hostname, left))

    def close(self) -> None:
        self._inner.close()

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
