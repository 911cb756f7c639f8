"""Runs the mock on a port: in a thread for tests, or in the foreground."""

from __future__ import annotations

import asyncio
import logging
import secrets
import signal
import socket
import sys
import threading
from contextlib import ExitStack, closing, suppress
from functools import partial
from typing import TYPE_CHECKING, Final, Self

import orjson

from mavibot_mock import seeds
from mavibot_mock.hosts import is_local
from mavibot_mock.server.app import create_app
from mavibot_mock.server.breakage import CONNECTION
from mavibot_mock.server.connections import Connection, Together
from mavibot_mock.server.demo import PREFIX
from mavibot_mock.server.platform import Platform
from mavibot_mock.server.recorded import Recorded
from mavibot_mock.serving import ThreadedServer, base_url, listen
from mavibot_mock.state.store.database import StorageError

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from types import TracebackType

    from starlette.types import Receive, Scope, Send

    from mavibot_mock.server.app import App
    from mavibot_mock.state.store import Store

#: How long open connections may hold up the end, seconds; then they are cut off.
_GRACE: Final = 0.4
_BYTES_OF_A_TOKEN: Final = 24
#: The client of the vendor's own examples.
_SHOWN_CLIENT: Final = 25554

_WHO_DRIVES: Final = """\
Token: {token}
  Whoever drives the mock (/_mock/v1) needs it where other machines reach it: the header 'Authorization: Bearer TOKEN',
  or MAVIBOT_MOCK_TOKEN for the commands of mavibot mock. Calls of the API need their key alone.
"""


class Server:
    """The mock on a port of this machine, as a context manager; it begins with one project.

    Attributes:
        host: address that it listens on.
        token: what each call of the control interface must bring, or `None` where only this machine reaches it.
        platform: the projects that it serves, once it is entered.
        project: the project with which it begins, once it is entered.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        db: Path | None = None,
        seed: Path | None = None,
        strict: bool = False,
        token: str | None = None,
        webhook_hosts: Collection[str] = (),
        recorded: Recorded | None = None,
    ) -> None:
        """Prepare a server.

        Args:
            host: address to listen on.
            port: port to listen on; 0 takes a free one.
            db: directory that keeps the projects, or `None` for memory.
            seed: file, YAML or JSON, with what the first project begins with, instead of the demo project; where `db`
                keeps projects already, they stay as they are.
            strict: whether the first project refuses what the contract does not offer, instead of noting it.
            token: what each call of the control interface must bring; there is a new one where none is given and other
                machines reach the server.
            webhook_hosts: hosts beyond this machine to which webhooks may go.
            recorded: what the first project shows of a record.
        """
        self.host: Final = host
        self.token: Final = token if token or is_local(host) else secrets.token_urlsafe(_BYTES_OF_A_TOKEN)
        self._wanted_port: Final = port
        self._db: Final = db
        self._seed: Final = seed
        self._strict: Final = strict
        self._webhook_hosts: Final = webhook_hosts
        self._recorded: Final = recorded or Recorded()

    @property
    def api_key(self) -> str:
        """Of the first project's keys that are not revoked the first that may do most; empty without one."""
        return self.project.api_key or ""

    @property
    def is_kept(self) -> bool:
        """Whether a directory keeps the projects."""
        return self._db is not None

    @property
    def url(self) -> str:
        """Where the server answers, once it is entered."""
        return base_url(self.host, self._socket)

    def __enter__(self) -> Self:
        """Start listening and return once calls are answered.

        Raises:
            MissingHandlersError: the contract has actions that the mock does not.
            OSError: the address is not free, or a file cannot be read.
            RuntimeError: the server ended before it answered.
            ValueError: the seed is wrong, or the directory cannot be written, is not complete, or belongs to another
                version of the mock or to another server.
        """
        self._socket = listen(self.host, self._wanted_port)
        with ExitStack() as undo:
            undo.callback(self._socket.close)
            self.platform = self._open()
            undo.callback(self.platform.close)
            app = create_app(self.platform, token=self.token)
            undo.pop_all()
        self.project = next(iter(self.platform.projects.values()))
        for entry in self._recorded.calls:
            self.project.journal.record(entry)
        for attempt in self._recorded.webhooks:
            self.project.outbox.record(attempt)
        logging.getLogger("python_multipart").setLevel(logging.ERROR)  # as for uvicorn
        self._server = _Server(app, self.platform)
        try:
            self._server.start(self._socket)
        except RuntimeError:
            self._close()
            raise
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop listening, end open connections and close the projects."""
        self._server.stop()
        self._close()

    def _close(self) -> None:
        self._socket.close()
        self.platform.close()

    def _open(self) -> Platform:
        platform = Platform(directory=self._db, webhook_hosts=self._webhook_hosts)
        try:
            if not platform.projects:
                with closing(self._first_state()) as state:
                    platform.create(state)
        except StorageError as error:
            platform.close()
            raise ValueError(f"{self._db}: {error}") from error
        except BaseException:
            platform.close()
            raise
        return platform

    def _first_state(self) -> Store:
        settings = {"strict": True} if self._strict else {}
        if self._seed is None:
            return seeds.build("demo", keys=seeds.default_keys(PREFIX), settings=settings)
        try:
            seed = seeds.read(self._seed.read_bytes())
            keys = None if seeds.has_keys(seed) else seeds.default_keys(PREFIX)
            return seeds.build(seed, keys=keys, settings=settings)
        except ValueError as error:
            raise ValueError(f"{self._seed}: {error}") from None


def serve(server: Server, *, ready_json: bool = False) -> None:
    """Run a server until the process is told to stop, by Ctrl+C or SIGTERM.

    Args:
        server: the server, not yet entered.
        ready_json: print one line of JSON for programs instead of lines for people.

    Raises:
        OSError: the address is not free, or a file cannot be read.
        ValueError: the seed is wrong, the directory belongs to another version of the mock or to another server, or the
            contract has actions that the mock does not.
    """
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with server:
        for folder in server.platform.removed:
            sys.stderr.write(f"{folder}: a project that was not finished when the mock ended; it is removed\n")
        sys.stdout.write(_ready_line(server) if ready_json else _welcome(server))
        sys.stdout.flush()
        stop.wait()


class _Server(ThreadedServer):
    """Lets the application reach its connections."""

    def __init__(self, app: App, platform: Platform) -> None:
        # What is malformed is the caller's news, not a line among the mock's.
        connection = partial(Connection, together=Together(app.api))
        super().__init__(self._answer, connection, name="mock", grace=_GRACE, log_level="error")
        self._platform: Final = platform
        self._app: Final = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        for project in self._platform.projects.values():
            project.jobs.set_timer()  # a database may have kept jobs
        await super().startup(sockets=sockets)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {CONNECTION: self._transport}
        # Tasks are cancelled at the end alone, when no one hears an answer any more.
        with suppress(asyncio.CancelledError):
            await self._app(scope, receive, send)

    def _transport(self, scope: Scope) -> asyncio.Transport:
        """Return the transport of a call's connection."""
        transports = (connection.transport for connection in self.server_state.connections)
        return next(each for each in transports if each.get_extra_info("peername")[:2] == scope["client"])


def _ready_line(server: Server) -> str:
    ready = {
        "url": server.url,
        "api_key": server.api_key,
        "project_id": server.project.id,
        "keys": {key.name: key.value for key in server.project.keys.values()},
    }
    if server.token is not None:
        ready["token"] = server.token
    return orjson.dumps(ready).decode() + "\n"


def _welcome(server: Server) -> str:
    token = "" if server.token is None else _WHO_DRIVES.format(token=server.token)
    end = "stops it" if server.is_kept else "stops it and forgets everything"
    return f"""\
The Mavibot mock answers at {server.url}. No real person is messaged; Ctrl+C {end}.
API key: {server.api_key}
Page: {server.url} shows what goes on, and plays the client
Reference: {server.url}/docs
{token}Try it:
{_first_calls(server)}"""


def _first_calls(server: Server) -> str:
    """Return commands that work with what the first project holds."""
    url = f"{server.url}/api/{server.api_key}"
    clients = server.project.store.clients(offset=0, limit=1, reverse=True)
    if not clients:
        return f"  curl {url}/connected_channels\n"
    client_id = _SHOWN_CLIENT if server.project.store.client(_SHOWN_CLIENT) else clients[0]["id"]
    return f"""\
  curl -H 'Content-Type: application/json' -d '{{"client_id": {client_id}, "message": "Hello"}}' \\
    {url}/message
  curl '{url}/get_history?client_id={client_id}&limit=1'
"""
