"""A server on a bare socket that answers each connection in a way of its own and counts the calls that it has read."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Self

#: What the server does with one connection, given the connection; the request has not been read yet.
Behaviour = Callable[["MisbehavingServer", socket.socket], None]

#: Seconds after which a server gives up a client that neither sends nor leaves.
_LONG: Final = 60


class MisbehavingServer:
    """Follows a script, one behaviour a connection; the last one is kept up.

    All connections that were made before the end are still served, so that what it counts does not depend on its speed.

    Attributes:
        connections: how many connections were made.
        seen: how many requests were read to their end.
    """

    def __init__(self, *script: Behaviour) -> None:
        self._script = list(script)
        self.connections = 0
        self.seen = 0

    @property
    def url(self) -> str:
        """Where the server answers."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._last: Any = None
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # Connections are accepted in the order in which they were made: after this one there is none.
        with socket.socket() as last:
            last.bind(("127.0.0.1", 0))
            self._last = last.getsockname()
            last.connect(self._socket.getsockname())
            self._thread.join()
        self._socket.close()

    def read(self, connection: socket.socket) -> tuple[bytes, bytes]:
        """Read one request to its end; return its head, all lines of it whole, and its body."""
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more(connection)
        head, _, body = received.partition(b"\r\n\r\n")
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        length = int(lengths[0].split(b":")[1]) if lengths else 0
        while len(body) < length:
            body += self._more(connection)
        self.seen += 1
        return head + b"\r\n", body

    def _more(self, connection: socket.socket) -> bytes:
        chunk = connection.recv(65536)
        if not chunk:
            raise ConnectionError("the client left")
        return chunk

    def _serve(self) -> None:
        while True:
            connection, address = self._socket.accept()
            with connection:
                if address == self._last:
                    return
                self.connections += 1
                connection.settimeout(_LONG)
                behaviour = self._script.pop(0) if len(self._script) > 1 else self._script[0]
                with suppress(OSError):
                    behaviour(self, connection)


def answer(status: int, body: bytes = b"ok", *headers: str, kind: str = "text/plain") -> Behaviour:
    """Read the request and answer in full."""

    def behave(server: MisbehavingServer, connection: socket.socket) -> None:
        server.read(connection)
        lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(body)}", f"Content-Type: {kind}", "Connection: close"]
        connection.sendall("\r\n".join([*lines, *headers, "", ""]).encode() + body)

    return behave


def keep_open(then: Behaviour) -> Behaviour:
    """Answer one request well and keep the connection open for a second one, which fares as told."""

    def behave(server: MisbehavingServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: text/plain\r\n\r\nok")
        then(server, connection)

    return behave


def reset_while_reading(_: MisbehavingServer, connection: socket.socket) -> None:
    """Break the connection when the first byte has come."""
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_after_reading(server: MisbehavingServer, connection: socket.socket) -> None:
    """Read the whole request, then break the connection: it may have been carried out."""
    server.read(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close_after_reading(server: MisbehavingServer, connection: socket.socket) -> None:
    """Read the whole request, then end the connection without a word."""
    server.read(connection)


def half_an_answer(server: MisbehavingServer, connection: socket.socket) -> None:
    """Promise more than is sent."""
    server.read(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{")


def silence(server: MisbehavingServer, connection: socket.socket) -> None:
    """Read the request and wait for the client to give up."""
    server.read(connection)
    connection.recv(1)


def drip(start: bytes) -> Behaviour:
    """Send the start of a reply, then a byte at a time for as long as the client listens."""

    def behave(server: MisbehavingServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(start)
        while True:
            time.sleep(0.01)
            connection.sendall(b".")

    return behave


drip_head = drip(b"HTTP/1.1 200 OK\r\nX: ")
slow_drip = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nContent-Type: text/plain\r\n\r\n")
