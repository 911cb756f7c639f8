"""The mock without a port: a background event loop, and httpx2 transports that hand requests to it."""

from __future__ import annotations

import asyncio
import atexit
import threading
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import httpx2

from mavibot_mock.server.app import App
from mavibot_mock.server.faults import ConnectionLostError
from mavibot_mock.server.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping
    from concurrent.futures import Future

    from starlette.types import Message, Scope

#: Leads to this machine wherever it is resolved, so a client without the transport reaches no one.
URL: Final = "http://mavibot-mock.localhost"

#: A port that no connection of this machine has, so that no connection is mistaken for the caller's.
_CALLER: Final = ("127.0.0.1", 0)

#: What a client sees where a fault breaks the connection, as a transport with a port would have it.
_LOST: Final[dict[str, Callable[[], httpx2.TransportError]]] = {
    "never": lambda: httpx2.ReadTimeout("no answer came in time"),
    "reset": lambda: httpx2.ReadError("the connection was reset"),
    "empty": lambda: httpx2.RemoteProtocolError("Server disconnected without sending a response."),
    "truncated": lambda: httpx2.RemoteProtocolError("the connection was closed inside the answer"),
}


class InProcess:
    """A platform on an event loop of its own, so that clients of any thread or loop reach it, and webhooks go out."""

    def __init__(self) -> None:
        self.platform: Final = Platform()
        self._app: Final = App(self.platform)
        self._loop: Final = asyncio.new_event_loop()
        self._thread: Final = threading.Thread(target=self._loop.run_forever, name="mavibot-mock", daemon=True)
        self._thread.start()

    def submit(self, request: httpx2.Request, body: bytes) -> Future[httpx2.Response]:
        """Hand a request to the mock."""
        return asyncio.run_coroutine_threadsafe(self._answer(request, body), self._loop)

    def close(self) -> None:
        """Close all projects and end the loop."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        self.platform.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        """Return the answer to a request.

        Raises:
            httpx2.TransportError: a fault breaks the connection, or the client's read timeout ends.
        """
        exchange = _Exchange(body, request.extensions.get("timeout", {}).get("read"))
        call = asyncio.ensure_future(self._app(_scope(request), exchange.receive, exchange.send))
        # The call goes on without its caller, as it would behind a connection.
        call.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            async with asyncio.timeout(exchange.read_timeout) as exchange.limit:
                await asyncio.shield(call)
        except ConnectionLostError as lost:
            raise _LOST[lost.how]() from None
        except TimeoutError:
            exchange.gone.set()
            with suppress(ConnectionLostError):
                await call  # so that the journal has it when the caller learns of it
            raise _LOST["never"]() from None
        finally:
            exchange.gone.set()
        return httpx2.Response(exchange.status, headers=exchange.headers, content=bytes(exchange.body))


class _Exchange:
    """One request and its answer, as the application sees a connection."""

    def __init__(self, body: bytes, read_timeout: float | None) -> None:
        self.read_timeout: Final = read_timeout
        self.limit: asyncio.Timeout | None = None
        self.gone: Final = asyncio.Event()
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: Final = bytearray()
        self._unread: bytes | None = body

    async def receive(self) -> Message:
        if self._unread is not None:
            body, self._unread = self._unread, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self.gone.is_set():
            return
        if self.limit is not None and self.read_timeout is not None:
            # httpx2 waits so long for each piece anew.
            self.limit.reschedule(asyncio.get_running_loop().time() + self.read_timeout)
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body.extend(message.get("body", b""))


class Transport(httpx2.BaseTransport):
    """Hands the requests of a blocking client to the mock."""

    def __init__(self, server: InProcess) -> None:
        self._server: Final = server

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the mock's answer."""
        answer = self._server.submit(request, request.read())
        try:
            return answer.result()
        finally:
            answer.cancel()  # whoever is interrupted waits no longer


class AsyncTransport(httpx2.AsyncBaseTransport):
    """Hands the requests of an asyncio client to the mock."""

    def __init__(self, server: InProcess) -> None:
        self._server: Final = server

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the mock's answer."""
        return await asyncio.wrap_future(self._server.submit(request, await request.aread()))


@cache
def shared() -> InProcess:
    """Return the server that all tests of this process share; it ends with the process."""
    server = InProcess()
    atexit.register(server.close)
    return server


def _scope(request: httpx2.Request) -> Scope:
    url = request.url
    scope: MutableMapping[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": url.path,
        "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query,
        "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "server": (url.host, url.port or 80),
        "client": _CALLER,
    }
    return scope
