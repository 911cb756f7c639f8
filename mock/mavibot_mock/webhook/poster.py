"""Posts JSON over HTTP to an address that was checked: no redirect, no proxy, no second attempt.

A common HTTP client costs several times as much for a post, which counts where thousands go out while a test waits.
"""

from __future__ import annotations

import asyncio
import selectors
import ssl
from typing import TYPE_CHECKING, Final, cast

import h11

if TYPE_CHECKING:
    from collections.abc import Sequence
    from urllib.parse import SplitResult

    #: Status and the first bytes of a reply.
    Answer = tuple[int, bytes]

#: How much of a reply is kept, bytes.
KEPT_OF_REPLY: Final = 4096
#: More interim replies, such as `100 Continue`, than this are refused.
_MOST_INTERIM: Final = 20


class Poster:
    """Keeps the last connection for the next post; close it when it is no longer needed."""

    def __init__(self) -> None:
        self._connection: _Connection | None = None
        self._place: tuple[str, str | None, int | None, tuple[str, ...]] | None = None
        self._certificates: ssl.SSLContext | None = None

    async def post(self, url: SplitResult, addresses: Sequence[str], body: bytes) -> Answer:
        """Post and return the status and the first bytes of the reply.

        Args:
            url: where to, with the name of the host.
            addresses: the host's addresses, best first.
            body: what to send.

        Raises:
            OSError: no connection, or it was lost.
            h11.ProtocolError: what came is no HTTP.
        """
        place = (url.scheme, url.hostname, url.port, tuple(addresses))
        if self._connection is not None and place == self._place and self._connection.is_free():
            try:
                return await self._connection.exchange(url, body)
            except (ConnectionResetError, BrokenPipeError):
                # A receiver that closes its connection after a reply may not say so. Its system resets the connection
                # where the next request came too late to be read, so that one was not received.
                if self._connection.is_answered:
                    raise
        self.close()
        self._connection, self._place = await self._connect(url, addresses), place
        return await self._connection.exchange(url, body)

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    async def _connect(self, url: SplitResult, addresses: Sequence[str]) -> _Connection:
        is_secure = url.scheme == "https"
        if is_secure and self._certificates is None:
            self._certificates = ssl.create_default_context()
        loop = asyncio.get_running_loop()
        failure = OSError(f"{url.hostname} has no address")
        for address in addresses:
            try:
                _, connection = await loop.create_connection(
                    _Connection,
                    address,
                    url.port or (443 if is_secure else 80),
                    ssl=self._certificates if is_secure else None,
                    server_hostname=url.hostname if is_secure else None,
                )
            except OSError as error:
                failure = error
            else:
                return connection
        raise failure


class _Connection(asyncio.Protocol):
    """A connection to a receiver.

    Attributes:
        is_answered: whether anything came since the last request.
    """

    def __init__(self) -> None:
        self._protocol: Final = h11.Connection(h11.CLIENT)
        self._reply: asyncio.Future[Answer] | None = None
        self._status = 0
        self._body = b""
        self._interim = 0
        self._is_open = True
        self.is_answered = False

    def is_free(self) -> bool:
        """Return True if another request may follow: the last reply is complete, and nothing came after it."""
        states = {self._protocol.our_state, self._protocol.their_state}
        return self._is_open and states == {h11.DONE} and not self._protocol.trailing_data[0] and not self._has_news()

    def _has_news(self) -> bool:
        """Return True if bytes, or the end of the connection, have come that nobody has read."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._transport.get_extra_info("socket"), selectors.EVENT_READ)
            return bool(selector.select(0))

    async def exchange(self, url: SplitResult, body: bytes) -> Answer:
        """Send a request and return status and the first bytes of the reply.

        Raises:
            OSError: the connection was lost.
            h11.RemoteProtocolError: what came is no HTTP.
        """
        protocol = self._protocol
        if protocol.our_state is h11.DONE:
            protocol.start_next_cycle()
        self._status, self._body, self._interim, self.is_answered = 0, b"", 0, False
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers = [
            ("Host", url.netloc.rpartition("@")[2]),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("User-Agent", "mavibot-mock"),
        ]
        sent = (h11.Request(method="POST", target=target, headers=headers), h11.Data(body), h11.EndOfMessage())
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(b"".join(protocol.send(event) or b"" for event in sent))
        return await self._reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what came; what nobody waits for ends the connection."""
        self.is_answered = True
        if self._reply is not None and not self._reply.done():
            self._take(self._reply, data)
        else:
            self.close()

    def eof_received(self) -> None:
        """Take the end of what the receiver sends."""
        self._is_open = False
        if self._reply is not None and not self._reply.done():
            self._take(self._reply, b"")

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the request fail, if one waits."""
        self._is_open = False
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(exc or ConnectionResetError("the connection was lost"))

    def _take(self, reply: asyncio.Future[Answer], data: bytes) -> None:
        try:
            self._protocol.receive_data(data)
            if self._is_complete():
                reply.set_result((self._status, self._body[:KEPT_OF_REPLY]))
        except h11.RemoteProtocolError as error:
            reply.set_exception(error)

    def _is_complete(self) -> bool:
        """Return True if enough of the reply is here."""
        while len(self._body) < KEPT_OF_REPLY:
            match self._protocol.next_event():
                case h11.NEED_DATA:
                    return False
                case h11.InformationalResponse():
                    self._interim += 1
                    if self._interim > _MOST_INTERIM:
                        raise h11.RemoteProtocolError(f"more than {_MOST_INTERIM} interim replies")
                case h11.Response(status_code=status):
                    self._status = status
                case h11.Data(data=data):
                    self._body += data
                case _:
                    return True
        return True

    def close(self) -> None:
        """Give the connection up."""
        self._is_open = False
        self._transport.abort()
