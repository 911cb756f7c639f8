"""The sender over aiohttp (extra `[aiohttp]`): with httpx2 in between, a call costs several times as much.

What observes aiohttp sees addresses with a placeholder. The API key takes its place when the head of a request is
written to the transport of its connection.
"""

from __future__ import annotations

import asyncio
from functools import lru_cache
from json import JSONEncoder
from typing import TYPE_CHECKING, Any, Final

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientRequest,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    TCPConnector,
)
from aiohttp import __version__ as aiohttp_version
from yarl import URL

from mavibot._loops import PerLoop, time_limit
from mavibot._secrets import Key
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

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

_encoded: Final = JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_FAILURES: Final = (ClientError, OSError, *UNFIT_ADDRESS)
# Where these happen the request has not left this machine.
_NOT_SENT: Final = (ClientConnectorError, ConnectionTimeoutError)
# aiohttp repeats a GET by itself when a kept connection breaks, and some of our GETs send messages. There is no public
# switch for it.
_REPEATS: Final = "_retry_connection"


class AiohttpSender:
    """Sends requests without blocking the event loop, many at a time.

    Args:
        base_url: scheme and host.
        key: the API key.
        user_agent: header `User-Agent` of every request.

    Raises:
        ConfigurationError: the host, or a file of certificates, cannot be read.
    """

    def __init__(self, base_url: str, key: Key, user_agent: str) -> None:
        self._key = key
        self._user_agent = user_agent
        self._addresses = Addresses(base_url)
        self._tls = tls_of(base_url)
        self._known: dict[str, URL] = {}
        self._sessions = PerLoop(self._session, _closed)
        self._is_closed = False

    async def send(self, request: Request, read_timeout: float, time_left: float | None = None) -> RawReply:
        """Send a request once; see `Sender.send`."""
        must_be_open(closed=self._is_closed)
        started = False
        try:
            url = self._address(request)
            session, places = self._sessions.made() or await self._sessions.get()
            async with time_limit(time_left):
                await places.acquire()
                try:
                    started = True
                    async with session.request(
                        request.method,
                        url,
                        json=request.json,
                        allow_redirects=False,
                        timeout=_timeout(read_timeout),
                    ) as response:
                        content = await response.read()
                finally:
                    places.release()
            return raw_reply(response.status, response.raw_headers, content, self._key)
        except _FAILURES as error:
            own = failure(request.action, error, self._key, sent=started and not isinstance(error, _NOT_SENT))
        raise own

    def _address(self, request: Request) -> URL:
        """Return the address, with the placeholder of the key, as aiohttp knows it."""
        if request.params:  # seldom comes again
            return URL(str(self._addresses.of(request)), encoded=True)
        if request.action not in self._known:
            self._known[request.action] = URL(str(self._addresses.of(request)), encoded=True)
        return self._known[request.action]

    def _session(self) -> tuple[ClientSession, asyncio.Semaphore]:
        class Revealing(_Request):
            key = self._key

        session = ClientSession(
            connector=TCPConnector(ssl=True if self._tls is None else self._tls),
            headers={"User-Agent": self._user_agent},
            json_serialize=_encoded,
            request_class=Revealing,
        )
        return _without_repetition(session), asyncio.Semaphore(MAX_CONCURRENCY)

    async def close(self) -> None:
        """Close the connections of the running event loop; those of others end with their loop."""
        self._is_closed = True
        await self._sessions.close()


class _Request(ClientRequest):
    """A request in whose head the key takes its place on the way to the socket."""

    key: Key

    async def send(self, conn: Connection) -> ClientResponse:
        if conn.protocol is not None:
            conn.protocol.transport = _HeadTransport(conn.protocol, self.key)  # type: ignore[assignment]
        return await super().send(conn)


class _HeadTransport:
    """Stands in for the transport of a connection until the head of a request is written, and puts the key into it."""

    def __init__(self, protocol: ResponseHandler, key: Key) -> None:
        self._protocol: Final = protocol
        self._transport: Final[Any] = protocol.transport
        self._key: Final = key

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        closing: bool = self._transport.is_closing()
        return closing

    def write(self, head: bytes) -> None:
        self._protocol.transport = self._transport
        # What holds the key is in no local variable here: a traceback could show it.
        self._transport.write(self._key.reveal_in_head(bytes(head)))

    def writelines(self, pieces: Iterable[bytes]) -> None:
        head, *rest = pieces
        self._protocol.transport = self._transport
        self._transport.writelines([self._key.reveal_in_head(bytes(head)), *rest])


async def _closed(opened: tuple[ClientSession, asyncio.Semaphore]) -> None:
    await opened[0].close()


def _without_repetition(session: ClientSession) -> ClientSession:
    """Return a session that makes each request once.

    Raises:
        ConfigurationError: this version of aiohttp has no switch for it, so a message could go out twice.
    """
    if not hasattr(session, _REPEATS):
        session.detach()
        raise ConfigurationError(
            "transport",
            f"ClientSession of aiohttp {aiohttp_version} has no {_REPEATS}, "
            "so it could repeat a message; use another version, or httpx2",
        )
    setattr(session, _REPEATS, False)
    return session


@lru_cache(maxsize=8)
def _timeout(read_timeout: float) -> ClientTimeout:
    return ClientTimeout(sock_connect=min(CONNECT_TIMEOUT, read_timeout), sock_read=read_timeout)
