"""The HTTP connections of the callers."""

from __future__ import annotations

from typing import Any

from mavibot_mock.request.protocol import Protocol
from mavibot_proxy.passing.forwarder import CYCLE


class CallerProtocol(Protocol):
    """One connection of a caller; the application learns whether the caller has left.

    Trailers end here: they came after the head, so they are none of its headers.
    """

    #: Whether header fields that come belong to a head.
    _is_in_head = False

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._is_in_head = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header field."""
        if self._is_in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin to answer a request."""
        self._is_in_head = False
        scope = self.scope
        super().on_headers_complete()
        # The application begins at the next turn of the event loop.
        extensions: Any = {CYCLE: self.cycle}
        scope["extensions"] = extensions
