"""Receives webhook events on a port of this machine, and describes them in a line."""

from __future__ import annotations

import io
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from mavibot.webhooks import Event, EventClient, EventKind, InvalidEvent, parse_event
from mavibot_cli.terminal import fit

#: Bytes of the largest body that is read.
MAX_BODY: Final = 1_000_000
#: Seconds that a connection may be silent.
READ_TIMEOUT: Final = 10.0
#: Seconds in which a request must have come in full.
TOTAL_TIMEOUT: Final = 20.0
#: Connections that are read at once; further ones wait in the queue of the operating system.
MAX_CONNECTIONS: Final = 64

# A refused body is read up to this size and discarded: a sender that is cut off does not see the reason.
_MOST_SKIPPED: Final = 20_000_000
_CHUNK: Final = 65_536
# How long a wait for a place takes at most, so that the server can end meanwhile; seconds.
_PAUSE: Final = 0.1
_LONGEST_TEXT: Final = 300
_MOST_ATTACHMENTS: Final = 10
# White space counts here, of which a run is shown as one space.
_LONGEST_READ: Final = 4 * _LONGEST_TEXT


class Receiver(ThreadingHTTPServer):
    """A server that answers each webhook request at once, on any path, and hands on its event afterwards."""

    # A sender that hangs must not delay the end.
    daemon_threads = True
    block_on_close = False
    # The default of 5 turns senders away as soon as a broadcast's messages come in.
    request_queue_size = 128

    def __init__(
        self,
        host: str,
        port: int,
        on_event: Callable[[Event], object],
        *,
        on_problem: Callable[[str], object],
        max_body: int = MAX_BODY,
        max_connections: int = MAX_CONNECTIONS,
        total_timeout: float = TOTAL_TIMEOUT,
    ) -> None:
        """Listen on an address; `serve_forever` answers.

        Args:
            host: address to listen on.
            port: port to listen on; 0 picks a free one.
            on_event: called with each event, one at a time.
            on_problem: called with one line for each request that is not an event, and whenever `on_event` fails.
            max_body: bytes of the largest body that is read.
            max_connections: connections that are read at once.
            total_timeout: seconds in which a request must have come in full.

        Raises:
            OSError: the address is not free.
        """
        self.max_body: Final = max_body
        self.total_timeout: Final = total_timeout
        self._places: Final = threading.BoundedSemaphore(max_connections)
        self._open: Final[set[socket.socket]] = set()
        self._on_event: Final = on_event
        self._on_problem: Final = on_problem
        self._one_at_a_time: Final = threading.Lock()
        super().__init__((host, port), _Handler)

    @property
    def url(self) -> str:
        """Where events can be posted to."""
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}/"

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection as soon as there is a place for it.

        Raises:
            OSError: there is none yet; the base class then tries again.
        """
        if not self._places.acquire(timeout=_PAUSE):
            raise BlockingIOError
        try:
            connection, address = super().get_request()
        except BaseException:
            self._places.release()
            raise
        self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, whatever became of it, and free its place.

        Ctrl-C while its thread starts closes it a second time, beside the thread itself; the place is freed once.
        """
        try:
            super().shutdown_request(request)
        finally:
            with suppress(KeyError):
                self._open.remove(request)
                self._places.release()

    def receive(self, event: Event) -> None:
        """Hand on an event."""
        with self._one_at_a_time:
            try:
                self._on_event(event)
            except Exception as error:  # a receiver that ends at the first bug loses all further events
                self._on_problem(f"the event could not be handled: {type(error).__name__}: {error}")

    def report(self, problem: str) -> None:
        """Hand on what was wrong with a request."""
        with self._one_at_a_time:
            self._on_problem(problem)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - given by the base class
        """Report what broke a connection, instead of a traceback on the error stream."""
        self.report(f"a connection broke: {sys.exception()!r}")


class _Refused(Exception):
    """A request that is not an event, with the status that it is answered with."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status: Final = status


class _InTime(io.RawIOBase):
    """Reads from a connection for as long as there is time: a sender of a byte a second is never silent for long."""

    def __init__(self, connection: socket.socket, seconds: float) -> None:
        self._connection: Final = connection
        self._ends: Final = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("the request took too long")
        self._connection.settimeout(min(left, READ_TIMEOUT))
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Receiver  # pyright: ignore[reportIncompatibleVariableOverride] - typeshed knows the base class alone
    timeout = READ_TIMEOUT

    def setup(self) -> None:
        """Bound the time of the connection."""
        super().setup()
        self.rfile.close()
        self.rfile = io.BufferedReader(_InTime(self.connection, self.server.total_timeout))

    def do_POST(self) -> None:
        try:
            event = parse_event(self._body())
        except (_Refused, InvalidEvent) as error:
            status = error.status if isinstance(error, _Refused) else HTTPStatus.BAD_REQUEST
            self._answer(status, str(error))
            self.server.report(f"refused a request: {error}")
            return
        self._answer(HTTPStatus.OK, "ok")
        self.server.receive(event)

    def do_GET(self) -> None:
        self._answer(HTTPStatus.OK, "mavibot listens here for webhook events; they come by POST")

    def log_message(self, format: str, *args: Any) -> None:
        """Write no access log: a path can be a secret."""

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 20):
            raise _Refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length: is missing or no number")
        if int(length) > self.server.max_body:
            self._skip(min(int(length), _MOST_SKIPPED))
            raise _Refused(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"body: at most {self.server.max_body} bytes, got {length}"
            )
        try:
            body = self.rfile.read(int(length))
        except TimeoutError:
            raise _Refused(HTTPStatus.REQUEST_TIMEOUT, "body: did not arrive in time") from None
        if len(body) < int(length):
            raise _Refused(HTTPStatus.BAD_REQUEST, f"body: ended after {len(body)} of {length} bytes")
        return body

    def _skip(self, length: int) -> None:
        with suppress(TimeoutError):
            while length > 0 and (chunk := self.rfile.read(min(length, _CHUNK))):
                length -= len(chunk)

    def _answer(self, status: HTTPStatus, text: str) -> None:
        content = text.encode()
        # A sender that does not wait for the answer has still delivered its event.
        with suppress(OSError):
            self.connection.settimeout(READ_TIMEOUT)
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)


def describe(event: Event) -> str:
    """Return an event as a line for people, with a second one if it has attachments or was not delivered.

    What could drive a terminal is escaped; long texts and long lists of attachments are cut.
    """
    direction = {True: "in", False: "out", None: "?"}[event.is_input]
    what = {
        EventKind.TEXT: event.message,
        EventKind.SYSTEM: f"[{event.message}]",
        EventKind.ATTACHMENT: "(no text)",
        EventKind.EMPTY: "(empty)",
    }[event.kind]
    first = event.attachments[:_MOST_ATTACHMENTS]
    details = [_readable(each.url or each.phone_number or str(each.raw)) for each in first]
    if len(event.attachments) > len(first):
        details.append(f"and {len(event.attachments) - len(first)} more")
    if event.delivered is False or event.error_message:
        details.append(f"not delivered: {_readable(event.error_message or 'no reason given')}")
    line = f"{direction:<3} {_who(event.client)}: {_readable(what or '')}"
    return line + (f"\n    {', '.join(details)}" if details else "")


def _who(client: EventClient | None) -> str:
    if client is None:
        return "no client"
    messenger = client.messenger.replace("_", " ").capitalize() if client.messenger else None
    if messenger is None and client.client_type is not None:
        messenger = f"messenger {client.client_type}"
    name = f" {_readable(client.name)}" if client.name else ""
    return f"client {client.id if client.id is not None else '?'}{name}" + (f" ({messenger})" if messenger else "")


def _readable(text: str) -> str:
    line = " ".join(text[:_LONGEST_READ].split())
    return fit(line if len(line) <= _LONGEST_TEXT else f"{line[:_LONGEST_TEXT]}…")
