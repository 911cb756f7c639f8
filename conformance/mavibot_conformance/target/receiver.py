"""Receives what a project posts to its webhook address, on this machine."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Self

from mavibot_conformance.target.clock import comes_true

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

#: Seconds between two looks for the end of the server.
_PAUSE: Final = 0.01


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
        """The decoded body, or `None` if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Receiver:
    """An HTTP server in a thread that remembers every request, as a context manager.

    Attributes:
        posts: the requests, in the order of arrival.
        status: HTTP status of its replies.
    """

    def __init__(self, address: str, masked: Callable[[str], str] = str) -> None:
        """Prepare a receiver.

        Args:
            address: `host:port` to listen on; port 0 takes a free one.
            masked: takes the keys out of a text.
        """
        host, _, port = address.rpartition(":")
        self.posts: list[Post] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                shown = masked(body.decode("latin-1")).encode("latin-1")
                receiver.posts.append(Post(self.command, masked(self.headers.get("Content-Type", "")), shown))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Log nothing: all requests are in `posts`."""

        self._server: Final = ThreadingHTTPServer((host or "127.0.0.1", int(port)), Handler)

    @property
    def url(self) -> str:
        """Address on which it listens."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/"

    def __enter__(self) -> Self:
        """Start listening."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": _PAUSE}, daemon=True).start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def about(self, text: str, *, count: int = 1) -> list[Post]:
        """Return the posts that contain a text, as soon as there are `count` or no more have come for a while."""

        def found() -> list[Post]:
            return [post for post in list(self.posts) if text.encode() in post.body]

        comes_true(lambda: len(found()) >= count)
        return found()
