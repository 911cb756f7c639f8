"""An upstream on a bare socket: it keeps each request to the byte, and answers as it is told."""

from __future__ import annotations

import socket
import socketserver
import ssl
import struct
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from tests.running import serving

if TYPE_CHECKING:
    from collections.abc import Callable

#: Seconds after which it gives up whoever neither sends nor leaves.
_LONG: Final = 60.0
OK: Final = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Request:
    """One request.

    Attributes:
        line: request line.
        headers: lines of the head below it.
        body: body as it is meant, without chunks.
        chunked: whether it came in chunks.
        is_whole: whether all of it came.
    """

    line: bytes = b""
    headers: list[bytes] = field(default_factory=list)
    body: bytes = b""
    chunked: bool = False
    is_whole: bool = False

    def header(self, name: bytes) -> bytes | None:
        """Return a header by its lower-case name."""
        found = [each.partition(b":")[2].strip() for each in self.headers if each.lower().startswith(name + b":")]
        return found[0] if found else None


@dataclass(frozen=True)
class Wire:
    """What else than an answer can be made of a request.

    Attributes:
        content: what is sent before.
        then: `close`, `reset`, or `wait` until the caller leaves.
    """

    content: bytes = b""
    then: str = "close"


class ScriptedUpstream:
    """Listens on a free port as a context manager.

    Attributes:
        requests: every request, in the order in which they began.
        connections: number of connections.
        closed: released once for each connection that it has closed.
    """

    def __init__(
        self, answer: Callable[[Request], bytes | Wire] = lambda _: OK, tls: ssl.SSLContext | None = None
    ) -> None:
        self.answer = answer
        self._scheme: Final = "http" if tls is None else "https"
        self.requests: Final[list[Request]] = []
        self.connections = 0
        self.closed: Final = threading.Semaphore(0)
        self.released: Final = threading.Event()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.connections += 1
                self.request.settimeout(_LONG)
                with suppress(OSError, EOFError):
                    if tls is None:
                        outer._serve(self.request)
                    else:
                        with tls.wrap_socket(self.request, server_side=True) as connection:
                            outer._serve(connection)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 256

            def shutdown_request(self, request: Any) -> None:
                super().shutdown_request(request)
                outer.closed.release()

        self._server: Final = Server(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"{self._scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._stack.enter_context(serving(self._server))
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._stack.close()

    def _serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as stream:
            while True:
                request = Request(stream.readline().rstrip(b"\r\n"))
                if not request.line:
                    return
                self.requests.append(request)
                self._read(stream, request)
                answer = self.answer(request)
                if isinstance(answer, bytes):
                    connection.sendall(answer)
                    continue
                connection.sendall(answer.content)
                if answer.then == "wait":
                    stream.read(1)
                if answer.then == "reset":
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.close()
                return

    @staticmethod
    def _read(stream: Any, request: Request) -> None:
        while line := stream.readline().rstrip(b"\r\n"):
            request.headers.append(line)
        if request.header(b"transfer-encoding") == b"chunked":
            request.chunked = True
            while size := int(_must(stream.readline()), 16):
                request.body += _must(stream.read(size))
                stream.readline()
            stream.readline()
        else:
            length = int(request.header(b"content-length") or 0)
            request.body = stream.read(length)
            if len(request.body) < length:
                raise EOFError
        request.is_whole = True


def _must(content: bytes) -> bytes:
    if not content:
        raise EOFError
    return content
