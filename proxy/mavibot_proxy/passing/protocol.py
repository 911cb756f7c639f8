"""The HTTP connections of the callers."""

from __future__ import annotations

from typing import Any

from mavibot_mock.request.protocol import Protocol
from mavibot_proxy.passing.forwarder import CYCLE


class CallerProtocol(Protocol):
    """One connection of a caller; the application learns whether the caller has left."""

    def on_headers_complete(self) -> None:
        """Begin to answer a request."""
        scope = self.scope
        super().on_headers_complete()
        # The application begins at the next turn of the event loop.
        extensions: Any = {CYCLE: self.cycle}
        scope["extensions"] = extensions
