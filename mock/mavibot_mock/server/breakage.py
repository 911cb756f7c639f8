"""Answers as a fault demands: late, in pieces, in part or not at all."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import TYPE_CHECKING, Final

from mavibot_mock.server.faults import ConnectionLostError

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

    from mavibot_mock.server.faults import Wire

#: Extension of the ASGI scope: a function from the scope to the `asyncio` transport of its connection. `Server` sets
#: it; where it is missing the mock is called in process.
CONNECTION: Final = "mavibot_mock.connection"

_PIECES: Final = 20
#: A close that throws away what is unsent and tells the other side so.
_RESET: Final = struct.pack("ii", 1, 0)


async def pause(receive: Receive, seconds: float) -> None:
    """Wait, but no longer than the caller does."""
    try:
        async with asyncio.timeout(seconds):
            await _gone(receive)
    except TimeoutError:
        pass


async def answer(
    wire: Wire, scope: Scope, receive: Receive, send: Send, *, start: Message, body: bytes, seconds: float
) -> None:
    """Send what a broken connection lets through of an answer.

    Args:
        wire: how the connection breaks.
        scope: the call.
        receive: as ASGI has it.
        send: as ASGI has it.
        start: status and headers of the answer.
        body: its body.
        seconds: how long a drip takes.

    Raises:
        ConnectionLostError: the mock is called in process.
    """
    if wire == "drip":
        await _drip(receive, send, start=start, body=body, seconds=seconds)
        return
    find = scope.get("extensions", {}).get(CONNECTION)
    if find is None:
        raise ConnectionLostError(wire)
    transport = find(scope)
    if wire == "truncated":
        await send(start)
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        transport.close()
    elif wire == "empty":
        transport.close()
    elif wire == "reset":
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        transport.abort()
    # Whatever is left of the call ends with the connection; of `never` this is all.
    await _gone(receive)


async def _drip(receive: Receive, send: Send, *, start: Message, body: bytes, seconds: float) -> None:
    size = max(1, -(-len(body) // _PIECES))
    pieces = [body[place : place + size] for place in range(0, len(body), size)] or [b""]
    await send(start)
    for piece in pieces[:-1]:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await pause(receive, seconds / len(pieces))
    await send({"type": "http.response.body", "body": pieces[-1]})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
