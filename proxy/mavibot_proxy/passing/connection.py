"""One connection to the upstream: HTTP/1.1 by h11, over asyncio."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final, NoReturn

import h11

from mavibot._exchange import is_readable
from mavibot_proxy.passing.messages import reason_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Bytes of the largest head of a reply.
_LARGEST_HEAD: Final = 100 * 1024
#: Highest status that HTTP has.
_HIGHEST_STATUS: Final = 599
#: Bytes of a reply that wait for the caller before the upstream is held up.
_MOST_WAITING: Final = 256 * 1024
#: Seconds for which an unused connection is kept: less than servers keep theirs.
_KEPT_FOR: Final = 4.0


class BrokenError(Exception):
    """The upstream broke the connection off, answered nothing in time, or answered what is no sound HTTP.

    Attributes:
        is_late: whether the time was over.
    """

    def __init__(self, reason: str, *, is_late: bool = False) -> None:
        super().__init__(reason)
        self.is_late: Final = is_late


class Connection(asyncio.Protocol):
    """A connection, on which exchanges follow each other."""

    def __init__(self) -> None:
        self._loop: Final = asyncio.get_running_loop()
        self._state: Final = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        self._transport: Any = None
        self._arrival: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._waiting = 0
        self._is_idle = False
        self._has_ended = False
        self._failure: str | None = None
        self._idle_since = 0.0

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Take what came; where nothing was asked for, the connection is of no more use."""
        if self._is_idle:
            self.close()
            return
        self._state.receive_data(data)
        self._waiting += len(data)
        if self._waiting > _MOST_WAITING:
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """Note that nothing more comes."""
        self._end(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the connection is gone."""
        self._end(None if exc is None else f"the connection broke: {type(exc).__name__}")

    def pause_writing(self) -> None:
        """Hold up what writes."""
        self._room = self._loop.create_future()

    def resume_writing(self) -> None:
        """Let it go on."""
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None

    def _end(self, failure: str | None) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._failure = failure
            if failure is None and not self._is_idle:
                self._state.receive_data(b"")
        self._wake()
        self.resume_writing()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    # One exchange

    def begin(self, request: h11.Request, body: bytes, *, is_whole: bool) -> None:
        """Write the head of a request and the beginning of its body.

        Args:
            request: the head.
            body: the beginning of the body.
            is_whole: whether that is all of it.

        Raises:
            h11.LocalProtocolError: this is no sound request; nothing was written.
        """
        self._is_idle = False
        state = self._state
        pieces = [state.send(request) or b""]
        if body:
            pieces.append(state.send(h11.Data(data=body)) or b"")
        if is_whole:
            pieces.append(state.send(h11.EndOfMessage()) or b"")
        self._transport.write(b"".join(pieces))

    async def go_on(self, body: bytes, *, is_last: bool) -> None:
        """Write more of the body, once there is room for it; a server that has gone takes none."""
        if self._room is not None:
            await self._room
        if self._has_ended:
            return
        pieces = [self._state.send(h11.Data(data=body)) or b""] if body else []
        if is_last:
            pieces.append(self._state.send(h11.EndOfMessage()) or b"")
        self._transport.write(b"".join(pieces))

    async def reply(self, seconds: float) -> h11.Response:
        """Return the head of the reply.

        Args:
            seconds: longest silence.

        Raises:
            BrokenError: there is none.
        """
        while True:
            event = await self._event(seconds)
            if isinstance(event, h11.Response):
                names = {name for name, _ in event.headers}
                if {b"content-length", b"transfer-encoding"} <= names:
                    raise BrokenError("the reply has both Content-Length and Transfer-Encoding")
                if event.status_code > _HIGHEST_STATUS:
                    raise BrokenError(f"the reply has the status {event.status_code}, which HTTP does not have")
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise BrokenError("the connection ended without a reply")

    async def body(self, seconds: float) -> AsyncIterator[bytes]:
        """Yield the body of the reply, piece by piece.

        Args:
            seconds: longest silence.

        Raises:
            BrokenError: it ends too early.
        """
        while True:
            event = await self._event(seconds)
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return
            else:
                raise BrokenError("the reply ended too early")

    async def _event(self, seconds: float) -> Any:
        while True:
            try:
                event = self._state.next_event()
            except h11.RemoteProtocolError as error:
                self._refuse(reason_of(error))
            if event is not h11.NEED_DATA:
                return event
            if self._failure is not None:
                raise BrokenError(self._failure)
            if self._waiting > _MOST_WAITING:
                self._transport.resume_reading()
            self._waiting = 0
            self._arrival = self._loop.create_future()
            try:
                async with asyncio.timeout(seconds):
                    await self._arrival
            except TimeoutError:
                raise BrokenError(f"nothing came for {seconds:g} s", is_late=True) from None

    def _refuse(self, reason: str) -> NoReturn:
        if self._has_ended:
            raise BrokenError(self._failure or "the connection ended before the reply did")
        raise BrokenError(f"the reply is no sound HTTP: {reason}")

    # Between two exchanges

    def rest(self) -> bool:
        """Return True if a further request may follow, and get ready for it.

        After bytes that belong to no reply none may: they would be taken for the next one.
        """
        state = self._state
        done = state.our_state is h11.DONE and state.their_state is h11.DONE
        if not done or state.trailing_data[0] or self._has_ended:
            return False
        state.start_next_cycle()
        self._waiting = 0
        self._is_idle = True
        self._idle_since = time.monotonic()
        return True

    def is_alive(self) -> bool:
        """Return True if a kept connection was used a moment ago, and the other side has neither ended it nor sent."""
        if self._has_ended or self._transport.is_closing() or time.monotonic() - self._idle_since > _KEPT_FOR:
            return False
        return not is_readable(self._transport.get_extra_info("socket").fileno())

    def break_off(self, reason: str) -> None:
        """Break the connection off in the middle of an exchange; who waits for the reply learns the reason."""
        self._failure, self._has_ended = reason, True
        self._transport.abort()
        self._wake()

    def close(self) -> None:
        """Close the connection at once."""
        self._has_ended = True
        self._transport.abort()
