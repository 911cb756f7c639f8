"""Posts JSON over HTTP to an address that was checked: no redirect, no proxy, no second attempt.

Each post has a connection of its own: if a kept one breaks while a post is on its way, there is no telling whether the
receiver has read it. A common HTTP client costs several times as much, which counts where thousands go out while a test
waits.
"""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
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


async def post(url: SplitResult, addresses: Sequence[str], body: bytes) -> Answer:
    """Post and return the status and the first bytes of the reply.

    Args:
        url: where to, with the name of the host.
        addresses: the host's addresses, best first.
        body: what to send.

    Raises:
        OSError: no connection, or it was lost.
        h11.ProtocolError: what came is not HTTP.
    """
    connection = await _connect(url, addresses)
    try:
        return await connection.exchange(url, body)
    finally:
        connection.close()


async def _connect(url: SplitResult, addresses: Sequence[str]) -> _Connection:
    is_secure = url.scheme == "https"
    loop = asyncio.get_running_loop()
    failure = OSError(f"{url.hostname} has no address")
    for address in addresses:
        try:
            _, connection = await loop.create_connection(
                _Connection,
                address,
                url.port or (443 if is_secure else 80),
                ssl=_certificates() if is_secure else None,
                server_hostname=url.hostname if is_secure else None,
            )
        except OSError as error:
            failure = error
        else:
            return connection
    raise failure


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Connection(asyncio.Protocol):
    """A connection to a receiver, for one post."""

    def __init__(self) -> None:
        self._protocol: Final = h11.Connection(h11.CLIENT)
        self._reply: asyncio.Future[Answer] | None = None
        self._status = 0
        self._body = b""
        self._interim = 0

    async def exchange(self, url: SplitResult, body: bytes) -> Answer:
        """Send a request and return status and the first bytes of the reply.

        Raises:
            OSError: the connection was lost.
            h11.RemoteProtocolError: what came is not HTTP.
        """
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers = [
            ("Host", url.netloc.rpartition("@")[2]),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("User-Agent", "mavibot-mock"),
            ("Connection", "close"),
        ]
        sent = (h11.Request(method="POST", target=target, headers=headers), h11.Data(body), h11.EndOfMessage())
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(b"".join(self._protocol.send(event) or b"" for event in sent))
        return await self._reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take a part of the reply, or its end."""
        if self._reply is not None and not self._reply.done():
            self._take(self._reply, data)

    def eof_received(self) -> None:
        """Take the end of what the receiver sends."""
        if self._protocol.their_state is h11.SEND_RESPONSE:
            self.connection_lost(h11.RemoteProtocolError("the receiver closed the connection before it replied"))
        else:
            self.data_received(b"")

    def connection_lost(self, exc: Exception | None) -> None:
        """Let the request fail, if one waits."""
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
        self._transport.abort()
