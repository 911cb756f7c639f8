"""Serves an application on a port, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import TYPE_CHECKING, Any, Final

import uvicorn

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp

    from mavibot_mock.request.protocol import Protocol


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one.

    Raises:
        OSError: the address is not free.
    """
    listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    # asyncio does this for sockets of its own only; without it each reply waits some 40 ms for an acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def base_url(host: str, listening: socket.socket) -> str:
    """Return where what listens on a host is reached."""
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class ThreadedServer(uvicorn.Server):
    """Tells when it answers, or that it never will; ends in time."""

    def __init__(self, app: ASGIApp, http: Callable[..., Protocol], *, name: str, grace: float, **options: Any) -> None:
        """Prepare a server.

        Args:
            app: what it serves.
            http: makes its connections.
            name: what it is in the name of its thread and in errors, such as `mock`.
            grace: seconds that open requests may delay the end; then they are cut off.
            options: further settings of uvicorn.
        """
        config = uvicorn.Config(
            app,
            http=http,  # type: ignore[arg-type]  # any function that makes them does
            access_log=False,  # the key stands in the path
            log_config=None,
            interface="asgi3",
            lifespan="off",
            ws="none",
            proxy_headers=False,  # by its address a connection is found
            server_header=False,
            **options,
        )
        super().__init__(config)
        self._name: Final = name
        self._grace: Final = grace
        self._is_settled: Final = threading.Event()
        self._failure: BaseException | None = None

    def start(self, listening: socket.socket) -> None:
        """Start, and return once calls are answered.

        Raises:
            RuntimeError: it ended before that.
        """
        self._thread = threading.Thread(
            target=self.run, kwargs={"sockets": [listening]}, name=f"mavibot-{self._name}", daemon=True
        )
        self._thread.start()
        self._is_settled.wait()
        if not self.started:
            self._thread.join()
            raise RuntimeError(f"the {self._name} ended before it answered: {self._failure!r}")

    def stop(self) -> None:
        """Stop listening, and return when all has ended."""
        self.should_exit = True
        self._thread.join()

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve until the end, and keep why it never answered."""
        try:
            super().run(sockets=sockets)
        except BaseException as error:
            if self.started:
                raise
            self._failure = error
        finally:
            self._is_settled.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets=sockets)
        self._is_settled.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End in time."""
        cut_off = asyncio.get_running_loop().call_later(self._grace, self._cut_off)
        await super().shutdown(sockets=sockets)
        cut_off.cancel()

    def _cut_off(self) -> None:
        """End what still goes on: connections that wait for an answer, and tasks that wait for something to happen."""
        connections: list[Any] = list(self.server_state.connections)
        for connection in connections:
            connection.transport.abort()
        for task in self.server_state.tasks:
            task.cancel()
