"""Posts JSON over HTTP to an address that was checked: no redirect, no proxy, no second attempt.

A common HTTP client costs several times as much for a post, which counts where thousands go out while a test waits.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import h11

if TYPE_CHECKING:
    from collections.abc import Sequence
    from urllib.parse import SplitResult

#: How much of a reply is kept, bytes.
_KEPT_OF_REPLY: Final = 4096
_BYTES_AT_ONCE: Final = 65536


class Poster:
    """Keeps the last connection for the next post; close it when it is no longer needed."""

    def __init__(self) -> None:
        self._connection: _Connection | None = None
        self._place: tuple[str, str | None, int | None, tuple[str, ...]] | None = None
        self._certificates: ssl.SSLContext | None = None

    async def post(self, url: SplitResult, addresses: Sequence[str], body: bytes) -> tuple[int, bytes]:
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
        if self._connection is None or place != self._place or not self._connection.is_free:
            await self.close()
            self._connection, self._place = await self._connect(url, addresses), place
        return await self._connection.exchange(url, body)

    async def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            await connection.close()

    async def _connect(self, url: SplitResult, addresses: Sequence[str]) -> _Connection:
        is_secure = url.scheme == "https"
        if is_secure and self._certificates is None:
            self._certificates = ssl.create_default_context()
        failure = OSError(f"{url.hostname} has no address")
        for address in addresses:
            try:
                return _Connection(
                    *await asyncio.open_connection(
                        address,
                        url.port or (443 if is_secure else 80),
                        ssl=self._certificates if is_secure else None,
                        server_hostname=url.hostname if is_secure else None,
                    )
                )
            except OSError as error:
                failure = error
        raise failure


class _Connection:
    """A connection to a receiver."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader: Final = reader
        self._writer: Final = writer
        self._protocol: Final = h11.Connection(h11.CLIENT)

    @property
    def is_free(self) -> bool:
        """Whether another request may follow."""
        states = {self._protocol.our_state, self._protocol.their_state}
        return states in ({h11.IDLE}, {h11.DONE}) and not self._reader.at_eof()

    async def exchange(self, url: SplitResult, body: bytes) -> tuple[int, bytes]:
        protocol = self._protocol
        if protocol.our_state is h11.DONE:
            protocol.start_next_cycle()
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        headers = [
            ("Host", url.netloc.rpartition("@")[2]),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("User-Agent", "mavibot-mock"),
        ]
        sent = (h11.Request(method="POST", target=target, headers=headers), h11.Data(body), h11.EndOfMessage())
        self._writer.write(b"".join(protocol.send(event) or b"" for event in sent))
        await self._writer.drain()
        status, reply = 0, b""
        while len(reply) < _KEPT_OF_REPLY:
            event = protocol.next_event()
            if event is h11.NEED_DATA:
                protocol.receive_data(await self._reader.read(_BYTES_AT_ONCE))
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                reply += event.data
            elif not isinstance(event, h11.InformationalResponse):
                break
        return status, reply[:_KEPT_OF_REPLY]

    async def close(self) -> None:
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
