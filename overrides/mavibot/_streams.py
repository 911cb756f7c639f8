"""The default transport of `AsyncMavibot`: connections of our own, below everything that observes httpx2."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, cast

import httpx2

from mavibot._exchange import Exchanges, is_readable, port_of, time_limit
from mavibot._loops import PerLoop

if TYPE_CHECKING:
    import ssl

    from mavibot._secrets import Key


class _Stream(asyncio.Protocol):
    """The bytes that came on a connection and were not read yet."""

    def __init__(self) -> None:
        self._loop: Final = asyncio.get_running_loop()
        self._unread: Final = bytearray()
        self._error: Exception | None = None
        self._arrival: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self.transport: asyncio.Transport
        self.is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._unread.extend(data)
        _wake(self._arrival)

    def eof_received(self) -> None:
        self.is_over = True
        _wake(self._arrival)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_over, self._error = True, exc
        _wake(self._arrival)
        _wake(self._room)

    def pause_writing(self) -> None:
        self._room = self._loop.create_future()

    def resume_writing(self) -> None:
        _wake(self._room)
        self._room = None

    async def read(self) -> bytes:
        """Return what came, once there is something; `b""` at the end.

        Raises:
            OSError: the connection broke.
        """
        if not self._unread and not self.is_over:
            self._arrival = self._loop.create_future()
            await self._arrival
        if self._error is not None and not self._unread:
            raise self._error
        data = bytes(self._unread)
        self._unread.clear()
        return data

    async def drain(self) -> None:
        """Wait until the transport takes more, or the connection is lost."""
        if self._room is not None and not self.is_over:
            await self._room

    def is_quiet(self) -> bool:
        """Return True if nothing waits to be read, here or in the socket, and the other end is open."""
        if self._unread or self.is_over or self.transport.is_closing():
            return False
        return not is_readable(self.transport.get_extra_info("socket").fileno())


class _Connection:
    def __init__(self, stream: _Stream, key: Key) -> None:
        self._stream: Final = stream
        self._exchanges: Final = Exchanges(key)

    async def exchange(self, request: httpx2.Request) -> httpx2.Response:
        self._write(request)
        reply = self._exchanges.reply()
        try:
            async with asyncio.timeout(time_limit(request, "write")):
                await self._stream.drain()
            next(reply)
            while True:
                async with asyncio.timeout(time_limit(request, "read")):
                    data = await self._stream.read()
                reply.send(data)
        except StopIteration as end:
            response: httpx2.Response = end.value
            return response
        except TimeoutError:
            raise httpx2.ReadTimeout("the reply took too long") from None
        except OSError as error:
            raise httpx2.ReadError(str(error)) from None

    def _write(self, request: httpx2.Request) -> None:
        try:
            self._stream.transport.write(self._exchanges.request(request))
        except BaseException as error:
            failure = error.with_traceback(None)  # the frames below hold the key
        else:
            return
        raise failure

    def is_fit(self) -> bool:
        """Return True if nothing has come since the last reply, and the server has not closed the connection."""
        return self._exchanges.is_fresh() and self._stream.is_quiet()

    def may_follow(self) -> bool:
        return self._exchanges.may_follow()

    def close(self) -> None:
        self._stream.transport.abort()


class Streams(httpx2.AsyncBaseTransport):
    """Connections to one server, as many as calls are on their way."""

    def __init__(self, key: Key, tls: ssl.SSLContext | None) -> None:
        self._key: Final = key
        self._tls: Final = tls
        self._idle: Final[PerLoop[list[_Connection]]] = PerLoop(list, _close)
        self._is_closed = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return the whole reply; see `Sockets.handle_request`."""
        idle = await self._idle.get()
        connection = self._kept(idle) or await self._opened(request)
        try:
            response = await connection.exchange(request)
        except BaseException:
            connection.close()
            raise
        if connection.may_follow() and not self._is_closed:
            idle.append(connection)
        else:
            connection.close()
        return response

    def _kept(self, idle: list[_Connection]) -> _Connection | None:
        while idle:
            connection = idle.pop()
            if connection.is_fit():
                return connection
            connection.close()
        return None

    async def _opened(self, request: httpx2.Request) -> _Connection:
        host, port = request.url.raw_host.decode("ascii"), port_of(request)
        try:
            async with asyncio.timeout(time_limit(request, "connect")):
                loop = asyncio.get_running_loop()
                _, stream = await loop.create_connection(
                    _Stream, host, port, ssl=self._tls, server_hostname=None if self._tls is None else host
                )
        except TimeoutError:
            raise httpx2.ConnectTimeout("no connection in time") from None
        except OSError as error:
            raise httpx2.ConnectError(str(error)) from None
        return _Connection(stream, self._key)

    async def aclose(self) -> None:
        """Close the idle connections of the running event loop; others end with their own."""
        self._is_closed = True
        await self._idle.close()


async def _close(connections: list[_Connection]) -> None:
    while connections:
        connections.pop().close()
    await asyncio.sleep(0)  # the event loop closes their sockets in its next round


def _wake(sleeper: asyncio.Future[None] | None) -> None:
    if sleeper is not None and not sleeper.done():
        sleeper.set_result(None)
