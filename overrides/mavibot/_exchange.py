"""HTTP/1.1 without any input or output: what to write on a connection, and what to make of what came back."""

from __future__ import annotations

import os
import selectors
import time
from typing import TYPE_CHECKING, Final

import h11
import httpx2

if TYPE_CHECKING:
    from collections.abc import Generator

    from mavibot._secrets import Key

#: Bytes of the largest head of a reply.
_LARGEST_HEAD: Final = 100 * 1024
#: Bytes of the largest body of a reply; the lists of large projects come in pages.
_LARGEST_BODY: Final = 256 * 1024 * 1024
#: Seconds for which an unused connection is kept: less than servers keep theirs.
_KEPT_FOR: Final = 5.0

_TOO_LATE: Final = {"connect": httpx2.ConnectTimeout, "write": httpx2.WriteTimeout, "read": httpx2.ReadTimeout}


class Exchanges:
    """The exchanges on one connection, in order.

    Args:
        key: takes the place of its placeholder in what is written.
    """

    def __init__(self, key: Key) -> None:
        self._key: Final = key
        self._state: Final = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        self._process: Final = os.getpid()
        self._ended = 0.0

    def request(self, request: httpx2.Request) -> bytes:
        """Return the bytes of a request, with the API key: to be kept in no local variable, which a traceback shows."""
        state, content = self._state, request.content
        head = h11.Request(method=request.method, target=request.url.raw_path, headers=request.headers.raw)
        return b"".join(
            (
                self._key.reveal_in_head(state.send(head) or b""),
                (state.send(h11.Data(data=content)) or b"") if content else b"",
                state.send(h11.EndOfMessage()) or b"",
            )
        )

    def reply(self) -> Generator[None, bytes, httpx2.Response]:
        """Return the reply; yields whenever it needs more bytes, and is sent `b""` at the end of the connection.

        Raises:
            httpx2.RemoteProtocolError: this is not HTTP, the reply is too large, or the connection ended before it did.
        """
        head: h11.Response | None = None
        pieces: list[bytes] = []
        room = _LARGEST_BODY
        while True:
            try:
                event = self._state.next_event()
            except h11.RemoteProtocolError as error:
                raise httpx2.RemoteProtocolError(str(error)) from None
            match event:
                case h11.Response():
                    head = event
                case h11.Data():
                    pieces.append(bytes(event.data))
                    room -= len(event.data)
                    if room < 0:
                        raise httpx2.RemoteProtocolError(f"the reply is larger than {_LARGEST_BODY} bytes")
                case h11.EndOfMessage() if head is not None:
                    body = httpx2.ByteStream(b"".join(pieces))
                    return httpx2.Response(head.status_code, headers=head.headers.raw_items(), stream=body)
                case h11.NEED_DATA:
                    self._state.receive_data((yield))
                case h11.InformationalResponse():
                    pass
                case _:
                    raise httpx2.RemoteProtocolError("the server closed the connection without a reply")

    def may_follow(self) -> bool:
        """Return True if a further request may follow on this connection, and get ready for it.

        After bytes that belong to no reply none may: they would be taken for the next one.
        """
        state = self._state
        if state.our_state is not h11.DONE or state.their_state is not h11.DONE or state.trailing_data[0]:
            return False
        state.start_next_cycle()
        self._ended = time.monotonic()
        return True

    def is_fresh(self) -> bool:
        """Return True if this process opened the connection, and used it a moment ago."""
        return self._process == os.getpid() and time.monotonic() - self._ended < _KEPT_FOR


def is_readable(descriptor: int) -> bool:
    """Return True if a socket holds unread bytes, or its other end is closed."""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(0))


def time_limit(request: httpx2.Request, what: str) -> float | None:
    """Return the seconds that one step of a request may take, at most what its deadline leaves.

    Args:
        request: its extensions hold `timeout`, seconds by step, and `deadline`, a moment of `time.monotonic`.
        what: `connect`, `write` or `read`.

    Raises:
        httpx2.ConnectTimeout, httpx2.WriteTimeout, httpx2.ReadTimeout: the deadline is over.
    """
    limit: float | None = request.extensions["timeout"][what]
    deadline: float | None = request.extensions.get("deadline")
    if deadline is None:
        return limit
    left = deadline - time.monotonic()
    if left <= 0:
        raise _TOO_LATE[what]("the call took too long")
    return left if limit is None else min(limit, left)


def port_of(request: httpx2.Request) -> int:
    """Return the port that a request goes to."""
    return request.url.port or (443 if request.url.scheme == "https" else 80)
