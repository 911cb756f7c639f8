"""Runs the mock on a port: in a thread for tests, or in the foreground."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Final, Self

import orjson
import uvicorn

from mavibot_mock.app import create_app
from mavibot_mock.demo_project import FULL_KEY, demo_keys, demo_project

if TYPE_CHECKING:
    from types import TracebackType

#: How long open connections may hold up the end, seconds.
_PATIENCE: Final = 2


class Server:
    """The mock with a fresh demo project on a port of this machine, as a context manager.

    Attributes:
        host: address that it listens on.
        project: the demo project that it serves, once it is entered.
        api_key: the key that may do everything.
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Prepare a server.

        Args:
            host: address to listen on.
            port: port to listen on; 0 takes a free one.
        """
        self.host: Final = host
        self.api_key: Final = FULL_KEY
        self._wanted_port: Final = port

    @property
    def url(self) -> str:
        """Where the server answers, once it is entered."""
        port = self._socket.getsockname()[1]
        return f"http://[{self.host}]:{port}" if ":" in self.host else f"http://{self.host}:{port}"

    def __enter__(self) -> Self:
        """Start to listen and return once calls are answered.

        Raises:
            OSError: the address is not free.
            RuntimeError: the server ended before it answered.
        """
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._socket = socket.create_server((self.host, self._wanted_port), family=family)
        # asyncio does this for sockets of its own only; without it each reply waits some 40 ms for an acknowledgement.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.project = demo_project()
        # The key stands in the path, so there is no access log.
        config = uvicorn.Config(
            create_app([self.project]),
            access_log=False,
            log_config=None,
            log_level="error",  # a malformed request is the caller's news, not a line among the mock's
            lifespan="off",
            ws="none",
            timeout_graceful_shutdown=_PATIENCE,
        )
        logging.getLogger("python_multipart").setLevel(logging.ERROR)  # likewise
        self._uvicorn = _AnnouncedServer(config)
        self._thread = threading.Thread(
            target=self._uvicorn.run, kwargs={"sockets": [self._socket]}, name="mavibot-mock", daemon=True
        )
        self._thread.start()
        self._uvicorn.is_settled.wait()
        if not self._uvicorn.started:
            self._end()
            raise RuntimeError(f"the mock ended before it answered: {self._uvicorn.failure!r}")
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop to listen, end open connections and drop the project."""
        self._uvicorn.should_exit = True
        self._end()

    def _end(self) -> None:
        self._thread.join()
        self._socket.close()
        self.project.close()


def serve(host: str = "127.0.0.1", port: int = 0, *, ready_json: bool = False) -> None:
    """Run the mock until the process is told to stop, by Ctrl+C or SIGTERM.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        ready_json: print one line of JSON for programs instead of lines for people.

    Raises:
        OSError: the address is not free.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with Server(host, port) as server:
        sys.stdout.write(_ready_line(server) if ready_json else _welcome(server))
        sys.stdout.flush()
        stop.wait()


class _AnnouncedServer(uvicorn.Server):
    """Tells when it answers, or that it never will."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_settled: Final = threading.Event()
        self.failure: BaseException | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets=sockets)
        except BaseException as error:
            if self.started:
                raise
            self.failure = error
        finally:
            self.is_settled.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.is_settled.set()


def _ready_line(server: Server) -> str:
    ready = {
        "url": server.url,
        "api_key": server.api_key,
        "project_id": server.project.id,
        "keys": demo_keys(),
    }
    return orjson.dumps(ready).decode() + "\n"


def _welcome(server: Server) -> str:
    return f"""\
The Mavibot mock answers at {server.url}. Nobody real is messaged; Ctrl+C stops it and forgets everything.
API key: {server.api_key}
Try it:
  curl -H 'Content-Type: application/json' -d '{{"client_id": 25554, "message": "Hello"}}' \\
    {server.url}/api/{server.api_key}/message
  curl '{server.url}/api/{server.api_key}/get_history?client_id=25554&limit=1'
"""
