"""A receiver of webhooks on this machine, and what it was sent."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, Self

from jsonschema_rs import Draft202012Validator
from tests.mock.caller import CONTRACT
from tests.running import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mavibot_mock import Project

_EVENT: Final = Draft202012Validator(CONTRACT.standalone({"$ref": "#/components/schemas/ProjectMessage"}))


@dataclass(frozen=True)
class Answer:
    """What a receiver answers."""

    status: int = 200
    body: bytes = b"ok"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Received:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """The event that it holds, which must fit the contract."""
        event: dict[str, Any] = json.loads(self.body)
        _EVENT.validate(event)
        return event


class Receiver:
    """Listens on a free port as a context manager.

    Attributes:
        answer: makes the answer to a request; may be replaced at any time.
        received: all requests.
        released: an answer that is to come late waits for it; set at the end in any case.
    """

    def __init__(self, answer: Callable[[Received], Answer] = lambda _: Answer()) -> None:
        self.answer = answer
        self.received: Final[list[Received]] = []
        self.released: Final = threading.Event()

    def late(self, _: Received) -> Answer:
        """Answer once the test releases it."""
        self.released.wait()
        return Answer()

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            timeout = 60  # of a connection without a request

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received = Received("POST", self.path, dict(self.headers), body)
                outer.received.append(received)
                answer = outer.answer(received)
                self.send_response(answer.status)
                for name, value in answer.headers:
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_args: Any) -> None:
                pass

        class QuietServer(ThreadingHTTPServer):
            daemon_threads = False  # so that the end waits for them
            connections: Final[set[Any]] = set()

            def process_request(self, request: Any, client_address: Any) -> None:
                self.connections.add(request)
                super().process_request(request, client_address)

            def shutdown_request(self, request: Any) -> None:
                self.connections.discard(request)
                super().shutdown_request(request)

            def server_close(self) -> None:
                # A sender that connected and whose loop no longer runs would keep the end waiting.
                for connection in [*self.connections]:
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RD)
                super().server_close()

            def handle_error(self, *_args: Any) -> None:  # a sender that does not wait is no error here
                pass

        self._server = QuietServer(("127.0.0.1", 0), Handler)
        with ExitStack() as stack:
            stack.enter_context(serving(self._server))
            stack.callback(self.released.set)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_args: object) -> None:
        self._stack.close()

    @property
    def port(self) -> int:
        return self._server.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [received.event for received in self.received]

    @property
    def texts(self) -> list[str | None]:
        return [event["message"] for event in self.events]


def post_to(project: Project, url: str, **settings: Any) -> None:
    """Set a project's webhook address."""
    project.configure(replace(project.settings, webhook_url=url, **settings))
