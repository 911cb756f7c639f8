"""The HTTP connections of the callers."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from mavibot_mock.request.protocol import Protocol
from mavibot_mock.request.replies import fail
from mavibot_proxy.passing.forwarder import CYCLE, HAS_QUERY
from mavibot_proxy.passing.messages import KEPT, NOT_PASSED_ON, OUTCOME, UNKNOWN

if TYPE_CHECKING:
    import asyncio

    from uvicorn import Config
    from uvicorn.server import ServerState

    from mavibot_mock.request.replies import Reply

_TUNNEL: Final = b"CONNECT"
#: Servers read such an address in different ways, so that no proxy can pass on what its guards have judged.
_UNESCAPED: Final = fail(400, "the address holds characters that must be escaped, such as %D0%9F for П or %23 for #")


class CallerProtocol(Protocol):
    """One connection of a caller; the application learns whether the caller has left.

    Trailers end here: they came after the head, so they are none of its headers. An offer to change the protocol is not
    taken up; the parser stops at it without the body, so the request is read anew without the offer.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        #: Whether header fields that come belong to a head.
        self._is_in_head = False
        self._offers_upgrade = False
        self._piece = b""
        self._anew: bytes | None = None
        #: Bytes of the body of the present request; a long one is passed on before its end.
        self._came = 0
        self._breaks_in_body = False

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        self._piece = data
        super().data_received(data)
        while self._anew is not None:
            self._piece, self._anew = self._anew, None
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it
            super().data_received(self._piece)

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._is_in_head = True
        self._offers_upgrade = False
        self._came = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field; the parser leaves spaces at the end of its value, which do not belong to it."""
        if self._is_in_head:
            super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """Begin to answer a request."""
        self._is_in_head = False
        if b"#" in self.url:
            self._refuse(_UNESCAPED)
        if self.parser.should_upgrade() and self.parser.get_method() != _TUNNEL:
            self._offers_upgrade = True
            self._unread = 0
            return
        scope = self.scope
        super().on_headers_complete()
        # The application begins at the next turn of the event loop.
        extensions: Any = {CYCLE: self.cycle, HAS_QUERY: b"?" in self.url}
        scope["extensions"] = extensions

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._came += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request."""
        if not self._offers_upgrade:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read."""
        if self._is_in_head and not self.headers and not self._piece.isascii():
            self._refusal = self._refusal or _UNESCAPED
        super().send_400_response(msg)

    def _unsupported_upgrade_warning(self) -> None:
        """Go on after the head of a request that offers another protocol; the parser has stopped there."""
        stop = sys.exception()
        if self._offers_upgrade and stop is not None:
            version = self.parser.get_http_version().encode()
            lines = [b"%b %b HTTP/%b" % (self.parser.get_method(), self.url, version)]
            lines += [b"%b: %b" % (name, value) for name, value in self.headers if name != b"upgrade"]
            self._anew = b"\r\n".join([*lines, b"", self._piece[stop.args[0] :]])

    def _stop(self) -> None:
        self._breaks_in_body = bool(self._unanswered and self.cycle.more_body)
        super()._stop()

    def _send_refusal(self, reply: Reply) -> None:
        """Refuse what never became a call; where it breaks in its body there is a call, which is reported as such."""
        if self.transport.is_closing():
            return
        refusal: Any = reply.body
        message = refusal["message"]
        if not self._breaks_in_body:
            app: Any = self.config.app
            app.refused(reply.status, message)
        outcome = UNKNOWN if self._breaks_in_body and self._came >= KEPT else NOT_PASSED_ON
        body = orjson.dumps({"status": "fail", "message": f"mavibot proxy: {message}"})
        head = b"content-type: application/json\r\ncontent-length: %d\r\n%b: %b\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[reply.status] + head % (len(body), OUTCOME, outcome) + body)
        self.transport.close()
