"""Passes one call on, once, and its reply back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import h11

from mavibot_proxy.passing.connection import BrokenError, Connection
from mavibot_proxy.passing.messages import (
    KEPT,
    NOT_PASSED_ON,
    UNKNOWN,
    LeftError,
    answer,
    passed_back,
    passed_on,
    reason_of,
)
from mavibot_proxy.passing.upstream import UnreachableError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

    from mavibot_proxy.exchange import Exchange
    from mavibot_proxy.passing.upstream import Upstream

#: Extension of the ASGI scope: uvicorn's cycle of the call, which tells whether the caller has left.
CYCLE: Final = "mavibot_proxy.cycle"
#: Extension of the ASGI scope: whether the address has a query, be it empty.
HAS_QUERY: Final = "mavibot_proxy.has_query"
#: Bytes of a reply without a length that is read to its end for a caller who speaks HTTP/1.0 and knows no chunks.
_LONGEST_FOR_OLD_CALLERS: Final = 16_000_000

_LEFT: Final = "the caller left before all of the call had come"


class Forwarder:
    """Passes calls on to an upstream."""

    def __init__(self, upstream: Upstream, *, seconds: float) -> None:
        """Prepare.

        Args:
            upstream: where calls go.
            seconds: longest silence of the upstream, or of a caller who takes no more of its reply.
        """
        self._upstream: Final = upstream
        self._seconds: Final = seconds

    async def pass_on(self, exchange: Exchange, target: bytes, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a call on, and its reply back; what becomes of it is noted in the exchange.

        Args:
            exchange: the call, with the beginning of its body.
            target: path and query as they are passed on.
            scope: as ASGI has it, with `CYCLE`; so it is for the other two.
            receive: yields the rest of the body.
            send: takes the reply.

        Raises:
            LeftError: the caller has left; nothing was passed on.
        """
        if scope["extensions"][CYCLE].disconnected:
            raise LeftError
        back = _Back(exchange, scope, send, self._seconds)
        try:
            headers = passed_on(exchange.headers, self._upstream.authority)
            request = h11.Request(method=exchange.method, target=self._upstream.path + target, headers=headers)
            async with self._upstream.connection() as connection:
                connection.begin(request, exchange.body, is_whole=exchange.is_whole)
                if exchange.is_whole:
                    await self._pass_back(connection, back)
                else:
                    rest = asyncio.create_task(_send_rest(connection, receive, exchange))
                    try:
                        await self._pass_back(connection, back)
                    finally:
                        rest.cancel()
                        await asyncio.gather(rest, return_exceptions=True)
        except h11.LocalProtocolError as error:
            await back.refuse(400, f"the call is no sound HTTP: {reason_of(error)}", NOT_PASSED_ON)
        except UnreachableError as error:
            await back.refuse(502, f"{error}; nothing was sent", NOT_PASSED_ON)
        except BrokenError as error:
            if back.has_begun:
                back.cut(f"{error}; the reply is not whole")
            else:
                status = 504 if error.is_late else 502
                await back.refuse(status, f"{error}; the call may have been carried out, and is not repeated", UNKNOWN)

    async def _pass_back(self, connection: Connection, back: _Back) -> None:
        await back.begin(await connection.reply(self._seconds), connection.body(self._seconds))


class _Back:
    """The way of one reply back to its caller.

    Attributes:
        has_begun: whether something of the upstream's reply was passed back.
    """

    def __init__(self, exchange: Exchange, scope: Scope, send: Send, seconds: float) -> None:
        self.has_begun = False
        self._exchange: Final = exchange
        self._cycle: Final[Any] = scope["extensions"][CYCLE]
        self._knows_chunks: Final = scope["http_version"] != "1.0"
        self._send: Final = send
        self._seconds: Final = seconds

    async def begin(self, head: h11.Response, body: AsyncIterator[bytes]) -> None:
        """Pass a reply back."""
        exchange, cycle = self._exchange, self._cycle
        headers = passed_back(head.headers.raw_items())
        has_length = any(name == b"content-length" for name, _ in head.headers)
        exchange.status, exchange.reply_headers = head.status_code, headers
        if not has_length and not self._knows_chunks and exchange.method != "HEAD":
            whole = await self._gather(body)
            headers = [*headers, (b"content-length", b"%d" % len(whole))]
            await self._start(head.status_code, headers)
            await self._send({"type": "http.response.body", "body": whole})
            return
        if head.status_code == 204:  # it has no body, and may have no length
            headers = [each for each in headers if each[0].lower() != b"content-length"]
        await self._start(head.status_code, headers)
        if head.status_code == 304:
            cycle.expected_content_length = 0  # its length is that of the body which it spares
        async for piece in body:
            self._keep(piece)
            if cycle.flow.write_paused:
                await self._drain()
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
            if cycle.disconnected and exchange.size > KEPT:
                raise BrokenError("the caller left")
        exchange.is_abandoned = cycle.disconnected
        await self._send({"type": "http.response.body", "body": b""})

    async def refuse(self, status: int, message: str, outcome: bytes) -> None:
        """Answer in place of the upstream."""
        exchange = self._exchange
        exchange.trouble = exchange.trouble or message
        exchange.answered_by = "proxy"
        exchange.is_abandoned = self._cycle.disconnected
        exchange.status = None
        await answer(self._send, status, f"mavibot proxy: {message}", outcome)

    def cut(self, trouble: str) -> None:
        """End the caller's connection in the middle of a reply, as the upstream did."""
        exchange = self._exchange
        exchange.trouble = exchange.trouble or trouble
        exchange.reply_is_whole = False
        exchange.is_abandoned = self._cycle.disconnected
        self._cycle.disconnected = True
        self._cycle.transport.close()

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.has_begun = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    def _keep(self, piece: bytes) -> None:
        exchange = self._exchange
        exchange.size += len(piece)
        if exchange.size <= KEPT:
            exchange.reply += piece
        else:
            exchange.reply_is_whole = False

    async def _gather(self, body: AsyncIterator[bytes]) -> bytes:
        pieces: list[bytes] = []
        async for piece in body:
            self._keep(piece)
            pieces.append(piece)
            if self._exchange.size > _LONGEST_FOR_OLD_CALLERS:
                raise BrokenError("the reply is too long for HTTP/1.0")
        return b"".join(pieces)

    async def _drain(self) -> None:
        """Wait until the caller takes more.

        Raises:
            BrokenError: it took nothing for long.
        """
        try:
            async with asyncio.timeout(self._seconds):
                await self._cycle.flow.drain()
        except TimeoutError:
            raise BrokenError(f"the caller took nothing for {self._seconds:g} s") from None


async def _send_rest(connection: Connection, receive: Receive, exchange: Exchange) -> None:
    """Pass on what is left of a long body."""
    more = True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            # Half a call must never look like a whole one.
            exchange.trouble = _LEFT
            connection.break_off(_LEFT)
            return
        more = event.get("more_body", False)
        await connection.go_on(event.get("body", b""), is_last=not more)
