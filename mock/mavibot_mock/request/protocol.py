"""The HTTP connections of the server: bounded heads, and no reply that a later error overtakes."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from mavibot_mock.request.replies import Reply, fail

if TYPE_CHECKING:
    import asyncio

    from uvicorn import Config
    from uvicorn.server import ServerState

#: Longest address of a call with its query string, and most that all header fields may have together, bytes.
LONGEST_URL: Final = 65_536
LONGEST_HEAD: Final = 65_536

_NO_HTTP: Final = fail(400, "the request is no valid HTTP")
_LONG_URL: Final = fail(414, f"URL: at most {LONGEST_URL} bytes; send parameters in the body of a POST")
_LONG_HEAD: Final = fail(431, f"headers: at most {LONGEST_HEAD} bytes together")


class _RefusedHeadError(Exception):
    """The head of a request is too long; the parser stops."""


class Protocol(HttpToolsProtocol):
    """One connection.

    A request that is not HTTP, or has too long a head, is refused and ends the connection; but what was asked before it
    is answered first, since it has been carried out.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        #: Bytes since the address: of a header field the parser tells at its end only.
        self._unread = 0
        self._refusal: Reply | None = None
        self._unanswered = 0

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        if self._refusal is not None:
            return
        if self._unread > LONGEST_HEAD:
            self._refusal = _LONG_HEAD
            self._stop()
            return
        self._unread += len(data)
        super().data_received(data)

    def on_url(self, url: bytes) -> None:
        """Take a part of the address."""
        super().on_url(url)
        self._unread = 0
        if len(self.url) > LONGEST_URL:
            self._refuse(_LONG_URL)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._unread = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        self._unread = 0
        super().on_message_complete()

    def on_headers_complete(self) -> None:
        """Begin to answer a request."""
        self._unread = 0
        if sum(map(len, chain.from_iterable(self.headers))) + 4 * len(self.headers) > LONGEST_HEAD:
            self._refuse(_LONG_HEAD)
        super().on_headers_complete()
        self._unanswered += 1

    def on_response_complete(self) -> None:
        """Go on after a reply."""
        super().on_response_complete()
        self._unanswered -= 1
        if self._refusal is not None and not self._unanswered:
            self._send_refusal(self._refusal)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - of the base class
        """Refuse what cannot be read."""
        self._refusal = self._refusal or _NO_HTTP
        self._stop()

    def _stop(self) -> None:
        """Read no more, and refuse the rest once everything before it is answered."""
        self.flow.pause_reading()
        if self._unanswered and self.cycle.more_body:
            # The error is in the body of this request, so it will not be carried out.
            self._unanswered -= 1
            if self.pipeline and self.pipeline[0][0] is self.cycle:
                self.pipeline.popleft()
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self._refusal is not None and not self._unanswered:
            self._send_refusal(self._refusal)

    def _refuse(self, reply: Reply) -> None:
        self._refusal = reply
        raise _RefusedHeadError

    def _send_refusal(self, reply: Reply) -> None:
        if self.transport.is_closing():
            return
        body = orjson.dumps(reply.body)
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[reply.status] + head + body)
        self.transport.close()
