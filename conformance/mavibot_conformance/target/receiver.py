"""Receives what a project posts to its webhook address, on this machine."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Self

from mavibot_conformance.target.clock import Waits, comes_true
from mavibot_conformance.target.notation import event_as_read

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from mavibot_conformance.target.clock import Clock

#: Seconds between two looks for the end of the server.
_PAUSE: Final = 0.01
#: What the waits for posts are for, beside actions.
_WEBHOOK: Final = "webhook"
#: So many times two seconds more are waited for a post: where the first does not come then either, no more.
_MORE_WAITS: Final = 2


@dataclass(frozen=True, slots=True)
class Post:
    """One request that arrived.

    Attributes:
        method: HTTP method.
        content_type: content type of the body.
        body: the body, without keys.
    """

    method: str
    content_type: str
    body: bytes

    @property
    def event(self) -> Any:
        """The decoded body, with numbers for their digits, or `None` if it is not JSON."""
        return event_as_read(self.data)

    @property
    def data(self) -> Any:
        """The decoded body as it came, or `None` if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Receiver:
    """An HTTP server in a thread that remembers every request, as a context manager.

    It listens until the last block that has entered it ends: rules whose waits overlap share it.

    Attributes:
        posts: the requests since it began to listen, in the order of arrival.
        status: HTTP status of its replies.
        is_reached: whether a request has ever arrived.
    """

    def __init__(self, address: str, masked: Callable[[str], str] = str, clock: Clock = time) -> None:
        """Prepare a receiver; it does not listen yet.

        Args:
            address: `host:port` to listen on; port 0 takes a free one.
            masked: takes the keys out of a text.
            clock: for the waits.
        """
        self.posts: Final[list[Post]] = []
        self.status = 200
        self.is_reached = False
        self._address: Final = address
        self._masked: Final = masked
        self._clock: Final = clock
        self._waits: Final = Waits()
        self._more_waits = _MORE_WAITS
        self._is_late = False
        self._users = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Address on which it listens."""
        assert self._server is not None  # noqa: S101 - it has been entered
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/"

    def __enter__(self) -> Self:
        """Start listening, unless it does already.

        Raises:
            OSError: it cannot listen on the address.
        """
        if self._server is None:
            self.posts.clear()
            host, _, port = self._address.rpartition(":")
            self._server = ThreadingHTTPServer((host or "127.0.0.1", int(port)), self._handler())
            threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": _PAUSE}, daemon=True).start()
        self._users += 1
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening, unless another block still needs it."""
        self._users -= 1
        if self._server is not None and not self._users:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def about(self, text: str, *, count: int = 1) -> list[Post]:
        """Return the posts that contain a text, as soon as there are `count` or no more have come for a while."""

        def found() -> list[Post]:
            return [post for post in list(self.posts) if text.encode() in post.body]

        def is_enough() -> bool:
            return len(found()) >= count

        if not self._waits.comes_true(is_enough, _WEBHOOK, self._clock) and self._more_waits:
            self._is_late |= any(comes_true(is_enough, self._clock) for _ in range(self._more_waits))
            if not self._is_late:
                self._more_waits = 0
        return found()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                receiver._keep(self.command, self.headers.get("Content-Type", ""), body)
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing: all requests are in `posts`."""

        return Handler

    def _keep(self, method: str, content_type: str, body: bytes) -> None:
        self.is_reached = True
        shown = self._masked(body.decode("latin-1")).encode("latin-1")
        self.posts.append(Post(method, self._masked(content_type), shown))
